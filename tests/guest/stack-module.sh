# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Two updates of one function of a module, the second made on the first: the module comes and goes under them, also while
# they are superseded.
# needs: update dummy-queue
# needs: update dummy-queue-2 on dummy-queue
# needs: update version
# needs: kernel-module dummy

queue() {
	ip link add d1 type dummy
	cat /sys/class/net/d1/tx_queue_len
	ip link del d1
}
state() { field $1 targets | grep ^dummy; }

ok "the core loads" core_load
apply_ok dummy-queue
apply_ok dummy-queue-2
is "the module is waited for by both" "$(state dummy-queue), $(state dummy-queue-2)" \
	"dummy absent waiting, dummy absent waiting"
ok "the module comes" load dummy
is "its init ran the second's code" "$(cat /sys/class/net/dummy0/tx_queue_len)" 177
is "it counts in the first's variable" "$(queue)" 178
undo dummy-queue
is "the first cannot be undone" "$? $(last_token)" "16 undo-first"
ok "the module goes" rmmod dummy
ok "and comes again" load dummy
is "the first's variable began anew" "$(cat /sys/class/net/dummy0/tx_queue_len)" 177
undo dummy-queue-2
is "undo of the second" $? 0
is "the first runs" "$(queue)" 78
ok "the second is unloaded" unload dummy-queue-2
apply_ok dummy-queue-2
is "applied to a module that is there" "$(queue)" 179

apply_ok version replace=1
is "both are superseded" "$(field dummy-queue state) $(field dummy-queue-2 state)" "superseded superseded"
is "the module is as it was" "$(queue)" 1000
ok "the module goes" rmmod dummy
undo_ok version
is "both are back, without it" "$(field dummy-queue state) $(state dummy-queue-2)" "applied dummy absent waiting"
ok "the module comes" load dummy
is "and is patched" "$(queue)" 178
ok "the module goes" rmmod dummy
apply_ok version replace=1
ok "the module comes while they are superseded" load dummy
is "and is left alone" "$(queue)" 1000
undo_ok version
like "it is patched by the undo" "$(queue)" "17?"
undo_ok dummy-queue-2
like "the first runs" "$(queue)" "??"
undo_ok dummy-queue
is "the module is as it was" "$(queue)" 1000
