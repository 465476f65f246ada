# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Another CPU: untrained return thunks.
# needs: update version
# needs: update pipe
# needs: program pipe
# guest: cpu EPYC

ok "the core loads" core_load
apply_ok version
apply_ok pipe
ok "the replacement runs" /suture/pipe check
undo_ok version
undo_ok pipe
