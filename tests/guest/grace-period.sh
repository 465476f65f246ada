# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A grace period of Tasks RCU, for which a switch waits first, does not end: apply and undo give up in time and name the
# thread that holds it, and a wait for it can be killed. Once the holder has gone all is as ever.
# needs: update version
# needs: built-module hold-grace

uptime_cs() { tr -d . </proc/uptime | cut -d' ' -f1; }

# within SECONDS TEXT COMMAND...: it ends in time, whatever it returns
within() {
	limit=$1
	what=$2
	shift 2
	begin=$(uptime_cs)
	"$@"
	took=$(($(uptime_cs) - begin))
	note "$what: $took hundredths of a second"
	ok "$what ends in time" test $took -lt $((limit * 100))
}

hold() { /init load /suture/hold-grace.ko; }

apply_gives_up() {
	refused version 110 grace-period
	like "the holder is named" "$(cat $S/last_error)" "grace-period: suture-holder?*"
}

undo_gives_up() {
	undo version
	is "undo fails with ETIMEDOUT" $? 110
	is "the token is grace-period" "$(last_token)" grace-period
	is "it is still applied" "$(field version state)" applied
}

ok "the core loads" core_load
ok "a grace period is held" hold
# one try: what it waits for first has a few seconds
echo 0 >$S/timeout_ms
within 60 "apply" apply_gives_up
fails "the original runs" grep -q patched /proc/version

note "again, while the first grace period is still going on; killed"
echo 600000 >$S/timeout_ms
/init load /suture/version.ko 2>/dev/null &
waiting=$!
until [ -e "$S/updates/$(id_of version)" ]; do sleep 0.2; done
sleep 1
ok "it waits" test -d "$S/updates/$(id_of version)"
kill -9 $waiting
within 60 "the killed load" wait $waiting
is "the token is interrupted" "$(last_token)" interrupted
fails "nothing of it is left in sysfs" test -e "$S/updates/$(id_of version)"
fails "the original runs" grep -q patched /proc/version

note "the core goes while it is still going on"
(sleep 1; rmmod hold_grace) &
ok "the core can be unloaded" rmmod suture
ok "and loaded" core_load
apply_ok version
ok "the replacement runs" grep -q patched /proc/version

ok "a grace period is held" hold
echo 0 >$S/timeout_ms
within 60 "undo" undo_gives_up
ok "the holder goes" rmmod hold_grace
undo_ok version
fails "the original runs" grep -q patched /proc/version
