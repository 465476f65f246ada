# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A static call where the JMP goes, and a tracepoint's static key that reaches beyond it. The kernel switches both while
# the update is applied, and after the undo finds them as they should be. With lockdep the functions begin with something else.
# config: PREEMPT_DYNAMIC !PROVE_LOCKING
# needs: update network
# needs: program peek
# guest: timeout 240

D=/sys/kernel/debug
T=/sys/kernel/tracing
on() { echo 1 >$T/events/net/netif_rx_entry/enable; }
off() { echo 0 >$T/events/net/netif_rx_entry/enable; }
reach() { ping -c 1 -W 1 127.0.0.1 >/dev/null; }
events() {
	echo >$T/trace
	reach
	grep -c 'netif_rx_entry: dev=lo' $T/trace
}
bytes() { /suture/peek synchronize_net 16; }
preempt() { echo "$1" >$D/sched/preempt; }
# A bridge or tunnel is not at hand: closing a packet socket is what waits for the network here.
wait_net() {
	dmesg -c >/dev/null
	ip link set lo down
	ip link set lo up
	dmesg | grep -c "suture test: synchronize_net"
}

[ -d $D/sched ] || mount -t debugfs debugfs $D
ok "the core loads" core_load
ip link set lo up
for mode in none voluntary full; do
	preempt $mode
	eval "${mode}_bytes='$(bytes)'"
done
note "none $none_bytes, voluntary $voluntary_bytes, full $full_bytes"
fails "the mode changes the first bytes" test "$none_bytes" = "$voluntary_bytes"

# cycle MODE LATER: applied in one mode, undone in the other
cycle() {
	preempt $1
	off
	ok "$1: the loopback device works" reach
	apply_ok network
	fails "the redirect is there" test "$(bytes)" = "$(eval echo \"\$$1_bytes\")"
	fails "applied: packets are lost" reach
	on
	ok "applied, on: an event" test "$(events)" -ge 1
	ok "applied: the network is waited for by the replacement" test "$(wait_net)" -ge 1
	preempt $2
	undo_ok network
	is "$1, then $2: the bytes are as the kernel writes them" "$(bytes)" "$(eval echo \"\$$2_bytes\")"
	ok "after the undo, on: an event" test "$(events)" -ge 1
	off
	is "after the undo, off: no event" "$(events)" 0
	preempt $1
	is "after the undo: the kernel writes there again" "$(bytes)" "$(eval echo \"\$$1_bytes\")"
}
cycle none voluntary
cycle voluntary full
cycle full none
