# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# The idle task of a CPU, which is in no list of tasks, is in the way: when its CPU is idle, and when that has so much to do
# that it never runs. So is a kernel thread.
# needs: update idle
# needs: update kthread
# guest: cpus 2

# blocked UPDATE TASK FUNCTION [COMMAND...]: refused with this task among those that it names
blocked() {
	update=$1 task=$2 function=$3
	shift 3
	"$@" /init load /suture/$update.ko 2>/dev/null
	is "$update: the load fails with EBUSY" $? 16
	like "$update: the message names the task in $function" "$(cat $S/last_error)" "busy: *$task *$function+0x*"
	note "$(cat $S/last_error)"
}

ok "the core loads" core_load
echo 300 >$S/timeout_ms
blocked kthread 'kthreadd?2?' kthreadd
blocked idle 'swapper/1?0?' start_secondary taskset 1
taskset 2 sh -c 'while :; do :; done' &
busy=$!
sleep 0.5
blocked idle 'swapper/1?0?' start_secondary taskset 1
kill $busy
