# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Truncated and altered updates are refused, and the kernel stays well.
# needs: update version
# needs: variant cut-90 = version truncate 90
# needs: variant cut-50 = version truncate 50
# needs: variant cut-1 = version truncate 1
# needs: variant magic = version flip .suture 0
# needs: variant format = version flip .suture 8
# needs: variant size = version flip .suture 14 2
# needs: variant pre = version flip .init.text 70
# expect: Invalid relocation target

ok "the core loads" core_load
for name in cut-90 cut-50 cut-1; do
	load $name
	is "$name: ENOEXEC, from the kernel" $? 8
done
refused magic 74 update-damaged
refused format 74 update-damaged
refused size 74 update-damaged
refused pre 116 bytes-differ
like "the message has both byte strings" "$(cat $S/last_error)" "*the update has *, the kernel *"
fails "the original runs" grep -q patched /proc/version
apply_ok version
undo_ok version
