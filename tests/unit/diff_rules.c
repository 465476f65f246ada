// SPDX-License-Identifier: GPL-2.0-or-later
/* Each rule by which a difference is discounted is noted where it is applied, and only there. */
#include <string.h>

#include "objects.h"

#define BUG_TABLE(line) \
	"asm volatile(\"1: ud2\\n.pushsection __bug_table,\\\"aw\\\"\\n2: .long 1b - .\\n.long %c0 - .\\n" \
	".word " #line "\\n.word 0\\n.org 2b+12\\n.popsection\" :: \"i\"(\"file.c\"));"

#define CLONE(name) \
	"static int h(int) __asm__(\"" name \
	"\"); __attribute__((noinline)) static int h(int a) { asm(\"\"); return a * 3; } "

struct rule_case {
	const char *what;
	const char *pre, *post;
	const char *name; /* of the post atom, without numbers */
	unsigned int rules;
	const char *option;
};

static const struct rule_case cases[] = {
	{ "nothing", "int f(int a) { return a * 3; }", "int f(int a) { return a * 3; }", "f", 0, NULL },
	{ "a line", "void f(int a) { if (a) " BUG_TABLE(10) " }", "void f(int a) { if (a) " BUG_TABLE(99) " }", "f",
	  1u << SU_RULE_LINE, NULL },
	{ "a static with another number", "int f(void) { static int n; return n++; }",
	  "int f(void) { static int n; return n++; } int e(void) { static int z; return z++; }", "f",
	  1u << SU_RULE_NAME, NULL },
	{ "a string elsewhere", "void p(const char *); void g(void) { p(\"a\"); }",
	  "void p(const char *); void n(void) { p(\"new\"); } void g(void) { p(\"a\"); }", "g", 1u << SU_RULE_STRING,
	  "-fno-data-sections" },
	{ "another section", "__attribute__((section(\".text.hot.f\"))) int f(int a) { return a * 3; }",
	  "__attribute__((section(\".text.unlikely.f\"))) int f(int a) { return a * 3; }", "f", 1u << SU_RULE_SECTION,
	  NULL },
	{ "a section of another name as long", "__attribute__((section(\".text.one.f\"))) int f(int a) { return a * 3; }",
	  "__attribute__((section(\".text.two.f\"))) int f(int a) { return a * 3; }", "f", 1u << SU_RULE_SECTION, NULL },
	{ "a clone with another number, in the section that has its name",
	  CLONE("h.isra.3") "int f(int a) { return h(a) + h(a + 1); }",
	  CLONE("h.isra.12") "int f(int a) { return h(a) + h(a + 1); }", "h.isra", 1u << SU_RULE_NAME, NULL },
	{ "a clone with another number in another section",
	  "__attribute__((section(\".text.hot.h\"))) " CLONE("h.isra.3") "int f(int a) { return h(a) + h(a + 1); }",
	  CLONE("h.isra.12") "int f(int a) { return h(a) + h(a + 1); }", "h.isra",
	  1u << SU_RULE_NAME | 1u << SU_RULE_SECTION, NULL },
	{ "a constant with another number",
	  "void p(const char *); void f(void) { p(__func__); } void g(void) { p(__func__); }",
	  "void p(const char *); void g(void) { p(__func__); } void f(void) { p(__func__); }", "f",
	  1u << SU_RULE_CONSTANT, NULL },
	{ "an object that the code tells from another of its name",
	  "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }", "n",
	  1u << SU_RULE_PLACE, NULL },
	{ "an object that its changed function tells from another of its name",
	  "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  "int f(void) { static int n; n *= 5; return n++; } int g(void) { static int n; n *= 7; return n += 2; }", "n",
	  1u << SU_RULE_SCOPE, NULL },
};

static const struct su_atom *find_atom(const struct su_object *object, const char *key)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		if (!strcmp(object->atoms[i]->key, key))
			return object->atoms[i];
	return NULL;
}

static void check_case(struct su_diags *diags, const char *dir, const struct rule_case *c)
{
	const char *option = c->option ? c->option : "-fdata-sections";
	struct su_object *pre = compile_object(diags, dir, "pre", c->pre, true, option);
	struct su_diff *diff = su_diff_create("test.o", pre, compile_object(diags, dir, "post", c->post, true, option));
	const struct su_atom *atom = find_atom(diff->post, c->name);

	assert_non_null(atom);
	if (atom->rules != c->rules)
		fail_msg("%s: rules %#x, wanted %#x", c->what, atom->rules, c->rules);
	su_diff_destroy(diff);
}

static void test_cases(void **data)
{
	struct su_diags *diags = su_diags_create();
	char *dir = NULL;

	(void)data;
	assert_int_equal(su_dir_temp(diags, "/tmp", "suture-rules-", &dir), 0);
	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++)
		check_case(diags, dir, &cases[i]);
	su_dir_remove(diags, dir);
	su_diags_destroy(diags);
	free(dir);
}

/* Names are for scripts, texts for people: each rule has both, and no two the same name. */
static void test_names(void **data)
{
	(void)data;
	for (int r = 0; r < SU_RULE_NR; r++) {
		assert_non_null(su_rule_text(r));
		for (int k = 0; k < r; k++)
			assert_string_not_equal(su_rule_name(r), su_rule_name(k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("diff_rules", tests, NULL, NULL);
}
