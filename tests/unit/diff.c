// SPDX-License-Identifier: GPL-2.0-or-later
/* The comparison of pre and post objects, on pairs of small C files: which functions changed, which are new. */
#include <string.h>

#include "objects.h"

#define BUG_TABLE(line) \
	"asm volatile(\"1: ud2\\n.pushsection __bug_table,\\\"aw\\\"\\n2: .long 1b - .\\n.long %c0 - .\\n" \
	".word " #line "\\n.word 0\\n.org 2b+12\\n.popsection\" :: \"i\"(\"file.c\"));"

/* Names in the order of the post object's functions, each followed by a blank. */
struct diff_case {
	const char *what;
	const char *pre, *post;
	const char *changed, *added;
	const char *option; /* for the compiler; NULL: none */
};

static const struct diff_case cases[] = {
	{ "the same source", "int f(int a) { return a + 1; }", "int f(int a) { return a + 1; }", "", "", NULL },
	{ "a constant", "int f(int a) { return a + 1; } int g(void) { return 3; }",
	  "int f(int a) { return a + 2; } int g(void) { return 3; }", "f ", "", NULL },
	{ "another function is called", "int a(void); int b(void); int f(void) { return a() + 1; }",
	  "int a(void); int b(void); int f(void) { return b() + 1; }", "f ", "", NULL },
	{ "a new function", "int f(int a) { return a; }",
	  "__attribute__((noinline)) static int n(int a) { return a * 77; } int f(int a) { return n(a) + n(2) * 3; }",
	  "f ", "n ", NULL },
	{ "moved lines", "int f(int a) { return a * 3; }\nint g(int a) { return f(a) + 1; }",
	  "\n\n\n\nint f(int a) { return a * 3; }\n\nint g(int a) { return f(a) + 1; }", "", "", NULL },
	{ "functions in another order", "int f(int a) { return a * 3; } int g(int a) { return a * 5; }",
	  "int g(int a) { return a * 5; } int f(int a) { return a * 3; }", "", "", NULL },
	{ "a string changes", "void p(const char *); void f(void) { p(\"old\"); } void g(void) { p(\"same\"); }",
	  "void p(const char *); void f(void) { p(\"new\"); } void g(void) { p(\"same\"); }", "f ", "", NULL },
	{ "string offsets move", "void p(const char *); void g(void) { p(\"a\"); p(\"bb\"); }",
	  "void p(const char *); void n(void) { p(\"new string before\"); } void g(void) { p(\"a\"); p(\"bb\"); }", "",
	  "n ", "-fno-data-sections" },
	{ "renumbered statics", "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  "int e(void) { static int z; return z++; } int f(void) { static int n; return n++; } "
	  "int g(void) { static int n; return n += 2; }",
	  "", "e ", NULL },
	{ "another static of the same name is used",
	  "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 3; }", "g ", "", NULL },
	{ "line numbers of WARN", "void f(int a) { if (a) " BUG_TABLE(10) " }",
	  "void f(int a) { if (a) " BUG_TABLE(99) " }", "", "", NULL },
	{ "one WARN more", "void f(int a) { if (a) " BUG_TABLE(10) " }",
	  "void f(int a) { if (a) " BUG_TABLE(10) " if (a > 7) " BUG_TABLE(11) " }", "f ", "", NULL },
	{ "__func__ in a renamed order",
	  "void p(const char *); void f(void) { p(__func__); } void g(void) { p(__func__); }",
	  "void p(const char *); void g(void) { p(__func__); } void f(void) { p(__func__); }", "", "", NULL },
	{ "a clone is renumbered",
	  "int x(int); __attribute__((noinline)) static int h(int a, int b) { return x(a) + b; } "
	  "int f(int a) { return h(a, 4) + h(a + 1, 4); }",
	  "int x(int); __attribute__((noinline)) static int k(int a, int b) { return x(a) - b; } "
	  "int e(int a) { return k(a, 4) + k(a + 1, 4); } "
	  "__attribute__((noinline)) static int h(int a, int b) { return x(a) + b; } "
	  "int f(int a) { return h(a, 4) + h(a + 1, 4); }",
	  "", "k.constprop.0 e ", NULL },
	{ "a helper becomes inlined",
	  "int x(int); __attribute__((noinline)) static int h(int a) { return x(a) + 1; } "
	  "int f(int a) { return h(a) + h(a + 2); }",
	  "int x(int); static inline __attribute__((always_inline)) int h(int a) { return x(a) + 1; } "
	  "int f(int a) { return h(a) + h(a + 2); }",
	  "f ", "", NULL },
	{ "only the cold part changes",
	  "void c(int) __attribute__((cold)); int x(int); int f(int a) { if (a > 5) { c(a); c(1); } return x(a) + 1; }",
	  "void c(int) __attribute__((cold)); int x(int); int f(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; }",
	  "f ", "", NULL },
	{ "calls inside one explicit section",
	  "#define S __attribute__((section(\".sched.text\"), noinline))\n"
	  "S static int h(int a) { asm(\"\"); return a * 3; } S int f(int a) { return h(a) + 1; } S int g(int a) { return h(a) + 2; }",
	  "#define S __attribute__((section(\".sched.text\"), noinline))\n"
	  "S int n(int a) { asm(\"\"); return a * 9; } S static int h(int a) { asm(\"\"); return a * 3; } "
	  "S int f(int a) { return h(a) + 1; } S int g(int a) { return n(a) + 2; }",
	  "g ", "n ", NULL },
	{ "constants of one name in several functions",
	  "void p(const char *); void f(void) { static const char m[] = \"one\"; p(m); } "
	  "void g(int a) { static const char m[] = \"two\"; p(m); }",
	  "void p(const char *); void f(void) { static const char m[] = \"one\"; p(m); } "
	  "void g(int a) { static const char m[] = \"two\"; p(m); if (a) { static const char m[] = \"three\"; p(m); } }",
	  "g ", "", NULL },
	{ "a function's own constant changes",
	  "int f(int a) { static const int t[] = { 4, 7, 8, 9, 11 }; return t[a]; } int g(int a) { return a * 3; }",
	  "int f(int a) { static const int t[] = { 4, 7, 8, 9, 12 }; return t[a]; } int g(int a) { return a * 3; }",
	  "f ", "", NULL },
	{ "recursion", "int x(int); int f(int a) { return a ? f(a - 1) + x(a) : 1; }",
	  "int x(int); int f(int a) { return a ? f(a - 2) + x(a) : 1; }", "f ", "", NULL },
};

struct state {
	struct su_diags *diags;
	char *dir;
};

static int setup(void **data)
{
	struct state *s = su_alloc(sizeof(*s));

	s->diags = su_diags_create();
	*data = s;
	return su_dir_temp(s->diags, "/tmp", "suture-diff-", &s->dir);
}

static int teardown(void **data)
{
	struct state *s = *data;

	su_dir_remove(s->diags, s->dir);
	su_diags_destroy(s->diags);
	free(s->dir);
	free(s);
	return 0;
}

static struct su_diff *make_diff(struct state *s, const char *pre, const char *post, const char *option)
{
	const char *extra = option ? option : "-fdata-sections";
	struct su_object *a = compile_object(s->diags, s->dir, "pre", pre, true, extra);
	struct su_object *b = compile_object(s->diags, s->dir, "post", post, true, extra);

	return su_diff_create("test.o", a, b);
}

static void collect(const struct su_diff *diff, struct su_buf *changed, struct su_buf *added)
{
	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		const struct su_atom *atom = diff->post->atoms[i];

		if (atom->kind != SU_ATOM_FUNC || atom->owner)
			continue;
		if (!atom->partner)
			su_buf_format(added, "%s ", atom->name);
		else if (atom->is_changed)
			su_buf_format(changed, "%s ", atom->name);
	}
}

static void test_cases(void **data)
{
	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++) {
		SU_CLEANUP_BUF struct su_buf changed = { 0 }, added = { 0 };
		struct su_diff *diff = make_diff(*data, cases[i].pre, cases[i].post, cases[i].option);

		collect(diff, &changed, &added);
		if (strcmp(changed.data ? changed.data : "", cases[i].changed) ||
		    strcmp(added.data ? added.data : "", cases[i].added))
			fail_msg("%s: changed '%s', new '%s'", cases[i].what, changed.data, added.data);
		su_diff_destroy(diff);
	}
}

static const struct su_atom *find_atom(const struct su_object *object, const char *key)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		if (!strcmp(object->atoms[i]->key, key))
			return object->atoms[i];
	return NULL;
}

/* The state that a static local holds must go on being used, whatever number the compiler gives it. */
static void test_static_keeps_identity(void **data)
{
	struct su_diff *diff = make_diff(*data, "int f(int a) { static int count; return count += a; }",
					 "int z(void) { static int other; return other++; } "
					 "int f(int a) { static int count; return count += a * 5; }",
					 NULL);
	const struct su_atom *count = find_atom(diff->post, "count");

	assert_non_null(count);
	assert_ptr_equal(count->partner, find_atom(diff->pre, "count"));
	su_diff_destroy(diff);
}

/* Two statics of one name in one changed function: nothing tells them apart, so neither is chosen. */
static void test_ambiguous_statics(void **data)
{
	struct su_diff *diff =
		make_diff(*data,
			  "int x(int); int f(int a) { if (a > 3) { static int s; return x(s += a); } "
			  "else { static int s; return x(s -= a); } }",
			  "int x(int); int f(int a) { if (a == 0) x(9); if (a > 3) { static int s; return x(s += a); } "
			  "else { static int s; return x(s -= a); } }",
			  NULL);
	size_t ambiguous = 0;

	for (size_t i = 0; i < diff->post->atom_nr; i++)
		ambiguous += su_is_ambiguous(diff->pre, diff->post->atoms[i]);
	assert_int_equal(ambiguous, 2);
	su_diff_destroy(diff);
}

/* A lock class has no bytes without lockdep: an object in an empty section is an object all the same. */
static void test_object_without_bytes(void **data)
{
	struct su_diff *diff =
		make_diff(*data,
			  "struct none { }; int x(void *); int f(int a) { static struct none __key; return x(&__key) + a; }",
			  "struct none { }; int x(void *); int y(int a) { static struct none __key; return x(&__key) - a; } "
			  "int f(int a) { static struct none __key; return x(&__key) + a * 3; }",
			  NULL);
	const struct su_atom *f = find_atom(diff->post, "f");
	size_t keys = 0;

	assert_true(f->is_changed);
	for (size_t i = 0; i < f->edge_nr; i++)
		if (f->edges[i].kind == SU_EDGE_ATOM && !strcmp(f->edges[i].atom->key, "__key")) {
			assert_int_equal(f->edges[i].atom->size, 0);
			keys++;
		}
	assert_int_equal(keys, 1);
	su_diff_destroy(diff);
}

static void check_empty(void *dir, const char *pre, const char *post, bool want)
{
	struct su_diff *diff = make_diff(dir, pre, post, NULL);

	assert_int_equal(su_diff_is_empty(diff), want);
	su_diff_destroy(diff);
}

#define INITCALL(nr) "int f(void); void *call_" nr " __attribute__((used, section(\".initcall6.init\"))) = f;"

/* What makes a unit that only includes a patched header count. */
static void test_empty(void **data)
{
	static const char function[] = "int x(int); int f(int a) { return x(a) + 1; } int t = 1;";

	check_empty(*data, function, function, true);
	check_empty(*data, function, "int x(int); int f(int a) { return x(a) + 2; } int t = 1;", false);
	check_empty(*data, function, "int x(int); int f(int a) { return x(a) + 1; } int t = 2;", false);
	check_empty(*data, function, "int x(int); int f(int a) { return x(a) + 1; } int t = 1, more = 1;", false);
	/* an initcall's entry is named by a counter that a header moves on */
	check_empty(*data, INITCALL("645"), INITCALL("646"), true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_static_keeps_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ambiguous_statics, setup, teardown),
		cmocka_unit_test_setup_teardown(test_object_without_bytes, setup, teardown),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
