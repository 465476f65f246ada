// SPDX-License-Identifier: GPL-2.0-or-later
/* Which changes of a source file touch the definition of a struct that was there before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/records.h"
#include "lib/base/err.h"

struct records_case {
	const char *what, *pre, *post;
	bool differ;
};

static const struct records_case cases[] = {
	{ "the same", "struct a { int b; };", "struct a { int b; };", false },
	{ "white space and comments", "struct a { int b; };", "struct a {\n\tint b; /* new words */\n};", false },
	{ "a member more", "struct a { int b; };", "struct a { int b; int c; };", true },
	{ "a member of an inner struct", "struct a { struct { int b; } c; int d; };",
	  "struct a { struct { int b, e; } c; int d; };", true },
	{ "a union", "union a { int b; };", "union a { long b; };", true },
	{ "a new struct", "struct a { int b; };", "struct a { int b; }; struct n { int c; };", false },
	{ "a struct that goes", "struct a { int b; }; struct o { int c; };", "struct a { int b; };", false },
	{ "code only", "struct a { int b; }; int f(struct a *p) { return p->b; }",
	  "struct a { int b; }; int f(struct a *p) { return p->b + 1; }", false },
	{ "an initialiser", "struct a { int b; }; struct a v = { 1 };", "struct a { int b; }; struct a v = { 2 };",
	  false },
	{ "text that ends early", "struct a { int b; };", "struct a {", true },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++)
		if (su_records_differ(cases[i].pre, strlen(cases[i].pre), cases[i].post, strlen(cases[i].post)) !=
		    cases[i].differ)
			fail_msg("%s", cases[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests_name("kernel_records", tests, NULL, NULL);
}
