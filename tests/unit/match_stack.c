// SPDX-License-Identifier: GPL-2.0-or-later
/* Run-pre matching of an update that stands on an earlier one: its code and data are found in that one's module. */
#include "match_world.h"

#define FOO_RUN (RUN_ADDR + 0x3407)
#define ADDED_RUN (RUN_ADDR + 0x3604)

static u32 s_foo, s_added, y_foo, y_added;

/* The latest replacement of foo() uses a variable that its update has added. */
static int set_up(void **state)
{
	world_set_up(state);
	w->sees_earlier = true;
	w->original = TEXT_RUN;
	w->replacement = FOO_RUN;
	s_added = world_section(w, ".data.added", SU_SECTION_PLACE, 8, 1, ADDED_RUN);
	w->sections[s_added].origin = SU_ORIGIN_EARLIER;
	y_added = world_symbol(w, "added", SU_SYMBOL_NAMED, s_added, 0, SU_SYMBOL_EARLIER | SU_SYMBOL_WANTED);
	s_foo = world_section(w, ".text.foo", SU_SECTION_TEXT, 0x20, 1, FOO_RUN);
	w->sections[s_foo].origin = SU_ORIGIN_LATEST + Y_FOO;
	y_foo = world_symbol(w, "foo.suture", SU_SYMBOL_NAMED, s_foo, 0, SU_SYMBOL_FUNC | SU_SYMBOL_EARLIER);
	CODE(w, s_foo, 0, 0x90, 0x48, 0xc7, 0xc7);
	world_hole(w, 4, y_added, R_X86_64_32S, 0, ADDED_RUN);
	return 0;
}

static void test_data_is_found_through_the_replacement(void **state)
{
	(void)state;
	w->name_nr -= 1; /* "foo.suture" is not needed for it */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_true(w->match.matched[s_foo]);
	assert_int_equal(world_value(w, y_foo), FOO_RUN);
	assert_int_equal(world_value(w, y_added), ADDED_RUN);
	assert_int_equal(w->match.bases[s_added].known - 1, SU_VALUE_INFERRED);
}

/* Nothing refers to it but its name, in that update's symbol table. */
static void test_data_is_found_by_name(void **state)
{
	(void)state;
	w->sections[s_foo].hole_nr = 0;
	memcpy(world_pre(w, s_foo, 4), world_run(w, FOO_RUN + 4), 4);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, y_added), ADDED_RUN);
	assert_int_equal(w->match.bases[s_added].known - 1, SU_VALUE_VOTED);
}

static void test_the_replacement_is_compared(void **state)
{
	(void)state;
	*world_run(w, FOO_RUN + 3) ^= 1;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
	assert_int_equal(w->match.mismatch.section, s_foo);
	assert_int_equal(w->match.mismatch.off, 3);
}

/* The bytes are at their place, but nobody says that they are the latest. */
static void test_no_replacement(void **state)
{
	(void)state;
	w->original = 0;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BASE);
	assert_int_equal(w->match.mismatch.section, s_foo);
	assert_int_equal(w->match.mismatch.symbol, Y_FOO);
}

/* A function that an earlier update has added: its name is in no update's symbol table. */
static void test_no_added_function(void **state)
{
	(void)state;
	w->sections[s_foo].origin = SU_ORIGIN_EARLIER;
	w->name_nr -= 1; /* "foo.suture" */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BASE);
	assert_int_equal(w->match.mismatch.section, s_foo);
	assert_int_equal(w->match.mismatch.symbol, y_foo);
}

static void test_another_update_is_on_top(void **state)
{
	(void)state;
	w->replacement = FAR_RUN;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
	assert_int_equal(w->match.mismatch.section, s_foo);
}

/* Offline the rest is compared, and nothing is said of this part. */
static void test_earlier_updates_are_not_there(void **state)
{
	u64 value;

	(void)state;
	w->sees_earlier = false;
	*world_run(w, FOO_RUN + 3) ^= 1;
	assert_int_equal(world_verdict(w, SU_MATCH_IMAGE), SU_MATCH_OK);
	assert_false(w->match.matched[s_foo]);
	assert_int_equal(su_match_value(&w->match, y_added, &value), SU_MATCH_SYMBOL);
	*world_run(w, TEXT_RUN + 5) ^= 1;
	assert_int_equal(world_verdict(w, SU_MATCH_IMAGE), SU_MATCH_BYTES);
}

static void assert_refused(const char *where)
{
	world_fini(w);
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_FORMAT);
	assert_string_equal(w->where, where);
}

static void test_tables_are_checked(void **state)
{
	(void)state;
	w->symbols[y_added].flags &= ~(u32)SU_SYMBOL_EARLIER;
	assert_refused("symbols.flags");
	w->symbols[y_added].flags |= SU_SYMBOL_EARLIER;
	w->symbols[Y_FOO].flags |= SU_SYMBOL_EARLIER;
	assert_refused("symbols.flags");
	w->symbols[Y_FOO].flags &= ~(u32)SU_SYMBOL_EARLIER;
	w->sections[s_added].origin = SU_ORIGIN_LATEST + Y_FOO;
	assert_refused("sections.origin");
	w->sections[s_added].origin = SU_ORIGIN_EARLIER;
	w->sections[s_foo].origin = SU_ORIGIN_LATEST + w->symbols_nr;
	assert_refused("sections.origin");
	w->sections[s_foo].origin = SU_NONE;
	assert_refused("sections.origin");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_data_is_found_through_the_replacement),
		TEST(test_data_is_found_by_name),
		TEST(test_the_replacement_is_compared),
		TEST(test_no_replacement),
		TEST(test_no_added_function),
		TEST(test_another_update_is_on_top),
		TEST(test_earlier_updates_are_not_there),
		TEST(test_tables_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
