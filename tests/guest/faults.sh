# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Every step of the core that can fail does, one at a time: in the core's load, apply and undo, and when a module that the
# update changes comes and goes. Each time all is as before, and in the end it works.
# needs: faults
# needs: update dummy-queue
# needs: kernel-module dummy
# needs: program text
# guest: timeout 300

core() { /init load /suture/suture.ko 2>/dev/null; }
apply() { load dummy-queue; }
revert() { undo dummy-queue; }
take_back() { revert && unload dummy-queue; }
# What the core keeps for the next switch, it takes anew.
start_over() { take_back && rmmod suture && core; }
renew() { unload dummy-queue && apply; }
come() { load dummy; }
go() { rmmod dummy; }

faults_begin 1
each "the core's load" core "rmmod suture"
ok "the core loads" core
ok "the module loads" come
each "apply" apply start_over
apply_ok dummy-queue
moving=-$(field dummy-queue module)
each "undo" revert renew
moving=
go
each "a module's coming" come go
come
moving=-dummy
each "a module's going" go come
undo_ok dummy-queue
faults_end
