# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# What is in use cannot be unloaded: an applied update, and the core under any update.
# needs: update version

ok "the core loads" core_load
apply_ok version
module=$(field version module)
fails "rmmod of the applied update is refused" rmmod "$module"
fails "rmmod of the core is refused" rmmod suture
ok "the update is still applied" grep -q patched /proc/version
ok "its module is still there" loaded "$module"
undo version
is "undo succeeds" $? 0
fails "rmmod of the core is refused while the update's module is loaded" rmmod suture
ok "the update's module can be unloaded" rmmod "$module"
ok "the core can be unloaded" rmmod suture
