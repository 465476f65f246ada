# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# New code of a module that comes after the update, with a static key and a static call of another module, which is there, of
# the update itself, and of an earlier update: the kernel follows these from the update's own load on.
# needs: update dummy-tracepoint
# needs: update dummy-key
# needs: update dummy-key-2 on dummy-key
# needs: kernel-module scsi_common
# needs: kernel-module scsi_mod
# needs: kernel-module libata
# needs: kernel-module dummy

T=/sys/kernel/tracing
event=$T/events/libata/ata_bmdma_status/enable

events() {
	echo >$T/trace
	ip link add name d0 type dummy
	ip link del d0
	grep -c 'ata_bmdma_status: .*ata_port=4242' $T/trace
}

queue() {
	ip link add name d0 type dummy
	cat /sys/class/net/d0/tx_queue_len
	ip link del d0
}

ok "the core loads" core_load
refused dummy-tracepoint 95 target-absent
for module in scsi_common scsi_mod libata; do
	ok "$module loads" load $module
done
apply_ok dummy-tracepoint
echo 1 >$event
ok "the module loads" load dummy
is "on before it came: on" "$(events)" 1
echo 0 >$event
is "off: off" "$(events)" 0
ok "the module is unloaded" rmmod dummy
echo 1 >$event
echo 0 >$event
ok "the module loads again" load dummy
is "it is patched" "$(field dummy-tracepoint targets | grep dummy)" "dummy present applied"
is "off before it came: off" "$(events)" 0
echo 1 >$event
is "on: on" "$(events)" 1
undo dummy-tracepoint
is "undone" "$(field dummy-tracepoint state)" undone
ok "the module is unloaded" rmmod dummy

apply_ok dummy-key
for _ in 1 2; do
	ok "the module comes" load dummy
	is "the update's own: as they are, switched, switched back" \
		"$(cat /sys/class/net/dummy0/tx_queue_len) $(queue) $(queue) $(queue)" "11 22 11 22"
	ok "the module goes" rmmod dummy
done
refused dummy-key-2 95 target-absent
ok "the module comes" load dummy
apply_ok dummy-key-2
is "an earlier update's: as they are, switched" "$(queue) $(queue)" "122 111"
fails "the module is held" rmmod dummy
undo_ok dummy-key-2
is "the earlier update's code runs with them" "$(queue) $(queue)" "22 11"
ok "the module goes" rmmod dummy
