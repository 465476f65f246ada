# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Apply and undo in a loop while every CPU is in and out of the functions.
# needs: update version
# needs: update uname
# guest: timeout 240

ok "the core loads" core_load
for _ in 1 2 3; do
	(while [ ! -e /tmp/end ]; do cat /proc/version; uname -a; done >/dev/null 2>&1) &
done
rounds 15 version uname
touch /tmp/end
wait
fails "the original runs" grep -q patched /proc/version
