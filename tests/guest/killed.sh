# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# kill -9 of the command at any moment of apply and of undo: `status` shows what is there, and one more apply or undo
# finishes it. What a killed apply --replace was asked for is not done by a later one that was not.
# needs: update version
# needs: update uuid
# needs: suture
# guest: timeout 240

id=$(id_of version)
tool() { /suture/suture "$@" >/tmp/out 2>&1; }
state() { field version state 2>/dev/null || echo absent; }

# kill_after MICROSECONDS VERB...: of a command; prints whether it was still there
kill_after() {
	delay=$1
	shift
	/suture/suture "$@" >/dev/null 2>&1 &
	usleep "$delay"
	kill -9 $! 2>/dev/null && echo killed
	wait $!
}

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
	note "round $round: $1 in state $(state): $(cat /tmp/out)"
}

# duration COMMAND...: in hundredths of a second
duration() {
	begin=$(tr -d . </proc/uptime | cut -d' ' -f1)
	"$@"
	echo $(($(tr -d . </proc/uptime | cut -d' ' -f1) - begin))
}

ok "the core loads" core_load
apply_ok uuid
# The moments are spread over the time that each takes here, and a little more.
apply_time=$(duration tool apply /suture/version.ko)
undo_time=$(duration tool undo "$id")
note "apply takes $apply_time, undo $undo_time hundredths of a second"
problems=0
kills=0
after_apply=
after_undo=
for round in $(seq 1 15); do
	case $((round % 2)) in 0) option=--replace other=superseded ;; *) option='' other=applied ;; esac
	[ -z "$(kill_after $((round * apply_time * 800)) apply $option /suture/version.ko)" ] || kills=$((kills + 1))
	after_apply="$after_apply $(state)"
	shown || trouble "status"
	if [ "$(state)" != applied ]; then
		tool apply /suture/version.ko || trouble "apply"
		other=applied
	fi
	[ "$(field uuid state)" = $other ] || trouble "the other update is $(field uuid state)"
	grep -q patched /proc/version || trouble "no new code"
	[ -z "$(kill_after $((round * undo_time * 800)) undo "$id")" ] || kills=$((kills + 1))
	after_undo="$after_undo $(state)"
	shown || trouble "status"
	case $((round % 2))$(state) in
	?absent) ;;
	# what was undone and not unloaded can be applied again too
	1undone)
		tool apply /suture/version.ko || trouble "apply"
		tool undo "$id" || trouble "undo"
		;;
	*) tool undo "$id" || trouble "undo" ;;
	esac
	[ "$(state)" = absent ] || trouble "not gone"
	! grep -q patched /proc/version || trouble "new code"
	[ "$(field uuid state)" = applied ] || trouble "the other update is $(field uuid state)"
done
is "15 rounds" $problems 0
note "$kills of 30 commands were killed; after apply:$after_apply; after undo:$after_undo"
like "apply was killed before it was applied" "$after_apply" "*absent*"
like "and afterwards" "$after_apply" "*applied*"
like "undo was killed before it was undone" "$after_undo" "*applied*"
fails "and afterwards" test -z "$(echo "$after_undo" | sed 's/ applied//g')"
undo_ok uuid
ok "the core can be unloaded" rmmod suture
