# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# A static key and a static call that the update brings itself are switched by its own code; its tracepoint is passed by. A pointer to the replaced
# function that was stored at boot runs the replacement, is equal to the address that new code takes, and has the original's name.
# needs: update own-switches

ok "the core loads" core_load
apply_ok own-switches
like "before: key and call" "$(cat /proc/version)" "[[]key off][[]call 41]*"
like "switched" "$(cat /proc/version)" "[[]key on][[]call 42]*"
like "switched back" "$(cat /proc/version)" "[[]key off][[]call 41]*"
like "the stored address is the original entry" "$(cat /proc/version)" "*[[]stored version_proc_show+0x0/0x* same] *"
undo own-switches
is "undone" "$(field own-switches state)" undone
like "the original runs" "$(cat /proc/version)" "Linux version*"
