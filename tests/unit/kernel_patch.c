// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: the reader of unified diffs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/patch.h"

static int parse(struct su_diags *diags, const char *text, struct su_patch *patch)
{
	return su_patch_parse(diags, "x.patch", text, strlen(text), patch);
}

static void test_two_files(void **state)
{
	static const char text[] =
		"From: somebody\nSubject: a fix\n\n--- \n a.c | 2 +-\n\n"
		"diff --git a/fs/a.c b/fs/a.c\nindex 1..2 100644\n"
		"--- a/fs/a.c\t2020-01-01\n+++ b/fs/a.c\t2020-01-02\n"
		"@@ -10,3 +10,4 @@ int f(void)\n one\n+two\n\n three\n"
		"@@ -20 +21,0 @@\n-gone\n"
		"--- linux.orig/mm/b.c\n+++ linux/mm/b.c\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
		"-- \n2.30\n";
	struct su_diags *diags = su_diags_create();
	struct su_patch patch;

	(void)state;
	assert_int_equal(parse(diags, text, &patch), 0);
	assert_int_equal(patch.files.nr, 2);
	assert_string_equal(patch.files.data[0].path, "fs/a.c");
	assert_int_equal(patch.files.data[0].kind, SU_PATCH_MODIFIED);
	assert_int_equal(patch.files.data[0].hunks.nr, 2);
	assert_int_equal(patch.files.data[0].hunks.data[0].old_start, 10);
	assert_int_equal(patch.files.data[0].hunks.data[0].new_nr, 4);
	assert_int_equal(patch.files.data[0].hunks.data[1].old_nr, 1);
	assert_int_equal(patch.files.data[0].hunks.data[1].new_nr, 0);
	assert_string_equal(patch.files.data[1].path, "mm/b.c");
	su_patch_fini(&patch);
	su_diags_destroy(diags);
}

/* Mailers' line ends, also on an empty line of context. */
static void test_crlf(void **state)
{
	static const char text[] = "--- a/fs/a.c\r\n+++ b/fs/a.c\r\n@@ -1,3 +1,4 @@\r\n one\r\n+two\r\n\r\n three\r\n";
	struct su_diags *diags = su_diags_create();
	struct su_patch patch;

	(void)state;
	assert_int_equal(parse(diags, text, &patch), 0);
	assert_string_equal(patch.files.data[0].path, "fs/a.c");
	assert_int_equal(patch.files.data[0].hunks.data[0].new_nr, 4);
	su_patch_fini(&patch);
	su_diags_destroy(diags);
}

static void check_kind(const char *text, enum su_patch_kind kind, const char *path, const char *old_path)
{
	struct su_diags *diags = su_diags_create();
	struct su_patch patch;

	assert_int_equal(parse(diags, text, &patch), 0);
	assert_int_equal(patch.files.nr, 1);
	assert_int_equal(patch.files.data[0].kind, kind);
	assert_string_equal(patch.files.data[0].path, path);
	if (old_path)
		assert_string_equal(patch.files.data[0].old_path, old_path);
	else
		assert_null(patch.files.data[0].old_path);
	su_patch_fini(&patch);
	su_diags_destroy(diags);
}

#define MODIFY(name) "--- a/p/" name ".c\n+++ b/p/" name ".c\n@@ -1 +1 @@\n-x\n+y\n"

static void test_kinds(void **state)
{
	(void)state;
	check_kind("--- /dev/null\n+++ b/x/n.h\n@@ -0,0 +1 @@\n+x\n", SU_PATCH_CREATED, "x/n.h", NULL);
	check_kind("--- a/x/n.c\n+++ b/x/n.c\n@@ -0,0 +1 @@\n+x\n", SU_PATCH_CREATED, "x/n.c", NULL);
	check_kind("--- a/x/n.h\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", SU_PATCH_DELETED, "x/n.h", "x/n.h");
	check_kind("diff --git a/p/a.c b/p/b.c\nrename from p/a.c\nrename to p/b.c\n", SU_PATCH_RENAMED, "p/b.c",
		   "p/a.c");
	check_kind("rename from p/a.c\nrename to p/b.c\nindex 1..2\n--- a/p/a.c\n+++ b/p/b.c\n@@ -1 +1 @@\n-x\n+y\n",
		   SU_PATCH_RENAMED, "p/b.c", "p/a.c");
	/* With a change of its mode, as git has it. */
	check_kind("diff --git a/p/a.c b/p/a.c\nold mode 100644\nnew mode 100755\nindex 1..2\n" MODIFY("a"),
		   SU_PATCH_MODIFIED, "p/a.c", "p/a.c");
}

/* The time of a file is no part of its name, also where a mailer has made blanks of the tab. */
static void test_times(void **state)
{
	(void)state;
	check_kind("--- a/p/a.c\t2026-01-02 03:04:05.6 +0100\n+++ b/p/a.c\t2026-01-02\n@@ -1 +1 @@\n-x\n+y\n",
		   SU_PATCH_MODIFIED, "p/a.c", "p/a.c");
	check_kind("--- a/p/a.c 2026-01-02 03:04:05.6 +0100\r\n+++ b/p/a.c   2026-01-02\r\n@@ -1 +1 @@\r\n-x\r\n+y\r\n",
		   SU_PATCH_MODIFIED, "p/a.c", "p/a.c");
}

/* Mails of a series in one file: what one of them makes, a later one may change. */
static void test_series(void **state)
{
	struct su_diags *diags = su_diags_create();
	struct su_patch patch;

	(void)state;
	assert_int_equal(parse(diags,
			       "From 1 Mon Sep 17\nSubject: [PATCH 1/2] one\n---\n x | 2 +-\n" MODIFY(
				       "a") "--- /dev/null\n+++ b/p/n.h\n@@ -0,0 +1 @@\n+x\n-- \n2.39\n\n"
					    "From 2 Mon Sep 17\nSubject: [PATCH 2/2] two\n---\n" MODIFY("a")
						    MODIFY("b") "--- a/p/n.h\n+++ b/p/n.h\n@@ -1 +1 @@\n-x\n+y\n"
								"-- \n2.39\n\n",
			       &patch),
			 0);
	assert_int_equal(patch.files.nr, 3);
	assert_string_equal(patch.files.data[0].path, "p/a.c");
	assert_int_equal(patch.files.data[0].kind, SU_PATCH_MODIFIED);
	assert_string_equal(patch.files.data[1].path, "p/n.h");
	assert_int_equal(patch.files.data[1].kind, SU_PATCH_CREATED);
	assert_string_equal(patch.files.data[2].path, "p/b.c");
	su_patch_fini(&patch);
	su_diags_destroy(diags);
}

/* Lines of a hunk that look like heads of files. */
static void test_lookalikes(void **state)
{
	(void)state;
	check_kind("--- a/x/a.c\n+++ b/x/a.c\n@@ -1,2 +1,2 @@\n--- a/i\n-@@ -1 +1 @@\n+++ b/i\n+@@ -1 +1 @@\n",
		   SU_PATCH_MODIFIED, "x/a.c", "x/a.c");
	check_kind("--- a/x/a.c\r\n+++ b/x/a.c\r\n@@ -1 +1 @@\r\n-x\r\n+y\r\n", SU_PATCH_MODIFIED, "x/a.c", "x/a.c");
}

static void check_refused(const char *text, const char *want)
{
	struct su_diags *diags = su_diags_create();
	struct su_patch patch = { .files = { .nr = 77 } };

	assert_int_equal(parse(diags, text, &patch), -SU_NOPATCH);
	assert_int_equal(su_diags_count(diags), 1);
	assert_int_equal(su_diags_at(diags, 0)->token, SU_T_PATCH_READ);
	assert_non_null(strstr(su_diags_at(diags, 0)->text, want));
	/* Nothing is written on failure. */
	assert_int_equal(patch.files.nr, 77);
	su_diags_destroy(diags);
}

#define HEAD "--- a/x/a.c\n+++ b/x/a.c\n"

static void test_refused(void **state)
{
	(void)state;
	check_refused("", "no unified diff");
	check_refused("hello\n", "no unified diff");
	check_refused(HEAD, "line 2: no hunk");
	check_refused(HEAD "@@ -1,2 +1 @@\n x\n", "line 4: the patch ends within");
	check_refused(HEAD "@@ -1 +1 @@\n-x\n-y\n", "line 5: the hunk has other lines");
	check_refused(HEAD "@@ -1 +1 @@\nzoo\n", "line 4: the hunk has other lines");
	check_refused(HEAD "@@ -1 @@\n", "line 3: the head of the hunk");
	check_refused(HEAD "@@ -1 +1\n", "line 3: the head of the hunk");
	check_refused(HEAD "@@ -99999999999999999999 +1 @@\n", "head of the hunk");
	check_refused(HEAD "@@ -9 +9 @@\n-x\n+y\n@@ -9 +10 @@\n-x\n+y\n", "not in order");
	check_refused(HEAD "@@ -1 +1 @@\n-x\n+y\n--- a/x/a.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n",
		      "line 9: the file comes");
	check_refused("--- a/x/a.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n" HEAD "@@ -1 +1 @@\n-x\n+y\n",
		      "line 9: the file comes");
	check_refused("--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-x\n+y\n", "not one below");
	check_refused("--- a/x/..\n+++ b/x/..\n@@ -1 +1 @@\n-x\n+y\n", "not one below");
	check_refused("--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-x\n+y\n", "not one below");
	check_refused("--- a//etc/passwd\n+++ b//etc/passwd\n@@ -1 +1 @@\n-x\n+y\n", "not one below");
	check_refused("--- a.c\n+++ a.c\n@@ -1 +1 @@\n-x\n+y\n", "not one below");
	check_refused("--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-x\n+y\n", "both sides");
	check_refused("rename from ../a\nrename to b/c\n", "not one below");
	check_refused("GIT binary patch\nliteral 1\n", "binary");
	check_refused("Binary files a/x and b/x differ\n", "binary");
	check_refused("*** a/x.c\n--- b/x.c\n***************\n", "not a part of a unified diff");
	/* A hunk that no file's head precedes would be a change left out. */
	check_refused("@@ -1 +1 @@\n-x\n+y\n", "not a part of a unified diff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_files),  cmocka_unit_test(test_crlf),	   cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_lookalikes), cmocka_unit_test(test_refused), cmocka_unit_test(test_times),
		cmocka_unit_test(test_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
