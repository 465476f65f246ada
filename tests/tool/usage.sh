#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line: help of every verb, wrong usage, JSON that agrees with the exit code. No kernel is needed.

. tests/tool/lib/tap.sh

verbs() {
	"$SUTURE" help | awk '/^verbs:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

ok "there are verbs" test "$(verbs | wc -l)" -ge 7
for verb in $(verbs); do
	exits 0 "help $verb" help "$verb"
	ok "help $verb shows its usage" grep -q "^usage: suture $verb" "$T/out"
	exits 2 "$verb --nonsense" "$verb" --nonsense
	says "[usage]"
	ok "$verb has a man page" test -e "docs/man/suture-$verb.1"
done
exits 2 "no verb"
exits 2 "a verb that is none" frobnicate
says "[usage]"
exits 0 "--version" --version
ok "the version is that of the file VERSION" grep -qF "$(cat VERSION)" "$T/out"
exits 0 "help messages" help messages

for verb in create verify apply undo show try; do
	exits 2 "$verb without its argument" "$verb"
	says "[usage]" "hint: "
done

exits 10 "a file that is not there" show "$T/none.ko"
says "file-unreadable" "$T/none.ko"
echo "this is no module" >"$T/text.ko"
exits 10 "a file that is no module" show "$T/text.ko"
says "elf-damaged"
exits 10 "the same with --json" show --json "$T/text.ko"
ok "it is JSON" python3 -m json.tool "$T/out" /dev/null
is "the status is the exit code" "$(sed -n 's/.*"status": *\([0-9]*\).*/\1/p' "$T/out")" 10
ok "the token is in it" grep -q '"token": *"elf-damaged"' "$T/out"
ok "nothing is printed beside it" test ! -s "$T/err"

exits 10 "a kernel that no package source has" prepare --cache "$T/cache" --release 1.2.3-none
says "package-unavailable" "linux-image-1.2.3-none" "hint: "

exits 0 "status without a core" status
exits 2 "undo of nothing" undo nothing
says "not-applied"
exits 2 "undo of a name that is none" undo ..
finish
