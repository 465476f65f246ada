#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# create, show and verify on the prepared kernel: what an update says of itself, that the same input gives the same
# bytes, and each way in which it can fail: exit code, token, and no file left behind.

. tests/tool/lib/tap.sh

P=tests/guest/patches

# patch FILE OLD NEW: a patch that replaces a line of fs/proc/version.c
patch_of() {
	cat >"$1" <<END
--- a/fs/proc/version.c
+++ b/fs/proc/version.c
@@ -10,7 +10,7 @@
 static int version_proc_show(struct seq_file *m, void *v)
 {
-	seq_printf(m, linux_proc_banner,
+	$2
 		utsname()->sysname,
 		utsname()->release,
 		utsname()->version);
 	return 0;
END
}

create() {
	local code=$1 text=$2 out=$3

	shift 3
	exits "$code" "$text" create --release "$RELEASE" -o "$out" "$@"
	[ "$code" = 0 ] || ok "nothing is left behind" test ! -e "$out"
}

create 0 "a good patch" "$T/a.ko" "$P/version.patch"
exits 0 "show" show "$T/a.ko"
for word in version_proc_show vmlinux "$RELEASE" sha256: gcc-12; do
	ok "show has $word" grep -qF "$word" "$T/out"
done
ok "modinfo shows the ID" test -n "$(/sbin/modinfo -F suture_id "$T/a.ko")"
is "it depends on the core" "$(/sbin/modinfo -F depends "$T/a.ko")" suture

mkdir -p "$T/other place"
cp "$P/version.patch" "$T/other place/another-name.patch"
sleep 1
create 0 "the same patch elsewhere, later, with -j 1" "$T/other place/b.ko" -j 1 "$T/other place/another-name.patch"
ok "gives the same bytes" cmp "$T/a.ko" "$T/other place/b.ko"

patch_of "$T/plain.patch" 'seq_printf(m,  linux_proc_banner,'
create 5 "a patch of white space" "$T/c.ko" "$T/plain.patch"
says "no-change"

sed 's/version_proc_show/version_never_show/' "$P/version.patch" >"$T/stale.patch"
create 3 "a patch that does not apply" "$T/c.ko" "$T/stale.patch"
says "patch-does-not-apply" "fs/proc/version.c"

echo "this is no patch" >"$T/text.patch"
create 3 "a file that is no patch" "$T/c.ko" "$T/text.patch"
says "patch-unreadable"

patch_of "$T/wrong.patch" 'seq_printf(m, linux_proc_banner_of_old,'
create 4 "a patch that does not compile" "$T/c.ko" "$T/wrong.patch"
says "does-not-compile" "linux_proc_banner_of_old"

create 10 "a patch that is not there" "$T/c.ko" "$T/none.patch"
says "file-unreadable"

cat >"$T/abort.patch" <<'END'
--- a/kernel/exit.c
+++ b/kernel/exit.c
@@ -1910,7 +1910,6 @@

 __weak void abort(void)
 {
-	BUG();

 	/* if that doesn't kill us, halt */
 	panic("Oops failed to kill thread");
END
sed -i 's/^$/ /' "$T/abort.patch"
create 6 "a function too short for the redirect" "$T/c.ko" "$T/abort.patch"
says "function-too-short" "abort"

cat >"$T/noinstr.patch" <<'END'
--- a/arch/x86/entry/common.c
+++ b/arch/x86/entry/common.c
@@ -73,7 +73,7 @@
 
 	instrumentation_begin();
 
-	if (!do_syscall_x64(regs, nr) && !do_syscall_x32(regs, nr) && nr != -1) {
+	if (!do_syscall_x64(regs, nr) && !do_syscall_x32(regs, nr) && nr != -2) {
 		/* Invalid system call, but still a system call. */
 		regs->ax = __x64_sys_ni_syscall(regs);
 	}
END
create 6 "noinstr code" "$T/c.ko" "$T/noinstr.patch"
says "not-redirectable" "do_syscall_64"

cat >"$T/entry.patch" <<'END'
--- a/arch/x86/entry/entry_64.S
+++ b/arch/x86/entry/entry_64.S
@@ -87,3 +87,3 @@
 SYM_CODE_START(entry_SYSCALL_64)
-	UNWIND_HINT_ENTRY
+	nop
 	ENDBR
END
create 6 "entry code" "$T/c.ko" "$T/entry.patch"
says "not-redirectable"

exits 0 "create --json" create --json --release "$RELEASE" -o "$T/j.ko" "$P/version-state.patch"
ok "it is JSON" python3 -m json.tool "$T/out" /dev/null
ok "it names the changed function" grep -q '"version_proc_show"' "$T/out"
ok "it names the new function" grep -q '"version_count"' "$T/out"
exits 4 "create --json that fails" create --json --release "$RELEASE" -o "$T/k.ko" "$T/wrong.patch"
ok "it is JSON" python3 -m json.tool "$T/out" /dev/null
ok "it has the token" grep -q '"token": *"does-not-compile"' "$T/out"

image=$(dirname "$(dirname "$("$SUTURE" prepare --release "$RELEASE" --json | sed -n 's/^ *"tree": *"\(.*\)",*$/\1/p')")")
image=$image/images/$RELEASE/vmlinuz
exits 0 "verify against the image" verify --image "$image" "$T/a.ko"
create 3 "a patch on another one, without it" "$T/n.ko" "$P/stack-2.patch"
create 0 "with it" "$T/s.ko" --on "$P/stack-1.patch" "$P/stack-2.patch"
is "modinfo has the patch that it stands on" "$(/sbin/modinfo -F suture_on "$T/s.ko")" \
	"sha256:$(sha256sum <"$P/stack-1.patch" | cut -d' ' -f1)"
create 3 "in the wrong order" "$T/n.ko" --on "$P/stack-2.patch" --on "$P/stack-1.patch" "$P/stack-3.patch"
exits 0 "verify of what can be verified" verify --image "$image" "$T/s.ko"
ok "it says what it leaves out" grep -q "an earlier update's replacement" "$T/out"
ok "and promises no more than that" grep -q "as far as it was compared" "$T/out"
"$SUTURE" create -q --release "$RELEASE" -o "$T/1.ko" "$P/stack-1.patch" &&
	"$SUTURE" create -q --release "$RELEASE" -o "$T/3.ko" --on "$P/stack-1.patch" --on "$P/stack-2.patch" \
		"$P/stack-3.patch" || exit 1
exits 0 "verify on what it stands on" verify --image "$image" --on "$T/1.ko" "$T/s.ko"
is "it leaves out nothing" "$(grep -cE 'not compared|as far as' "$T/out")" 0
is "both would be redirected" "$(grep -c 'would be redirected' "$T/out")" 2
exits 0 "verify on two" verify --image "$image" --on "$T/1.ko" --on "$T/s.ko" "$T/3.ko"
is "it leaves out nothing" "$(grep -cE 'not compared|as far as' "$T/out")" 0
exits 7 "verify on too few" verify --image "$image" --on "$T/1.ko" "$T/3.ko"
says "bytes-differ" "version_proc_show"
exits 8 "verify on one that stands on another" verify --image "$image" --on "$T/s.ko" "$T/3.ko"
says "base-absent" "$T/s.ko"
exits 2 "verify on updates of the running kernel" verify --on "$T/1.ko" "$T/s.ko"
exits 0 "explain on another one" explain --release "$RELEASE" --on "$P/stack-1.patch" "$P/stack-2.patch"
ok "it says what is new" grep -qF "new       stack_note" "$T/out"
exits 2 "no release of that name" prepare --release "../../etc"
finish
