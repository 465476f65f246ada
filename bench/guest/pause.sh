# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Run by bench/pause in a guest: an empty stop of all CPUs and a real switch, in turn, with more and more threads, idle and
# under load, on one CPU and on two. Prints a line of numbers for each pair.
# needs: update version
# needs: program threads
# needs: program turns
# needs: file stop_probe.ko = build/bench/pause-module/stop_probe.ko
# needs: installed stress-ng
# guest: clock 1
# guest: memory 1536
# guest: append maxcpus=1 tsc=reliable
# guest: timeout 20000

P=/sys/module/stop_probe/parameters

ok "the core loads" core_load
echo 600000 >$S/timeout_ms
ok "the probe loads" /init load /suture/stop_probe.ko

# stopped WHAT: of an empty call or an empty stop
stopped() {
	echo 1 >$P/$1
	cat $P/last
}

# pair WHERE
pair() {
	call=$(stopped call)
	empty=$(stopped stop)
	load version || return
	switch=$(cat $P/last)
	seen="$(field version stop_tasks) $(field version stop_words) $(field version pause_ns) $(field version tries)"
	undo version || return
	echo "PAUSE $1 $call $empty $switch $(cat $P/last) $seen $(field version stop_words)"
	unload version
}

threads_running() {
	[ "$(ls /proc/$threads/task | wc -l)" -gt $1 ]
}

# series LOAD
series() {
	for nr in $COUNTS; do
		/suture/threads $nr &
		threads=$!
		until threads_running $nr; do sleep 0.1; done
		done=0
		for _ in $(seq $PAIRS); do
			pair "$1 $(nproc) $nr" && done=$((done + 1))
		done
		is "$1, $(nproc) CPUs, $nr threads: all pairs were made" $done $PAIRS
		kill $threads
		wait $threads 2>/dev/null
	done
}

# busy with all that there is: computing, forking, memory, pipes, sockets, files
loaded_series() {
	/suture/stress-ng --cpu 1 --fork 1 --vm 1 --vm-bytes 32m --pipe 1 --sock 1 --hdd 1 --hdd-bytes 8m --temp-path /tmp -q &
	stress=$!
	sleep 0.5
	series stress-ng
	kill $stress
	wait $stress 2>/dev/null
}

# taking_turns COMMAND...: both CPUs get on
taking_turns() {
	/suture/turns &
	turns=$!
	"$@"
	kill $turns
}

second_cpu() {
	ok "the second CPU comes up" sh -c "echo 1 >/sys/devices/system/cpu/cpu1/online"
}

for part in $PARTS; do
	case $part in
	idle-1) series idle ;;
	loaded-1) loaded_series ;;
	idle-2)
		taking_turns second_cpu
		series idle
		;;
	loaded-2)
		[ "$(nproc)" = 2 ] || taking_turns second_cpu
		taking_turns loaded_series
		;;
	esac
done
