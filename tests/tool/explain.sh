#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# explain and create --explain: what is in an update, what is not, and why; short for people, complete in JSON. Of a patch, of one
# that is refused, and of an update's file.

. tests/tool/lib/tap.sh

P=tests/guest/patches
SOURCE=$("$SUTURE" prepare --release "$RELEASE" --json 2>/dev/null | sed -n 's/^ *"source": *"\(.*\)",*$/\1/p')

# has WORD...: the last run's output
has() {
	local word

	for word in "$@"; do
		ok "it says '$word'" grep -qF -- "$word" "$T/out"
	done
}

# json TEXT EXPRESSION: of the last run's output, as d; f, o: functions and objects of the first unit by name
json() {
	python3 - "$T/out" "$2" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
u = (d.get("explained") or [{"functions": [], "objects": []}])[0]
f = {x["name"]: x for x in u["functions"]}
o = {x["name"]: x for x in u["objects"]}
sys.exit(not eval("(" + sys.argv[2] + ")"))
END
	verdict $? "$1"
}

exits 0 "explain" explain --release "$RELEASE" "$P/version-state.patch"
has "replaced  version_proc_show" "new       version_count" "new       version_reads_limit" "58 bytes before" \
	"fs/proc/version.c:25: {" "linux_proc_banner" "are exported"
ok "it fits on a terminal" test "$(wc -l <"$T/out")" -le 24
ok "what stays the same is counted only" test "$(grep -c proc_version_init "$T/out")" = 0
exits 0 "explain --all" explain --all --release "$RELEASE" "$P/version-state.patch"
has "same      proc_version_init" "uses seq_printf (exported)"

exits 0 "explain --json" explain --json --release "$RELEASE" "$P/version-state.patch"
json "verdicts" "f['version_proc_show']['verdict'] == 'replaced' and f['version_count']['verdict'] == 'new' and
	f['proc_version_init']['verdict'] == 'same' and o['version_reads_limit']['verdict'] == 'new'"
json "all have a reason and rules" "all(x['meaning'] and 'discounted' in x for x in u['functions'] + u['objects'])"
json "the first instruction before and after, with lines" "f['version_proc_show']['before'] and
	f['version_proc_show']['after_source'] == {'file': 'fs/proc/version.c', 'line': 25, 'text': '{'}"
json "symbols with proofs" "{x['name']: x['proof'] for x in f['version_proc_show']['uses']}.items() >=
	{'linux_proc_banner': 'field', 'seq_printf': 'exported'}.items()"
json "only those that it uses" "'linux_proc_banner' not in [x['name'] for x in f['version_count']['uses']]"

exits 0 "create --explain" create --explain --release "$RELEASE" -o "$T/a.ko" "$P/version-state.patch"
has "replaced  version_proc_show" "fs/proc/version.c:25: {" "1 replaced, 1 new"

mv "$T/a.ko" "$T/update"
exits 0 "explain an update, whatever it is called" explain "$T/update"
has "replaced  version_proc_show (fs/proc/version.o, vmlinux): 58 bytes" "linux_proc_banner" "are exported"
exits 0 "explain an update --json" explain --json "$T/update"
json "its functions and symbols" "[x['name'] for x in d['functions']] == ['version_proc_show'] and
	{x['name']: x['proof'] for x in d['symbols']}.items() >= {'linux_proc_banner': 'field', 'seq_printf': 'exported'}.items()"
json "what is matched" "any(x['section'] == '.text' and x['bytes'] for x in d['matched'])"
head -c 3000 "$T/update" >"$T/damaged"
exits 10 "explain half an update" explain "$T/damaged"

# Only an entry of a table says something else: of the same instruction.
sed 's/if (WARN_ON(unroll > MAX_RW_COUNT))/if (WARN_ON_ONCE(unroll > MAX_RW_COUNT))/' "$SOURCE/lib/iov_iter.c" >"$T/edited"
diff -u --label a/lib/iov_iter.c --label b/lib/iov_iter.c "$SOURCE/lib/iov_iter.c" "$T/edited" >"$T/p.patch"
exits 0 "explain a change of a table" explain --json --release "$RELEASE" "$T/p.patch"
json "the instruction that the entry is about" "f['iov_iter_revert']['why'] == '__bug_table' and
	f['iov_iter_revert']['before'] == f['iov_iter_revert']['after'] == 'ud2' and f['iov_iter_revert']['offset'] > 0"

# Only the .cold part says something else.
sed 's/%s: string parameter too long/%s: the string parameter is too long/' "$SOURCE/kernel/params.c" >"$T/edited"
diff -u --label a/kernel/params.c --label b/kernel/params.c "$SOURCE/kernel/params.c" "$T/edited" >"$T/p.patch"
exits 0 "explain a change of a .cold part" explain --json --release "$RELEASE" "$T/p.patch"
json "the instruction there" "f['param_set_charp']['why'] == 'cold part' and
	f['param_set_charp']['part']['name'] == 'param_set_charp.cold' and 'too long' in f['param_set_charp']['part']['after']"

# A header: what includes it and comes out the same is named.
echo '#define SUTURE_TEST 1' | cat "$SOURCE/lib/kstrtox.h" - >"$T/edited"
diff -u --label a/lib/kstrtox.h --label b/lib/kstrtox.h "$SOURCE/lib/kstrtox.h" "$T/edited" >"$T/p.patch"
sed 's/(val & 0x0f) +/(val \& 0x0f) + 1 +/' "$SOURCE/lib/bcd.c" >"$T/edited"
diff -u --label a/lib/bcd.c --label b/lib/bcd.c "$SOURCE/lib/bcd.c" "$T/edited" >>"$T/p.patch"
exits 0 "explain a header that changes no code" explain --json --release "$RELEASE" "$T/p.patch"
json "the units that come out the same" "'lib/kstrtox.o' in d['same_units'] and list(f) == ['_bcd2bin', '_bin2bcd']"

# Refused: explained all the same. A line number is looked past.
sed 's/"0123456789abcdef"/"0123456789abcdeF"/' "$SOURCE/lib/hexdump.c" >"$T/edited"
diff -u --label a/lib/hexdump.c --label b/lib/hexdump.c "$SOURCE/lib/hexdump.c" "$T/edited" >"$T/p.patch"
exits 6 "explain what is refused" explain --json --release "$RELEASE" "$T/p.patch"
json "the object" "o['hex_asc']['verdict'] == 'changed' and o['hex_asc']['why'] == 'bytes' and o['hex_asc']['offset'] == 15"
json "the token" "[x['token'] for x in d['diagnostics']].count('changed-initialiser') == 1"
finish
