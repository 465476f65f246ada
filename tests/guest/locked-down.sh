# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Lockdown: unsigned modules are refused by the kernel, and the command says why.
# needs: update version
# needs: suture
# guest: append lockdown=integrity
# expect: Lockdown

/suture/suture apply --core /suture/suture.ko /suture/version.ko 2>/tmp/err
is "apply: exit code 9" $? 9
like "with a token and a hint" "$(cat /tmp/err)" "*kernel-refused*lockdown*"
