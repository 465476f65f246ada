# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A livepatch module takes the function while an update that stays is undone: it cannot be applied again before that goes.
# needs: update kept
# needs: built-module klp
# config: LIVEPATCH

again() { /init write "$S/updates/$(id_of kept)/apply" 1 2>/dev/null; }

ok "the core loads" core_load
apply_ok kept
undo kept
is "undo succeeds" $? 0
ok "the function is live-patched" live_on version_proc_show
again
is "it is not applied" "$? $(last_token)" "114 already-redirected"
is "it is still undone" "$(field kept state)" undone
ok "the live patch works" grep -q livepatch /proc/version
live_off
ok "it can be applied again" again
ok "the replacement runs" grep -q noted /proc/version
undo kept
is "undo succeeds once more" $? 0
