# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# The idle task of a CPU, which is in no list of tasks, is in the way: when its CPU is idle, and when that has so much to do
# that it never runs. So is a kernel thread.
# needs: update idle
# needs: update kthread
# guest: cpus 2

ok "the core loads" core_load
blocked kthread 'kthreadd?2?' kthreadd
blocked idle 'swapper/1?0?' start_secondary taskset 1
taskset 2 sh -c 'while :; do :; done' &
busy=$!
sleep 0.5
blocked idle 'swapper/1?0?' start_secondary taskset 1
kill $busy
