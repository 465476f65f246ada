# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2046,SC2034,SC2086,SC2154
# A function that is shorter than the JMP, with padding behind it; and one whose return, which the kernel rewrites when
# it boots, lies where the JMP goes. (No fentry: no-fentry. Behind fentry: apply.)
# config: USER_NS
# needs: update strtoul
# needs: update fsync
# needs: program peek

# A new user namespace gets a map of 7 to 9, 3 numbers.
map() {
	unshare -U sleep 5 &
	pid=$!
	sleep 0.2
	echo "7 9 3" >/proc/$pid/uid_map
	set -- $(cat /proc/$pid/uid_map)
	kill $pid
	echo "$*"
}
sync_file() { dd if=/dev/zero of=/tmp/file bs=1 count=1 conv=fsync 2>/dev/null; }
bytes() { /suture/peek $1 16; }

ok "the core loads" core_load
short=$(bytes simple_strtoul)
# behind endbr64, where there is one
like "a function of two bytes" "${short#f30f1efa}" "eb*"
returns=$(bytes noop_fsync)
note "two bytes: $short, returns at once: $returns"
is "a map" "$(map)" "7 9 3"
ok "a file is synced" sync_file
apply_ok strtoul
apply_ok fsync
is "numbers are doubled" "$(map)" "14 18 6"
fails "a file is not synced" sync_file
undo_ok strtoul
undo_ok fsync
is "a map as before" "$(map)" "7 9 3"
ok "a file is synced again" sync_file
is "the bytes of the first are back" "$(bytes simple_strtoul)" "$short"
is "the bytes of the second are back" "$(bytes noop_fsync)" "$returns"
