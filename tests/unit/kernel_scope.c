// SPDX-License-Identifier: GPL-2.0-or-later
/* Which changes of a source file touch what it declared before: types, on which layouts hang, and all else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/scope.h"
#include "lib/base/err.h"

struct scope_case {
	const char *what, *pre, *post;
	bool types, declarations;
};

static const struct scope_case cases[] = {
	{ "the same", "struct a { int b; };", "struct a { int b; };", false, false },
	{ "white space and comments", "struct a { int b; };", "struct a {\n\tint b; /* new words */\n};", false, false },
	{ "a member more", "struct a { int b; };", "struct a { int b; int c; };", true, true },
	{ "a member of an inner struct", "struct a { struct { int b; } c; int d; };",
	  "struct a { struct { int b, e; } c; int d; };", true, true },
	{ "a union", "union a { int b; };", "union a { long b; };", true, true },
	{ "a new struct", "struct a { int b; };", "struct a { int b; }; struct n { int c; };", false, false },
	{ "a struct that goes", "struct a { int b; }; struct o { int c; };", "struct a { int b; };", true, true },
	{ "code only", "struct a { int b; }; int f(struct a *p) { return p->b; }",
	  "struct a { int b; }; int f(struct a *p) { return p->b + 1; }", false, false },
	{ "an initialiser", "struct a { int b; }; struct a v = { 1 };", "struct a { int b; }; struct a v = { 2 };",
	  false, false },
	{ "text that ends early", "struct a { int b; };", "struct a {", true, true },
	{ "a struct without a name", "static struct { int a, b; } v;", "static struct { int b, a; } v;", true, true },
	{ "a typedef", "typedef struct { int a; } t;", "typedef struct { long a; } t;", true, true },
	{ "a typedef of another type", "typedef int t;", "typedef long t;", true, true },
	{ "a macro that may give a size", "#define N 4\nstruct a { int b[N]; };",
	  "#define N 5\nstruct a { int b[N]; };", true, true },
	{ "an enum that may give a size", "enum { A, N }; struct a { int b[N]; };",
	  "enum { A, B, N }; struct a { int b[N]; };", true, true },
	{ "a new macro", "int f(void) { return 1; }", "#define N 5\nint f(void) { return N; }", false, false },
	{ "a type of a function's own", "int f(void) { static struct s { int a; } s; return s.a; }",
	  "int f(void) { static struct s { int b, a; } s; return s.a; }", true, true },
	{ "a function's type", "int f(int a) { return a; }", "int f(long a) { return a; }", false, true },
	{ "a function's name", "int f(int a) { return a; }", "int g(int a) { return a; }", false, true },
	{ "a new function", "int f(int a) { return a; }", "int g(int a) { return a; } int f(int a) { return g(a); }",
	  false, false },
	{ "an object's type", "static int v = 3;", "static long v = 3;", false, true },
	{ "a struct as argument of a macro", "DEFINE(struct a, v);", "DEFINE(struct b, v);", false, true },
	{ "functions in another order", "int f(void) { return 1; } int g(void) { return 2; }",
	  "int g(void) { return 2; } int f(void) { return 1; }", false, false },
};

static bool differs(enum su_scope scope, const struct scope_case *c)
{
	return su_scope_differs(scope, c->pre, strlen(c->pre), c->post, strlen(c->post));
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++) {
		if (differs(SU_SCOPE_TYPES, &cases[i]) != cases[i].types)
			fail_msg("%s: types", cases[i].what);
		if (differs(SU_SCOPE_DECLARATIONS, &cases[i]) != cases[i].declarations)
			fail_msg("%s: declarations", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests_name("kernel_scope", tests, NULL, NULL);
}
