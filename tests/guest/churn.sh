# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Apply and undo while tasks come and go through the functions, and while they run in softirqs.
# needs: update fork
# needs: update timeout
# guest: timeout 240

ok "the core loads" core_load
# tasks that are born and die, and timers that end in a softirq
for _ in 1 2; do
	(while [ ! -e /tmp/end ]; do /bin/busybox true; done) &
	(while [ ! -e /tmp/end ]; do /bin/busybox usleep 2000; done) &
done
rounds 6 fork timeout
touch /tmp/end
wait
