// SPDX-License-Identifier: GPL-2.0-or-later
/* Is a function's own text left alone? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/kernel/definition.h"

struct definition_case {
	const char *what, *pre, *post;
	bool is_kept;
};

#define F "static int __init f(int a)\n{\n\tif (a) {\n\t\treturn g(a);\n\t}\n\treturn 0;\n}\n"

static const struct definition_case cases[] = {
	{ "the same", F, F, true },
	{ "white space and comments", F, "static int __init f(int a) { /* new */ if (a) { return g(a); } return 0; }",
	  true },
	{ "another function", F "int g(int a) { return 1; }", F "int g(int a) { return 2; }", true },
	{ "a #line before and in it", "int f(int a)\n{\n\treturn 1;\n}\n",
	  "#line 7\nint f(int a)\n{\n#line 1\n\treturn 1;\n}\n", true },
	{ "an attribute behind the parameters", "int f(int a) __must_hold(x) { return 1; }",
	  "int f(int a) __must_hold(x) { return 1; }", true },
	{ "an attribute before the name", "__attribute__((cold)) int f(int a) { return 1; }",
	  "__attribute__((cold)) int f(int a) { return 1; }", true },
	{ "its body", F, "static int __init f(int a)\n{\n\tif (a) {\n\t\treturn g(a + 1);\n\t}\n\treturn 0;\n}\n", false },
	{ "behind an inner block", "int f(void) { { } return 1; }", "int f(void) { { } return 2; }", false },
	{ "its parameters", "int f(int a) { return 1; }", "int f(long a) { return 1; }", false },
	{ "its attributes", "int f(int a) { return 1; }", "int __init f(int a) { return 1; }", false },
	{ "a string", "int f(void) { g(\"a b\"); }", "int f(void) { g(\"a  b\"); }", false },
	{ "a condition in it", "int f(void)\n{\n#ifdef A\n\tg();\n#endif\n}\n",
	  "int f(void)\n{\n#ifdef B\n\tg();\n#endif\n}\n", false },
	{ "one of two definitions", "#ifdef A\nint f(void) { return 1; }\n#else\nint f(void) { return 2; }\n#endif\n",
	  "#ifdef A\nint f(void) { return 1; }\n#else\nint f(void) { return 3; }\n#endif\n", false },
	{ "it comes", "int f(void);", "int f(void);\nint f(void) { return 1; }", false },
	{ "it goes", F, "int g(int a) { return 1; }", false },
	{ "only declared", "int f(void);", "int f(void);", false },
	{ "made by a macro", "MAKE(f) { return 1; }", "MAKE(f) { return 1; }", false },
	{ "called by another one", "int g(void) { return f(1); }", "int g(void) { return f(1); }", false },
	{ "it ends early", "int f(void) { return 1", "int f(void) { return 1;", false },
	{ "nothing", "", "", false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++) {
		struct su_buf pre = { 0 }, post = { 0 };

		su_buf_puts(&pre, cases[i].pre);
		su_buf_puts(&post, cases[i].post);
		if (su_definition_is_kept("f", &pre, &post) != cases[i].is_kept)
			fail_msg("%s: not %d", cases[i].what, cases[i].is_kept);
		su_buf_fini(&pre);
		su_buf_fini(&post);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
