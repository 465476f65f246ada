# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Function tracer, graph tracer, kprobe and kretprobe on the redirected function go on working before, during and after.
# needs: update version

T=/sys/kernel/tracing
hits() {
	echo >$T/trace
	cat /proc/version >/dev/null
	grep -c "$1" $T/trace
}
check_all() {
	ok "$1: function tracer" test "$(hits version_proc_show)" -ge 1
}

ok "the core loads" core_load
for tracer in function function_graph; do
	echo version_proc_show >$T/set_ftrace_filter
	echo $tracer >$T/current_tracer
	check_all "$tracer, before"
	apply_ok version
	check_all "$tracer, applied"
	ok "the replacement runs" grep -q patched /proc/version
	undo_ok version
	check_all "$tracer, undone"
	fails "the original runs" grep -q patched /proc/version
	echo nop >$T/current_tracer
	echo >$T/set_ftrace_filter
done
printf 'p:suture_in version_proc_show\nr:suture_out version_proc_show\n' >$T/kprobe_events
echo 1 >$T/events/kprobes/enable
ok "kprobe, before" test "$(hits suture_in)" -ge 1
ok "kretprobe, before" test "$(hits suture_out)" -ge 1
apply_ok version
ok "kprobe, applied" test "$(hits suture_in)" -ge 1
ok "kretprobe, applied" test "$(hits suture_out)" -ge 1
undo_ok version
ok "kprobe, undone" test "$(hits suture_in)" -ge 1
ok "kretprobe, undone" test "$(hits suture_out)" -ge 1
echo 0 >$T/events/kprobes/enable
echo >$T/kprobe_events
