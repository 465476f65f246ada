# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# kill -9 of the command at any moment of apply and of undo: `status` shows what is there, and one more apply, or one more
# undo, finishes it. The command is killed before each system call by which it changes something, as nothing tells from
# outside where between two of them it was; then at moments that are spread over its run, in the midst of such a call too, and
# faults-killed has the places where these wait. What a killed apply --replace was asked for is not done by a later one that was not.
# needs: update version
# needs: update uuid
# needs: suture
# needs: program kill-at
# guest: timeout 300

id=$(id_of version)
tool() { /suture/suture "$@" >/tmp/out 2>&1; }
apply() { tool apply --core /suture/suture.ko /suture/version.ko; }
state() { field version state 2>/dev/null || echo absent; }

# shown: status has the update where the core has it, in its state
shown() {
	/suture/suture status >/tmp/status 2>&1 || return 1
	case $(state) in
	absent) ! grep -q "$id" /tmp/status ;;
	*) grep -q "$(state).*$id" /tmp/status ;;
	esac
}

trouble() {
	problems=$((problems + 1))
	note "$moment: $1 in state $(state): $(cat /tmp/out)"
}

# settle VERB: what the killed command has left is finished by an apply, or by an undo if there is something to undo
settle() {
	shown || trouble "status"
	if [ $1 = apply ]; then
		[ "$(state)" = applied ] || apply || trouble "apply"
		grep -q patched /proc/version || trouble "no new code"
	fi
	[ "$(state)" = absent ] || tool undo "$id" || trouble "undo"
	[ "$(state)" = absent ] || trouble "not gone"
	! grep -q patched /proc/version || trouble "new code"
}

# each_call VERB FINISH BEFORE ARGUMENT...: VERB is killed before each such call, BEFORE has run before, FINISH finishes it
each_call() {
	verb=$1 finish=$2 before=$3 nr=0 problems=0 states=
	shift 3
	while :; do
		nr=$((nr + 1))
		$before
		moment="$verb, call $nr"
		at=$(/suture/kill-at $nr /suture/suture $verb "$@")
		[ -n "$at" ] || break
		moment="$moment, $at"
		states="$states $(state)"
		settle $finish
	done
	settle undo
	is "$verb is killed before $((nr - 1)) calls, $finish finishes it" $problems 0
	note "left in these states:$states"
}

without_core() { rmmod suture 2>/dev/null; }
each_call apply apply without_core --core /suture/suture.ko /suture/version.ko
like "before it was applied, and afterwards" "$states" "*absent*applied*"
each_call apply undo without_core --core /suture/suture.ko /suture/version.ko
each_call undo undo apply "$id"
like "before it was undone, before it was unloaded, and afterwards" "$states" "*applied*undone*absent*"
each_call undo apply apply "$id"

# kill_after MICROSECONDS VERB...: of a command; prints whether it was still there
kill_after() {
	delay=$1
	shift
	/suture/suture "$@" >/dev/null 2>&1 &
	usleep "$delay"
	kill -9 $! 2>/dev/null && echo killed
	wait $!
}

# duration COMMAND...: in hundredths of a second
duration() {
	begin=$(tr -d . </proc/uptime | cut -d' ' -f1)
	"$@"
	echo $(($(tr -d . </proc/uptime | cut -d' ' -f1) - begin))
}

apply_ok uuid
# The moments are spread over the time that each takes here, and a little more.
apply_time=$(duration apply)
undo_time=$(duration tool undo "$id")
note "apply takes $apply_time, undo $undo_time hundredths of a second"
problems=0
kills=0
for round in $(seq 1 6); do
	moment="round $round"
	case $((round % 2)) in 0) option=--replace other=superseded ;; *) option='' other=applied ;; esac
	[ -z "$(kill_after $((round * apply_time * 2000)) apply $option /suture/version.ko)" ] || kills=$((kills + 1))
	shown || trouble "status"
	if [ "$(state)" != applied ]; then
		apply || trouble "apply"
		other=applied
	fi
	[ "$(field uuid state)" = $other ] || trouble "the other update is $(field uuid state)"
	grep -q patched /proc/version || trouble "no new code"
	[ -z "$(kill_after $((round * undo_time * 2000)) undo "$id")" ] || kills=$((kills + 1))
	settle undo
	[ "$(field uuid state)" = applied ] || trouble "the other update is $(field uuid state)"
done
is "6 rounds" $problems 0
note "$kills of 12 commands were killed"
ok "some were" test $kills -gt 0
undo_ok uuid
ok "the core can be unloaded" rmmod suture
