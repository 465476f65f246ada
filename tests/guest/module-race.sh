# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# Modules come and go while updates of them are applied and undone. Whoever comes first, nothing breaks, and at the end
# each is what it should be.
# guest: timeout 300
# needs: update three-targets
# needs: kernel-module vsock
# needs: kernel-module dummy
# needs: program vsock-buffer

come_and_go() {
	while [ ! -e /tmp/stop ]; do
		load $1
		rmmod $1
	done
	while loaded $1; do rmmod $1; done
	: >/tmp/stopped-$1
}

ok "the core loads" core_load
come_and_go vsock 2>/dev/null &
come_and_go dummy 2>/dev/null &
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	load three-targets
	is "round $i: the load succeeds" $? 0
	ok "round $i: vmlinux has the new code" grep -q '^\[three\] ' /proc/version
	undo three-targets
	is "round $i: undo succeeds" $? 0
	unload three-targets
	fails "round $i: the old code is back" grep -q three /proc/version
done
load three-targets
: >/tmp/stop
while [ ! -e /tmp/stopped-vsock ] || [ ! -e /tmp/stopped-dummy ]; do sleep 0.1; done
fails "both are unloaded" loaded 'vsock\|dummy'
is "both are waited for" "$(field three-targets targets | grep -c 'absent waiting')" 2
ok "one loads" load vsock
ok "the other loads" load dummy
is "both are patched" "$(field three-targets targets | grep -c 'present applied')" 3
is "and work: one" "$(trigger)" 0
is "and work: the other" "$(cat /sys/class/net/dummy0/tx_queue_len)" 77
undo_ok three-targets
