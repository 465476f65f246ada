# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Applies and undoes updates of functions that are in use, CYCLES times, while stress-ng and tracers run. A cycle is one
# update applied and undone, or refused for a reason that is counted. Six come in a round: they are applied one after the
# other, one on top of another, one of a module that is unloaded and loaded meanwhile, and undone in another order. In the
# end all is as it was. docs/stress.md has the figures.
# needs: update uname
# needs: update pipe
# needs: update ipc
# needs: update stack-1
# needs: update stack-2 on stack-1
# needs: update vsock-buffer
# needs: kernel-module vsock
# needs: program perf
# needs: installed stress-ng
# guest: memory 1024
# guest: timeout 90000

T=/sys/kernel/tracing
U=/tmp/update # /NAME: what the core says of it, once it is loaded
APPLY="uname stack-1 pipe stack-2 vsock-buffer ipc"
UNDO="pipe vsock-buffer stack-2 uname ipc stack-1"
: "${CYCLES:=200}" "${EVERY:=100}" "${LIMIT:=80000}"

# ---- what is counted ----

reset() {
	cycle=0
	applied=0
	undone=0
	wrong=0
	worst=0
	tries=0
	: >/tmp/refusals
	start=$(cut -d. -f1 /proc/uptime)
}

seconds() { echo $(($(cut -d. -f1 /proc/uptime) - start)); }

figures() {
	note "figures: $cycle cycles in $(seconds) s: $applied applied, $undone undone," \
		"$tries tries, worst pause $((worst / 1000)) us; refused:" \
		"$(sort /tmp/refusals | uniq -c | awk '{ printf "%s %s, %d; ", $2, $3, $1 }')" \
		"slab $(slab) kB, vmalloc $(vmalloc) kB"
}

# Slab in use, in kB, but what the kernel gives back when it needs memory; each cache's in /tmp/slab.NAME
slab() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >$cache; done
	awk 'NR > 2 { print $1, $2 * $4 }' /proc/slabinfo >/tmp/slab
	awk '{ sum += $2 } END { printf "%d", sum / 1024 }' /tmp/slab
}

vmalloc() { awk '/^VmallocUsed/ { print $2 }' /proc/meminfo; }

mappings() { grep -c "suture" /proc/vmallocinfo; }

# What every switch says of itself. A line is read without another process: there are enough of these.
seen() {
	read -r pause <$U/$1/pause_ns
	read -r nr <$U/$1/tries
	[ $pause -le $worst ] || worst=$pause
	tries=$((tries + nr))
}

# A thread in the way is a reason, or one for which the kernel itself waits too long, and no other.
refusal() {
	reason=$(last_token)
	echo "$1 $reason" >>/tmp/refusals
	case $reason in busy | grace-period) return ;; esac
	wrong=$((wrong + 1))
	note "cycle $cycle: $1 of $2: $(cat $S/last_error)"
}

# ---- a round ----

apply_one() {
	cycle=$((cycle + 1))
	if load $1; then
		applied=$((applied + 1))
		seen $1
	else
		refusal apply $1
	fi
}

undo_one() {
	until /init write $U/$1/undo 1 2>/dev/null; do
		refusal undo $1
		[ $wrong -lt 10 ] || return
	done
	undone=$((undone + 1))
	seen $1
	read -r module <$U/$1/module
	rmmod $module
}

round() {
	for name in $APPLY; do
		[ $name != stack-2 ] || [ -e $U/stack-1 ] || continue
		apply_one $name
	done
	rmmod vsock && load vsock
	for name in $UNDO; do
		[ ! -e $U/$name ] || undo_one $name
	done
}

# ---- what runs meanwhile ----

traced() {
	echo 'vfs_* pipe_* *uname* version_proc_show* loadavg_proc_show*' >$T/set_ftrace_filter
	printf 'p:suture_in vfs_write\nr:suture_out pipe_read\n' >$T/kprobe_events
	while [ ! -e /tmp/end ]; do
		for tracer in function function_graph nop; do
			[ ! -e /tmp/end ] || break
			echo $tracer >$T/current_tracer
			echo 1 >$T/events/kprobes/enable
			/suture/perf /proc/version version_proc_show vfs_read
			echo 0 >$T/events/kprobes/enable
			sleep 1
		done
	done >/dev/null
	echo nop >$T/current_tracer
	echo >$T/set_ftrace_filter
	echo >$T/kprobe_events
}

callers() {
	while [ ! -e /tmp/end ]; do
		uname -a
		cat /proc/version /proc/loadavg
		sleep 0.1
	done >/dev/null 2>&1
}

stressed() {
	while [ ! -e /tmp/end ]; do
		for what in "--cpu 1" "--vm 1 --vm-bytes 16M" "--fork 1" "--pipe 1" "--sock 1" "--hdd 1 --hdd-bytes 1M"; do
			[ ! -e /tmp/end ] || break
			/suture/stress-ng --temp-path /tmp --quiet $what --timeout 5
		done
	done
}

# It has the CPUs when the updates' own work waits, which is often.
load_on() {
	rm -f /tmp/end
	for what in callers traced stressed; do
		$what &
		renice -n 15 -p $!
	done
}

load_off() {
	touch /tmp/end
	wait
	rm -rf /tmp/tmp-stress-ng*
}

# ---- the run ----

ok "the core loads" core_load timeout_ms=500
load vsock
ifconfig lo up
mkdir $U
for name in $APPLY; do ln -s "$S/updates/$(id_of $name)" $U/$name; done
# what is made once is there before the first count
load_on
reset
round
load_off
slab_before=$(slab)
vmalloc_before=$(vmalloc)
mappings_before=$(mappings)
cp /tmp/slab /tmp/slab.before
load_on
reset
while [ $cycle -lt $CYCLES ] && [ $wrong -lt 10 ] && [ "$(seconds)" -lt $LIMIT ]; do
	was=$((cycle / EVERY))
	round
	[ $((cycle / EVERY)) = $was ] || figures
done
load_off
ok "$CYCLES cycles were made" test $cycle -ge $CYCLES
is "every refusal was for a thread in the way, or for time" $wrong 0
is "every update that was applied was undone" $undone $applied
ok "most were applied" test $((applied * 2)) -ge $cycle
fails "the original runs" grep -q '^\[' /proc/version
is "no update is left" "$(ls $S/updates)" ""
is "no module is left" "$(grep -c suture_ /proc/modules)" 0
is "no mapping of the core's is left" "$(mappings)" $mappings_before
ok "slab is back ($slab_before kB)" test $(($(slab) - slab_before)) -lt 512
ok "vmalloc is back ($vmalloc_before kB)" test $(($(vmalloc) - vmalloc_before)) -lt 256
figures
ok "the core can be unloaded" rmmod suture
