# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# What the stop looks at stays little though thousands of threads run all the time. On a clock that counts
# instructions: the figures are those of the code, not of the host.
# needs: update version
# needs: program threads
# guest: cpus 1
# guest: memory 768
# guest: clock 1
# guest: timeout 300

# every 50 us one of them runs; to look at all takes some milliseconds
/suture/threads 2000 100 &
threads=$!
until [ "$(ls /proc/$threads/task | wc -l)" -gt 2000 ]; do sleep 0.1; done
ok "the core loads" core_load
for _ in 1 2 3 4 5; do
	apply_ok version
	note "pause: $(field version pause_ns) ns, $(field version stop_tasks) stacks, $(field version stop_words) words"
	field version stop_tasks >>/tmp/stacks
	field version pause_ns >>/tmp/pauses
	undo_ok version
done
# once in a while others have the CPU just before the stop
middle() { sort -n $1 | sed -n 3p; }
ok "the stop looks at few stacks" test "$(middle /tmp/stacks)" -le 6
# the unwinder, asked about one of them, takes three times as long
ok "and nowhere twice" test "$(middle /tmp/pauses)" -le 3000
kill $threads
