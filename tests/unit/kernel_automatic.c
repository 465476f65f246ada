// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: structs that live on stacks only, told by a source's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/automatic.h"

#define DEFINITION "struct env { int a; struct { int b; } c; };\n"
#define OWNER "int f(int x) { struct env e = { .a = x }; return g(&e); }\n"
#define USER "static int g(struct env *env) { return env->a + sizeof(int); }\n"

static const struct {
	const char *what, *text;
	bool is_automatic;
} cases[] = {
	{ "a local variable, and a parameter", DEFINITION USER OWNER, true },
	{ "declared before", "struct env;\n" DEFINITION USER OWNER, true },
	{ "a local pointer", DEFINITION OWNER "int h(struct env *a) { const struct env *p = a; return p->a; }", true },
	{ "not defined here", USER OWNER, false },
	{ "no initialiser", DEFINITION USER "int f(int x) { struct env e; e.a = x; return g(&e); }", false },
	{ "static", DEFINITION USER "int f(int x) { static struct env e = { 1 }; return g(&e); }", false },
	{ "global", DEFINITION USER OWNER "struct env all = { 1 };", false },
	{ "a global pointer", DEFINITION USER OWNER "struct env *all;", false },
	{ "a member", DEFINITION USER OWNER "struct x { struct env e; };", false },
	{ "a pointer in a struct", DEFINITION USER OWNER "struct x { struct env *e; };", false },
	{ "a pointer in a nameless inner struct", DEFINITION USER OWNER "struct x { union { struct env *e; } u; };",
	  false },
	{ "a cast", DEFINITION OWNER "int h(void *p) { return ((struct env *)p)->a; }", false },
	{ "its size", DEFINITION USER OWNER "int h(void) { return sizeof(struct env); }", false },
	{ "the size of what a pointer points to",
	  DEFINITION USER OWNER "int h(void) { struct env *p = kmalloc(sizeof(*p), 1); return p->a; }", false },
	{ "the size without parentheses", DEFINITION USER OWNER "int h(struct env *p) { return sizeof *p; }", false },
	{ "container_of", DEFINITION USER OWNER "int h(int *p) { return container_of(p, struct env, a)->a; }", false },
	{ "per CPU", DEFINITION USER OWNER "DEFINE_PER_CPU(struct env, envs);", false },
	{ "returned", DEFINITION USER OWNER "struct env *h(void);", false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (su_record_is_automatic(cases[i].text, strlen(cases[i].text), "env") != cases[i].is_automatic)
			fail_msg("%s", cases[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests_name("kernel_automatic", tests, NULL, NULL);
}
