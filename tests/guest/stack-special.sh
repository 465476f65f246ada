# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A replacement with entries in the kernel's special tables is matched and replaced in its turn, with its static keys
# switched and the function tracer on it.
# needs: update special
# needs: update special-2 on special
# expect: WARNING: CPU: [0-9]+ PID: [0-9]+ at fs/proc/version.c:12 version_proc_show
# expect: suture test warning

T=/sys/kernel/tracing
K=/proc/sys/kernel/sched_schedstats
shown() { cat /proc/version; }

ok "the core loads" core_load
apply_ok special
echo 1 >$K
echo 'format "suture test debug" +p' >/proc/dynamic_debug/control
echo 'version_proc_show.suture' >$T/set_ftrace_filter
echo function >$T/current_tracer
like "the first runs, all switched on" "$(shown)" "[[]user -14][[]stats on]*"
apply_ok special-2
like "the second runs, with the key as it is" "$(shown)" "[[]twice -14 -14][[]stats on]*"
echo 0 >$K
like "it is switched" "$(shown)" "[[]twice -14 -14][[]stats off]*"
undo_ok special-2
like "the first runs, with the key as it is" "$(shown)" "[[]user -14][[]stats off]*"
echo nop >$T/current_tracer
apply_ok special-2
undo_ok special-2
undo_ok special
like "the original runs" "$(shown)" "Linux*"
