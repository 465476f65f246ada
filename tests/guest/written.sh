# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# What is written to the core's files and given as its options is checked: what makes no sense is refused, switches no
# code and leaves the settings within their bounds.
# needs: update version

# In the end longer than a page.
garbage() {
	printf '%s\n' -1 0 2 1x 01 on y Y 0x1ffffffff 4294967296 99999999999999999999 ../.. '%s%n' ffffffff81000000 refused
	printf '\001\377\n'
	head -c 200 /dev/zero | tr '\0' A
	echo
	head -c 5000 /dev/zero | tr '\0' 9
}

# taken FILE: what of that it takes
taken() {
	garbage | while read -r text; do
		printf '%s' "$text" >$1 && echo "$text"
	done 2>/dev/null
}

for option in timeout_ms=3600001 timeout_ms=-1 timeout_ms max_pause_us=4294967296 max_pause_us=1x on_mismatch=refused on_mismatch=; do
	core_load $option
	ok "the core does not take $option" test $? = 22 -o $? = 34
done
fails "it is not loaded" loaded suture
ok "the core loads" core_load "timeout_ms=3600000 max_pause_us=1 on_mismatch=ignore"
is "its options are settings" "$(cat $S/timeout_ms $S/max_pause_us $S/on_mismatch | tr '\n' ' ')" "3600000 1 ignore "
echo 10000 >$S/timeout_ms
echo 0 >$S/max_pause_us
apply_ok version
folder=$S/updates/$(id_of version)
is "undo takes nothing but 1" "$(taken $folder/undo)" ""
is "nor does apply" "$(taken $folder/apply)" ""
is "on_mismatch takes no other word" "$(taken $S/on_mismatch)" ""
is "timeout_ms takes a number up to an hour" "$(taken $S/timeout_ms | tr '\n' ' ')" "0 2 01 "
is "max_pause_us takes a number" "$(taken $S/max_pause_us | tr '\n' ' ')" "0 2 01 "
/init write $folder/undo "1 replace=1" 2>/dev/null
is "an undo replaces nothing" $? 22
is "the settings are what was taken" "$(cat $S/timeout_ms $S/max_pause_us $S/on_mismatch | tr '\n' ' ')" "1 1 ignore "
is "the update is still applied" "$(cat $folder/state)" applied
ok "its code runs" grep -q patched /proc/version
echo 10000 >$S/timeout_ms
echo 0 >$S/max_pause_us
undo_ok version
