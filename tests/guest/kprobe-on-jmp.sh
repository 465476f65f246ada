# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A kprobe on the redirect: undo is refused, the update stays; when the probe is gone undo succeeds.
# needs: update version

T=/sys/kernel/tracing

ok "the core loads" core_load
apply_ok version
# The redirect lies behind the fentry site: at 5, or behind an endbr64 at 9.
plant() {
	for offset in 5 9; do
		echo "p:suture_test version_proc_show+$offset" >$T/kprobe_events 2>/dev/null || continue
		echo 1 >$T/events/kprobes/suture_test/enable 2>/dev/null && return 0
	done
	return 1
}
ok "the kprobe is planted" plant
sleep 1
undo version
is "undo fails with ETXTBSY" $? 26
is "the token is redirect-altered" "$(last_token)" redirect-altered
note "$(cat $S/last_error)"
is "it is still applied" "$(field version state)" applied
fails "it cannot be unloaded" unload version
ok "the replacement runs" grep -q patched /proc/version
echo 0 >$T/events/kprobes/suture_test/enable
echo >$T/kprobe_events
sleep 1
ok "the replacement runs" grep -q patched /proc/version
undo_ok version
fails "the original runs" grep -q patched /proc/version
