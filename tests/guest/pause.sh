# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# What the stop looks at stays little though thousands of threads run all the time; --max-pause refuses. On a clock that
# counts instructions: the figures are those of the code, not of the host.
# needs: update version
# needs: program threads
# needs: suture
# guest: cpus 1
# guest: memory 768
# guest: clock instructions
# guest: timeout 300

# every 50 us one of them runs; to look at all takes some milliseconds
/suture/threads 2000 100 &
threads=$!
until [ "$(ls /proc/$threads/task | wc -l)" -gt 2000 ]; do sleep 0.1; done
ok "the core loads" core_load
most=0
for _ in 1 2 3; do
	apply_ok version
	tasks=$(field version stop_tasks)
	note "pause: $(field version pause_ns) ns, $tasks stacks, $(field version stop_words) words"
	[ $tasks -gt $most ] && most=$tasks
	undo_ok version
done
ok "the stop looks at few stacks" test $most -le 6

# the caller and one task of the CPU take longer
/suture/suture apply --max-pause 1 --wait 0 /suture/version.ko 2>/tmp/err
is "apply --max-pause 1: exit code" $? 8
like "its token" "$(cat /tmp/err)" "*pause-too-long*"
fails "the original runs" grep -q patched /proc/version
is "the core's setting is as before" "$(cat $S/max_pause_us)" 0
ok "apply --max-pause 1000" /suture/suture apply --max-pause 1000 --wait 60 /suture/version.ko
ok "the replacement runs" grep -q patched /proc/version
kill $threads
