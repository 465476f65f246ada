# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# The command does the same by itself: apply loads the core, undo unloads the update; JSON and exit codes are right.
# needs: update version
# needs: update version-again
# needs: variant cut = version truncate 50
# needs: suture

id=$(id_of version)
tool() { /suture/suture "$@"; }

tool status >/tmp/out
is "status without the core" $? 0
like "status says that the core is not there" "$(cat /tmp/out)" "*core is not loaded*"
tool undo "$id" 2>/tmp/err
is "undo of nothing: exit code 2" $? 2
like "with a token" "$(cat /tmp/err)" "*not-applied*"
tool apply --core /suture/none.ko /suture/version.ko 2>/tmp/err
is "apply without the core: exit code 10" $? 10
like "with a token" "$(cat /tmp/err)" "*/suture/none.ko*no-core*"
tool apply --core /suture/suture.ko /suture/version.ko >/tmp/out
is "apply" $? 0
like "apply says what it did" "$(cat /tmp/out)" "$id is applied: 1 function, pause *"
ok "the replacement runs" grep -q patched /proc/version
tool apply /suture/version.ko 2>/tmp/err
is "apply again: exit code 2" $? 2
like "with a token" "$(cat /tmp/err)" "*already-applied*"
tool apply /suture/cut.ko 2>/tmp/err
fails "a truncated update is refused" test $? = 0
like "status lists it" "$(tool status)" "applied *1 function*$id"
like "status --json" "$(tool status --json)" '*"state":*"applied"*'
like "show has the function" "$(tool show "$id")" "*version_proc_show*fs/proc/version.o*"
like "show of the file has the vermagic" "$(tool show /suture/version.ko)" "*vermagic *$(uname -r)*"
again=$(id_of version-again)
tool apply /suture/version-again.ko 2>/tmp/err
is "another one of the same function: exit code 8" $? 8
like "the hint names --replace" "$(cat /tmp/err)" "*already-redirected*--replace*"
tool apply --replace /suture/version-again.ko >/tmp/out
is "apply --replace" $? 0
ok "its replacement runs" grep -q again /proc/version
like "status says who took whose place" "$(tool status)" "*superseded *$id*superseded by $again*"
tool undo "$id" 2>/tmp/err
is "undo of the superseded one: exit code 8" $? 8
like "the one to undo first is named" "$(cat /tmp/err)" "*$again*undo-first*"
ok "undo brings the first back" tool undo "$again"
ok "it runs" grep -q patched /proc/version
tool undo /suture/version.ko >/tmp/out
is "undo by file" $? 0
like "undo says so" "$(cat /tmp/out)" "$id is undone"
fails "the original runs" grep -q patched /proc/version
is "no module is left" "$(grep -c suture_ /proc/modules)" 0
tool nonsense 2>/dev/null
is "wrong usage: exit code 2" $? 2
