# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Updates of different functions, one of them of two units, undone in another order than they were applied.
# needs: update version
# needs: update uuid
# needs: update two-units

ok "the core loads" core_load
apply_ok version
apply_ok two-units
apply_ok uuid
is "three updates are there" "$(ls $S/updates | wc -l)" 3
is "the second has two functions" "$(field two-units functions | wc -l)" 2
ok "the first works" grep -q '^\[patched\] Linux' /proc/version
ok "the second works" grep -q '^\[both\]' /proc/loadavg
ok "the second works in its other unit" grep -q '^\[both\]' /proc/cmdline
undo_ok two-units
ok "the first still works" grep -q '^\[patched\] Linux' /proc/version
fails "the second is gone" grep -q both /proc/loadavg /proc/cmdline
undo_ok version
fails "the first is gone" grep -q patched /proc/version
like "the third still works" "$(cat /proc/sys/kernel/random/uuid)" "????????-????-7*"
apply_ok version
undo_ok uuid
like "the third is gone" "$(cat /proc/sys/kernel/random/uuid)" "????????-????-4*"
undo_ok version
