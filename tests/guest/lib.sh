# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What the tests in this folder say inside the guest, by busybox's shell. The runner (tests/tool/guest.c) puts all that a
# test needs into /suture, sources this, then the test, then calls finish. Every check prints one line; the verdict is
# the runner's, after it has read the kernel's log.

S=/sys/kernel/suture
checks=0
failures=0

note() {
	printf '# %s\n' "$*"
}

# verdict RESULT TEXT
verdict() {
	checks=$((checks + 1))
	if [ "$1" = 0 ]; then
		printf 'ok %d - %s\n' "$checks" "$2"
	else
		failures=$((failures + 1))
		printf 'not ok %d - %s\n' "$checks" "$2"
	fi
}

# ok TEXT COMMAND...: the command succeeds
ok() {
	text=$1
	shift
	if "$@"; then verdict 0 "$text"; else verdict 1 "$text"; fi
}

# fails TEXT COMMAND...: the command fails
fails() {
	text=$1
	shift
	if "$@"; then verdict 1 "$text"; else verdict 0 "$text"; fi
}

# is TEXT GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		verdict 0 "$1"
	else
		verdict 1 "$1"
		note "got '$2', wanted '$3'"
	fi
}

# like TEXT GOT PATTERN: as `case` matches
like() {
	# shellcheck disable=SC2254
	case $2 in
	$3) verdict 0 "$1" ;;
	*)
		verdict 1 "$1"
		note "got '$2', wanted '$3'"
		;;
	esac
}

core_load() {
	/init load /suture/suture.ko "$@"
}

# load NAME [OPTIONS]: as insmod; returns the errno
load() {
	/init load "/suture/$1.ko" "${2:-}" 2>/dev/null
}

# The ID of the update made as NAME is in a file beside it.
id_of() {
	cat "/suture/$1.id"
}

field() {
	cat "$S/updates/$(id_of "$1")/$2"
}

# undo NAME: returns the errno
undo() {
	/init write "$S/updates/$(id_of "$1")/undo" 1 2>/dev/null
}

unload() {
	rmmod "$(field "$1" module)" 2>/dev/null
}

# Wait until the load of NAME, which goes on meanwhile, has been tried more than once.
retried() {
	until [ "$(field "$1" tries 2>/dev/null || echo 0)" -gt 1 ]; do sleep 0.2; done
}

last_token() {
	sed 's/: .*//' "$S/last_error"
}

loaded() {
	grep -q "^$1 " /proc/modules
}

# apply_ok NAME [OPTIONS], undo_ok NAME: with all that must be true afterwards
apply_ok() {
	load "$@"
	is "$1: the load succeeds" $? 0
	is "$1: it is applied" "$(field "$1" state)" applied
}

undo_ok() {
	undo "$1"
	is "$1: undo succeeds" $? 0
	is "$1: it is undone" "$(field "$1" state)" undone
	ok "$1: its module can be unloaded" unload "$1"
	fails "$1: nothing of it is left in sysfs" test -e "$S/updates/$(id_of "$1")"
}

# refused NAME ERRNO TOKEN
refused() {
	load "$1"
	is "$1: the load fails with errno $2" $? "$2"
	is "$1: the token is $3" "$(last_token)" "$3"
	note "$(cat $S/last_error)"
	fails "$1: nothing of it is left in sysfs" test -e "$S/updates/$(id_of "$1")"
}

# blocked UPDATE TASK FUNCTION [COMMAND...]: refused, by a load that COMMAND runs, with this task among those that it names:
# "NAME?PID?", or the end of that
blocked() {
	update=$1 who=$2 function=$3
	shift 3
	echo 300 >$S/timeout_ms
	"$@" /init load "/suture/$update.ko" 2>/dev/null
	is "$update: the load fails with EBUSY" $? 16
	like "$update: the message names the task in $function" "$(cat $S/last_error)" "busy: *$who * $function+0x*"
	note "$(cat $S/last_error)"
	echo 10000 >$S/timeout_ms
}

round() {
	for name; do load "$name" || return; done
	for name; do undo "$name" || return; done
}

# rounds NR UPDATE...: load them all and undo them in the same order, over and over, while something else goes on
rounds() {
	rounds=$1
	failed=0
	shift
	for at in $(seq "$rounds"); do
		if ! round "$@"; then
			failed=1
			note "round $at: $(cat $S/last_error)"
			break
		fi
		for name; do unload "$name"; done
	done
	is "$rounds rounds" "$failed" 0
}

# ---- steps of the core that fail: for tests that need `faults` and `program text` ----

F=/sys/kernel/debug/suture_faults

# faults_begin N: of each step the first N times count
faults_begin() {
	# The core's probe stays for a while after a switch. As one of three it changes no code when it comes or goes.
	echo 0 >/sys/kernel/tracing/tracing_on
	echo 1 >/sys/kernel/tracing/events/sched/sched_switch/enable
	ok "the faults are there" /init load /suture/suture_faults.ko
	ranges=$(awk '$3 ~ /^(_stext|_etext|__(start|stop)___jump_table|__(start|stop)_static_call_sites)$/ { at[$3] = $1 }
		END { print at["_stext"], at["_etext"], at["__start___jump_table"], at["__stop___jump_table"],
			at["__start_static_call_sites"], at["__stop_static_call_sites"] }' /proc/kallsyms)
	times=$1
}

# All that a failure may not change: code, modules and their use counts, sysfs, what the core holds. $moving: modules that
# are loaded anew, "-NAME". Memory for the next switch is kept for a while.
snapshot() {
	# shellcheck disable=SC2086
	/suture/text $ranges ${moving:-}
	cut -d' ' -f1-4 /proc/modules | sort
	ls -R $S 2>/dev/null
	grep -s '' $S/updates/*/state $S/updates/*/targets $S/updates/*/superseded_by
	grep -v notes $F/held
}

# unchanged TEXT: since /tmp/before
unchanged() {
	snapshot >/tmp/after
	cmp -s /tmp/before /tmp/after && return
	is "$1" "$(diff /tmp/before /tmp/after)" ""
}

# A failure has a reason that a person can read.
said() {
	if [ -e $S/last_error ]; then test -s $S/last_error; else dmesg | tail -n 1 | grep -q 'suture: core: '; fi
}

# try COMMAND: with the next step failing; sets result and step
try() {
	echo 1 >$F/step
	$1
	result=$?
	step=$(cat $F/step)
	echo 0 >$F/step
}

# each NAME COMMAND BACK: COMMAND with each of its steps failing in turn. All is as before, and the next time it comes past
# that step; in the end it works. BACK takes back what a failed step did not stop.
each() {
	nr=0
	echo "$times" >$F/round
	$2
	$3
	snapshot >/tmp/before
	while try "$2" && [ "$step" != - ]; do
		nr=$((nr + 1))
		if [ $result = 0 ]; then
			note "$1: did without $step"
			$3
		else
			said || ok "$1: $step: a reason is given" false
		fi
		unchanged "$1: $step failed with $result"
	done
	is "$1: works when no step fails" $result 0
	$3
	unchanged "$1: all is as before"
	ok "$1: $nr steps failed, one at a time" test $nr -gt 0
}

# In the end: no fault has lost anything.
faults_end() {
	ok "the core can be unloaded" rmmod suture
	is "nothing is held" "$(grep -v ' 0$' $F/held)" ""
	is "nothing of it is left" "$(ls $S 2>/dev/null)" ""
	faults_list
}

# Into the log: the steps that failed.
faults_list() {
	sort -u $F/failed | sed 's/^/# failed /'
}

# What kmemleak has to say: it reports what is five seconds old and has not changed since it was last asked.
lost() {
	sleep 6
	for _ in 1 2; do
		echo scan >/sys/kernel/debug/kmemleak || echo "kmemleak has given up"
	done
	cat /sys/kernel/debug/kmemleak
}

# What a kernel with debugging tools (./check debug) does not say by itself. Lockdown forbids to read kmemleak's file.
watched() {
	[ ! -r /proc/lockdep_stats ] || ok "lockdep has not given up" grep -q '^ debug_locks: *1$' /proc/lockdep_stats
	cat /sys/kernel/debug/kmemleak >/dev/null 2>&1 || return 0
	is "no memory is lost" "$(lost)" ""
}

finish() {
	[ "$checks" -gt 0 ] || verdict 1 "the test checks something"
	watched
	[ "$failures" = 0 ]
}

# first_of NAME...: what this kernel calls a function that others call otherwise
first_of() {
	for name in "$@"; do
		grep -q " [tT] $name\$" /proc/kallsyms && echo "$name" && return
	done
}

# hold MUTEX: of the kernel, until let_go; for tests that have loaded hold-mutex
hold() {
	echo "0x$(awk -v name="$1" '$3 == name { print $1 }' /proc/kallsyms)" >/sys/module/hold_mutex/parameters/mutex
}

let_go() {
	echo 0 >/sys/module/hold_mutex/parameters/mutex
}

# What the trigger of patches/vsock-buffer.patch says: 1, the flaw is there, 0, it is not. 6.12 has had the fix from the
# start; there the patch takes it back, and what is there before the update is what the update takes away all the same.
trigger() {
	/suture/vsock-buffer >/tmp/out
	result=$?
	case $(uname -r) in
	6.12.*) echo $((1 - result)) ;;
	*) echo $result ;;
	esac
}

# live_on FUNCTION, live_off: a livepatch module replaces it, until then.
live_on() {
	/init load /suture/klp.ko "of=$1" || return
	live=/sys/kernel/livepatch/klp
	until [ "$(cat "$live/transition")" = 0 ]; do sleep 0.2; done
}

live_off() {
	echo 0 >"$live/enabled"
	while [ -e "$live" ]; do sleep 0.2; done
	rmmod klp
}
