# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A task is in the way whatever keeps it in the function: stopped, traced, a vfork parent, asleep in a page fault that the
# kernel took, its return address taken off its stack by kretprobes or by the graph tracer. docs/core.md names these
# experiments.
# needs: update signals
# needs: update fork
# needs: update uname
# needs: update userfault
# needs: update readv
# needs: program contexts
# guest: cpus 2

T=/sys/kernel/tracing

# begin KIND: a task of this kind, in $task
begin() {
	/suture/contexts $1 &
	task=$!
	sleep 0.4
}

end() {
	kill -9 $task
	wait $task 2>/dev/null
	sleep 0.2
}

# free UPDATE: nobody is in the way any more
free() {
	apply_ok "$1"
	undo_ok "$1"
}

child_of() {
	cat /proc/$1/task/$1/children | sed 's/ .*//'
}

ok "the core loads" core_load

note "stopped and traced tasks"
begin stopped
blocked signals "?$task?" get_signal
end
begin traced
blocked signals "?$(child_of $task)?" get_signal
end
free signals

note "a vfork parent"
begin vfork
blocked fork "?$task?" kernel_clone
end
free fork

note "a page fault in kernel mode: the fault's handler, and the system call below it"
begin fault
blocked userfault "?$task?" handle_userfault
blocked uname "?$task?" __do_sys_newuname
end
free userfault
free uname

note "return addresses that kretprobes took off the stack"
echo 'r:suture_a pipe_read' >$T/kprobe_events
for function in do_iter_read do_iter_readv_writev; do
	echo "r:suture_$function $function" >>$T/kprobe_events
done 2>/dev/null
echo 1 >$T/events/kprobes/enable
begin readv
blocked readv "?$task?" vfs_readv
end
echo 0 >$T/events/kprobes/enable
echo >$T/kprobe_events

note "return addresses that the graph tracer took off the stack"
printf 'pipe_read\n%s\nvfs_readv\n' "$(first_of do_iter_read do_iter_readv_writev)" >$T/set_ftrace_filter
echo function_graph >$T/current_tracer
begin readv
blocked readv "?$task?" vfs_readv
end
echo nop >$T/current_tracer
echo >$T/set_ftrace_filter
free readv
