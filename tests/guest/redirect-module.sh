# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A static key (of a debug message) where the JMP goes, in a module. Loaded after the update the module is refused, as the
# kernel writes to all its places until it is live; or, as the administrator chose, left alone.
# config: IP_SCTP !KASAN
# needs: update sctp-debug
# needs: modules-for sctp
# needs: kernel-module sctp
# needs: program sctp

key() { echo "module sctp func sctp_destroy_sock $1p" >/proc/dynamic_debug/control; }
# The message that closing a socket leaves: none, original or patched.
message() {
	dmesg -c >/dev/null
	/suture/sctp || return
	case $(dmesg) in
	*"sctp_destroy_sock: patched sk:"*) echo patched ;;
	*"sctp_destroy_sock: sk:"*) echo original ;;
	*) echo none ;;
	esac
}

ok "the core loads" core_load
apply_ok sctp-debug
load sctp
is "loaded after the update it is refused: EOPNOTSUPP" $? 95
is "the token is redirect-over-site" "$(last_token)" redirect-over-site
note "$(cat $S/last_error)"
fails "it is not there" loaded sctp

ok "the policy is changed" /init write $S/on_mismatch ignore
ok "now it is loaded" load sctp
is "it is left alone" "$(field sctp-debug targets | grep sctp)" "sctp present unpatched"
is "the update stays applied" "$(field sctp-debug state)" applied
is "unpatched, off: no message" "$(message)" none
key +
is "unpatched, on: the original's message" "$(message)" original
key -
is "unpatched, off again: no message" "$(message)" none
key +
undo_ok sctp-debug
is "without the update: the original's message" "$(message)" original
key -
is "without the update, off: no message" "$(message)" none
note "an update of the module that is there"
apply_ok sctp-debug
is "applied, off: no message" "$(message)" none
key +
echo 'func sctp_destroy_sock +p' >/proc/dynamic_debug/control
is "applied, on: the replacement's message" "$(message)" patched
undo_ok sctp-debug
is "on since before the undo: the original's message" "$(message)" original
key -
is "undone, off: no message" "$(message)" none
key +
apply_ok sctp-debug
key -
undo_ok sctp-debug
is "off since before the undo: no message" "$(message)" none
key +
is "undone, on: the original's message" "$(message)" original
