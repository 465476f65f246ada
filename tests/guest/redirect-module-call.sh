# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# A static call where the JMP goes, in a module whose table of such calls lies at an address that is not aligned. The kernel
# switches the call while the update is applied, and after the undo finds it as it should be.
# config: USB PREEMPT_DYNAMIC
# needs: update usb-kill
# needs: module usb-common
# needs: kernel-module usbcore
# needs: program peek

preempt() { echo "$1" >/sys/kernel/debug/sched/preempt; }
bytes() { /suture/peek usb_kill_urb 16; }

ok "the core loads" core_load
[ -d /sys/kernel/debug/sched ] || mount -t debugfs debugfs /sys/kernel/debug
ok "the module loads" load usbcore
note "its table of static calls is at $(cat /sys/module/usbcore/sections/.static_call_sites)"
for mode in none voluntary; do
	preempt $mode
	eval "${mode}_bytes='$(bytes)'"
done
fails "the mode changes the first bytes" test "$none_bytes" = "$voluntary_bytes"
# cycle MODE LATER: applied in one mode, undone in the other
cycle() {
	preempt $1
	apply_ok usb-kill
	applied=$(bytes)
	fails "$1: the redirect is there" test "$applied" = "$(eval echo \"\$$1_bytes\")"
	preempt $2
	is "$1, then $2: the kernel leaves it alone" "$(bytes)" "$applied"
	undo_ok usb-kill
	is "$1, then $2: the bytes are as the kernel writes them" "$(bytes)" "$(eval echo \"\$$2_bytes\")"
	preempt $1
	is "after the undo: the kernel writes there again" "$(bytes)" "$(eval echo \"\$$1_bytes\")"
}
cycle none voluntary
cycle voluntary none
