# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# --max-pause refuses a switch that would take longer, and leaves the core's own setting as it was. On a CPU so slow that
# the stop takes some microseconds.
# needs: update version
# needs: suture
# guest: cpus 1
# guest: clock 8

ok "the core loads" core_load
/suture/suture apply --max-pause 1 --wait 0 /suture/version.ko 2>/tmp/err
is "apply --max-pause 1: exit code" $? 8
like "its token" "$(cat /tmp/err)" "*pause-too-long*"
fails "the original runs" grep -q patched /proc/version
is "the core's setting is as before" "$(cat $S/max_pause_us)" 0
ok "apply --max-pause 1000" /suture/suture apply --max-pause 1000 --wait 60 /suture/version.ko
ok "the replacement runs" grep -q patched /proc/version
