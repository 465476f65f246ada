# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A function of lib/ has no fentry: its redirect lies at the entry.
# needs: update uuid

uuid() { cat /proc/sys/kernel/random/uuid; }

ok "the core loads" core_load
like "random UUIDs are of version 4" "$(uuid)" "????????-????-4*"
apply_ok uuid
for _ in 1 2 3 4 5; do
	like "random UUIDs are of version 7" "$(uuid)" "????????-????-7*"
done
undo_ok uuid
like "random UUIDs are of version 4 again" "$(uuid)" "????????-????-4*"
