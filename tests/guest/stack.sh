# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Four updates of the same two functions, each made on the ones before it: they share a variable that the first has added
# and a function of the second; undo is attempted in every order; one that has all their changes replaces them.
# needs: update stack-1
# needs: update stack-2 on stack-1
# needs: update stack-3 on stack-1 stack-2
# needs: update stack-4 on stack-1 stack-2 stack-3
# needs: update stack-all
# needs: update version
# needs: program jumps
# guest: timeout 300

# Which update's functions run, and the variable they share.
version() { sed 's/^.\([0-9]\):.*/\1/; s/^Linux.*/0/' /proc/version; }
loadavg() { sed 's/^.\([0-9]\)\].*/\1/; s/^[0-9.]* .*/0/' /proc/loadavg; }
shared() { sed 's/^..:\([0-9]*\).*/\1/' /proc/version; }
runs() { echo "$(version) $(loadavg)"; }
jumps() { /suture/jumps "$@"; }
module() { echo "[$(field stack-$1 module)]"; }

ok "the core loads" core_load
is "at first the kernel's own functions run" "$(runs)" "0 0"
is "without a JMP" "$(jumps version_proc_show)" "0 version_proc_show"
refused stack-2 95 base-absent
apply_ok stack-1
is "the first runs" "$(runs)" "1 1"
is "its variable counts" "$(shared)" 12
refused stack-3 116 bytes-differ
for n in 2 3 4; do
	apply_ok stack-$n
	is "stack-$n: it runs" "$(runs)" "$n $n"
	is "stack-$n: it counts on in the first's variable" "$(shared)" $((10 + 2 * n))
	is "stack-$n: one JMP leads to it" "$(jumps version_proc_show)" "1 version_proc_show.suture $(module $n)"
	is "stack-$n: for the other function too" "$(jumps loadavg_proc_show)" "1 loadavg_proc_show.suture $(module $n)"
done
is "and one from the first's replacement" "$(jumps version_proc_show.suture "$(field stack-1 module)")" "1 version_proc_show.suture $(module 4)"
is "the fourth has replaced the second's function" "$(jumps stack_note "$(field stack-2 module)")" "1 stack_note.suture $(module 4)"
refused version 114 already-redirected
fails "an update that others stand on cannot be unloaded" rmmod "$(field stack-1 module)"

# attempt N: undo; "N" where it is done, "N!TOP" where it is refused and the one to undo first is named
attempt() {
	undo stack-$1
	case $? in
	0) echo "$1" ;;
	16) echo "$1!$(sed -n 's/^undo-first: update \([^ ]*\) .*/\1/p' $S/last_error)" ;;
	*) echo "$1?" ;;
	esac
}

# In which order the attempts come: what is undone is so only from the top.
permutation() {
	top=4
	got=
	wanted=
	for n in $1 $2 $3 $4; do
		got="$got $(attempt $n) $(runs)"
		if [ $n = $top ]; then
			top=$((top - 1))
			wanted="$wanted $n $top $top"
		else
			wanted="$wanted $n!$(id_of stack-$top) $top $top"
		fi
	done
	is "undo attempted in the order $1 $2 $3 $4" "$got" "$wanted"
	for n in 4 3 2 1; do
		[ $n -le $top ] || unload stack-$n
	done
	for n in 1 2 3 4; do
		[ $n -le $top ] || load stack-$n
	done
	is "applied again, the last one runs" "$(runs)" "4 4"
}

for a in 1 2 3 4; do
	for b in 1 2 3 4; do
		for c in 1 2 3 4; do
			d=$((10 - a - b - c))
			[ $a != $b ] && [ $a != $c ] && [ $b != $c ] && permutation $a $b $c $d
		done
	done
done

# replaced, one after the other: with all four applied, then with three, ...
for n in 4 3 2 1; do
	load stack-all replace=1
	is "it replaces $n" $? 0
	is "it runs, with a variable of its own" "$(runs) $(shared)" "4 4 12"
	is "one JMP leads to it" "$(jumps version_proc_show)" "1 version_proc_show.suture [$(field stack-all module)]"
	is "the first's replacement leads nowhere" "$(jumps version_proc_show.suture "$(field stack-1 module)")" \
		"0 version_proc_show.suture $(module 1)"
	is "those below are superseded" "$(field stack-1 state) $(field stack-$n state)" "superseded superseded"
	undo stack-$n
	is "and cannot be undone" "$(last_token)" undo-first
	undo stack-all
	is "undo of it" $? 0
	unload stack-all
	is "brings back what was there" "$(runs) $(jumps version_proc_show)" \
		"$n $n 1 version_proc_show.suture $(module $n)"
	undo_ok stack-$n
	is "the one below it runs" "$(runs)" "$((n - 1)) $((n - 1))"
done
is "at last nothing is left of them" "$(jumps version_proc_show)" "0 version_proc_show"
