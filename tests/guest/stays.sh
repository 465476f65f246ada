# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# An update whose new code's address may be kept by the kernel is undone like any other, but its memory stays; it can be
# applied again as it is.
# needs: update kept
# needs: update version

again() { /init write "$S/updates/$(id_of "$1")/apply" 1 2>/dev/null; }

ok "the core loads" core_load
apply_ok kept
is "it says that it stays" "$(field kept stays)" 1
ok "the replacement runs" grep -q noted /proc/version
again kept
is "it is not applied twice" "$? $(last_token)" "22 already-applied"
undo kept
is "undo succeeds" $? 0
is "it is undone" "$(field kept state)" undone
fails "the original runs" grep -q noted /proc/version
fails "its module stays in memory" unload kept
ok "it can be applied again" again kept
is "it is applied" "$(field kept state)" applied
ok "the replacement runs again" grep -q noted /proc/version
undo kept
is "undo succeeds once more" $? 0
fails "the original runs" grep -q noted /proc/version
apply_ok version
is "an update without kept addresses does not stay" "$(field version stays)" 0
undo version
again version
is "one that does not stay is not applied by the file" "$? $(last_token)" "95 not-applied"
undo version
is "nor undone twice" "$? $(last_token)" "22 not-applied"
ok "it is unloaded" unload version
