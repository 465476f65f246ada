# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A static key where the JMP goes, behind fentry: while the update is applied the kernel leaves that place alone, and
# after the undo it is as the key is by then. The file that the function shows switches the key.
# needs: update lru-gen
# needs: program peek

K=/sys/kernel/mm/lru_gen/enabled
show=$(first_of show_enabled enabled_show)
bytes() { /suture/peek $show 24; }
on() { echo 1 >$K; }
off() { echo 0 >$K; }

ok "the core loads" core_load
off
off_bytes=$(bytes)
on
on_bytes=$(bytes)
fails "the key changes the first bytes" test "$on_bytes" = "$off_bytes"
note "off $off_bytes, on $on_bytes"

# cycle BEFORE AFTER: the key's states
cycle() {
	$1
	apply_ok lru-gen
	like "$1 before: the replacement runs, and sees it" "$(cat $K)" "patched 0x000?"
	before=$(cat $K)
	fails "the redirect is there" test "$(bytes)" = "$(eval echo \$$1_bytes)"
	off
	is "off while applied" "$(cat $K)" "patched 0x0000"
	on
	is "on while applied" "$(cat $K)" "patched 0x0001"
	$2
	undo_ok lru-gen
	is "$1, then $2: the bytes are as the kernel writes them" "$(bytes)" "$(eval echo \$$2_bytes)"
	off
	is "off after the undo" "$(cat $K)" 0x0000
	is "off after the undo: bytes" "$(bytes)" "$off_bytes"
	on
	is "on after the undo" "$(cat $K)" 0x0001
	is "on after the undo: bytes" "$(bytes)" "$on_bytes"
}
cycle on on
cycle on off
cycle off on
cycle off off
