# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Updates that stay in memory, as the kernel may keep an address of their new code, below another update and on top of one.
# What is kept in memory, be it by an update on top, can be applied again as it is.
# needs: update kept
# needs: update kept-2 on kept
# needs: update stack-1
# needs: update stack-kept on stack-1

again() { /init write "$S/updates/$(id_of $1)/apply" 1 2>/dev/null; }
shows() { sed 's/^\(\[.*\]\) Linux.*/\1/; s/^Linux.*/-/' /proc/version; }

ok "the core loads" core_load

# below: the stored address is that of the lower update's function, and leads to the replacement
apply_ok kept
is "the stored function runs" "$(shows)" "[noted]"
apply_ok kept-2
is "its replacement runs" "$(shows)" "[noted twice]"
fails "the lower update cannot be undone" undo kept
is "as the other stands on it" "$(last_token)" undo-first
undo_ok kept-2
is "the stored function runs as it was" "$(shows)" "[noted]"
undo kept
is "the lower one is undone" "$? $(shows)" "0 -"
refused kept-2 95 base-absent
again kept
is "it is applied again" "$? $(shows)" "0 [noted]"
apply_ok kept-2
is "and serves once more" "$(shows)" "[noted twice]"
undo_ok kept-2
undo kept
is "all is undone" "$? $(shows)" "0 -"

# on top: it stays, and so does what it stands on
apply_ok stack-1
is "the first runs" "$(shows)" "[1:11]"
apply_ok stack-kept
is "the one on top runs" "$(shows)" "[k:12]"
undo stack-kept
is "the one on top is undone" "$? $(shows)" "0 [1:13]"
fails "it stays in memory" unload stack-kept
undo stack-1
is "the first is undone" "$? $(shows)" "0 -"
fails "it stays too" unload stack-1
again stack-kept
is "without the first the one on top is not applied again" "$?" 95
is "as that is not applied" "$(last_token)" base-absent
again stack-1
is "the first is applied again" $? 0
/init write "$S/updates/$(id_of stack-kept)/apply" "1 replace=1" 2>/dev/null
is "it does not replace what it stands on" "$? $(last_token)" "95 base-absent"
like "the message says so" "$(cat $S/last_error)" "*$(id_of stack-1), on which it stands, cannot be replaced by it"
is "it runs, with its variable" "$(shows)" "[1:14]"
again stack-kept
is "and so is the one on top" "$? $(shows)" "0 [k:15]"
undo stack-1
is "which has to be undone first" "$(last_token)" undo-first
undo stack-kept && undo stack-1
is "all is undone" "$? $(shows)" "0 -"
