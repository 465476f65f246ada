# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# Fixes of modules that are loaded after the update: matched, linked and switched before their init runs.
# needs: update vsock-buffer
# needs: update dummy-queue
# needs: kernel-module vsock
# needs: kernel-module dummy
# needs: program vsock-buffer

ok "the core loads" core_load
apply_ok vsock-buffer
is "the target is waited for" "$(field vsock-buffer targets | grep vsock)" "vsock absent waiting"
is "no stop was needed" "$(field vsock-buffer pause_ns)" 0
ok "the module loads" load vsock
is "it is patched" "$(field vsock-buffer targets | grep vsock)" "vsock present applied"
is "the flaw is not there" "$(trigger)" 0
undo_ok vsock-buffer
is "undone, the flaw shows" "$(trigger)" 1

# dummy makes its first device in its init
apply_ok dummy-queue
ok "the module loads" load dummy
is "its init ran the new code" "$(cat /sys/class/net/dummy0/tx_queue_len)" 77
ip link add d1 type dummy
is "the new code counts in its own data" "$(cat /sys/class/net/d1/tx_queue_len)" 78
ip link del d1
ok "the module is unloaded, its exit runs" rmmod dummy
ok "the module loads again" load dummy
is "its new data starts anew" "$(cat /sys/class/net/dummy0/tx_queue_len)" 77
ok "the module is unloaded" rmmod dummy
undo_ok dummy-queue
ok "the module loads without the update" load dummy
is "and runs the old code" "$(cat /sys/class/net/dummy0/tx_queue_len)" 1000
ok "the module is unloaded" rmmod dummy

# an update that is undone and still loaded does not touch what comes
apply_ok dummy-queue
undo dummy-queue
ok "the module loads" load dummy
is "an update that is undone leaves it alone" "$(cat /sys/class/net/dummy0/tx_queue_len)" 1000
is "and says so" "$(field dummy-queue targets | grep dummy)" "dummy absent waiting"
ok "the update is unloaded" unload dummy-queue
