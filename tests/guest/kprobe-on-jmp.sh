# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A kprobe on the redirect: undo is refused, the update stays; when the probe is gone undo succeeds.
# needs: update version

T=/sys/kernel/tracing

ok "the core loads" core_load
apply_ok version
echo 'p:suture_test version_proc_show+5' >$T/kprobe_events
ok "the kprobe is planted" sh -c "echo 1 >$T/events/kprobes/suture_test/enable"
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
