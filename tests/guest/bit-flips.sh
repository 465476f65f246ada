# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A bit flipped anywhere in the tables: the update is refused, or the bit did not matter; the kernel stays well.
# needs: update version
# needs: variant f16 = version flip .suture 16
# needs: variant f40 = version flip .suture 40
# needs: variant f64 = version flip .suture 64
# needs: variant f88 = version flip .suture 88
# needs: variant f112 = version flip .suture 112
# needs: variant f136 = version flip .suture 136
# needs: variant f160 = version flip .suture 160
# needs: variant f184 = version flip .suture 184
# needs: variant f208 = version flip .suture 208
# needs: variant f232 = version flip .suture 232
# needs: variant f256 = version flip .suture 256
# needs: variant f280 = version flip .suture 280
# needs: variant f304 = version flip .suture 304
# needs: variant f328 = version flip .suture 328
# needs: variant f352 = version flip .suture 352
# needs: variant f376 = version flip .suture 376
# needs: variant f400 = version flip .suture 400
# needs: variant f424 = version flip .suture 424
# needs: variant f448 = version flip .suture 448
# needs: variant f472 = version flip .suture 472
# needs: variant f496 = version flip .suture 496
# needs: variant f520 = version flip .suture 520
# needs: variant f544 = version flip .suture 544
# needs: variant f568 = version flip .suture 568
# needs: variant f592 = version flip .suture 592
# needs: variant f616 = version flip .suture 616
# needs: variant f640 = version flip .suture 640
# needs: variant f664 = version flip .suture 664
# needs: variant f688 = version flip .suture 688
# needs: variant f712 = version flip .suture 712
# needs: variant f736 = version flip .suture 736
# needs: variant f760 = version flip .suture 760
# needs: variant f784 = version flip .suture 784
# needs: variant f808 = version flip .suture 808
# needs: variant f832 = version flip .suture 832
# needs: variant f856 = version flip .suture 856
# needs: variant f880 = version flip .suture 880
# needs: variant f904 = version flip .suture 904
# needs: variant f928 = version flip .suture 928
# needs: variant f952 = version flip .suture 952
# needs: variant f976 = version flip .suture 976
# needs: variant f1000 = version flip .suture 1000
# needs: variant f1024 = version flip .suture 1024
# needs: variant f1048 = version flip .suture 1048
# needs: variant f1072 = version flip .suture 1072
# expect: Invalid relocation target

ok "the core loads" core_load
refusals=0
for file in /suture/f*.ko; do
	name=$(basename "$file" .ko)
	if load "$name"; then
		id=$(ls $S/updates)
		cat /proc/version >/dev/null
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
