// SPDX-License-Identifier: GPL-2.0-or-later
/* Each form of each site, and a near miss of each. */
#include "match_world.h"

#include "match/internal.h"

struct form {
	u16 kind;
	u16 len;
	u32 arg;
	u8 pre[9];
	u8 run[9];
};

#define F(kind, len, arg, pre, run) \
	{ \
		SU_SITE_##kind, len, arg, pre, run \
	}
#define B(...) \
	{ \
		__VA_ARGS__ \
	}
#define CALL B(0xe8, 1, 2, 3, 4)
#define JMP B(0xe9, 1, 2, 3, 4)
#define NOP5 B(0x0f, 0x1f, 0x44, 0, 0)
#define RET5 B(0xc3, 0xcc, 0xcc, 0xcc, 0xcc)
#define JCC(cc) B(0x0f, 0x80 | (cc), 1, 2, 3, 4)
#define TRAP B(0x67, 0x48, 0x0f, 0xb9, 0x3a)

static const struct form fits[] = {
	F(FENTRY, 5, SU_NONE, CALL, NOP5),
	F(FENTRY, 5, SU_NONE, CALL, B(0xe8, 9, 9, 9, 9)),
	F(FENTRY, 5, SU_NONE, NOP5, CALL),
	F(RETURN, 5, SU_NONE, JMP, RET5),
	F(RETURN, 5, SU_NONE, RET5, JMP),
	F(RETURN, 5, SU_NONE, RET5, RET5),
	F(RETURN, 5, SU_NONE, JMP, B(0xe9, 9, 9, 9, 9)),
	F(RETURN, 6, SU_NONE, JCC(4), B(0x0f, 0x84, 9, 9, 9, 9)),
	F(RETPOLINE, 5, 0, CALL, CALL),
	F(RETPOLINE, 5, 0, CALL, B(0xe8, 9, 9, 9, 9)),
	F(RETPOLINE, 5, 0, CALL, B(0xff, 0xd0, 0x0f, 0x1f, 0x00)),
	F(RETPOLINE, 5, 3, CALL, B(0xff, 0xd3, 0x90, 0x66, 0x90)),
	F(RETPOLINE, 5, 0, CALL, B(0x0f, 0xae, 0xe8, 0xff, 0xd0)),
	F(RETPOLINE, 5, 0, B(0xff, 0xd0, 0x90, 0x90, 0x90), CALL),
	F(RETPOLINE, 5, 1, JMP, B(0xff, 0xe1, 0xcc, 0x66, 0x90)),
	F(RETPOLINE, 5, 9, JMP, B(0x41, 0xff, 0xe1, 0xcc, 0x90)),
	F(RETPOLINE, 6, 11, B(0x2e, 0xe8, 1, 2, 3, 4), B(0x41, 0xff, 0xd3, 0x0f, 0x1f, 0x00)),
	F(RETPOLINE, 6, 11, B(0x2e, 0xe8, 1, 2, 3, 4), B(0x0f, 0xae, 0xe8, 0x41, 0xff, 0xd3)),
	F(RETPOLINE, 6, 11, B(0x2e, 0xe8, 1, 2, 3, 4), B(0xe8, 1, 2, 3, 4, 0x90)),
	F(RETPOLINE, 6, 0, JCC(5), B(0x0f, 0x85, 9, 9, 9, 9)),
	F(RETPOLINE, 6, 0, JCC(5), B(0x74, 0x04, 0xff, 0xe0, 0xcc, 0x90)),
	F(RETPOLINE, 5, SU_NONE, CALL, B(0xff, 0xd7, 0x0f, 0x1f, 0x00)),
	F(LOCK, 1, SU_NONE, B(0xf0), B(0x3e)),
	F(LOCK, 1, SU_NONE, B(0xf0), B(0xf0)),
	F(JUMP_LABEL, 2, 0x60, B(0x66, 0x90), B(0xeb, 0x5e - 0x10)),
	F(JUMP_LABEL, 2, 0x60, B(0xeb, 0x5e - 0x10), B(0x66, 0x90)),
	F(JUMP_LABEL, 2, 0x08, B(0x66, 0x90), B(0xeb, 0xf6)),
	F(JUMP_LABEL, 5, 0x115, NOP5, B(0xe9, 0x00, 0x01, 0, 0)),
	F(JUMP_LABEL, 5, 0x115, B(0xe9, 0, 0, 0, 0), NOP5),
	F(JUMP_LABEL, 5, SU_NONE, NOP5, JMP),
	F(STATIC_CALL, 5, SU_NONE, CALL, B(0xe8, 9, 9, 9, 9)),
	F(STATIC_CALL, 5, SU_NONE, CALL, NOP5),
	F(STATIC_CALL, 5, SU_NONE, CALL, B(0x66, 0x66, 0x48, 0x31, 0xc0)),
	F(STATIC_CALL, 5, SU_NONE, CALL, B(0x2e, 0x2e, 0x2e, 0x31, 0xc0)),
	F(STATIC_CALL, 5, SU_NONE, CALL, TRAP),
	F(STATIC_CALL, 5, SU_NONE, JMP, RET5),
	F(STATIC_CALL, 5, SU_NONE, JMP, B(0xe9, 9, 9, 9, 9)),
	F(STATIC_CALL, 5, SU_NONE, JMP, TRAP),
	F(STATIC_CALL, 5, SU_NONE, RET5, JMP),
	F(STATIC_CALL, 5, SU_NONE, RET5, RET5),
	F(STATIC_CALL, 5, SU_NONE, B(0xc3, 0x90, 0x90, 0x90, 0x90), JMP),
	F(STATIC_CALL, 5, SU_NONE, JMP, B(0xc3, 0xcc, 0x90, 0x90, 0x90)),
	F(STATIC_CALL, 6, SU_NONE, JCC(2), B(0x0f, 0x82, 9, 9, 9, 9)),
	F(ENDBR, 4, SU_NONE, B(0xf3, 0x0f, 0x1e, 0xfa), B(0x66, 0x0f, 0x1f, 0x00)),
	F(ENDBR, 4, SU_NONE, B(0xf3, 0x0f, 0x1e, 0xfa), B(0x0f, 0x1f, 0x40, 0xd6)),
	F(ENDBR, 4, SU_NONE, B(0x66, 0x0f, 0x1f, 0x00), B(0xf3, 0x0f, 0x1e, 0xfa)),
	F(OPAQUE, 4, SU_NONE, B(1, 2, 3, 4), B(5, 6, 7, 8)),
};

static const struct form misses[] = {
	F(FENTRY, 5, SU_NONE, CALL, B(0xcc, 0x1f, 0x44, 0, 0)),
	F(FENTRY, 5, SU_NONE, CALL, B(0x0f, 0x1f, 0x44, 0, 1)),
	F(FENTRY, 5, SU_NONE, CALL, JMP),
	F(FENTRY, 5, SU_NONE, JMP, NOP5),
	F(FENTRY, 6, SU_NONE, CALL, CALL),
	F(RETURN, 5, SU_NONE, JMP, B(0xc3, 0xcc, 0xcc, 0xcc, 0x90)),
	F(RETURN, 5, SU_NONE, JMP, CALL),
	F(RETURN, 5, SU_NONE, JMP, B(0xc2, 0xcc, 0xcc, 0xcc, 0xcc)),
	F(RETURN, 5, SU_NONE, CALL, RET5),
	F(RETURN, 6, SU_NONE, JCC(4), JCC(5)),
	F(RETURN, 6, SU_NONE, JMP, JMP),
	F(RETPOLINE, 5, 0, CALL, JMP),
	F(RETPOLINE, 5, 0, JMP, CALL),
	F(RETPOLINE, 5, 0, CALL, B(0xff, 0xe0, 0x0f, 0x1f, 0x00)),
	F(RETPOLINE, 5, 0, CALL, B(0xff, 0xd1, 0x0f, 0x1f, 0x00)),
	F(RETPOLINE, 5, 8, CALL, B(0xff, 0xd0, 0x0f, 0x1f, 0x00)),
	F(RETPOLINE, 5, 0, CALL, B(0x41, 0xff, 0xd0, 0x90, 0x90)),
	F(RETPOLINE, 5, 0, CALL, B(0xff, 0xd0, 0x0f, 0x1f, 0x01)),
	F(RETPOLINE, 5, 0, CALL, B(0xff, 0xd0, 0x90, 0x90, 0x50)),
	F(RETPOLINE, 5, 0, CALL, B(0xff, 0x10, 0x90, 0x90, 0x90)),
	F(RETPOLINE, 5, 0, CALL, B(0x90, 0x90, 0x90, 0x90, 0x90)),
	F(RETPOLINE, 5, 0, CALL, B(0x0f, 0xae, 0xe8, 0xff, 0xd0 + 1)),
	F(RETPOLINE, 5, 0, CALL, B(0x0f, 0xae, 0xf0, 0xff, 0xd0)),
	F(RETPOLINE, 6, 0, JCC(5), JCC(4)),
	F(RETPOLINE, 6, 0, JCC(5), B(0x75, 0x04, 0xff, 0xe0, 0xcc, 0x90)),
	F(RETPOLINE, 6, 0, JCC(5), B(0x74, 0x03, 0xff, 0xe0, 0xcc, 0x90)),
	F(RETPOLINE, 6, 0, JCC(5), B(0x74, 0x04, 0xff, 0xd0, 0xcc, 0x90)),
	F(RETPOLINE, 6, 0, JCC(5), B(0xe9, 1, 2, 3, 4, 0x90)),
	F(RETPOLINE, 2, 0, B(0xff, 0xd0), B(0x41, 0xff)),
	F(RETPOLINE, 1, 0, B(0x2e), B(0x2e)),
	F(LOCK, 1, SU_NONE, B(0xf0), B(0x2e)),
	F(LOCK, 1, SU_NONE, B(0x90), B(0xf0)),
	F(LOCK, 2, SU_NONE, B(0xf0, 0), B(0xf0, 0)),
	F(JUMP_LABEL, 2, 0x60, B(0x66, 0x90), B(0xeb, 0x5e - 0x10 + 1)),
	F(JUMP_LABEL, 2, 0x60, B(0x66, 0x90), B(0x75, 0x5e - 0x10)),
	F(JUMP_LABEL, 2, 0x60, B(0x90, 0x90), B(0x66, 0x90)),
	F(JUMP_LABEL, 2, 0x60, B(0x66, 0x90), B(0xcc, 0x90)),
	F(JUMP_LABEL, 2, 0x11, B(0x66, 0x90), B(0xeb, 0xed)), /* in front of the section */
	F(JUMP_LABEL, 5, 0x115, NOP5, B(0xe9, 0x01, 0x01, 0, 0)),
	F(JUMP_LABEL, 5, 0x115, NOP5, B(0xe8, 0x00, 0x01, 0, 0)),
	F(JUMP_LABEL, 5, SU_NONE, NOP5, CALL),
	F(STATIC_CALL, 5, SU_NONE, CALL, JMP),
	F(STATIC_CALL, 5, SU_NONE, CALL, RET5),
	F(STATIC_CALL, 5, SU_NONE, JMP, NOP5),
	F(STATIC_CALL, 5, SU_NONE, JMP, CALL),
	F(STATIC_CALL, 5, SU_NONE, CALL, B(0x66, 0x66, 0x48, 0x31, 0xc1)),
	F(STATIC_CALL, 5, SU_NONE, CALL, B(0x67, 0x48, 0x0f, 0xb9, 0x3b)),
	F(STATIC_CALL, 5, SU_NONE, NOP5, CALL),
	F(STATIC_CALL, 5, SU_NONE, RET5, CALL),
	F(STATIC_CALL, 5, SU_NONE, RET5, B(0xc3, 0xcc, 0xcc, 0xcc, 0xc3)),
	F(STATIC_CALL, 6, SU_NONE, JCC(2), JCC(3)),
	F(ENDBR, 4, SU_NONE, B(0xf3, 0x0f, 0x1e, 0xfa), B(0xf3, 0x0f, 0x1e, 0xfb)),
	F(ENDBR, 4, SU_NONE, B(0xf3, 0x0f, 0x1e, 0xfa), B(0x90, 0x90, 0x90, 0x90)),
	F(ENDBR, 4, SU_NONE, B(0xf3, 0x0f, 0x1e, 0xfa), B(0xcc, 0x0f, 0x1e, 0xfa)),
	{ SU_SITE_ALTERNATIVE, 1, SU_NONE, { 1 }, { 1 } }, /* not by form */
	{ SU_SITE_OPAQUE + 1, 1, SU_NONE, { 1 }, { 1 } },
};

static bool form_fits(const struct form *form)
{
	struct su_site site = { .off = 0x10, .len = form->len, .kind = form->kind, .arg = form->arg };
	/* exactly as long as the site: a form that looks further is seen by ASan */
	u8 *pre = malloc(0x10 + form->len), *run = malloc(0x10 + form->len);
	struct su_pair pair = { .pre = pre, .run = run };
	bool result;

	memcpy(pre + 0x10, form->pre, form->len);
	memcpy(run + 0x10, form->run, form->len);
	result = su_site_fits(&pair, &site);
	free(pre);
	free(run);
	return result;
}

static void test_forms_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++)
		if (!form_fits(&fits[i]))
			fail_msg("form %zu of kind %u does not fit", i, fits[i].kind);
}

static void test_near_misses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(misses) / sizeof(misses[0]); i++)
		if (form_fits(&misses[i]))
			fail_msg("near miss %zu of kind %u fits", i, misses[i].kind);
}

/* Every length with every first byte: nothing may look behind the site. */
static void test_forms_stay_in_their_site(void **state)
{
	(void)state;
	for (u16 kind = SU_SITE_FENTRY; kind <= SU_SITE_OPAQUE; kind++)
		for (u16 len = 1; len < 9; len++)
			for (u32 byte = 0; byte < 256; byte++) {
				struct form form = {
					kind, len, SU_NONE, { (u8)byte, 0x80, 0xff }, { (u8)byte, 0x84, 0x90 }
				};

				(void)form_fits(&form);
			}
}

/* ---- the same places under a redirect ---- */

#define NOP2 B(0x66, 0x90)
#define JMP2 B(0xeb, 7)

static const struct overlap {
	s32 off;
	bool is_call;
	u8 bytes[SU_PLACE_MAX];
	int answer;
	u32 len;
} overlaps[] = {
	/* a key's, in its window */
	{ 0, false, NOP5, 1, 5 },
	{ 4, false, JMP, 1, 5 },
	{ 0, false, NOP2, 1, 2 },
	{ 4, false, JMP2, 1, 2 },
	/* behind it, before it, up to it */
	{ 5, false, NOP5, 0, 0 },
	{ 5, false, B(0xcc), 0, 0 },
	{ -2, false, NOP2, 0, 0 },
	{ -2, false, JMP2, 0, 0 },
	/* begins before, and reaches into it */
	{ -1, false, NOP2, -1, 0 },
	{ -4, false, NOP5, -1, 0 },
	{ -1, false, JMP, -1, 0 },
	{ -4, true, CALL, -1, 0 },
	/* unknown, or with a breakpoint */
	{ 0, false, B(0xcc, 0x1f, 0x44, 0, 0), -1, 0 },
	{ -4, false, B(0xcc, 0x90), -1, 0 },
	{ 0, false, B(0x66, 0x66, 0x66, 0x66, 0x90), -1, 0 },
	{ 0, false, CALL, -1, 0 },
	{ 0, false, B(0x0f, 0x84, 1, 2, 3), -1, 0 },
	/* a call's: a conditional one has six bytes */
	{ 0, true, CALL, 1, 5 },
	{ 2, true, JMP, 1, 5 },
	{ 4, true, NOP5, 1, 5 },
	{ 0, true, RET5, 1, 5 },
	{ 0, true, TRAP, 1, 5 },
	{ 0, true, B(0x2e, 0x2e, 0x2e, 0x31, 0xc0), 1, 5 },
	{ 5, true, CALL, 0, 0 },
	{ 0, true, B(0x0f, 0x84, 1, 2, 3), -1, 0 },
	{ 0, true, B(0xcc, 1, 2, 3, 4), -1, 0 },
	{ 0, true, JMP2, -1, 0 },
};

static void test_places_under_a_window(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
		const struct overlap *o = &overlaps[i];
		u32 len = 0;

		if (su_place_overlap(o->off, o->bytes, o->is_call, &len) != o->answer || len != o->len)
			fail_msg("place %zu is taken for another", i);
	}
}

/* ---- alternatives: code that the loader patched for the place where it lies ---- */

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	world_init(w);
	world_section(w, ".text", SU_SECTION_TEXT, 0x40, 16, TEXT_RUN);
	world_symbol(w, "foo", SU_SYMBOL_NAMED, 0, 0, SU_SYMBOL_FUNC);
	world_symbol(w, "ext", SU_SYMBOL_NAMED, SU_NONE, 0, 0);
	world_name(w, "ext", EXT_RUN);
	world_site(w, 0x10, SU_SITE_ALTERNATIVE, 12, SU_NONE);
	return 0;
}

/* A PC-relative field at @off: pre's leads to @pre_target, run's to @run_target. */
static void put_fields(u64 off, u64 pre_target, u64 run_target)
{
	world_put(world_pre(w, 0, off), pre_target - (PRE_ADDR + off + 4), 4);
	world_put(world_run(w, TEXT_RUN + off), run_target - (TEXT_RUN + off + 4), 4);
}

static void test_moved_call_to_one_place(void **state)
{
	(void)state;
	CODE(w, 0, 0x12, 0xe8);
	put_fields(0x13, EXT_RUN, EXT_RUN);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	put_fields(0x13, EXT_RUN, EXT_RUN + 0x10);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
}

static void test_moved_jump_into_the_section(void **state)
{
	(void)state;
	put_fields(0x18, PRE_ADDR + 0x30, TEXT_RUN + 0x30);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	put_fields(0x18, EXT_RUN, TEXT_RUN + 0x30);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
	assert_int_equal(w->match.mismatch.section, 0);
}

static void test_moved_jump_into_another_section(void **state)
{
	(void)state;
	world_section(w, ".text.unlikely", SU_SECTION_TEXT, 0x10, 1, COLD_RUN);
	put_fields(0x12, PRE_ADDR + 0x44, COLD_RUN + 4);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(w->match.bases[1].value, COLD_RUN);
	assert_true(w->match.matched[1]);
}

static void test_field_must_lie_in_the_site(void **state)
{
	(void)state;
	put_fields(0x1a, EXT_RUN, EXT_RUN); /* two bytes of it are behind the site */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
	assert_in_range(w->match.mismatch.off, 0x1a, 0x1b);
}

static void test_other_differences_under_a_site(void **state)
{
	(void)state;
	*world_run(w, TEXT_RUN + 0x11) = 0x90;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
	assert_int_equal(w->match.mismatch.off, 0x11);
	assert_int_equal(world_verdict(w, SU_MATCH_IMAGE), SU_MATCH_BYTES);
	assert_int_equal(world_verdict(w, SU_MATCH_CORE_FILE), SU_MATCH_OK);
	CODE(w, 0, 0x11, 0xf0);
	*world_run(w, TEXT_RUN + 0x11) = 0x3e;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	*world_run(w, TEXT_RUN + 0x11) = 0x2e;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
}

static void test_hole_under_a_site(void **state)
{
	u32 ext = 1;

	(void)state;
	CODE(w, 0, 0x14, 0xe8);
	world_hole(w, 0x15, ext, R_X86_64_PLT32, -4, EXT_RUN);
	/* private: the loader left it 0, it is solved wherever the site is as it was */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, ext), EXT_RUN);
	/* native: the loader filled it in */
	w->holes[0].flags = SU_HOLE_NATIVE;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES);
	put_fields(0x15, EXT_RUN, EXT_RUN);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	/* in an image nothing is patched: a hole like any other */
	memset(world_pre(w, 0, 0x15), 0, 4);
	assert_int_equal(world_verdict(w, SU_MATCH_IMAGE), SU_MATCH_OK);
	assert_int_equal(world_value(w, ext), EXT_RUN);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms_fit),
		cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_forms_stay_in_their_site),
		cmocka_unit_test(test_places_under_a_window),
		WORLD_TEST(moved_call_to_one_place),
		WORLD_TEST(moved_jump_into_the_section),
		WORLD_TEST(moved_jump_into_another_section),
		WORLD_TEST(field_must_lie_in_the_site),
		WORLD_TEST(other_differences_under_a_site),
		WORLD_TEST(hole_under_a_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
