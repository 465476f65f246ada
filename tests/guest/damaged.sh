# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Truncated and altered updates, and such as say what is not true of the kernel, are refused, and the kernel stays well.
# needs: update version
# needs: variant cut-90 = version truncate 90
# needs: variant cut-50 = version truncate 50
# needs: variant cut-1 = version truncate 1
# needs: variant magic = version flip .suture 0
# needs: variant format = version flip .suture 8
# needs: variant size = version flip .suture 14 2
# needs: variant pre = version flip .init.text 70
# needs: update by-name
# needs: variant two-values = version retarget linux_proc_banner seq_printf
# needs: variant no-symbol = by-name rename linux_banner linux_bannex
# needs: variant several = by-name rename linux_banner uevent_store
# needs: variant astray = boot-id earlier sysctl_bootid
# needs: variant alien = vsock-loopback belongs virtio_transport_recv_pkt vsock_loopback
# needs: module vsock_loopback
# expect: Invalid relocation target

ok "the core loads" core_load
for name in cut-90 cut-50 cut-1; do
	load $name
	is "$name: ENOEXEC, from the kernel" $? 8
done
refused magic 74 update-damaged
refused format 74 update-damaged
refused size 74 update-damaged
refused pre 116 bytes-differ
like "the message has both byte strings" "$(cat $S/last_error)" "*the update has *, the kernel *"
refused two-values 116 value-disagrees
like "the function, the symbol" "$(cat $S/last_error)" "*version_proc_show*'seq_printf' would need two values*"
refused no-symbol 99 symbol-unmatched
like "the symbol" "$(cat $S/last_error)" "*'linux_bannex' is not in the running kernel*"
refused several 76 symbol-ambiguous
like "the symbol" "$(cat $S/last_error)" "*'uevent_store' has several candidates*"
refused astray 116 value-disagrees
like "the section" "$(cat $S/last_error)" "*drivers/char/random.o: .* would lie outside of all updates"
refused alien 116 value-disagrees
like "the unit, the section, the module" "$(cat $S/last_error)" "*virtio_transport_common.o: * would lie outside of vsock_loopback"
ok "the module is not held" rmmod vsock_loopback
apply_ok by-name
undo_ok by-name
fails "the original runs" grep -q patched /proc/version
apply_ok version
undo_ok version
