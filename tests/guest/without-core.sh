# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Without the core an update does not load: it imports a symbol of the core. What is no update, and calls that, is not applied.
# needs: update version
# needs: built-module no-update
# expect: Unknown symbol suture_core

load version
is "the load fails with ENOENT" $? 2
fails "/proc/version is plain" grep -q patched /proc/version
ok "the core loads" core_load
load no-update
is "no update: EINVAL" "$? $(last_token)" "22 internal"
fails "it is not there" loaded no_update
is "it is no update" "$(ls $S/updates)" ""
