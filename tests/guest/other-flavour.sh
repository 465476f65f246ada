# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# An update for another flavour of the same release, made from the same source with another configuration. The kernel
# refuses it by its release; one that lies about its release and its symbols is refused by the match.
# needs: update other = rename@6.1.0-47-amd64
# needs: forged lie = rename@6.1.0-47-amd64 6.1.0-47-cloud-amd64
# needs: update version

ok "the core loads" core_load
load other
is "the kernel refuses the update: ENOEXEC" $? 8
refused lie 116 bytes-differ
like "the message names the unit" "$(cat $S/last_error)" "*fs/exec.o*"
apply_ok version
undo_ok version
