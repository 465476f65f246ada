# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A kprobe is being set on a redirect, over a static call, while that is undone. The kernel has looked whether a call is there
# before it waits for the kprobes' mutex, which the undo may have by then. The mutex under which it looks is held here, so that
# an undo that does not mind would wait behind it with the other one.
# config: BPF_JIT
# needs: update dispatcher
# needs: built-module hold-mutex

T=/sys/kernel/tracing
plant() { echo "p:suture_test bpf_dispatcher_xdp_func+$1" >$T/kprobe_events; }
pull() { echo >$T/kprobe_events; }

ok "the core loads" core_load
ok "the holder loads" load hold-mutex
# The redirect lies behind the fentry site: at 5, or behind an endbr64 at 9. So does the call.
for window in 5 9; do
	fails "without a redirect: none can be set at +$window" plant $window 2>/dev/null
done
apply_ok dispatcher
for window in 5 9; do
	plant $window 2>/dev/null && break
done
note "the redirect is at +$window"
ok "on the redirect one can" grep -q suture_test $T/kprobe_events
pull

ok "the kernel has to wait before it looks" hold jump_label_mutex
plant $window &
prober=$!
until grep -q register_kprobe /proc/$prober/stack; do sleep 0.1; done
echo 0 >$S/timeout_ms
(undo dispatcher; echo $? >/tmp/undone) &
for _ in $(seq 50); do
	[ -s /tmp/undone ] && break
	sleep 0.1
done
ok "it goes on" let_go
wait
is "undo meanwhile: EBUSY" "$(cat /tmp/undone)" 16
like "who sets the kprobe is named" "$(cat $S/last_error)" "busy: *?$prober? * register_kprobe+0x*"
note "$(cat $S/last_error)"
is "it is still applied" "$(field dispatcher state)" applied

undo dispatcher
is "it is set, on the redirect: undo fails with ETXTBSY" $? 26
pull
undo_ok dispatcher
fails "the call is back: none can be set" plant $window 2>/dev/null
