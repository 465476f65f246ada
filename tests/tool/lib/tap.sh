# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tests of the command: checks that print a line each, and a folder that goes away at the end.

checks=0
failures=0
SUTURE=${SUTURE:-build/suture}
RELEASE=${RELEASE:-6.1.0-47-cloud-amd64}
T=$(mktemp -d "${TMPDIR:-/tmp}/suture-tool-XXXXXX") || exit 2
trap 'rm -rf "$T"' EXIT

# verdict RESULT TEXT
verdict() {
	checks=$((checks + 1))
	if [ "$1" = 0 ]; then
		echo "ok $checks - $2"
	else
		failures=$((failures + 1))
		echo "not ok $checks - $2"
	fi
}

# ok TEXT COMMAND...
ok() {
	local text=$1

	shift
	"$@"
	verdict $? "$text"
}

# is TEXT GOT WANTED
is() {
	[ "$2" = "$3" ]
	verdict $? "$1"
	[ "$2" = "$3" ] || printf '# got %q, wanted %q\n' "$2" "$3"
}

# exits CODE TEXT ARGUMENTS...: runs suture; what it prints is in $T/out and $T/err
exits() {
	local want=$1 text=$2 code

	shift 2
	"$SUTURE" "$@" >"$T/out" 2>"$T/err" </dev/null
	code=$?
	is "$text: exit code $want" $code "$want"
	[ $code = "$want" ] || sed 's/^/# /' "$T/err"
}

# says WORD...: the last run's messages have them
says() {
	local word

	for word in "$@"; do
		grep -qF -- "$word" "$T/err"
		verdict $? "the message has '$word'"
		grep -qF -- "$word" "$T/err" || sed 's/^/# /' "$T/err"
	done
}

finish() {
	echo "1..$checks"
	[ "$failures" = 0 ] && [ "$checks" -gt 0 ]
	exit
}
