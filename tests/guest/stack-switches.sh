# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# An update on another one whose code has a static key where the redirect goes; both wait for the module. When it has come the
# kernel leaves that place alone, and after the undo it is as the key is by then.
# needs: update dummy-tracepoint
# needs: update dummy-tracepoint-2 on dummy-tracepoint
# needs: kernel-module scsi_common
# needs: kernel-module scsi_mod
# needs: kernel-module libata
# needs: kernel-module dummy

T=/sys/kernel/tracing
E=$T/events/libata/ata_bmdma_status/enable

queue() {
	echo >$T/trace
	ip link add name d0 type dummy
	cat /sys/class/net/d0/tx_queue_len
	ip link del d0
}
events() {
	queue >/dev/null
	grep -c 'ata_bmdma_status: .*ata_port=4242' $T/trace
}

ok "the core loads" core_load
for module in scsi_common scsi_mod libata; do
	ok "$module loads" load $module
done
apply_ok dummy-tracepoint
apply_ok dummy-tracepoint-2
ok "the module loads" load dummy
is "the second one's code runs" "$(queue)" 177
for state in 1 0 1; do
	echo $state >$E
	is "the key is $state: the second one's code runs" "$(queue)" 177
	is "and has the tracepoint" "$(events)" $state
done
undo_ok dummy-tracepoint-2
is "undone: the first one's code runs" "$(queue)" 1000
is "and has the tracepoint" "$(events)" 1
echo 0 >$E
is "the key can be switched: off" "$(events)" 0
echo 1 >$E
is "on" "$(events)" 1
undo dummy-tracepoint
is "undone" "$(field dummy-tracepoint state)" undone
is "the module's own code runs" "$(queue) $(events)" "1000 0"
