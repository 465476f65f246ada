# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# One update of vmlinux and two modules, of which one is there and one is not; another update of the same functions.
# needs: update three-targets
# needs: update vsock-buffer
# needs: update dummy-queue
# needs: kernel-module vsock
# needs: kernel-module dummy
# needs: program vsock-buffer

state_of() { field three-targets targets | grep "^$1 "; }
queue() { cat /sys/class/net/$1/tx_queue_len; }

ok "the core loads" core_load
ok "one module loads" load dummy
is "dummy is as it was" "$(queue dummy0)" 1000
apply_ok three-targets
is "vmlinux" "$(state_of vmlinux)" "vmlinux present applied"
is "the module that is there" "$(state_of dummy)" "dummy present applied"
is "the module that is not" "$(state_of vsock)" "vsock absent waiting"
ok "vmlinux has the new code" grep -q '^\[three\] ' /proc/version
ip link add d1 type dummy
is "dummy has the new code" "$(queue d1)" 77
refused dummy-queue 114 already-redirected
refused vsock-buffer 114 already-redirected
ok "the other module loads" load vsock
is "it is patched" "$(state_of vsock)" "vsock present applied"
is "its flaw is not there" "$(trigger)" 0
ip link del d1
ok "the first one is unloaded" rmmod dummy
is "it is waited for" "$(state_of dummy)" "dummy absent waiting"
undo_ok three-targets
fails "vmlinux has the old code" grep -q three /proc/version
is "the flaw is back" "$(trigger)" 1
ok "dummy loads" load dummy
is "dummy is as it was" "$(queue dummy0)" 1000
