# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A machine starts with one CPU, without lock prefixes, and gets another one: then the kernel writes them. Where one lies
# where the redirect must go the update is refused until then.
# config: !KASAN
# needs: update fput
# needs: update version
# needs: program peek
# guest: cpus 2
# guest: append maxcpus=1

bytes() { /suture/peek fput 16; }
# What a lock prefix is while there is one CPU. Others may have been there.
like "the function begins without a lock prefix" "$(bytes)" "*3e48ff*"
ok "the core loads" core_load
refused fput 95 redirect-over-site
apply_ok version
ok "another CPU comes" /init write /sys/devices/system/cpu/cpu1/online 1
like "the function begins with a lock prefix" "$(bytes)" "*f048ff*"
were=$(bytes)
apply_ok fput
fails "the redirect is there" test "$(bytes)" = "$were"
undo_ok fput
is "it begins as before" "$(bytes)" "$were"
undo_ok version
