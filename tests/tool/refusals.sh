#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an update cannot change is refused by its own token, with the file, the symbol and what to do; its nearest neighbour passes.

. tests/tool/lib/tap.sh

SOURCE=$("$SUTURE" prepare --release "$RELEASE" --json 2>/dev/null | sed -n 's/^ *"source": *"\(.*\)",*$/\1/p')

# edit PATCH FILE SED-SCRIPT [FILE SED-SCRIPT...]: the patch that these make of the kernel's source
edit() {
	local patch=$1

	shift
	: >"$patch"
	while [ $# -gt 0 ]; do
		sed "$2" "$SOURCE/$1" >"$T/edited"
		diff -u --label "a/$1" --label "b/$1" "$SOURCE/$1" "$T/edited" >>"$patch"
		shift 2
	done
}

# refused TOKEN TEXT WORD...: the patch just made
refused() {
	local token=$1 text=$2

	shift 2
	exits 6 "$text" create --release "$RELEASE" -o "$T/none.ko" "$T/p.patch"
	says "[$token]" "hint: " "$@"
	ok "nothing is left behind" test ! -e "$T/none.ko"
}

# passes TEXT: the patch just made, and no token in its messages
passes() {
	exits 0 "$1" create --release "$RELEASE" -o "$T/some.ko" "$T/p.patch"
	is "not a word of it" "$(grep -c "$2" "$T/err")" 0
}

edit "$T/p.patch" arch/x86/entry/vdso/vgetcpu.c 's/return 0;/return 1;/'
refused vdso-code "the vDSO" arch/x86/entry/vdso/vgetcpu.c
edit "$T/p.patch" arch/x86/entry/vdso/vma.c 's/^\treturn map_vdso(image, addr);/\treturn map_vdso(image, addr + PAGE_SIZE);/'
passes "the kernel's code that maps it" vdso-code

edit "$T/p.patch" arch/x86/realmode/rm/wakemain.c 's/0x12345678/0x12345679/'
refused init-code "real mode code" arch/x86/realmode/rm/wakemain.c

INLINED='s/^\thlist_add_head(&up->uidhash_node, hashent);/\tWRITE_ONCE(hashent->first, hashent->first);\n&/'
edit "$T/p.patch" kernel/user.c "$INLINED"
exits 0 "what is inlined into boot code too" create --release "$RELEASE" -o "$T/some.ko" "$T/p.patch"
says "[init-code]" "warning: " uid_cache_init
edit "$T/p.patch" kernel/user.c "$INLINED; s/^\tuid_hash_insert(&root_user.*/\tbarrier();\n&/"
refused init-code "the boot code itself" kernel/user.o uid_cache_init
edit "$T/p.patch" kernel/user.c '/^#define uidhashentry/s/(uidhash_table +/(uidhash_table + 1 +/'
refused init-code "a macro that it uses" kernel/user.o uid_cache_init

edit "$T/p.patch" lib/bcd.c 's/_bin2bcd(unsigned val)/_bin2bcd(unsigned long val)/' \
	include/linux/bcd.h 's/_bin2bcd(unsigned val)/_bin2bcd(unsigned long val)/'
refused changed-export "the type of an exported function" lib/bcd.c _bin2bcd "unsigned long"
exits 6 "the same with --json" create --json --release "$RELEASE" -o "$T/none.ko" "$T/p.patch"
is "it was seen before a unit was compiled" "$(grep -c '"compile":' "$T/out")" 0
edit "$T/p.patch" lib/bcd.c 's/(val & 0x0f) +/(val \& 0x0f) + 1 +/'
passes "its code" changed-export

edit "$T/p.patch" kernel/sched/loadavg.c '/^void get_avenrun/,/^}/d' \
	fs/proc/uptime.c 's/^static int uptime_proc_show/void get_avenrun(unsigned long *loads, unsigned long offset, int shift)\n{\n}\n&/'
refused moved-symbol "a function that moves" kernel/sched/build_utility.o get_avenrun fs/proc/uptime.o
edit "$T/p.patch" fs/proc/cmdline.c 's/^static int/static int shown;\n&/; 0,/^	return 0/s//	shown++;\n&/' \
	fs/proc/uptime.c 's/^static int uptime/static int shown;\n&/; 0,/^	return 0/s//	shown++;\n&/'
passes "two new objects of one name" moved-symbol

# kernel/stop_machine.c has a weak one
OVERRIDE='s/^static int uptime_proc_show/void NAME(const struct cpumask *mask);\nvoid noinline NAME(const struct cpumask *mask)\n{\n\tcpu_relax();\n}\n\n&/; s/^	idle_nsec = 0;/&\n\tNAME(NULL);/'
edit "$T/p.patch" fs/proc/uptime.c "${OVERRIDE//NAME/stop_machine_yield}"
refused moved-symbol "a function to which another unit's weak one would give way" fs/proc/uptime.o stop_machine_yield kernel/stop_machine.o
edit "$T/p.patch" fs/proc/uptime.c "${OVERRIDE//NAME/uptime_yield}"
passes "the same by a name of its own" moved-symbol

edit "$T/p.patch" mm/oom_kill.c 's/^	set_freezable();/&\n	pr_info("suture\\n");/'
refused never-quiescent "the main loop of a thread of boot" mm/oom_kill.o oom_reaper
edit "$T/p.patch" mm/oom_kill.c 's/^	points = get_mm_rss(p->mm) +/	points = 1 + get_mm_rss(p->mm) +/'
passes "another function of its unit" never-quiescent
finish
