# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Static variables: the running kernel's own go on being used, new ones are the update's and start anew with it.
# needs: update boot-id
# needs: update version-state

boot_id() { tr A-F a-f </proc/sys/kernel/random/boot_id; }

ok "the core loads" core_load
before=$(boot_id)
apply_ok boot-id
is "the boot ID has not changed" "$(boot_id)" "$before"
like "UUIDs are in capitals" "$(cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/uuid)" "*[A-F]*"
undo_ok boot-id
is "the boot ID has not changed after the undo" "$(boot_id)" "$before"

for _ in 1 2; do
	apply_ok version-state
	for reads in "1." "2.." "3..." "4..." "5..."; do
		like "read $reads" "$(cat /proc/version)" "\[read $reads\] Linux*"
	done
	undo_ok version-state
done
