# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# New code of a module calls two modules that it did not depend on: they must be there first, and are held for as long as the
# module has that code.
# config: CRC7 CRC_ITU_T
# needs: update dummy-needs
# needs: kernel-module dummy
# needs: kernel-module crc_itu_t
# needs: kernel-module crc7

uses() { awk -v name=$1 '$1 == name { print $3 }' /proc/modules; }
queue() { cat /sys/class/net/$1/tx_queue_len; }

ok "the core loads" core_load
ok "the module loads" load dummy
ok "one that it needs loads" load crc_itu_t
refused dummy-needs 95 target-absent
like "the message names the other one" "$(cat $S/last_error)" "*dummy*crc7*"
is "the first is not held" "$(uses crc_itu_t)" 0
ok "the other one loads" load crc7
apply_ok dummy-needs
ip link add d1 type dummy
is "the new code runs" "$(queue d1)" 77
ip link del d1
is "both are held" "$(uses crc_itu_t) $(uses crc7)" "1 1"
fails "the first cannot be unloaded" rmmod crc_itu_t
ok "the module can" rmmod dummy
is "then nothing is held" "$(uses crc_itu_t) $(uses crc7)" "0 0"
ok "the other one is unloaded" rmmod crc7
load dummy
is "now the module cannot be patched" $? 95
is "and the token says so" "$(last_token)" target-absent
is "the first is not held" "$(uses crc_itu_t)" 0
ok "the other one loads" load crc7
ok "the module loads" load dummy
is "the new code runs" "$(queue dummy0)" 77
is "both are held" "$(uses crc_itu_t) $(uses crc7)" "1 1"
undo_ok dummy-needs
is "then nothing is held" "$(uses crc_itu_t) $(uses crc7)" "0 0"
