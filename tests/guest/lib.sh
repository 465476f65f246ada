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

# load NAME: as insmod; returns the errno
load() {
	/init load "/suture/$1.ko" 2>/dev/null
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

# apply_ok NAME, undo_ok NAME: with all that must be true afterwards
apply_ok() {
	load "$1"
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

finish() {
	[ "$checks" -gt 0 ] || note "the test checked nothing"
	[ "$checks" -gt 0 ] && [ "$failures" = 0 ]
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
