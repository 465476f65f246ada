# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# New code of a module with a tracepoint (a static key and a static call) that the module itself owns, and one that another
# module owns: the kernel switches them in it, before, while and after it is applied.
# config: ATA
# needs: update vsock-tracepoint
# needs: update dummy-tracepoint
# needs: program vsock-connect
# needs: kernel-module vsock
# needs: kernel-module vmw_vsock_virtio_transport_common
# needs: kernel-module vsock_loopback
# needs: kernel-module scsi_common
# needs: kernel-module scsi_mod
# needs: kernel-module libata
# needs: kernel-module dummy

T=/sys/kernel/tracing
own=$T/events/vsock/virtio_transport_recv_pkt/enable
other=$T/events/libata/ata_bmdma_status/enable

# Of the two packets of one connection.
own_events() {
	echo >$T/trace
	/suture/vsock-connect
	grep -c 'virtio_transport_recv_pkt:' $T/trace
}

other_events() {
	echo >$T/trace
	ip link add name d0 type dummy
	ip link del d0
	grep -c 'ata_bmdma_status: .*ata_port=4242' $T/trace
}

ok "the core loads" core_load
for module in vsock vmw_vsock_virtio_transport_common vsock_loopback scsi_common scsi_mod libata dummy; do
	ok "$module loads" load $module
done

echo 1 >$own
is "its own: on, plain" "$(own_events)" 2
apply_ok vsock-tracepoint
is "its own: on when applied" "$(own_events)" 2
echo 0 >$own
is "its own: off while applied" "$(own_events)" 0
echo 1 >$own
is "its own: on while applied" "$(own_events)" 2
undo_ok vsock-tracepoint
is "its own: on after the undo" "$(own_events)" 2
echo 0 >$own
is "its own: off after the undo" "$(own_events)" 0

echo 1 >$other
is "another's: on, plain: there is none" "$(other_events)" 0
apply_ok dummy-tracepoint
is "another's: on when applied" "$(other_events)" 1
echo 0 >$other
is "another's: off while applied" "$(other_events)" 0
echo 1 >$other
is "another's: on while applied" "$(other_events)" 1
undo dummy-tracepoint
is "undone" "$(field dummy-tracepoint state)" undone
is "another's: there is none after the undo" "$(other_events)" 0
