# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# New code of a module that comes after the update, with a tracepoint (a static key and a static call) of another module, which
# is there: the kernel knows the update's places of these from the update's own load on.
# needs: update dummy-tracepoint
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
