# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# New code with a tracepoint of the module that it belongs to: the kernel chains the update's entries to the module's
# static key. So the module has to be there, and stays until the update has gone.
# needs: update vsock-tracepoint
# needs: kernel-module vsock
# needs: kernel-module vmw_vsock_virtio_transport_common
# needs: built-module users

common=vmw_vsock_virtio_transport_common
event=/sys/kernel/tracing/events/vsock/virtio_transport_recv_pkt/enable

ok "the core loads" core_load
refused vsock-tracepoint 95 target-absent
ok "a module that it needs loads" load vsock
ok "its users will be counted" load users held=$common
ok "the module loads" load $common
apply_ok vsock-tracepoint
fails "the module is held" rmmod $common
echo 1 >$event
is "the event can be switched on" "$(cat $event)" 1
echo 0 >$event
printf %s "$(field vsock-tracepoint module)" >/sys/module/users/parameters/name
undo vsock-tracepoint
is "undone" "$(field vsock-tracepoint state)" undone
fails "it is still held" rmmod $common
users=$(cat /sys/module/$common/refcnt)
ok "the update is unloaded" unload vsock-tracepoint
is "it was held until the kernel had unlinked the update" "$(cat /sys/module/users/parameters/users)" $users
ok "the module is not held any more" rmmod $common
