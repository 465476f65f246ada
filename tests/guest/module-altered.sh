# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# A module of another build: refused, or left alone, as the administrator chose; an update of it is refused when it is
# there already. The function that is altered is not run.
# needs: update dummy-queue
# needs: kernel-module dummy
# needs: kernel-module altered = dummy flip dummy_change_carrier 25%

queue() { cat /sys/class/net/dummy0/tx_queue_len; }

ok "the core loads" core_load
is "the policy is to refuse" "$(cat $S/on_mismatch)" refuse
apply_ok dummy-queue
load altered
is "the altered module is refused: ESTALE" $? 116
is "the token" "$(last_token)" bytes-differ
note "$(cat $S/last_error)"
fails "it is not loaded" loaded dummy
is "it is waited for" "$(field dummy-queue targets | grep dummy)" "dummy absent waiting"
ok "the right one loads" load dummy
is "and is patched" "$(queue)" 77
ok "it is unloaded" rmmod dummy

ok "the policy is changed" /init write $S/on_mismatch ignore
is "it reads back" "$(cat $S/on_mismatch)" ignore
fails "nonsense is refused" /init write $S/on_mismatch maybe
ok "the altered module loads" load altered
is "it is left alone" "$(queue)" 1000
is "the state says so" "$(field dummy-queue targets | grep dummy)" "dummy present unpatched"
is "the update stays applied" "$(field dummy-queue state)" applied
ok "it is unloaded" rmmod dummy
ok "the right one loads" load dummy
is "and is patched" "$(queue)" 77
undo_ok dummy-queue
ok "it is unloaded" rmmod dummy

ok "the altered module loads" load altered
refused dummy-queue 116 bytes-differ
