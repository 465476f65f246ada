# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# One update takes the place of all that are applied, in one stop; undone, it brings back just what was there.
# needs: update version
# needs: update version-again
# needs: update uuid
# needs: update two-units
# needs: update dummy-queue
# needs: kernel-module dummy

replace() { load "$1" replace=1; }

queue() { cat /sys/class/net/dummy0/tx_queue_len; }
version() { cut -d' ' -f1 /proc/version; }
uuid() { cut -c15 /proc/sys/kernel/random/uuid; }

ok "the core loads" core_load
apply_ok version
apply_ok uuid
apply_ok dummy-queue
ok "its module comes" load dummy
is "and is patched" "$(queue)" 77
refused version-again 114 already-redirected
load version-again "replace=1 timeout_ms=x"
is "a request that is not understood" $? 22
refused version-again 114 already-redirected
replace version-again
is "replacing succeeds" $? 0
is "it is applied" "$(field version-again state)" applied
for name in version uuid dummy-queue; do
	is "$name is superseded" "$(field $name state)" superseded
	is "$name says by whom" "$(field $name superseded_by)" "$(id_of version-again)"
	undo $name
	is "$name cannot be undone by itself" $? 16
	is "and the token says so" "$(last_token)" undo-first
	like "the message names the one to undo first" "$(cat $S/last_error)" "*$(id_of version-again)*"
	fails "$name stays in memory" unload $name
done
is "the function of both is the second's" "$(version)" "[again]"
is "the function of the first only is the kernel's" "$(uuid)" 4
ip link add d1 type dummy
is "the module's is the module's own" "$(cat /sys/class/net/d1/tx_queue_len)" 1000
ip link del d1
apply_ok two-units
undo version-again
is "undo brings all back" $? 0
is "version is applied" "$(field version state)" applied
is "nobody has superseded it" "$(field version superseded_by)" ""
is "uuid is applied" "$(field uuid state)" applied
is "the first's replacement runs" "$(version)" "[patched]"
is "and the other one" "$(uuid)" 7
ok "what was applied since still runs" grep -q '^\[both\]' /proc/loadavg
undo_ok two-units

# the module goes and comes while its update is superseded
unload version-again
ok "the module goes" rmmod dummy
replace version-again
is "replacing succeeds again" $? 0
ok "the module comes" load dummy
is "and is left alone" "$(queue)" 1000
undo version-again
is "undo" $? 0
is "the module is patched by it" "$(field dummy-queue targets | grep dummy)" "dummy present applied"
ip link add d1 type dummy
like "and runs the new code" "$(cat /sys/class/net/d1/tx_queue_len)" "7?"
ip link del d1
unload version-again

# what comes back must not meet what was applied since
replace two-units
is "one with other functions" $? 0
apply_ok version-again
undo two-units
is "what would come back is in use by another" $? 16
is "and the token says so" "$(last_token)" undo-first
like "the message names it" "$(cat $S/last_error)" "*$(id_of version-again)*"
is "nothing has changed" "$(version)" "[again]"
is "the state neither" "$(field version state) $(field two-units state)" "superseded applied"
undo_ok version-again
undo_ok two-units
is "all are back" "$(version) $(uuid)" "[patched] 7"
undo_ok uuid
undo_ok version
undo_ok dummy-queue
is "nothing is left" "$(version) $(uuid)" "Linux 4"
