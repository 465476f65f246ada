#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The forms in which patches come: each is taken as patch -p1 takes it, or there is one clear error and no update.

. tests/tool/lib/tap.sh

# change OLD NEW [LINE [CONTEXT]]: hunk of fs/proc/version.c, whose line with OLD becomes NEW
change() {
	cat <<END
@@ -${3:-10},5 +${3:-10},5 @@
 static int version_proc_show(struct seq_file *m, void *v)
 {
-	$1
+	$2
 		${4:-utsname()->sysname},
 		utsname()->release,
END
}

head_of() {
	printf -- '--- a/%s\n+++ b/%s\n' "${1:-fs/proc/version.c}" "${1:-fs/proc/version.c}"
}

ORIGINAL='seq_printf(m, linux_proc_banner,'
FIRST='seq_printf(m, "<first> %s %s %s",'
SECOND='seq_printf(m, "<second> %s %s %s",'

# works TEXT: standard input is a patch that makes SECOND of ORIGINAL
works() {
	cat >"$T/p.patch"
	rm -f "$T/a.ko"
	exits 0 "$1" create --release "$RELEASE" -o "$T/a.ko" "$T/p.patch"
	ok "it is carried" grep -qF "<second>" "$T/a.ko"
}

# fails CODE TOKEN TEXT WORD...: standard input is a patch
fails() {
	local code=$1 token=$2 text=$3

	shift 3
	cat >"$T/p.patch"
	exits "$code" "$text" create --release "$RELEASE" -o "$T/none.ko" "$T/p.patch"
	is "one error" "$(grep -c '^suture: error:' "$T/err")" 1
	says "[$token]" "$@"
	ok "nothing is left behind" test ! -e "$T/none.ko"
}

# document: a file that is no code comes, in git's form
document() {
	printf 'diff --git a/%s b/%s\nnew file mode 100644\nindex 000000000000..111111111111\n' "$1" "$1"
	printf -- '--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+text\n' "$1"
}

works "a plain diff" < <(head_of && change "$ORIGINAL" "$SECOND")
works "lines that end in CR and LF" < <({ head_of && change "$ORIGINAL" "$SECOND"; } | sed 's/$/\r/')
works "another line number" < <(head_of && change "$ORIGINAL" "$SECOND" 31)
works "times of files" < <(head_of | sed 's/$/\t2026-01-02 03:04:05.678901234 +0100/' && change "$ORIGINAL" "$SECOND")
works "times behind a blank" < <(head_of | sed 's/$/ 2026-01-02 03:04:05.678901234 +0100/' && change "$ORIGINAL" "$SECOND")
works "a changed mode" < <(
	printf 'diff --git a/fs/proc/version.c b/fs/proc/version.c\nold mode 100644\nnew mode 100755\nindex 1111..2222\n'
	head_of && change "$ORIGINAL" "$SECOND"
)
works "new files that are no code of the kernel" < <(
	document Documentation/suture.rst
	document tools/suture/suture.c
	head_of && change "$ORIGINAL" "$SECOND"
)
works "a series in one mailbox, whose second mail changes what the first has changed" < <(
	printf 'From 1 Mon Sep 17 00:00:00 2001\nSubject: [PATCH 1/2] one\n\n---\n fs/proc/version.c | 2 +-\n\n'
	head_of && change "$ORIGINAL" "$FIRST"
	printf -- '-- \n2.39.5\n\nFrom 2 Mon Sep 17 00:00:00 2001\nSubject: [PATCH 2/2] two\n\n---\n\n'
	head_of && change "$FIRST" "$SECOND"
	printf -- '-- \n2.39.5\n'
)

fails 3 patch-does-not-apply "context that differs" version.c \
	< <(head_of && change "$ORIGINAL" "$SECOND" 10 "utsname()->nodename")
fails 3 patch-does-not-apply "a hunk of another version" version.c < <(head_of && change "$FIRST" "$SECOND")
fails 3 patch-does-not-apply "what is there already" version.c < <(head_of && change "$SECOND" "$ORIGINAL")
fails 3 patch-does-not-apply "a path that lacks its folders" version.c \
	< <(head_of version.c && change "$ORIGINAL" "$SECOND")
fails 3 patch-unreadable "a hunk that is cut short" < <(head_of && change "$ORIGINAL" "$SECOND" | head -n -1)
fails 3 patch-unreadable "a binary hunk" binary < <(
	head_of && change "$ORIGINAL" "$SECOND"
	printf 'diff --git a/x.png b/x.png\nindex 1111..2222 100644\nGIT binary patch\ndelta 1\nIcmZ\n\n'
)
fails 5 not-built "a new document alone" < <(document Documentation/suture.rst)
fails 5 not-built "documents and tools alone" < <(document tools/suture/suture.c && document Documentation/suture.rst)
fails 6 file-unsupported "a new source where some are built" fs/proc/suture.c < <(document fs/proc/suture.c)
fails 6 file-unsupported "another name for a source that is built" fs/proc/suture.c < <(
	printf 'diff --git a/fs/proc/version.c b/fs/proc/suture.c\nsimilarity index 100%%\n'
	printf 'rename from fs/proc/version.c\nrename to fs/proc/suture.c\n'
)
fails 6 file-unsupported "a source that is built goes" fs/proc/version.c < <(
	printf -- '--- a/fs/proc/version.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-// SPDX-License-Identifier: GPL-2.0\n'
)
finish
