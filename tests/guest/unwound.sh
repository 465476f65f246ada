# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Of the stack of a task in the code that takes a return address back from the graph tracer the kernel's unwinder sees the
# upper part, and says that this is all. The task is in the way all the same. The option is one that kernels before v6.9 call
# so: later ones do not let a task sleep there.
# config: RETHUNK
# needs: update readv
# needs: program contexts
# needs: built-module graph-sleep
# guest: cpus 2

T=/sys/kernel/tracing

ok "the core loads" core_load

echo pipe_read >$T/set_ftrace_filter
ok "a tracer in which tasks sleep" load graph-sleep
/suture/contexts readv &
task=$!
sleep 0.5
kill -9 $task
until grep -q return_to_handler /proc/$task/stack; do sleep 0.1; done
cat /proc/$task/stack
blocked readv "?$task?" vfs_readv
ok "the tracer goes" rmmod graph_sleep
wait $task
echo >$T/set_ftrace_filter
apply_ok readv
undo_ok readv
