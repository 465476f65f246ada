# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Not all files of an update can be made, and somebody writes into one that is there already: both come to an end.
# needs: faults
# needs: update version
# needs: program text

held_back() { [ "$(cat $F/hold)" = 2 ]; }
there() { [ -e /proc/$1/exe ]; }

# ended PID: by itself; not waited for, as it may never
ended() {
	for _ in $(seq 100); do
		there $1 || return 0
		sleep 0.1
	done
	return 1
}

faults_begin 1
ok "the core loads" core_load
snapshot >/tmp/before
echo 1 >$F/round
echo 1 >$F/hold
until held_back; do
	echo 1 >$F/step
	/init load /suture/version.ko 2>/dev/null &
	loading=$!
	while there $loading && ! held_back; do sleep 0.05; done
done
like "the files are held back" "$(cat $F/step)" "step:sysfs.c:*"
for file in undo apply; do
	/init write "$S/updates/$(id_of version)/$file" 1 2>/dev/null &
	eval $file=$!
done
sleep 1
echo 0 >$F/hold
ok "the load ends" ended $loading
ok "a write to undo ends" ended $undo
ok "a write to apply ends" ended $apply
wait $loading
is "the load: errno" $? 12
echo 0 >$F/step
unchanged "all is as before"
apply_ok version
undo_ok version
faults_end
