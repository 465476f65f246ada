# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Every field of every table of an update at its extremes, one at a time: refused with a reason; where the sum of the tables is
# made to fit, refused or of no consequence. The kernel stays well, and the update itself then applies.
# needs: update three-targets
# needs: kernel-module dummy
# needs: program corrupt
# guest: timeout 600
# expect: Invalid relocation target

ok "the core loads" core_load
ok "a module that is changed loads" load dummy
modules=$(cut -d' ' -f1-3 /proc/modules)
ok "every field" /suture/corrupt /suture/three-targets.ko
is "no module is held or left" "$(cut -d' ' -f1-3 /proc/modules)" "$modules"
fails "the original runs" grep -q three /proc/version
apply_ok three-targets
undo_ok three-targets
