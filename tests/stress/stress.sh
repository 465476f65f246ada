# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Applies and undoes updates of functions that are in use, CYCLES times, while stress-ng and tracers run. Every apply
# either succeeds or is refused for a reason that is counted; in the end all is as it was.
# needs: update uname
# needs: update version
# needs: update pipe
# needs: update ipc
# needs: installed stress-ng
# guest: memory 1024
# guest: timeout 90000

T=/sys/kernel/tracing
worst=0
applied=0
undone=0
wrong=0

# slab that the kernel cannot take back, and vmalloc, in kB; the core's own mappings
memory() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^SUnreclaim|^VmallocUsed/ { printf "%s %s ", $1, $2 }' /proc/meminfo
	echo "suture: $(grep -c '\[suture\]' /proc/vmallocinfo)"
}

kb() { echo "$1" | sed "s/.*$2: \([0-9]*\).*/\1/"; }

# the worst pause of the switches that succeeded
seen() {
	pause=$(field "$1" pause_ns)
	[ "$pause" -le $worst ] || worst=$pause
}

wrong() {
	wrong=$((wrong + 1))
	note "cycle $cycle: $1: $(cat $S/last_error)"
}

# switch_off NAME: undo, again and again while a thread is in the way, and unload
switch_off() {
	until undo "$1"; do
		echo "undo $(last_token)" >>/tmp/refusals
		[ "$(last_token)" = busy ] || wrong "undo of $1"
	done
	undone=$((undone + 1))
	seen "$1"
	until unload "$1"; do :; done
}

one_cycle() {
	for name in uname version pipe ipc; do
		if load $name; then
			applied=$((applied + 1))
			seen $name
		else
			echo "apply $(last_token)" >>/tmp/refusals
			[ "$(last_token)" = busy ] || wrong "apply of $name"
		fi
	done
	for name in ipc uname pipe version; do
		[ ! -e "$S/updates/$(id_of $name)" ] || switch_off $name
	done
}

load_on() {
	/suture/stress-ng --temp-path /tmp --quiet --cpu 1 --vm 1 --vm-bytes 64M --fork 1 --pipe 1 --sock 1 \
		--sock-domain unix --open 1 --rename 1 &
	(while [ ! -e /tmp/end ]; do uname -a; cat /proc/version; done >/dev/null 2>&1) &
	echo 'vfs_*' >$T/set_ftrace_filter
	printf 'r:suture_out vfs_read\n' >$T/kprobe_events
	echo 1 >$T/events/kprobes/enable
	(while [ ! -e /tmp/end ]; do
		for tracer in function function_graph nop; do
			echo $tracer >$T/current_tracer
			sleep 3
		done
	done) &
}

load_off() {
	touch /tmp/end
	killall -INT stress-ng 2>/dev/null
	wait
	echo nop >$T/current_tracer
	echo >$T/set_ftrace_filter
	echo 0 >$T/events/kprobes/enable
	echo >$T/kprobe_events
	rm -rf /tmp/stress-ng*
}

ok "the core loads" core_load timeout_ms=2000
: >/tmp/refusals
cycle=0
# what is made once is there before the first count
one_cycle
load_on
sleep 5
load_off
rm /tmp/end
before=$(memory)
: >/tmp/refusals
worst=0
applied=0
undone=0
load_on
start=$(cut -d. -f1 /proc/uptime)
for cycle in $(seq 1 ${CYCLES:-20}); do
	one_cycle
	[ $wrong -lt 10 ] || break
done
seconds=$(($(cut -d. -f1 /proc/uptime) - start))
load_off
after=$(memory)
is "$cycle cycles" $wrong 0
is "every update that was applied was undone" $undone $applied
ok "some were" test $applied -ge $cycle
fails "the original runs" grep -q patched /proc/version
is "no module is left" "$(grep -c suture_ /proc/modules)" 0
is "no mapping of the core's is left" "$(kb "$after" suture)" "$(kb "$before" suture)"
ok "slab is back" test $(($(kb "$after" SUnreclaim) - $(kb "$before" SUnreclaim))) -lt 1024
ok "vmalloc is back" test $(($(kb "$after" VmallocUsed) - $(kb "$before" VmallocUsed))) -lt 256
ok "the core can be unloaded" rmmod suture
note "figures: $cycle cycles in $seconds s, $applied applied, $undone undone, worst pause $worst ns"
note "figures: refused: $(sort /tmp/refusals | uniq -c | awk '{ printf "%s %s %s; ", $1, $2, $3 }')"
note "figures: before: $before"
note "figures: after: $after"
