# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# As faults, with more than one update: one on top of another, one that replaces all others; and with one whose redirects
# lie over static keys and calls, and one that stays.
# needs: faults
# needs: update dummy-queue
# needs: update dummy-queue-2 on dummy-queue
# needs: update version
# needs: update version-again
# needs: update network
# needs: update kept
# needs: kernel-module dummy
# needs: program text
# guest: timeout 300

# of the update NAME
apply() { load $name; }
revert() { undo $name; }
remove() { unload $name; }
take_back() { revert && remove; }
renew() { remove && apply; }
replace() { load $name replace=1; }
renew_replace() { remove && replace; }
again() { /init write "$S/updates/$(id_of kept)/apply" 1 2>/dev/null; }

# both NAME TEXT
both() {
	name=$1
	each "apply, $2" apply take_back
	apply_ok $name
	moving=-$(field $name module)
	each "undo, $2" revert renew
	undo_ok $name
	moving=
}

faults_begin 1
ok "dummy loads" load dummy
ok "the core loads" core_load
both network "over a static key and a static call"
apply_ok dummy-queue
both dummy-queue-2 "on top of another"
apply_ok version
name=version-again
each "replace" replace take_back
replace
is "it is applied" "$(field version-again state)" applied
moving=-$(field version-again module)
each "undo of what has replaced" revert renew_replace
undo_ok version-again
moving=
undo_ok version
undo_ok dummy-queue
faults_end

# it is never unloaded again, and the core neither
ok "the core loads" core_load
name=kept
apply_ok kept
revert
each "apply again" again revert
faults_list
