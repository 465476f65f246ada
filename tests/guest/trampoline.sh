# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# A task that sleeps in a function which a BPF trampoline called: the caller below the trampoline is in use.
# config: DEBUG_INFO_BTF
# needs: update readv
# needs: program contexts
# needs: program attach

ok "the core loads" core_load
/suture/attach fexit pipe_read /tmp/count &
attached=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -e /tmp/count ] && break
	sleep 0.2
done
ok "the program is attached" test -e /tmp/count
/suture/contexts readv &
task=$!
sleep 0.4
echo 300 >$S/timeout_ms
load readv
is "the load fails with EBUSY" $? 16
like "the message names the task in vfs_readv" "$(cat $S/last_error)" "busy: *?$task? * vfs_readv+0x*"
note "$(cat $S/last_error)"
echo 10000 >$S/timeout_ms
kill -9 $task
wait $task 2>/dev/null
kill $attached
wait $attached 2>/dev/null
apply_ok readv
undo_ok readv
