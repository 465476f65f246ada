# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# As faults, when a module comes and goes that an applied update changes: with data of its own, and with new code that holds
# two other modules.
# config: CRC7 CRC_ITU_T
# needs: faults
# needs: update dummy-queue
# needs: update dummy-needs
# needs: kernel-module dummy
# needs: kernel-module crc_itu_t
# needs: kernel-module crc7
# needs: program text
# guest: timeout 300

come() { load dummy; }
go() { rmmod dummy; }
apply() { load $name; }
take_back() { undo $name && unload $name; }

# both UPDATE TEXT
both() {
	apply_ok $1
	each "a module's coming, $2" come go
	come
	moving=-dummy
	each "a module's going, $2" go come
	moving=
	go
	undo_ok $1
}

faults_begin 1
ok "the core loads" core_load
ok "modules to be held load" load crc_itu_t
load crc7
both dummy-queue "with data"
both dummy-needs "with modules to be held"
come
name=dummy-queue
each "apply, with data" apply take_back
name=dummy-needs
each "apply, with modules to be held" apply take_back
faults_end
