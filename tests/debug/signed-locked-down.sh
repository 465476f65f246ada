# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Lockdown, on a kernel whose key we hold.
# needs: signed core = core
# needs: update stack-1
# needs: signed first = stack-1
# needs: update stack-2 on stack-1
# needs: signed second = stack-2
# needs: suture
# needs: file trust.inc = tests/debug/trust.inc
# guest: append lockdown=integrity
# expect: Lockdown

# shellcheck source=tests/debug/trust.inc
. /suture/trust.inc
trust "*lockdown*signed by a key*"
