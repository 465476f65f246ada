# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# A CPU without CMPXCHG16B: the core is not loaded, and says why.
# guest: cpu max,-cx16

core_load
is "the core's load fails with EOPNOTSUPP" $? 95
ok "the log says why" grep -q "suture: core: this CPU has no CMPXCHG16B \[system\]" <<END
$(dmesg)
END
fails "it is not loaded" loaded suture
fails "nothing of it is left" test -e $S
