# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2016,SC2034,SC2086,SC2154
# Who comes into the function when all stacks have been looked at is found in the stop itself: the switch is held back just
# before it until the task sleeps there. So is the caller, at whose stack nobody looks before.
# needs: faults
# needs: update pipe
# needs: update loader
# needs: update write
# needs: program pipe

# held_back COMMAND...: begin it, as $switch, and wait until it is about to stop the machine
held_back() {
	echo 1 >$F/hold
	"$@" &
	switch=$!
	# Not by $(...): the shell would read from a pipe, and be in the way itself.
	until read -r held <$F/hold && [ "$held" = 2 ]; do sleep 0.1; done
}

# asleep PID: in the function
asleep() {
	until grep -q pipe_read /proc/$1/stack; do sleep 0.1; done
}

# caught TEXT: $task is in the function; the switch goes on
caught() {
	asleep $task
	echo 0 >$F/hold
	wait $switch
	is "$1: EBUSY" $? 16
	like "$1: it is named, after one try" "$(cat $S/last_error)" "busy: pipe?$task? * pipe_read*+0x* (1 tries)"
	kill $task
	wait $task
}

# caught_late COMMAND...: three kinds of tasks
caught_late() {
	held_back "$@"
	/suture/pipe sleep &
	task=$!
	caught "$*: a task that is new"

	sh -c 'kill -STOP $$; exec /suture/pipe sleep' &
	task=$!
	until grep -q "^State:.T" /proc/$task/status; do sleep 0.1; done
	held_back "$@"
	kill -CONT $task
	caught "$*: one that was asleep elsewhere"

	rm -f /tmp/go
	sh -c 'until [ -e /tmp/go ]; do :; done; exec /suture/pipe sleep' &
	task=$!
	held_back "$@"
	: >/tmp/go
	caught "$*: one that was running"
}

ok "the faults are there" /init load /suture/suture_faults.ko
ok "the core loads" core_load timeout_ms=1
caught_late load pipe
fails "the original runs" /suture/pipe check
apply_ok pipe
caught_late undo pipe
ok "the replacement runs" /suture/pipe check
undo_ok pipe

refused loader 16 busy
like "the caller is named" "$(cat $S/last_error)" "busy: * do_init_module+0x*"

apply_ok write
undo write
is "undo through the function itself: EBUSY" $? 16
like "the caller is named" "$(cat $S/last_error)" "busy: *vfs_write*+0x*"
is "it is still applied" "$(field write state)" applied
