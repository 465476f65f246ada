# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154,SC2254
# Who else works on kernel code, or with the machine as a whole, while an update is applied, stays applied, is undone:
# each there before the update is applied, there since it is applied, and still there when it is undone. A cell works
# (the neighbour does its work, and the right code runs), or it is refused and all is as before. The lines that begin
# with "matrix" are docs/coexistence.md's.
# config: DEBUG_INFO_BTF LIVEPATCH
# needs: update version
# needs: update lru-gen
# needs: program attach
# needs: built-module klp
# needs: built-module wake-up
# needs: kernel-module dummy
# guest: timeout 600

T=/sys/kernel/tracing
D=/sys/kernel/debug
F=version_proc_show
K=/sys/kernel/mm/lru_gen/enabled
update=version
show() { if [ $update = version ]; then cat /proc/version; else cat $K; fi; }
patched() { show | grep -q patched; }
traced() {
	echo >$T/trace
	show >/dev/null
	grep -c "$1" $T/trace
}

# ---- neighbours ----

# Where the JMP is written: behind the fentry site, before which endbr64 may stand.
window=0
# An offset behind the redirect where the original function has an instruction, and kprobes find one through the JMP.
body=0
probe_on() {
	echo "$1:suture_test $2" >$T/kprobe_events && echo 1 >$T/events/kprobes/suture_test/enable
}
probe_off() {
	echo 0 >$T/events/kprobes/suture_test/enable
	echo >$T/kprobe_events
}
attach_on() {
	rm -f /tmp/count
	/suture/attach $1 $2 /tmp/count 2>/tmp/attach-err &
	attached=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -e /tmp/count ] && return 0
		sleep 0.2
	done
	note "$(cat /tmp/attach-err)"
	return 1
}
attach_off() {
	kill $attached
	wait $attached 2>/dev/null
}
attach_count() {
	rm -f /tmp/count
	kill -USR1 $attached
	until [ -e /tmp/count ]; do sleep 0.1; done
	cat /tmp/count
}
attach_works() {
	was=$(attach_count)
	show >/dev/null
	[ "$(attach_count)" -gt "$was" ]
}
# Something that goes on in the background until it is told to stop.
loop_on() {
	rm -f /tmp/stop
	: >/tmp/rounds
	(
		while [ ! -e /tmp/stop ]; do
			$1
			echo >>/tmp/rounds
		done
	) &
	looping=$!
}
loop_off() {
	touch /tmp/stop
	wait $looping
}
# Rewriting all the kernel's places for another mode of preemption takes seconds in a guest.
loop_works() {
	was=$(wc -l </tmp/rounds)
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		[ "$(wc -l </tmp/rounds)" -gt "$was" ] && return 0
		sleep 1
	done
	return 1
}
# Each tracepoint is a static key and a static call. What preempts whom is static calls in most of the kernel, where the
# kernel can be told.
keys_round() {
	for state in 1 0; do
		echo $state >/proc/sys/kernel/sched_schedstats
		echo $state >$T/events/task/enable
	done
	[ ! -e $D/sched/preempt ] || for mode in full voluntary; do echo $mode >$D/sched/preempt; done
}
own_key_round() { for state in 1 0; do echo $state >$K; done; }
module_round() {
	load dummy
	rmmod dummy
}
# Suspend to idle; the module wake-up ends it. It may come too early: that is one try more.
suspend_round() { echo freeze 2>/dev/null >/sys/power/state; }
suspend_on() {
	load wake-up
	loop_on suspend_round
}
suspend_off() {
	loop_off
	rmmod wake_up
}
resumed() { cat /sys/power/suspend_stats/success; }
suspend_works() {
	was=$(resumed)
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(resumed)" -gt "$was" ] && return 0
		sleep 1
	done
	return 1
}

on() {
	case $1 in
	function | function_graph)
		echo $F >$T/set_ftrace_filter
		echo $1 >$T/current_tracer
		;;
	kprobe-entry) probe_on p $F ;;
	kprobe-window) probe_on p $F+$window ;;
	kprobe-body) probe_on p $F+$body ;;
	kprobe-optimised)
		probe_on p $F+$body || return
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			grep -q "$F.*OPTIMIZED" $D/kprobes/list && return 0
			sleep 0.2
		done
		return 1
		;;
	kretprobe) probe_on r $F ;;
	bpf-fentry) attach_on fentry $F ;;
	bpf-fexit) attach_on fexit $F ;;
	bpf-kprobe) attach_on kprobe $F ;;
	perf-probe) echo "p:suture_test $F" >$T/kprobe_events && attach_on perf $T/events/kprobes/suture_test ;;
	klp-same) live_on $F ;;
	klp-other) live_on cmdline_proc_show ;;
	keys) loop_on keys_round ;;
	own-key) loop_on own_key_round ;;
	cpu-off) echo 0 >/sys/devices/system/cpu/cpu1/online ;;
	modules) loop_on module_round ;;
	suspend) suspend_on ;;
	esac
}

works() {
	case $1 in
	function | function_graph) [ "$(traced $F)" -ge 1 ] ;;
	# the old body does not run while the update is applied
	kprobe-body | kprobe-optimised)
		if patched; then
			[ "$(traced suture_test)" = 0 ]
		else
			[ "$(traced suture_test)" -ge 1 ]
		fi
		;;
	kprobe-* | kretprobe) [ "$(traced suture_test)" -ge 1 ] ;;
	bpf-* | perf-probe) attach_works ;;
	klp-same) show | grep -q livepatch ;;
	klp-other) grep -q livepatch /proc/cmdline ;;
	keys | own-key | modules) loop_works ;;
	suspend) suspend_works ;;
	cpu-off) [ "$(cat /sys/devices/system/cpu/cpu1/online)" = 0 ] ;;
	esac
}

off() {
	case $1 in
	function | function_graph)
		echo nop >$T/current_tracer
		echo >$T/set_ftrace_filter
		;;
	kprobe-* | kretprobe) probe_off ;;
	bpf-*) attach_off ;;
	perf-probe)
		attach_off
		echo >$T/kprobe_events
		;;
	klp-*) live_off ;;
	keys | own-key | modules) loop_off ;;
	suspend) suspend_off ;;
	cpu-off) echo 1 >/sys/devices/system/cpu/cpu1/online ;;
	esac
}

# ---- cells ----

# While a live patch of the same function is there, it is what runs.
new_runs() { [ $row = klp-same ] || patched; }
old_runs() { ! patched; }
# both CODE_RUNS: the neighbour does its work and the right code runs
both() {
	if ! works $row; then
		echo "broken: the neighbour"
	elif ! $1; then
		echo "broken: the update"
	else
		echo works
	fi
}
refusal() { echo "refused ($(last_token))"; }

before() {
	on $row || echo "cannot be turned on" >&2
	if load $update; then
		both new_runs
		off $row
		patched || echo "broken: the update, afterwards"
		undo $update
	else
		refusal
		works $row || echo "broken: the neighbour, after the refusal"
		off $row
		load $update && undo $update || echo "broken: the update, afterwards"
	fi
	unload $update
}
after() {
	load $update
	if on $row; then
		both new_runs
		off $row
	else
		echo "refused (neighbour)"
		off $row
	fi
	patched || echo "broken: the update, afterwards"
	undo $update
	unload $update
}
at_undo() {
	load $update
	on $row
	if undo $update; then
		both old_runs
		off $row
	else
		refusal
		new_runs || echo "broken: the update, after the refusal"
		off $row
		undo $update
	fi
	patched && echo "broken: the original, afterwards"
	unload $update
}

# row NAME BEFORE AFTER UNDO TEXT: what each cell should be
row() {
	row=$1
	cells=""
	shift
	for phase in before after at_undo; do
		cell=$($phase 2>/tmp/cell-err | tr '\n' ' ' | sed 's/ $//')
		cells="$cells | $cell"
		is "$row, $phase" "$cell" "$1"
		[ "$cell" = "$1" ] || note "$(cat /tmp/cell-err)"
		shift
	done
	echo "matrix | $1$cells |"
}

find_window() {
	for offset in 5 9; do
		probe_on p $F+$offset 2>/dev/null && window=$offset
		probe_off 2>/dev/null
		[ $window = 0 ] || return
	done
}
find_body() {
	load version
	for offset in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		if probe_on p $F+$offset 2>/dev/null; then
			probe_off
			undo version
			unload version
			probe_on p $F+$offset 2>/dev/null && body=$offset
			probe_off 2>/dev/null
			[ $body -gt 0 ] && return
			load version
		fi
	done
}

ok "the core loads" core_load
echo 1 >/proc/sys/kernel/bpf_stats_enabled
find_window
ok "there is a place for a kprobe in the window: +$window" test $window -gt 0
find_body
ok "there is a place for a kprobe in the body: +$body" test $body -gt 0
W=works
row function $W $W $W "function tracer on the function"
row function_graph $W $W $W "function_graph tracer on the function"
row kprobe-entry $W $W $W "kprobe at the entry"
row kprobe-window "refused (bytes-differ)" $W "refused (redirect-altered)" "kprobe in the window; once applied, on the JMP"
row kprobe-body "refused (bytes-differ)" $W $W "kprobe in the old body"
row kprobe-optimised "refused (bytes-differ)" $W $W "kprobe in the old body, optimised"
row kretprobe $W $W $W "kretprobe"
row bpf-fentry $W $W $W "BPF program at fentry"
row bpf-fexit $W $W $W "BPF program at fexit"
row bpf-kprobe $W $W $W "BPF program at a kprobe"
row perf-probe $W $W $W "perf probe (kprobe that perf counts)"
row klp-same "refused (already-redirected)" $W $W "livepatch module of the same function"
row klp-other $W $W $W "livepatch module of another function"
row keys $W $W $W "static keys and static calls are switched meanwhile"
update=lru-gen
row own-key $W $W $W "a static key in the function's first bytes is switched meanwhile"
update=version
row cpu-off $W $W $W "a CPU is taken away"
row modules $W $W $W "another module is loaded and unloaded meanwhile"
row suspend $W $W $W "the machine is suspended to idle and resumed meanwhile"
