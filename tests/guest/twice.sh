# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# The same update twice, be its module called otherwise, and another update of the same function, are refused; after the undo the other one is taken.
# needs: update version
# needs: update version-again
# needs: variant renamed = version flip .gnu.linkonce.this_module 24

ok "the core loads" core_load
apply_ok version
load version
is "the same module again: EEXIST, from the kernel" $? 17
load renamed
is "under another name" "$? $(last_token)" "114 already-applied"
refused version-again 114 already-redirected
like "the message names the function" "$(cat $S/last_error)" "*version_proc_show*"
ok "/proc/version is still the first update's" grep -q '^\[patched\] Linux' /proc/version
undo_ok version
apply_ok version-again
ok "/proc/version is the second update's" grep -q '^\[again\] Linux' /proc/version
undo_ok version-again
