# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# A fix of a module that is loaded. The update does not hold the module; it follows it when it is unloaded and loaded
# again, and undo works whatever is there.
# needs: update vsock-buffer
# needs: kernel-module vsock
# needs: program vsock-buffer

ok "the core loads" core_load
ok "the module loads" load vsock
is "the flaw shows" "$(trigger)" 1
apply_ok vsock-buffer
is "the target is there and patched" "$(field vsock-buffer targets | grep vsock)" "vsock present applied"
is "the flaw is gone" "$(trigger)" 0
like "nothing holds the module" "$(cat /sys/module/vsock/refcnt)" 0
ok "it can be unloaded" rmmod vsock
is "the update waits for it" "$(field vsock-buffer targets | grep vsock)" "vsock absent waiting"
is "the update stays applied" "$(field vsock-buffer state)" applied
for i in 1 2 3; do
	ok "round $i: the module loads" load vsock
	is "round $i: it is patched" "$(field vsock-buffer targets | grep vsock)" "vsock present applied"
	is "round $i: the flaw is gone" "$(trigger)" 0
	ok "round $i: it can be unloaded" rmmod vsock
done
ok "the module loads" load vsock
undo_ok vsock-buffer
is "the flaw is back" "$(trigger)" 1
apply_ok vsock-buffer
is "applied again, the flaw is gone" "$(trigger)" 0
ok "the module is unloaded" rmmod vsock
undo_ok vsock-buffer
ok "the module loads without the update" load vsock
is "and has the flaw" "$(trigger)" 1
