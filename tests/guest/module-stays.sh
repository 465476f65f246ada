# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# New code of a module may still be called after the undo, as its address was kept: what it calls in other modules stays too,
# until its own module goes.
# config: CRC7 CRC_ITU_T
# needs: update dummy-stays
# needs: kernel-module dummy
# needs: kernel-module crc_itu_t
# needs: kernel-module crc7

uses() { awk -v name=$1 '$1 == name { print $3 }' /proc/modules; }
queue() { cat /sys/class/net/$1/tx_queue_len; }

ok "the core loads" core_load
ok "the module loads" load dummy
ok "one that it needs loads" load crc_itu_t
ok "another one that it needs loads" load crc7
apply_ok dummy-stays
ip link add d1 type dummy
is "the new code runs" "$(queue d1)" 77
ip link del d1
undo dummy-stays
is "undo succeeds" $? 0
is "both are held" "$(uses crc_itu_t) $(uses crc7)" "1 1"
fails "the first cannot be unloaded" rmmod crc_itu_t
ok "the module can" rmmod dummy
is "then nothing is held" "$(uses crc_itu_t) $(uses crc7)" "0 0"
