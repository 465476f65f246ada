# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A tail call that is a static call, where the JMP goes: XDP programs are run by a function that is no more than this. While
# a program is attached the kernel has it lead to a branch to that program, else to a function that calls any program.
# config: BPF_JIT
# needs: update dispatcher
# needs: program xdp
# needs: program peek
# needs: built-module count

PASS=2
DROP=1
attached() {
	rm -f /tmp/ready
	/suture/xdp attach lo /tmp/ready &
	until [ -s /tmp/ready ]; do sleep 0.1; done
}
detached() {
	kill $!
	wait $!
}
bytes() { /suture/peek bpf_dispatcher_xdp_func 16; }
any_program=$(awk '$3 == "bpf_dispatcher_nop_func" { printf "%s0x%s", separator, $1; separator = "," }' /proc/kallsyms)
# Is the function that calls any program called, when a packet of 200 bytes comes? 1 or 0
leads() {
	/init load /suture/count.ko at=$any_program
	/suture/xdp run 200 >/tmp/became
	cat /sys/module/count/parameters/hits
	rmmod count
}
became() { /suture/xdp run $1; }

ok "the core loads" core_load
# At boot it is another unit's copy of that function.
attached
detached
for state in detached attached; do
	[ $state = detached ] || $state
	eval "${state}_bytes='$(bytes)' ${state}_leads=$(leads)"
done
note "detached $detached_bytes, attached $attached_bytes"
fails "the kernel changes the first bytes" test "$detached_bytes" = "$attached_bytes"
is "and where the tail call leads" "$detached_leads$attached_leads" 10
is "a short packet passes" "$(became 50)" $PASS

# cycle STATE LATER: applied in one state, undone in the other
cycle() {
	apply_ok dispatcher
	fails "$1: the redirect is there" test "$(bytes)" = "$(eval echo \"\$$1_bytes\")"
	is "applied, $1: a short packet is dropped" "$(became 50)" $DROP
	is "applied, $1: the replacement's own tail call" "$(leads)" "$(eval echo \"\$$1_leads\")"
	is "applied, $1: a long packet passes" "$(cat /tmp/became)" $PASS
	$2
	is "applied, $1, then $2: a short packet is dropped" "$(became 50)" $DROP
	is "applied, $1, then $2: the replacement's own tail call" "$(leads)" "$(eval echo \"\$$2_leads\")"
	is "applied, $1, then $2: a long packet passes" "$(cat /tmp/became)" $PASS
	undo_ok dispatcher
	is "$1, then $2: the bytes are as the kernel writes them" "$(bytes)" "$(eval echo \"\$$2_bytes\")"
	is "$1, then $2: where the original's tail call leads" "$(leads)" "$(eval echo \"\$$2_leads\")"
	is "$1, then $2: a short packet passes" "$(became 50)" $PASS
	$1
	is "after the undo, $1: the kernel writes there again" "$(bytes)" "$(eval echo \"\$$1_bytes\")"
	is "after the undo, $1: where the tail call leads" "$(leads)" "$(eval echo \"\$$1_leads\")"
}
cycle attached detached
detached
cycle detached attached
