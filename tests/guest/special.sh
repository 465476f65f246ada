# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# What a replacement brings in the kernel's special tables works as in code built in: WARN names file and line and the
# machine goes on, stacks unwind through it, a fault in user access is fixed up, a static key of the kernel's switches
# in it, a debug message can be turned on; tracer and perf see it.
# needs: update special
# needs: program perf
# expect: WARNING: CPU: [0-9]+ PID: [0-9]+ at fs/proc/version.c:12 version_proc_show
# expect: suture test warning

T=/sys/kernel/tracing
K=/proc/sys/kernel/sched_schedstats
shown() { cat /proc/version; }

ok "the core loads" core_load
echo 0 >$K
apply_ok special
like "an access to a bad address is fixed up" "$(shown)" "[[]user -14]*"
ok "WARN names file and line" grep -q "at fs/proc/version.c:12 version_proc_show" <<END
$(dmesg)
END
trace=$(dmesg | sed -n '/suture test warning/,/end trace/p')
like "the trace names the replacement" "$trace" "*RIP: 0010:version_proc_show.suture+0x*"
like "the stack is unwound through it" "$trace" "* seq_read_iter+0x*"
fails "without a guess" grep -q "? seq_read_iter" <<END
$trace
END
like "the static key is off" "$(shown)" "*[[]stats off]*"
echo 1 >$K
like "the static key is on" "$(shown)" "*[[]stats on]*"
echo 0 >$K
like "the static key is off again" "$(shown)" "*[[]stats off]*"
fails "the debug message is off" grep -q "suture test debug" <<END
$(dmesg)
END
echo 'format "suture test debug" +p' >/proc/dynamic_debug/control
shown >/dev/null
ok "the debug message is on" grep -q "suture test debug" <<END
$(dmesg)
END
echo 'version_proc_show.suture' >$T/set_ftrace_filter
echo function >$T/current_tracer
echo >$T/trace
shown >/dev/null
ok "the function tracer sees the replacement" grep -q "version_proc_show.suture" $T/trace
echo nop >$T/current_tracer
echo >$T/set_ftrace_filter
ok "perf sees it, and walks the stack through it" /suture/perf /proc/version version_proc_show.suture seq_read_iter
# its fentry site and the JMP behind that are run
fails "perf does not see the original behind its JMP" /suture/perf /proc/version version_proc_show+10 seq_read_iter
undo_ok special
fails "the original runs" grep -q user /proc/version
echo 1 >$K
ok "the key can be switched after the undo" test "$(cat $K)" = 1
