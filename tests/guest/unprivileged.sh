# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# The core's files are those of docs/abi.md, with the modes that it says, and give nothing away: a user without rights
# changes nothing and reads no address.
# needs: update version
# needs: document abi.md
# needs: program nobody

# listed: "MODE NAME" of every file in the document's tables
listed() {
	awk -F'|' '
		/^## / { is_files = 0 }
		/^## Files of the core/ { is_files = 1; folder = "" }
		/^## Files of an update/ { is_files = 1; folder = "updates/ID/" }
		is_files && $3 ~ /0[0-7][0-7][0-7]/ {
			gsub(/[ `]/, "", $2)
			gsub(/ /, "", $3)
			nr = split($2, names, ",")
			for (i = 1; i <= nr; i++) print $3 " " folder names[i]
		}' /suture/abi.md | sort
}

# present: the same of the files that are there
present() {
	find $S -type f | while read -r file; do
		echo "$(stat -c 0%a "$file") ${file#"$S"/}"
	done | sed "s,updates/$(id_of version)/,updates/ID/," | sort
}

# as_nobody COMMAND: by the shell of a user without rights
as_nobody() {
	/suture/nobody sh -c "$1" 2>/dev/null
}

# addresses: in what anybody may read of the core and of the update
addresses() {
	as_nobody "find $S /sys/module/suture /sys/module/$(field version module) -type f -exec cat {} +" |
		grep -aE '(0x|[^0-9a-f]|^)ffff[0-9a-f]{12}'
}

ok "the core loads" core_load
apply_ok version
is "the files and their modes" "$(present)" "$(listed)"
is "options have no files beside these" "$(ls /sys/module/suture/parameters 2>/dev/null)" ""
like "the document lists them" "$(listed | wc -l)" "1[0-9]"
is "a user reads no address" "$(addresses)" ""
is "a user reads the state" "$(as_nobody "cat $S/updates/*/state")" applied
written=$(as_nobody "find $S /sys/module/suture -type f" | while read -r file; do
	as_nobody "echo 1 >$file" && echo "$file"
done)
is "a user writes to nothing" "$written" ""
for file in last_error timeout_ms on_mismatch updates/$(id_of version)/blockers; do
	fails "a user does not read $file" as_nobody "cat $S/$file"
done
is "it is still applied" "$(field version state)" applied
fails "a user loads no update" /suture/nobody /init load /suture/version.ko
/suture/nobody root /init write "$S/updates/$(id_of version)/undo" 1
is "root that may not load modules undoes nothing: EACCES" $? 13
is "it is still applied" "$(field version state)" applied
undo_ok version
