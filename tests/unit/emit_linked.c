// SPDX-License-Identifier: GPL-2.0-or-later
/* Global names of several units: what the linker makes of weak and strong ones, and of those that the kernel does not know. */
#include <string.h>

#include "emit_world.h"

#define UNITS_MAX 2
#define X "int x(int), n(int), m(int); "
#define WEAK "__attribute__((weak)) "
#define N(value) "__attribute__((noipa)) int n(int a) { return x(a) + " value "; } "
#define F(value) "int f(int a) { return n(a) + x(" value "); } "
#define CALLEE(value) "static __attribute__((noipa)) int c(int a) { return x(a) + " value "; } "
#define ALIAS " int n(int) __attribute__((weak, alias(\"m\"))); "

struct source {
	const char *pre, *post;
};

/* Names are those of the units in the order of the sources: "0.o", "1.o". */
struct linked_case {
	const char *what;
	struct source units[UNITS_MAX];
	enum su_namesake_kind kind; /* of n in another unit; where there is one */
	bool is_elsewhere;
	enum su_token token;   /* of the refusal, or of the warning */
	const char *functions; /* that the update has, where it is made: "unit:name " */
};

static const struct linked_case cases[] = {
	{ .what = "a strong one is added where another unit has a weak one",
	  .units = { { X F("1"), X N("1") F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .token = SU_T_MOVED },
	{ .what = "a strong one goes where another unit has a weak one",
	  .units = { { X N("1") F("1"), X F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .token = SU_T_MOVED },
	{ .what = "a static one becomes global where another unit has a weak one",
	  .units = { { X "static __attribute__((noinline)) int n_(int a) { return x(a); } int f(int a) { return n_(a); }",
		       X "int n(int a) { return x(a); } int f(int a) { return n(a) + 1; }" } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .token = SU_T_MOVED },
	{ .what = "a weak one becomes strong where another unit has a weak one too",
	  .units = { { X WEAK N("1") F("1"), X N("1") F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .token = SU_T_MOVED },
	{ .what = "the same in two units of the patch",
	  .units = { { X WEAK N("1") F("1"), X WEAK N("1") F("1") },
		     { X "int g(int a) { return x(a); }", X N("2") "int g(int a) { return x(a) + 1; }" } },
	  .token = SU_T_MOVED },
	{ .what = "a variable is added where another unit has a weak one",
	  .units = { { "int x(int); int f(int a) { return x(a); }",
		       "int x(int); int n = 3; int f(int a) { return x(a) + n; }" } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .token = SU_T_MOVED },
	{ .what = "a new one that somebody uses already",
	  .units = { { X F("1"), X N("1") F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_USE,
	  .token = SU_T_MOVED },
	{ .what = "one goes that another unit uses, and it calls what changes",
	  .units = { { X CALLEE("1") "int n(int a) { return c(a); } int f(int a) { return c(a) + n(a); }",
		       X CALLEE("2") "int f(int a) { return c(a); }" } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_USE,
	  .token = SU_T_MOVED },
	{ .what = "one goes that another unit uses, and by one that goes too it calls what changes",
	  .units = { { X CALLEE("1") "static __attribute__((noipa)) int d(int a) { return c(a) - 1; } "
				     "int n(int a) { return d(a) + x(a); } int f(int a) { return c(a) + n(a); }",
		       X CALLEE("2") "int f(int a) { return c(a); }" } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_USE,
	  .token = SU_T_MOVED },
	{ .what = "one goes that another unit of the patch uses still, and it calls what changes",
	  .units = { { X CALLEE("1") "int n(int a) { return c(a); } int g(int a) { return c(a) + n(a); }",
		       X CALLEE("2") "int g(int a) { return c(a); }" },
		     { X F("1"), X F("2") } },
	  .token = SU_T_MOVED },
	{ .what = "a weak one changes where another unit has a weak one",
	  .units = { { X WEAK N("1"), X WEAK N("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .token = SU_T_AMBIGUOUS },
	{ .what = "only a weak one changes that gives way",
	  .units = { { X WEAK N("1"), X WEAK N("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_STRONG,
	  .token = SU_T_NO_CHANGE },
	{ .what = "new data of boot that another unit's code uses",
	  .units = { { "int x(int);", "int x(int); __attribute__((section(\".init.data\"))) int n = 3;" },
		     { "int x(int); int g(int a) { return x(a); }",
		       "int x(int); extern int n; int g(int a) { return x(a) + n; }" } },
	  .token = SU_T_SECTION },

	{ .what = "a new one of its own", .units = { { X F("1"), X N("1") F("2") } }, .functions = "0.o:f 0.o:n " },
	{ .what = "one goes that was its own",
	  .units = { { X N("1") F("1"), X "int f(int a) { return x(a); }" } },
	  .functions = "0.o:f " },
	{ .what = "one goes that another unit uses",
	  .units = { { X N("1") CALLEE("1") "int f(int a) { return c(n(a)); }",
		       X CALLEE("2") "int f(int a) { return c(a); }" } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_USE,
	  .token = SU_T_MOVED,
	  .functions = "0.o:c 0.o:f " },
	{ .what = "one goes that its unit uses still",
	  .units = { { X N("1") F("1"), X F("2") } },
	  .token = SU_T_MOVED,
	  .functions = "0.o:f " },
	{ .what = "a weak one changes that is in use",
	  .units = { { X WEAK N("1") F("1"), X WEAK N("2") F("2") } },
	  .functions = "0.o:n 0.o:f " },
	{ .what = "a weak one becomes strong, and is the only one",
	  .units = { { X WEAK N("1") F("1"), X N("1") F("2") } },
	  .functions = "0.o:f " },
	{ .what = "a strong one changes to which another unit's gives way",
	  .units = { { X N("1") F("1"), X N("2") F("1") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_WEAK,
	  .functions = "0.o:n " },
	{ .what = "a weak one is added that gives way",
	  .units = { { X F("1"), X WEAK N("1") F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_STRONG,
	  .functions = "0.o:f " },
	{ .what = "a weak one changes that gives way, and its caller",
	  .units = { { X WEAK N("1") F("1"), X WEAK N("2") F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_STRONG,
	  .token = SU_T_NO_CHANGE,
	  .functions = "0.o:f " },
	{ .what = "a weak one of two names, of which one gives way",
	  .units = { { X "int m(int a) { return x(a); }" ALIAS F("1"),
		       X "int m(int a) { return x(a) + 1; }" ALIAS F("2") } },
	  .is_elsewhere = true,
	  .kind = SU_NAMESAKE_STRONG,
	  .functions = "0.o:m 0.o:f " },
	{ .what = "both are new, and the strong one is meant",
	  .units = { { X F("1"), X WEAK N("1") F("2") },
		     { X "int g(int a) { return x(a); }", X N("2") "int g(int a) { return x(a); }" } },
	  .functions = "0.o:f 1.o:n " },
};

static struct su_emit_unit unit_create(struct emit_world *w, const struct source *source, size_t i)
{
	SU_CLEANUP_FREE char *pre = su_format("pre%zu", i), *post = su_format("post%zu", i);
	SU_CLEANUP_FREE char *plain = su_format("plain%zu", i);
	struct su_emit_unit unit = { .name = i ? "1.o" : "0.o", .target = "vmlinux" };
	struct su_object *a = emit_split(w, pre, source->pre), *b = emit_split(w, post, source->post);

	unit.plain = emit_plain(w, plain, source->pre);
	unit.diff = su_diff_create(unit.name, a, b);
	return unit;
}

static int emit(struct emit_world *w, const struct linked_case *c)
{
	const struct su_namesake namesake = { "vmlinux", "n", "else.o", c->kind };
	struct su_emit_unit units[UNITS_MAX];
	size_t nr = 0;
	int ret;

	for (; nr < UNITS_MAX && c->units[nr].pre; nr++)
		units[nr] = unit_create(w, &c->units[nr], nr);
	w->namesakes = &namesake;
	w->namesake_nr = c->is_elsewhere;
	ret = emit_units(w, units, nr, EMIT_EXPORTS);
	w->namesakes = NULL;
	w->namesake_nr = 0;
	return ret;
}

/* Unit by unit, changed ones first. */
static void name_functions(const struct su_emit_result *result, struct su_buf *names)
{
	for (size_t u = 0; u < UNITS_MAX; u++)
		for (size_t i = 0; i < result->functions.nr; i++)
			if (result->functions.data[i].unit[0] == (char)('0' + u))
				su_buf_format(names, "%s:%s ", result->functions.data[i].unit,
					      result->functions.data[i].name);
}

static void check_refusal(struct emit_world *w, const struct linked_case *c, int ret)
{
	const struct su_diag *d = su_diags_at(w->diags, su_diags_count(w->diags) - 1);

	if (ret != -(int)su_token_status(c->token) || d->token != c->token)
		fail_msg("%s: returned %d, wanted token %s", c->what, ret, su_token_name(c->token));
	if (c->token != SU_T_NO_CHANGE && (!d->hint || strcmp(d->symbol, "n") != 0))
		fail_msg("%s: no symbol or hint", c->what);
}

static void test_cases(void **data)
{
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++) {
		const struct linked_case *c = &cases[i];
		SU_CLEANUP_BUF struct su_buf names = { 0 };
		int ret;

		su_diags_destroy(w->diags);
		w->diags = su_diags_create();
		ret = emit(w, c);
		if (!c->functions) {
			check_refusal(w, c, ret);
			continue;
		}
		name_functions(&w->result, &names);
		if (ret || strcmp(names.data ? names.data : "", c->functions) != 0)
			fail_msg("%s: returned %d, functions %s", c->what, ret, names.data ? names.data : "none");
		if (su_diags_count(w->diags) != (c->token ? 1 : 0) ||
		    (c->token && su_diags_at(w->diags, 0)->token != c->token))
			fail_msg("%s: not warned, or warned without need", c->what);
	}
}

/* Is there a private relocation by that name? */
static bool uses(const struct su_update *u, const char *name)
{
	for (u32 i = 0; i < u->header->relocs.nr; i++)
		if (!strcmp(su_update_string(u, u->symbols[u->relocs[i].symbol].name), name))
			return true;
	return false;
}

/* What has given way is nobody's: new code calls what the kernel calls, by the name. */
static void test_calls_by_name(void **data)
{
	static const struct linked_case changed = {
		.units = { { X WEAK N("1") F("1"), X WEAK N("2") F("2") } },
		.is_elsewhere = true,
		.kind = SU_NAMESAKE_STRONG,
	};
	static const struct linked_case own = { .units = { { X WEAK N("1") F("1"), X WEAK N("2") F("2") } } };
	struct emit_world *w = *data;

	assert_int_equal(emit(w, &changed), 0);
	assert_true(uses(&w->u, "n"));
	assert_int_equal(emit(w, &own), 0);
	assert_false(uses(&w->u, "n"));
}

/* The only private relocation of the new g() that is not x's: to what symbol? */
static const struct su_symbol *used_by_g(const struct su_update *u)
{
	for (u32 i = 0; i < u->header->relocs.nr; i++) {
		const struct su_symbol *s = &u->symbols[u->relocs[i].symbol];

		if (strcmp(su_update_string(u, s->name), "x"))
			return s;
	}
	return NULL;
}

/* A function that the kernel has by no such name: where its unit has it is where the new code finds it. */
static void test_found_by_place(void **data)
{
#define G_OLD X "int g(int a) { return x(a); }"
#define G_NEW X "int g(int a) { return n(a) + x(a); }"
	static const struct linked_case becomes_global = {
		.units = { { "int x(int); __attribute__((noipa)) static int n(int a) { return x(a); } int f(int a) { return n(a); }",
			     "int x(int); __attribute__((noipa)) int n(int a) { return x(a); } int f(int a) { return n(a); }" },
			   { G_OLD, G_NEW } },
	};
	static const struct linked_case gets_a_name = {
		.units = { { X "int m(int a) { return x(a) * 3; }",
			     X "int m(int a) { return x(a) * 3; } int n(int) __attribute__((alias(\"m\")));" },
			   { G_OLD, G_NEW } },
	};
	const struct linked_case *const all[] = { &becomes_global, &gets_a_name };
	const char *const names[] = { "n", "m" };
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(all); i++) {
		const struct su_symbol *s;

		assert_int_equal(emit(w, all[i]), 0);
		s = used_by_g(&w->u);
		assert_non_null(s);
		assert_string_equal(su_update_string(&w->u, s->name), names[i]);
		assert_int_not_equal(s->section, SU_NONE);
		assert_int_equal(w->u.sections[s->section].kind, SU_SECTION_TEXT);
	}
}

/* New code of one unit calls what is new in another by its second name. */
static void test_second_name(void **data)
{
	static const struct linked_case both = {
		.units = { { X "int f(int a) { return x(a); }",
			     X "int f(int a) { return x(a); } int m(int a) { return x(a) * 3; } "
			       "int n(int) __attribute__((alias(\"m\")));" },
			   { G_OLD, G_NEW } },
	};
	struct emit_world *w = *data;

	assert_int_equal(emit(w, &both), 0);
	assert_int_equal(w->result.new_nr, 1);
	assert_string_equal(w->result.functions.data[1].name, "m");
	assert_false(uses(&w->u, "n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, emit_setup, emit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cases),
		TEST(test_calls_by_name),
		TEST(test_found_by_place),
		TEST(test_second_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
