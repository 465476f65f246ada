// SPDX-License-Identifier: GPL-2.0-or-later
/* Enumerators with other values: told, one an enum, by name; what only says how many there are is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/enumerators.h"

/* @want: "NAME text" of each warning. */
static void check(const char *before, const char *after, const char *want)
{
	struct su_buf texts[2] = { 0 }, got = { 0 };
	struct su_diags *diags = su_diags_create();

	su_buf_puts(&texts[0], before);
	su_buf_puts(&texts[1], after);
	su_enumerators_compare(diags, "a.h", &texts[0], &texts[1]);
	su_buf_puts(&got, "");
	for (size_t i = 0; i < su_diags_count(diags); i++) {
		const struct su_diag *diag = su_diags_at(diags, i);

		assert_int_equal(diag->severity, SU_WARNING);
		assert_int_equal(diag->token, SU_T_LAYOUT);
		assert_string_equal(diag->object, "a.h");
		su_buf_format(&got, "%s%.*s;", diag->symbol, (int)strcspn(diag->text, ":") - 30, diag->text + 30);
	}
	assert_string_equal(got.data, want);
	su_buf_fini(&texts[0]);
	su_buf_fini(&texts[1]);
	su_buf_fini(&got);
	su_diags_destroy(diags);
}

static void test_same(void **state)
{
	(void)state;
	check("", "enum { A, B };", "");
	check("enum e { A, B, };", "enum e\n{\n\tA, /* one */\n\tB\n};", "");
	check("enum { A, B };", "enum { A, B, C };", "");
	check("enum { A = 0, B };", "enum { A, B = 1 };", "");
	check("enum { A = 0x10, B };", "enum { A = 16u, B = 17 };", "");
	check("enum { A = 1 << 3, B };", "enum { A = 1<<3, B };", "");
	check("enum { A, B };", "enum { B };\nenum { A };", "B from 1 to 0;");
	check("enum e f(int a, int b) { return g(a); }", "enum e f(int b) { int a; }", "");
	check("enum { LIST(X)\n#ifdef Y\nA,\n#endif\nB };", "enum { LIST(X)\n#ifdef Y\nA,\n#endif\nB };", "");
	/* A text that ends early. */
	check("enum { A = (1", "enum { A,", "A;");
	check("enum {", "enum", "");
}

static void test_moved(void **state)
{
	(void)state;
	check("enum e { A, B, C };", "enum e { A, X, B, C };", "B from 1 to 2;");
	check("enum __packed e { A, B, C };", "enum __packed e { A, C };", "C from 2 to 1;");
	check("enum { A = 1, B };", "enum { A = 3, B };", "A from 1 to 3;");
	check("enum { A = X, B };", "enum { A = X, Y, B };", "B;");
	check("typedef enum { A, B } t;\nenum { C };", "typedef enum { X, A, B } t;\nenum { Y, C };",
	      "A from 0 to 1;C from 0 to 1;");
	check("struct s { enum { A, B } a; };", "struct s { enum { B, A } a; };", "A from 0 to 1;");
	check("enum { LIST(X, 1), A };", "enum { LIST(X, 2), A };", "LIST;");
}

static void test_count(void **state)
{
	(void)state;
	check("enum { A, __A_MAX, A_MAX = __A_MAX - 1 };", "enum { A, X, __A_MAX, A_MAX = __A_MAX - 1 };", "");
	check("enum { A, NR_AS };", "enum { A, X, NR_AS };", "");
	check("enum { A, A_LAST };", "enum { A, X, A_LAST };", "");
	check("enum { A, A_MAXIMAL };", "enum { A, X, A_MAXIMAL };", "A_MAXIMAL from 1 to 2;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
