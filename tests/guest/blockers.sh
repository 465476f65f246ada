# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# The command says who is in the way before anything is loaded; a refusal names all; --wait waits.
# needs: update pipe
# needs: program pipe
# needs: suture

# Into a file: a shell that waits for a command's output in $(...) sleeps in pipe_read() itself.
tool() { /suture/suture "$@"; }

tool blockers -n 2 /suture/pipe.ko >/tmp/out
is "blockers: exit code" $? 0
like "nobody is there" "$(cat /tmp/out)" "no task was seen*"
sleepers=
for _ in 1 2 3; do
	/suture/pipe sleep &
	sleepers="$sleepers $!"
done
sleep 0.5
tool blockers -n 3 /suture/pipe.ko >/tmp/out
for task in $sleepers; do
	ok "blockers names $task" grep -q "^pipe\[$task\] pipe_read+0x.*: in 3 of 3 samples" /tmp/out
done
ok "and nothing was loaded" test ! -e $S
tool blockers -n 1 --json /suture/pipe.ko >/tmp/out
ok "as JSON" grep -q '"place": *"pipe_read+0x' /tmp/out

tool apply --core /suture/suture.ko --wait 0 /suture/pipe.ko 2>/tmp/err
is "apply --wait 0: exit code" $? 8
for task in $sleepers; do
	ok "the refusal names $task" grep -q "pipe\[$task\] [a-z ]*in pipe_read+0x" /tmp/err
done
is "the core's setting is as before" "$(cat $S/timeout_ms)" 10000
note "what a request asks for goes with it when it is killed"
/suture/suture apply --wait 600 /suture/pipe.ko 2>/dev/null &
waiting=$!
until [ -e "$S/updates/$(id_of pipe)" ]; do sleep 0.2; done
kill -9 $waiting
wait $waiting
while [ -e "$S/updates/$(id_of pipe)" ]; do sleep 0.2; done
is "apply --wait 600 was killed" "$(last_token)" interrupted
is "the core's setting is as before" "$(cat $S/timeout_ms)" 10000
/init load /suture/pipe.ko timeout_ms=0 2>/dev/null
is "an option of the load: errno" $? 16
like "one try" "$(cat $S/last_error)" "busy: *(1 tries)"
/init load /suture/pipe.ko timeout_ms=3600001 2>/dev/null
is "too large a value: errno" $? 22
is "its token" "$(last_token)" usage
/init load /suture/pipe.ko max_pause_us=many 2>/dev/null
is "no number: errno" $? 22
fails "the kernel's log has no word of them" sh -c "dmesg | grep 'unknown parameter'"
(retried pipe; kill $sleepers) &
ok "apply --wait 30" tool apply --wait 30 /suture/pipe.ko
ok "more than one try was made" test "$(field pipe tries)" -gt 1
ok "the replacement runs" /suture/pipe check
/suture/pipe sleep &
task=$!
sleep 0.5
tool blockers -n 1 "$(id_of pipe)" >/tmp/out
is "blockers by ID" "$(sed 's/+.*//' /tmp/out)" "pipe[$task] pipe_read.suture"
undo_with() { /init write "$S/updates/$(id_of pipe)/undo" "$1" 2>/dev/null; }
undo_with "1 timeout_ms=0"
is "undo with a limit: errno" $? 16
is "one try" "$(field pipe tries)" 1
undo_with "timeout_ms=0"
is "a limit alone is no request: errno" $? 22
undo_with "1 timeout=0"
is "a word that is none: errno" $? 22
kill $task
ok "undo --wait 30" tool undo --wait 30 "$(id_of pipe)"
is "blockers of nothing: exit code" "$(tool blockers "$(id_of pipe)" 2>/dev/null; echo $?)" 2
is "a wrong number: exit code" "$(tool apply --wait x /suture/pipe.ko 2>/dev/null; echo $?)" 2

note "more than the refusal has room to name"
sleepers=
for _ in $(seq 40); do
	/suture/pipe sleep &
	sleepers="$sleepers $!"
done
sleep 1
tool apply --wait 0 /suture/pipe.ko 2>/tmp/err
like "the rest is counted" "$(cat /tmp/err)" "*, and [0-9]* more (1 tries)*"
tool blockers -n 1 /suture/pipe.ko >/tmp/out
is "blockers has them all" "$(grep -c '^pipe.* pipe_read' /tmp/out)" 40
kill $sleepers
