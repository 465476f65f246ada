// SPDX-License-Identifier: GPL-2.0-or-later
/* Updates on updates: what the tables say of code and data that an earlier update has brought. */
#include <string.h>

#include "emit_world.h"

#define HEAD "int exported(int); int hidden(int); static int count; int f(int); const char *g(int);\n"
#define HELPER "__attribute__((noipa)) static int helper(int a) { return hidden(a) + 1; }\n"
#define FRESH "static int fresh;\n"
#define LIMIT "__attribute__((noipa)) static int limit(int a) { return a > fresh ? fresh++ : a; }\n"
#define F_KERNEL "int f(int a) { count += a; return exported(helper(a)) + helper(a + 1); }\n"
#define F_FIRST "int f(int a) { count += a; return exported(helper(limit(a))) + helper(a + 1); }\n"
#define F_SECOND "int f(int a) { count += a; return exported(helper(limit(a))) + helper(limit(a + 2)); }\n"
#define G_KERNEL "const char *g(int a) { return a ? \"yes\" : \"no\"; }\n"
#define G_ALONE "const char *g(int a) { return a > 1 ? \"yes\" : \"no\"; }\n"
#define G_FRESH "const char *g(int a) { return a > fresh ? \"yes\" : \"no\"; }\n"

static const char kernel[] = HEAD HELPER F_KERNEL G_KERNEL;
static const char first[] = HEAD FRESH HELPER LIMIT F_FIRST G_KERNEL;

/* The first update's difference, whose lineage the pre object of the second one's takes over. */
static struct su_object *follow_first(struct emit_world *w)
{
	struct su_object *next = emit_split(w, "next", first);
	struct su_diff *diff = su_diff_create("test.o", emit_split(w, "kernel", kernel), emit_split(w, "first", first));

	su_lineage_step(diff->post, 1);
	su_lineage_copy(diff->post, next);
	su_diff_destroy(diff);
	return next;
}

/* The update from the kernel with the first patch to @second. */
static void emit(struct emit_world *w, const char *second)
{
	struct su_emit_unit unit = { .name = "test.o", .target = "vmlinux" };

	unit.plain = emit_plain(w, "plain", kernel);
	unit.diff = su_diff_create(unit.name, follow_first(w), emit_split(w, "second", second));
	assert_int_equal(emit_units(w, &unit, 1, EMIT_EXPORTS), 0);
}

static const struct su_symbol *find_symbol(const struct su_update *u, const char *name)
{
	for (u32 i = 0; i < u->header->symbols.nr; i++)
		if (!strcmp(su_update_string(u, u->symbols[i].name), name))
			return &u->symbols[i];
	return NULL;
}

static u32 origin_of(const struct su_update *u, const char *symbol)
{
	const struct su_symbol *s = find_symbol(u, symbol);

	assert_non_null(s);
	assert_int_not_equal(s->section, SU_NONE);
	assert_int_equal(!!(s->flags & SU_SYMBOL_EARLIER), u->sections[s->section].origin != SU_ORIGIN_TARGET);
	return u->sections[s->section].origin;
}

static size_t earlier_sections(const struct su_update *u)
{
	size_t nr = 0;

	for (u32 i = 0; i < u->header->sections.nr; i++)
		nr += u->sections[i].origin != SU_ORIGIN_TARGET;
	return nr;
}

/* f() is replaced where its replacement runs; what the first has added is found there. */
static void test_replacement_is_replaced(void **data)
{
	struct emit_world *w = *data;
	const struct su_section *old;

	emit(w, HEAD FRESH HELPER LIMIT F_SECOND G_KERNEL);
	assert_int_equal(w->result.changed_nr, 1);
	assert_int_equal(w->result.new_nr, 0);
	assert_int_equal(w->u.header->functions.nr, 1);
	assert_string_equal(su_update_string(&w->u, w->u.functions[0].name), "f");
	assert_int_equal(w->u.functions[0].off, 0);
	assert_int_equal(w->u.functions[0].window_off, 5);
	old = &w->u.sections[w->u.functions[0].section];
	assert_ptr_equal(&w->u.symbols[su_section_latest(old)], find_symbol(&w->u, "f"));
	assert_int_equal(origin_of(&w->u, "f"), SU_ORIGIN_TARGET);
	assert_int_equal(origin_of(&w->u, "f.suture"), old->origin);
	assert_int_equal(origin_of(&w->u, "limit"), SU_ORIGIN_EARLIER);
	assert_true(find_symbol(&w->u, "limit")->flags & SU_SYMBOL_WANTED);
	/* what the kernel has is the kernel's */
	assert_int_equal(origin_of(&w->u, "helper"), SU_ORIGIN_TARGET);
	assert_int_equal(origin_of(&w->u, "count"), SU_ORIGIN_TARGET);
}

/* A function of the first, which the kernel does not have, is replaced in the first's module. */
static void test_added_function_is_replaced(void **data)
{
	struct emit_world *w = *data;

	emit(w, HEAD FRESH HELPER
	     "__attribute__((noipa)) static int limit(int a) { return a > fresh ? fresh : a; }\n" F_FIRST G_KERNEL);
	assert_int_equal(w->u.header->functions.nr, 1);
	assert_string_equal(su_update_string(&w->u, w->u.functions[0].name), "limit");
	assert_int_equal(w->u.sections[w->u.functions[0].section].origin, SU_ORIGIN_EARLIER);
	assert_int_equal(origin_of(&w->u, "limit"), SU_ORIGIN_EARLIER);
}

/* Another function uses a variable of the first: the code there that refers to it comes along, and is not replaced. */
static void test_added_data_is_used(void **data)
{
	struct emit_world *w = *data;
	const struct su_symbol *fresh;

	emit(w, HEAD FRESH HELPER LIMIT F_FIRST G_FRESH);
	assert_int_equal(w->result.new_nr, 0);
	assert_int_equal(w->u.header->functions.nr, 1);
	assert_int_equal(w->u.sections[w->u.functions[0].section].origin, SU_ORIGIN_TARGET);
	fresh = find_symbol(&w->u, "fresh");
	assert_int_equal(origin_of(&w->u, "fresh"), SU_ORIGIN_EARLIER);
	assert_true(fresh->flags & SU_SYMBOL_WANTED);
	assert_int_equal(w->u.sections[fresh->section].kind, SU_SECTION_PLACE);
	assert_int_equal(origin_of(&w->u, "limit"), SU_ORIGIN_EARLIER);
}

/* What has nothing of the first does not stand on it. */
static void test_independent(void **data)
{
	struct emit_world *w = *data;

	emit(w, HEAD FRESH HELPER LIMIT F_FIRST G_ALONE);
	assert_int_equal(w->u.header->functions.nr, 1);
	assert_int_equal(earlier_sections(&w->u), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, emit_setup, emit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replacement_is_replaced),
		TEST(test_added_function_is_replaced),
		TEST(test_added_data_is_used),
		TEST(test_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
