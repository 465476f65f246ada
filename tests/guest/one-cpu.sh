# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# One CPU: lock prefixes are patched away in the running kernel.
# needs: update version
# needs: update boot-id
# guest: cpus 1

ok "the core loads" core_load
apply_ok version
apply_ok boot-id
ok "the replacement runs" grep -q patched /proc/version
undo_ok version
undo_ok boot-id
