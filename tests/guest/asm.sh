# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# An assembler function, with a branch into another one of its section and an entry for the exception table of its own.
# needs: update asm

clear() { dd if=/dev/zero of=/dev/null bs=$1 count=1 2>&1 | head -n 1; }

ok "the core loads" core_load
like "1234 bytes are cleared" "$(clear 1234)" "1+0 records in"
apply_ok asm
like "1234 bytes are refused" "$(clear 1234)" "*Bad address"
like "1235 bytes are cleared" "$(clear 1235)" "1+0 records in"
like "few bytes are cleared by the function that it branches to" "$(clear 20)" "1+0 records in"
undo_ok asm
like "1234 bytes are cleared again" "$(clear 1234)" "1+0 records in"
