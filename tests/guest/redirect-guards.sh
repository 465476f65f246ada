# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A static key where the JMP goes: under a JMP that becomes another one nothing changes.
# needs: update lru-gen
# needs: update lru-gen-2 on lru-gen
# needs: program peek

K=/sys/kernel/mm/lru_gen/enabled
show=$(first_of show_enabled enabled_show)

ok "the core loads" core_load
echo 0 >$K
off_bytes=$(/suture/peek $show 24)
apply_ok lru-gen
echo 1 >$K
apply_ok lru-gen-2
is "two, one on the other: on since between them" "$(cat $K)" "twice 0x0001"
echo 0 >$K
is "off under both" "$(cat $K)" "twice 0x0000"
echo 1 >$K
undo_ok lru-gen-2
is "the first again: on" "$(cat $K)" "patched 0x0001"
echo 0 >$K
is "off under the first" "$(cat $K)" "patched 0x0000"
undo_ok lru-gen
is "undone: the bytes are as the kernel writes them" "$(/suture/peek $show 24)" "$off_bytes"
