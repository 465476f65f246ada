# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A thread that sleeps in the function: the load is refused with its name, nothing has changed; once it has gone the
# update is taken. The same for undo, and a thread that goes in time is waited for.
# needs: update pipe
# needs: program pipe

apply_is_refused() {
	echo 700 >$S/timeout_ms
	refused pipe 16 busy
	like "the message names task, pid and function" "$(cat $S/last_error)" "busy: pipe?${sleeper}?*pipe_read+0x*"
	fails "the original runs" /suture/pipe check
}

ok "the core loads" core_load
fails "the original runs" /suture/pipe check

/suture/pipe sleep &
sleeper=$!
sleep 0.5
apply_is_refused
kill $sleeper
wait $sleeper
echo 10000 >$S/timeout_ms
apply_ok pipe
ok "the replacement runs" /suture/pipe check

/suture/pipe sleep &
sleeper=$!
sleep 0.5
echo 700 >$S/timeout_ms
undo pipe
is "undo fails with EBUSY" $? 16
is "the token is busy" "$(last_token)" busy
like "the blocker is named in sysfs" "$(field pipe blockers)" "pipe?${sleeper}? *"
is "it is still applied" "$(field pipe state)" applied
ok "the replacement runs" /suture/pipe check
fails "it cannot be unloaded" unload pipe
kill $sleeper
wait $sleeper
echo 10000 >$S/timeout_ms
undo_ok pipe
fails "the original runs" /suture/pipe check

note "a thread that goes in time"
/suture/pipe sleep &
sleeper=$!
sleep 0.5
(retried pipe; kill $sleeper) &
apply_ok pipe
ok "more than one try was made" test "$(field pipe tries)" -gt 1
is "who was in the way is forgotten" "$(field pipe blockers)" ""
ok "the replacement runs" /suture/pipe check
undo_ok pipe
