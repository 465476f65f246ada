# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A static call that an earlier update has brought and that led nowhere at first: a later update is made on it, while it leads
# somewhere and while it does not.
# needs: update null-call
# needs: update null-call-2 on null-call

shown() { sed 's/ .*//' /proc/version; }

# stacked TEXT: whatever the call leads to now
stacked() {
	note "$1"
	apply_ok null-call-2
	is "the later one's code switches it" "$(shown) $(shown)" "$2"
	undo_ok null-call-2
}

ok "the core loads" core_load
apply_ok null-call
stacked "never switched" "[null] [null:1:1]"
is "it leads nowhere" "$(shown)" "[null]"
stacked "it leads somewhere" "[null:1:1] [null]"
is "it still does" "$(shown)" "[null:1]"
stacked "it leads nowhere again" "[null] [null:1:1]"
undo null-call
is "undone" "$? $(field null-call state)" "0 undone"
like "the original runs" "$(shown)" "Linux"
