# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Stacks of which the kernel's unwinder does not tell all: of a task in the code that takes a return address back from the
# graph tracer it sees the upper part and says that this is all; of one that is runnable it does not know the addresses that
# kretprobes took, and warns. Both are in the way. The option is one that kernels before v6.9 call so: later ones do not
# let a task sleep there.
# config: RETHUNK
# needs: update readv
# needs: program contexts
# needs: built-module graph-sleep
# guest: cpus 2

T=/sys/kernel/tracing

# blocked PID: refused with this task among those that it names
blocked() {
	echo 300 >$S/timeout_ms
	load readv
	is "the load fails with EBUSY" $? 16
	like "the message names the task in vfs_readv" "$(cat $S/last_error)" "busy: *?$1? * vfs_readv+0x*"
	note "$(cat $S/last_error)"
	echo 10000 >$S/timeout_ms
}

ok "the core loads" core_load

note "runnable, with return addresses that kretprobes took"
echo 'r:suture_test read_iter_zero' >$T/kprobe_events
echo 1 >$T/events/kprobes/enable
tasks=""
for _ in 1 2 3 4 5 6; do
	/suture/contexts busy &
	tasks="$tasks $!"
done
sleep 1
blocked "*"
kill -9 $tasks
wait $tasks 2>/dev/null
echo 0 >$T/events/kprobes/enable
echo >$T/kprobe_events

note "in the graph tracer's return"
echo pipe_read >$T/set_ftrace_filter
ok "a tracer in which tasks sleep" load graph-sleep
/suture/contexts readv &
task=$!
sleep 0.5
kill -9 $task
until grep -q return_to_handler /proc/$task/stack; do sleep 0.1; done
cat /proc/$task/stack
blocked $task
ok "the tracer goes" rmmod graph_sleep
wait $task
echo >$T/set_ftrace_filter
apply_ok readv
undo_ok readv
