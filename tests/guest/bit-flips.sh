# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A bit flipped anywhere in the tables: the update is refused, or the bit did not matter; the kernel stays well.
# needs: update version
# needs: variant f00 = version flip .suture 0%
# needs: variant f03 = version flip .suture 3%
# needs: variant f06 = version flip .suture 6%
# needs: variant f09 = version flip .suture 9%
# needs: variant f12 = version flip .suture 12%
# needs: variant f15 = version flip .suture 15%
# needs: variant f18 = version flip .suture 18%
# needs: variant f21 = version flip .suture 21%
# needs: variant f24 = version flip .suture 24%
# needs: variant f27 = version flip .suture 27%
# needs: variant f30 = version flip .suture 30%
# needs: variant f33 = version flip .suture 33%
# needs: variant f36 = version flip .suture 36%
# needs: variant f39 = version flip .suture 39%
# needs: variant f42 = version flip .suture 42%
# needs: variant f45 = version flip .suture 45%
# needs: variant f48 = version flip .suture 48%
# needs: variant f51 = version flip .suture 51%
# needs: variant f54 = version flip .suture 54%
# needs: variant f57 = version flip .suture 57%
# needs: variant f60 = version flip .suture 60%
# needs: variant f63 = version flip .suture 63%
# needs: variant f66 = version flip .suture 66%
# needs: variant f69 = version flip .suture 69%
# needs: variant f72 = version flip .suture 72%
# needs: variant f75 = version flip .suture 75%
# needs: variant f78 = version flip .suture 78%
# needs: variant f81 = version flip .suture 81%
# needs: variant f84 = version flip .suture 84%
# needs: variant f87 = version flip .suture 87%
# needs: variant f90 = version flip .suture 90%
# needs: variant f93 = version flip .suture 93%
# needs: variant f96 = version flip .suture 96%
# needs: variant f99 = version flip .suture 99%
# needs: variant h024 = version flip .suture 24
# needs: variant h032 = version flip .suture 32
# needs: variant h036 = version flip .suture 36
# needs: variant h040 = version flip .suture 40
# needs: variant h048 = version flip .suture 48
# needs: variant h056 = version flip .suture 56
# needs: variant h064 = version flip .suture 64
# needs: variant h072 = version flip .suture 72
# needs: variant h080 = version flip .suture 80
# needs: variant h088 = version flip .suture 88
# needs: variant h096 = version flip .suture 96
# needs: variant h104 = version flip .suture 104
# needs: variant h112 = version flip .suture 112
# expect: Invalid relocation target

ok "the core loads" core_load
refusals=0
for file in /suture/[fh][0-9]*.ko; do
	name=$(basename "$file" .ko)
	if load "$name"; then
		id=$(ls $S/updates)
		/init write "$S/updates/$id/undo" 1
		is "$name: taken, and undone" $? 0
		rmmod "$(cat "$S/updates/$id/module")"
	else
		refusals=$((refusals + 1))
		ok "$name: refused with a token" test -n "$(last_token)"
		is "$name: nothing is left" "$(ls $S/updates)" ""
	fi
	fails "the original runs" grep -q patched /proc/version
done
note "$refusals were refused"
ok "some were refused" test $refusals -gt 10
apply_ok version
undo_ok version
