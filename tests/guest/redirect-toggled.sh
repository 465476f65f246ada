# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# Static keys where the JMP goes are switched without pause while updates are applied and undone. One function has no
# fentry and is called in every interrupt that raises a softirq.
# needs: update softirq
# needs: update lru-gen
# needs: program peek

T=/sys/kernel/tracing
K=/sys/kernel/mm/lru_gen/enabled
show=$(first_of show_enabled enabled_show)
E=$T/events/irq/softirq_raise/enable
bytes() { echo "$(/suture/peek raise_softirq_irqoff 16) $(/suture/peek $show 24)"; }
set_all() {
	echo $1 >$E
	echo $1 >$K
}
# events PATTERN
events() {
	echo >$T/trace
	sleep 0.3
	grep -c "softirq_raise: $1" $T/trace
}
toggle() {
	while [ ! -e /tmp/stop ]; do
		set_all 1
		set_all 0
		echo >>/tmp/toggled
	done
}

ok "the core loads" core_load
set_all 1
on_bytes=$(bytes)
set_all 0
off_bytes=$(bytes)
fails "the keys change the first bytes" test "$on_bytes" = "$off_bytes"
toggle &
for _ in 1 2 3 4 5 6; do
	apply_ok softirq
	apply_ok lru-gen
	undo_ok lru-gen
	undo_ok softirq
done
apply_ok softirq
apply_ok lru-gen
touch /tmp/stop
wait
note "toggled $(wc -l </tmp/toggled) times"
ok "the keys were toggled meanwhile" test "$(wc -l </tmp/toggled)" -gt 6
set_all 1
ok "applied, on: events of the replacement" test "$(events 'vec=[67][0-9]')" -ge 1
undo_ok lru-gen
undo_ok softirq
is "on since before the undo: bytes" "$(bytes)" "$on_bytes"
ok "undone, on: events" test "$(events 'vec=[0-9] ')" -ge 1
is "undone: none of the replacement" "$(events 'vec=[67][0-9]')" 0
set_all 0
is "undone, off: bytes" "$(bytes)" "$off_bytes"
