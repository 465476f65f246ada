#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# try: the command's three runs and its verdict; one that stands on another; an update that does not apply, and a kernel that dies, are failures.

. tests/tool/lib/tap.sh

"$SUTURE" create -q --release "$RELEASE" -o "$T/a.ko" tests/guest/patches/version.patch || exit 1

exits 0 "a good update" try "$T/a.ko" -- sh -c 'grep -c patched /proc/version'
is "before" "$(sed -n 's/^before *//p' "$T/out")" "exit code 1: 0"
is "applied" "$(sed -n 's/^applied *//p' "$T/out")" "exit code 0: 1"
is "undone" "$(sed -n 's/^undone *//p' "$T/out")" "exit code 1: 0"
ok "apply says functions, pause and time" grep -qE '^apply *1 function.*pause [0-9.]+ us.* s$' "$T/out"

exits 0 "--json, and a module of the kernel" try --json --need btrfs "$T/a.ko" -- grep -q '^blake2b_generic ' /proc/modules
ok "it is JSON" python3 -m json.tool "$T/out" /dev/null
ok "what modprobe would load before it, by another name, is there" python3 -c '
import json, sys
sys.exit(json.load(open(sys.argv[1]))["steps"]["before"]["exit_code"])' "$T/out"

printf 'int main(void) { return 7; }\n' >"$T/seven.c"
gcc -static -o "$T/seven" "$T/seven.c" || exit 1
exits 0 "a program of the host" try "$T/a.ko" -- "$T/seven" "an argument with 'quotes'"
ok "its exit code is shown" grep -q '^before *exit code 7' "$T/out"

exits 1 "a command of which the kernel complains" try "$T/a.ko" -- sh -c 'echo "BUG: not a real one" >/dev/kmsg'
says "try-failed" "BUG: not a real one" "hint: "

exits 10 "a command that crashes the kernel" try "$T/a.ko" -- sh -c 'echo c >/proc/sysrq-trigger'
says "guest-failed" "Kernel panic"

P=tests/guest/patches
"$SUTURE" create -q --release "$RELEASE" -o "$T/1.ko" $P/stack-1.patch || exit 1
"$SUTURE" create -q --release "$RELEASE" -o "$T/2.ko" --on $P/stack-1.patch $P/stack-2.patch || exit 1
exits 0 "an update that stands on another" try --on "$T/1.ko" "$T/2.ko" -- cut -c1-3 /proc/version
is "before: the other's code" "$(sed -n 's/^before *//p' "$T/out")" "exit code 0: [1:"
is "applied: its code" "$(sed -n 's/^applied *//p' "$T/out")" "exit code 0: [2:"
is "undone: the other's code" "$(sed -n 's/^undone *//p' "$T/out")" "exit code 0: [1:"
exits 8 "without the other" try "$T/2.ko"
says "base-absent" "version_proc_show"

"$SUTURE" create -q --release "$RELEASE" -o "$T/stays.ko" --on $P/stack-1.patch $P/stack-kept.patch || exit 1
exits 0 "an update that stays in memory, and so holds the other" try --on "$T/1.ko" "$T/stays.ko" -- cut -c1-3 /proc/version
is "it is undone" "$(sed -n 's/^undone *//p' "$T/out")" "exit code 0: [1:"

# A bit of pre: offset 70 of .init.text is behind the update's own init function.
python3 - "$T/a.ko" "$T/bad.ko" <<'END'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
shoff, = struct.unpack_from("<Q", data, 40)
shnum, shstrndx = struct.unpack_from("<HH", data, 60)
sections = [struct.unpack_from("<IIQQQQIIQQ", data, shoff + 64 * i) for i in range(shnum)]
names = sections[shstrndx][4]
for s in sections:
    if data[names + s[0]:].startswith(b".init.text\0"):
        data[s[4] + 70] ^= 0x40
open(sys.argv[2], "wb").write(data)
END
exits 7 "an update of other code" try "$T/bad.ko" -- true
says "bytes-differ" "version_proc_show"
exits 10 "no such core" try --core "$T/none.ko" "$T/a.ko"
finish
