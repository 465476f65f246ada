# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A function that the compiler puts at any address: where its redirect does not lie in one aligned word of 16 bytes it is
# refused, by verify too; else it is applied.
# needs: update panic
# needs: program peek
# needs: suture

verify() { /suture/suture verify /suture/panic.ko >/tmp/out 2>&1; }

case $(/suture/peek panic 4) in
f30f1efa) window=9 ;;
*) window=5 ;;
esac
window=$(((0x$(awk '$3 == "panic" { print substr($1, 16) }' /proc/kallsyms) + window) % 16))
ok "the core loads" core_load
note "the redirect would begin at byte $window of a word"
if [ $window -gt 11 ]; then
	refused panic 95 not-redirectable
	fails "verify says so" verify
	like "for the same reason" "$(cat /tmp/out)" "*panic+*aligned 16-byte word*not-redirectable*"
else
	apply_ok panic
	undo_ok panic
	ok "verify says so" verify
fi
