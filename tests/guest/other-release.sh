# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Another release of the same flavour. The kernel refuses the update by its release; one that lies about its release is
# refused by the match, as the code differs.
# kernel: 6.1.0-50-cloud-amd64
# needs: update ipc
# needs: update version
# needs: suture
# needs: forged core = core 6.1.0-50-cloud-amd64
# needs: forged lie = ipc 6.1.0-50-cloud-amd64

load ipc
is "the kernel refuses the update: ENOEXEC" $? 8
/init load /suture/core.ko
is "a core that lies is taken by the kernel" $? 0
/suture/suture apply /suture/version.ko 2>/tmp/err
is "apply: exit code 7" $? 7
like "it names both releases" "$(cat /tmp/err)" "*6.1.0-47-cloud-amd64*6.1.0-50-cloud-amd64*other-kernel*"
load lie
code=$?
like "the core refuses the update that lies" "$code $(last_token)" "116 bytes-differ"
note "$(cat $S/last_error)"
is "nothing of it is left in sysfs" "$(ls $S/updates)" ""
