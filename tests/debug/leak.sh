# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# What each test asks kmemleak when it is over, asked here about a module that does lose memory.
# needs: built-module leak
# expect: new suspected memory leaks

is "nothing is lost before" "$(lost)" ""
ok "the module loads" load leak
like "what it has lost is reported" "$(lost)" "*unreferenced object*a suture test*"
echo clear >/sys/kernel/debug/kmemleak
