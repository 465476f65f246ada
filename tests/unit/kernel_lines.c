// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lib/kernel: the placing of #line. What counts is what the compiler makes of it: in each test lines hold the marks
 * "N=__LINE__;", and after preprocessing N, the line's number in the unpatched file, must stand there twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/process.h"
#include "lib/kernel/lines.h"

#define HUNKS(...) \
	((const struct su_hunk[]){ __VA_ARGS__ }), \
		sizeof((const struct su_hunk[]){ __VA_ARGS__ }) / sizeof(struct su_hunk)

static void keep(const char *text, const struct su_hunk *hunks, size_t nr, struct su_buf *out)
{
	su_lines_keep(text, strlen(text), hunks, nr, out);
}

static void check_text(const char *text, const struct su_hunk *hunks, size_t nr, const char *want)
{
	struct su_buf out = { 0 };

	keep(text, hunks, nr, &out);
	assert_string_equal(out.data, want);
	su_buf_fini(&out);
}

/* Every mark "N=M;" in preprocessed text must have N equal to M, and there must be @marks of them. */
static void check_marks(const char *text, size_t marks)
{
	const char *p;
	size_t found = 0;

	for (p = text; (p = strchr(p, '=')); p++, found++) {
		const char *begin = p;
		size_t len;

		while (begin > text && begin[-1] >= '0' && begin[-1] <= '9')
			begin--;
		len = (size_t)(p - begin);
		if (strncmp(begin, p + 1, len) || p[1 + len] != ';')
			fail_msg("wrong number: %.20s", begin);
	}
	assert_int_equal(found, marks);
}

static void check_compiled(const char *text, const struct su_hunk *hunks, size_t nr, size_t marks)
{
	struct su_process cc = { .argv = (const char *const[]){ "cc", "-E", "-P", "-x", "c", "-", NULL } };
	struct su_diags *diags = su_diags_create();
	struct su_buf out = { 0 };

	keep(text, hunks, nr, &out);
	cc.input = out.data;
	cc.input_sz = out.nr;
	assert_int_equal(su_process_run(diags, &cc), 0);
	assert_int_equal(cc.exit_code, 0);
	check_marks(cc.out.data, marks);
	su_process_fini(&cc);
	su_buf_fini(&out);
	su_diags_destroy(diags);
}

static void test_plain(void **state)
{
	(void)state;
	check_text("a\nnew\nb\n", HUNKS({ 1, 0, 2, 1 }), "a\nnew\n#line 2\nb\n");
	check_text("a\nb\n", HUNKS({ 2, 1, 1, 0 }), "a\n#line 3\nb\n");
	/* Same number of lines: nothing to do. Change at the end: nothing follows. */
	check_text("a\nB\nc\n", HUNKS({ 2, 1, 2, 1 }), "a\nB\nc\n");
	check_text("a\nnew\n", HUNKS({ 1, 0, 2, 1 }), "a\nnew\n");
	check_text("a\nnew\nb", HUNKS({ 1, 0, 2, 1 }), "a\nnew\n#line 2\nb");
	/* A second change that makes up for the first. */
	check_text("n\na\nb\n", HUNKS({ 0, 0, 1, 1 }, { 2, 1, 2, 0 }), "n\n#line 1\na\n#line 3\nb\n");
}

static void test_put_off(void **state)
{
	(void)state;
	check_text("/*\nn\n*/\nb\n", HUNKS({ 1, 0, 2, 1 }), "/*\nn\n*/\n#line 3\nb\n");
	check_text("#define x \\\n n \\\n y\nb\n", HUNKS({ 1, 0, 2, 1 }), "#define x \\\n n \\\n y\n#line 3\nb\n");
	check_text("f(n,\n g(1),\n ')');\nb\n", HUNKS({ 0, 0, 1, 1 }), "f(n,\n g(1),\n ')');\n#line 3\nb\n");
	check_text("s = \"(\\\n n \\\n\";\nb\n", HUNKS({ 1, 0, 2, 1 }), "s = \"(\\\n n \\\n\";\n#line 3\nb\n");
	check_text("// n ( \\\n still\nb\n", HUNKS({ 0, 0, 1, 1 }), "// n ( \\\n still\n#line 2\nb\n");
	check_text("n // ( /*\nb\n", HUNKS({ 0, 0, 1, 1 }), "n // ( /*\n#line 1\nb\n");
	check_text("'\"' n\nb\n", HUNKS({ 0, 0, 1, 1 }), "'\"' n\n#line 1\nb\n");
	check_text("\"\\\"(\" n\nb\n", HUNKS({ 0, 0, 1, 1 }), "\"\\\"(\" n\n#line 1\nb\n");
	check_text("#define open (\nn\nb\n", HUNKS({ 1, 0, 2, 1 }), "#define open (\nn\n#line 2\nb\n");
}

/* Parentheses that are opened once in each branch are forgotten at the function's end. */
static void test_unbalanced(void **state)
{
	(void)state;
	check_text("{\n#if A\nf(\n#else\ng(\n#endif\n1);\nn\n}\nb\n", HUNKS({ 7, 0, 8, 1 }),
		   "{\n#if A\nf(\n#else\ng(\n#endif\n1);\nn\n}\n#line 9\nb\n");
}

static void test_compiled(void **state)
{
	(void)state;
	check_compiled("1=__LINE__;\nnew\nnew\n2=__LINE__;\n3=__LINE__;\nnew\n5=__LINE__;\n",
		       HUNKS({ 1, 0, 2, 2 }, { 4, 1, 6, 1 }), 4);
	check_compiled("1=__LINE__;\n/* new\n new */\n2=__LINE__;\n#define A \\\n 1\n5=__LINE__;\n",
		       HUNKS({ 1, 0, 2, 2 }), 3);
}

/* A #line in a group that is not compiled is not seen: it must come again behind the group. */
static void test_groups(void **state)
{
	(void)state;
	check_compiled("1=__LINE__;\n#if 0\nnew\n#endif\n4=__LINE__;\n", HUNKS({ 2, 0, 3, 1 }), 2);
	check_compiled("1=__LINE__;\n#if 1\nnew\n#endif\n4=__LINE__;\n", HUNKS({ 2, 0, 3, 1 }), 2);
	check_compiled("#if 0\nnew\n3=__LINE__;\n#else\n4=__LINE__;\n#endif\n6=__LINE__;\n", HUNKS({ 1, 0, 2, 1 }), 2);
	check_compiled("#if 0\nnew\n#elif 1\n3=__LINE__;\n#else\n#endif\n6=__LINE__;\n", HUNKS({ 1, 0, 2, 1 }), 2);
	check_compiled("#if 1\n# if 0\nnew\n# endif\n4=__LINE__;\n#endif\n6=__LINE__;\n", HUNKS({ 2, 0, 3, 1 }), 2);
	check_compiled("#ifdef X\nnew\n# if 1\n# endif\n#else\n5=__LINE__;\n# if 0\n# endif\n8=__LINE__;\n#endif\n10=__LINE__;\n",
		       HUNKS({ 1, 0, 2, 1 }), 3);
	check_compiled("new\n#if 0\n#else\n3=__LINE__;\n#endif\n5=__LINE__;\n", HUNKS({ 0, 0, 1, 1 }), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	 cmocka_unit_test(test_put_off), cmocka_unit_test(test_unbalanced),
		cmocka_unit_test(test_compiled), cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
