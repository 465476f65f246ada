# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Kprobes that are set where the redirect lies and are not armed: nothing of them is in the code, but they may be armed at
# any time, and would write into the redirect, or run a copy of one that is gone.
# needs: update version

T=/sys/kernel/tracing
plant() { echo "p:suture_test version_proc_show+$1" >$T/kprobe_events 2>/dev/null; }
pull() { echo >$T/kprobe_events; }
ok "the core loads" core_load
# The redirect lies behind the fentry site: at 5, or behind an endbr64 at 9.
apply_ok version
for window in 5 9; do
	plant $window && break
done
note "the redirect is at +$window"
undo version
is "on the redirect: undo fails with ETXTBSY" $? 26
is "the token is redirect-altered" "$(last_token)" redirect-altered
note "$(cat $S/last_error)"
ok "the replacement runs" grep -q patched /proc/version
pull
undo_ok version
for offset in 0 1 2 3 4; do
	plant $((window + offset)) || continue
	refused version 116 bytes-differ
	fails "+$offset: the original runs" grep -q patched /proc/version
	pull
done
plant 0
apply_ok version
undo_ok version
pull
