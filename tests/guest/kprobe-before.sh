# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A kprobe in the body of the function alters the running code: no match. Without it the update is taken. A kprobe on
# the entry uses ftrace and is no hindrance.
# needs: update version

T=/sys/kernel/tracing
# probe OFFSET: fails where there is no instruction at the offset
probe() {
	echo "p:suture_test version_proc_show+$1" >$T/kprobe_events 2>/dev/null &&
		echo 1 >$T/events/kprobes/suture_test/enable 2>/dev/null
}
unprobe() {
	echo 0 >$T/events/kprobes/suture_test/enable 2>/dev/null
	echo >$T/kprobe_events
}

ok "the core loads" core_load
found=0
for offset in 5 9 12 14 16 20 24 28 32; do
	probe $offset || continue
	found=$((found + 1))
	note "kprobe at version_proc_show+$offset"
	refused version 116 bytes-differ
	like "the message names the function and the likely reason" "$(cat $S/last_error)" "*version_proc_show*kprobe*"
	fails "the original runs" grep -q patched /proc/version
	unprobe
done
ok "there was a place for a kprobe" test $found -gt 0
apply_ok version
undo_ok version

ok "a kprobe on the entry" probe 0
apply_ok version
ok "the replacement runs" grep -q patched /proc/version
ok "the kprobe fires" grep -q suture_test $T/trace
undo_ok version
unprobe
