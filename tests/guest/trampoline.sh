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
for _ in $(seq 20); do
	[ -e /tmp/count ] && break
	sleep 0.2
done
ok "the program is attached" test -e /tmp/count
/suture/contexts readv &
task=$!
sleep 0.4
blocked readv "?$task?" vfs_readv
kill -9 $task
wait $task 2>/dev/null
kill $attached
wait $attached 2>/dev/null
apply_ok readv
undo_ok readv
