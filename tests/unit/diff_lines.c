// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines that only move: object code cannot tell a line's number from another, so the patched copy of a file keeps the old numbers.
 * Here a patch goes the whole way, from the text to the difference.
 */
#include "diff_cases.h"
#include "lib/kernel/lines.h"

static const char pre_text[] =
	"int x(int); void p(const char *, int);\n"
	"#define STR(a) #a\n"
	"#define XSTR(a) STR(a)\n"
	"#define WARN() asm volatile(\"1: ud2\\n.pushsection __bug_table,\\\"aw\\\"\\n2: .long 1b - ., 0\\n.word %c0, 0\\n\" \\\n"
	"	\".org 2b+12\\n.popsection\" :: \"i\"(__LINE__))\n"
	"#define DEBUG() do { static struct { int line; } descriptor __attribute__((section(\"__dyndbg\"))) = { __LINE__ }; \\\n"
	"	x((int)(long)&descriptor); } while (0)\n"
	"int f(int a)\n"
	"{\n"
	"	return x(a);\n"
	"}\n"
	"int immediate(int a) { p(\"file\", __LINE__); return a; }\n"
	"int string(int a) { p(\"file\" XSTR(__LINE__), 3); return a; }\n"
	"int table(int a) { if (a) WARN(); return a; }\n"
	"int debug(int a) { DEBUG(); return a; }\n";

/* The patch: f() gets two lines more. */
static char *patched(void)
{
	const char *at = strstr(pre_text, "	return x(a);\n");

	return su_format("%.*s	if (a > 3)\n		return 9;\n%s", (int)(at - pre_text), pre_text, at);
}

static void keep_lines(const char *text, struct su_buf *out)
{
	/* diff -U0 of the two: lines 10 and 11 are new */
	const struct su_hunk hunk = { .old_start = 9, .old_nr = 0, .new_start = 10, .new_nr = 2 };

	su_lines_keep(text, strlen(text), &hunk, 1, out);
}

static void check_changed(void **data, const char *post, const char *want)
{
	SU_CLEANUP_BUF struct su_buf changed = { 0 };
	struct su_diff *diff = make_diff(*data, pre_text, post, NULL);

	list_names(diff, LIST_CHANGED, &changed);
	assert_string_equal(changed.data, want);
	su_diff_destroy(diff);
}

static void test_kept(void **data)
{
	SU_CLEANUP_FREE char *post = patched();
	SU_CLEANUP_BUF struct su_buf kept = { 0 };

	keep_lines(post, &kept);
	check_changed(data, kept.data, "f ");
}

/* What it would be otherwise: a table's line is looked past, as its place is known; the others are not. */
static void test_moved(void **data)
{
	SU_CLEANUP_FREE char *post = patched();

	check_changed(data, post, "debug f immediate string ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, diff_setup, diff_teardown),
		cmocka_unit_test_setup_teardown(test_moved, diff_setup, diff_teardown),
	};

	return cmocka_run_group_tests_name("diff_lines", tests, NULL, NULL);
}
