# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# A module is being unloaded, and its exit waits: its code still runs, and an undo still takes the redirects out of it.
# needs: update dummy-stats
# needs: update three-targets
# needs: kernel-module dummy
# needs: built-module hold-mutex

errors() { cat /sys/class/net/dummy0/statistics/rx_errors; }

ok "the core loads" core_load
ok "the module loads" load dummy
is "it has the old code" "$(errors)" 0
apply_ok three-targets
apply_ok dummy-stats
is "it has the new code" "$(errors)" 42
ok "the holder loads" load hold-mutex
ok "its exit will have to wait" hold rtnl_mutex
rmmod dummy &
until [ "$(cat /sys/module/dummy/initstate)" = going ]; do sleep 0.1; done
undo_ok three-targets
is "undo of another update of it: the new code works" "$(errors)" 42
undo_ok dummy-stats
is "undo: it has the old code" "$(errors)" 0
ok "its exit goes on" let_go
wait
fails "it is unloaded" loaded dummy
