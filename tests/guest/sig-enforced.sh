# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A kernel that takes signed modules only: the core is refused by the kernel, and the command says what to do.
# needs: update version
# needs: suture
# guest: append module.sig_enforce=1
# expect: Loading of unsigned module is rejected

/suture/suture apply --core /suture/suture.ko /suture/version.ko 2>/tmp/err
is "apply: exit code 9" $? 9
like "with a token, the file and what to do" "$(cat /tmp/err)" "*suture.ko*not signed*kernel-refused*sign it*key*"
fails "nothing is loaded" loaded suture
