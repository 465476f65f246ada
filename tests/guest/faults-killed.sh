# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Whatever waits, for a thread or for another operation, ends when its process is killed, and all is as before: an apply, an
# undo, the load of a module that an update changes.
# needs: faults
# needs: update pipe
# needs: update version
# needs: update version-again
# needs: update dummy-queue
# needs: kernel-module dummy
# needs: program pipe
# needs: program text

sleeper_begin() {
	/suture/pipe sleep &
	sleeper=$!
	sleep 0.5
}
sleeper_end() {
	kill $sleeper
	wait $sleeper 2>/dev/null
}

# What is killed must be the process itself, not a shell that waits for it.
undo_of() { echo "$S/updates/$(id_of "$1")/undo"; }

# waiting NAME: until its switch has failed once, as a thread is in the way
waiting() {
	for _ in $(seq 100); do
		[ "$(field $1 tries 2>/dev/null || echo 0)" -lt 2 ] || return 0
		sleep 0.1
	done
	return 1
}

# killed TEXT PID: it ends at once
killed() {
	begin=$(cut -d. -f1 /proc/uptime)
	kill -9 $2
	wait $2 2>/dev/null
	is "$1: it is killed" $? 137
	ok "$1: at once" test $(($(cut -d. -f1 /proc/uptime) - begin)) -lt 20
}

# interrupted TEXT PID: and for that reason; all is as before
interrupted() {
	killed "$1" $2
	is "$1: the token says so" "$(last_token)" interrupted
	unchanged "$1: all is as before"
}

# queued TEXT COMMAND...: killed while it waits for the operation before it
queued() {
	label=$1
	shift
	"$@" >/dev/null 2>&1 &
	behind=$!
	sleep 1
	killed "$label" $behind
	is "$label: the token says so" "$(last_token)" interrupted
}

faults_begin 0
ok "the core loads" core_load timeout_ms=600000
apply_ok version
apply_ok dummy-queue
sleeper_begin
snapshot >/tmp/before
/init load /suture/pipe.ko 2>/dev/null &
pid=$!
ok "apply waits" waiting pipe
queued "a load behind it" /init load /suture/version-again.ko
queued "an undo behind it" /init write "$(undo_of version)" 1
queued "a module behind it" /init load /suture/dummy.ko
interrupted "apply" $pid
sleeper_end
apply_ok pipe
snapshot >/tmp/before
sleeper_begin
/init write "$(undo_of pipe)" 1 2>/dev/null &
pid=$!
ok "undo waits" waiting pipe
queued "a module behind it" /init load /suture/dummy.ko
interrupted "undo" $pid
is "it is still applied" "$(field pipe state)" applied
sleeper_end
undo_ok pipe
ok "the module loads" load dummy
is "and is patched" "$(cat /sys/class/net/dummy0/tx_queue_len)" 77
undo_ok version
undo_ok dummy-queue
faults_end
