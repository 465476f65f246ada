# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# An update is applied and undone, and applied once more; sysfs says so at each step.
# needs: update version

plain() { ! grep -q patched /proc/version; }
marked() { grep -q '^\[patched\] Linux' /proc/version; }

ok "the core loads" core_load
is "the ABI is version 1" "$(cat $S/abi)" 1
is "there are no updates" "$(ls $S/updates)" ""
ok "/proc/version is plain" plain

for round in 1 2; do
	note "round $round"
	apply_ok version
	ok "/proc/version is marked" marked
	like "the function is listed" "$(field version functions)" "version_proc_show vmlinux fs/proc/version.o *"
	is "the target is listed" "$(field version targets)" "vmlinux present applied"
	is "its module is loaded" "$(grep -c "^$(field version module) " /proc/modules)" 1
	like "the pause is a number above zero" "$(field version pause_ns)" "[1-9]*"
	ok "at least one try was made" test "$(field version tries)" -ge 1
	is "nobody blocks" "$(field version blockers)" ""
	undo_ok version
	ok "/proc/version is plain again" plain
done
ok "the core can be unloaded" rmmod suture
