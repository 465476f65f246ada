# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# The load of a module fails, and nobody has freed it yet: an update that is loaded now does not take it for present.
# needs: update dummy-stats
# needs: kernel-module dummy
# needs: built-module fail-load

fail=/sys/module/fail_load/parameters
errors() { cat /sys/class/net/dummy0/statistics/rx_errors; }
target() { field dummy-stats targets | grep dummy; }

ok "the core loads" core_load
ok "a load will fail" load fail-load name=dummy
load dummy &
until [ "$(cat $fail/is_held)" = Y ]; do sleep 0.1; done
apply_ok dummy-stats
is "the module is not there" "$(target)" "dummy absent waiting"
echo 1 >$fail/go
fails "its load fails" wait $!
is "it is not there" "$(target)" "dummy absent waiting"
ok "loads succeed again" rmmod fail_load
ok "the module loads" load dummy
is "it is patched" "$(target)" "dummy present applied"
is "it has the new code" "$(errors)" 42
undo_ok dummy-stats
is "undo: it has the old code" "$(errors)" 0
ok "the module is unloaded" rmmod dummy
