# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A tracepoint (a static key and a static call) in the old body and in the replacement: it is switched by the kernel
# before, during and after the update, and works each time.
# needs: update rename

T=/sys/kernel/tracing
events() {
	echo >$T/trace
	sh -c 'echo @name >/proc/$$/comm; read -r name </proc/$$/comm; echo "$name"' >/tmp/name
	grep -c 'task_rename.*newcomm=@name' $T/trace
}
on() { echo 1 >$T/events/task/task_rename/enable; }
off() { echo 0 >$T/events/task/task_rename/enable; }

ok "the core loads" core_load
is "off, plain: no event" "$(events)" 0
on
is "on, plain: an event" "$(events)" 1
apply_ok rename
is "on when applied: an event" "$(events)" 1
is "the replacement runs" "$(cat /tmp/name)" "#name"
off
is "off while applied: no event" "$(events)" 0
is "the replacement runs" "$(cat /tmp/name)" "#name"
on
is "on while applied: an event" "$(events)" 1
off
undo_ok rename
is "off after the undo: no event" "$(events)" 0
is "the original runs" "$(cat /tmp/name)" "@name"
on
is "on after the undo: an event" "$(events)" 1
apply_ok rename
off
undo_ok rename
is "off since before the undo: no event" "$(events)" 0
