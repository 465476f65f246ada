# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A static call where the JMP goes, and a tracepoint's static key that reaches beyond it. The kernel switches both while
# the update is applied, and after the undo finds them as they should be: the bytes, and what a call of the function does.
# needs: update network
# needs: update tail-call
# needs: built-module call-tail
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
# Each function's first bytes, of the tail call too.
bytes() { echo "$(/suture/peek synchronize_net 10) $(/suture/peek dw8250_clk_disable_unprepare 10)"; }
# calls DATA: the tail call's function is called; how often that led where the static call does in one of the modes? The
# replacement makes it for an error's number (-1) and not for 0, the original for both.
calls() {
	# whoever reads the trace is traced too
	echo 0 >$T/tracing_on
	echo __cond_resched >$T/set_ftrace_filter
	echo function >$T/current_tracer
	echo >$T/trace
	echo 1 >$T/tracing_on
	echo "$1" >/sys/module/call_tail/parameters/call
	echo 0 >$T/tracing_on
	grep -c '__cond_resched <-call_set' $T/trace
	echo nop >$T/current_tracer
	echo >$T/set_ftrace_filter
	echo 1 >$T/tracing_on
}
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
ok "the caller loads" load call-tail
ip link set lo up
for mode in none voluntary full; do
	preempt $mode
	eval "${mode}_bytes='$(bytes)'"
	eval "${mode}_calls=$(calls 0)"
done
note "none $none_bytes, voluntary $voluntary_bytes, full $full_bytes"
fails "the mode changes the first bytes" test "$none_bytes" = "$voluntary_bytes"
note "calls: none $none_calls, voluntary $voluntary_calls, full $full_calls"
# Where the kernel has clocks (CONFIG_HAVE_CLK) the function does not make the static call for what is none.
case $(uname -r) in
*-cloud-*) is "the mode changes where the tail call leads" "$none_calls$voluntary_calls$full_calls" 010 ;;
esac

# cycle MODE LATER: applied in one mode, undone in the other
cycle() {
	preempt $1
	off
	ok "$1: the loopback device works" reach
	apply_ok network
	apply_ok tail-call
	fails "the redirects are there" test "$(bytes)" = "$(eval echo \"\$$1_bytes\")"
	fails "applied: packets are lost" reach
	on
	ok "applied, on: an event" test "$(events)" -ge 1
	ok "applied: the network is waited for by the replacement" test "$(wait_net)" -ge 1
	is "applied, $1: the replacement returns" "$(calls 0)" 0
	is "applied, $1: its own tail call" "$(calls -1)" "$(eval echo \"\$$1_calls\")"
	preempt $2
	is "applied, $1, then $2: its own tail call" "$(calls -1)" "$(eval echo \"\$$2_calls\")"
	undo_ok network
	undo_ok tail-call
	is "$1, then $2: where the original's tail call leads" "$(calls 0)" "$(eval echo \"\$$2_calls\")"
	is "$1, then $2: the bytes are as the kernel writes them" "$(bytes)" "$(eval echo \"\$$2_bytes\")"
	ok "after the undo, on: an event" test "$(events)" -ge 1
	off
	is "after the undo, off: no event" "$(events)" 0
	preempt $1
	is "after the undo: the kernel writes there again" "$(bytes)" "$(eval echo \"\$$1_bytes\")"
	is "after the undo, $1: where the tail call leads" "$(calls 0)" "$(eval echo \"\$$1_calls\")"
}
cycle none voluntary
cycle voluntary full
cycle full none
