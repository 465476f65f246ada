# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Run by bench/pause in a guest: an empty stop of all CPUs and a real switch, in turn, with more and more threads, idle and
# under load. Prints a line of numbers for each pair.
# needs: update version
# needs: program threads
# needs: file stop_probe.ko = build/bench/pause-module/stop_probe.ko
# needs: installed stress-ng
# guest: memory 1536
# guest: timeout 1500

P=/sys/module/stop_probe/parameters
ROUNDS=7

ok "the core loads" core_load
ok "the probe loads" /init load /suture/stop_probe.ko

# pair LOAD THREADS
pair() {
	cat $P/longest_ns >/dev/null
	echo 1 >$P/stop
	empty=$(cat $P/longest_ns)
	load version || return 1
	switch=$(cat $P/longest_ns)
	inside=$(field version pause_ns)
	tasks=$(field version stop_tasks)
	words=$(field version stop_words)
	cat $P/longest_ns >/dev/null
	undo version && unload version
	echo "PAUSE $1 $2 $empty $switch $inside $tasks $words $(cat $P/longest_ns)"
}

# series LOAD THREADS
series() {
	/suture/threads $2 &
	threads=$!
	for _ in $(seq 60); do
		[ "$(ls /proc/$threads/task | wc -l)" -gt $2 ] && break
		sleep 1
	done
	ok "$2 threads, $1" test "$(ls /proc/$threads/task | wc -l)" -gt $2
	done=0
	for _ in $(seq $ROUNDS); do
		pair $1 $2 && done=$((done + 1))
	done
	is "all pairs were made" $done $ROUNDS
	kill $threads
	wait $threads 2>/dev/null
}

echo 60000 >$S/timeout_ms
for nr in 10 1000 10000; do
	series idle $nr
done
# busy with all that there is: computing, forking, memory, pipes, files
/suture/stress-ng --cpu 1 --fork 1 --vm 1 --vm-bytes 32m --pipe 1 --sock 1 --hdd 1 --hdd-bytes 8m --temp-path /tmp -q &
load=$!
sleep 3
for nr in 10 1000 10000; do
	series stress-ng $nr
done
kill $load
