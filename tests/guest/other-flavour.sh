# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Another flavour of the same release, made from the same source with another configuration.
# kernel: 6.1.0-47-amd64
# needs: update version
# needs: forged core = core 6.1.0-47-amd64
# needs: forged lie = version 6.1.0-47-amd64
# expect: disagrees about version of symbol

load version
is "the kernel refuses the update: ENOEXEC" $? 8
/init load /suture/core.ko
note "a core that lies: $?"
load lie
fails "an update that lies is refused" test $? = 0
fails "the original runs" grep -q patched /proc/version
