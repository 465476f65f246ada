// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Run-pre matching of whole updates: what is inferred, and that each way in which run and pre can disagree is
 * found and named.
 */
#include "match_world.h"

static void assert_mismatch(int verdict, int status, u32 section, u64 off)
{
	assert_int_equal(verdict, status);
	assert_int_equal(w->match.mismatch.section, section);
	assert_int_equal(w->match.mismatch.off, off);
	assert_non_null(w->match.mismatch.what);
}

/* ---- what matches ---- */

static void test_all_values_are_inferred(void **state)
{
	(void)state;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	for (u32 i = 0; i <= S_RODATA; i++)
		assert_true(w->match.matched[i]);
	assert_int_equal(world_value(w, Y_FOO), TEXT_RUN);
	assert_int_equal(world_value(w, Y_BAR), TEXT_RUN + 0x40);
	assert_int_equal(world_value(w, Y_TABLE), RODATA_RUN);
	assert_int_equal(world_value(w, Y_COUNTER), DATA_RUN + 8);
	assert_int_equal(world_value(w, Y_EXT), EXT_RUN);
	assert_int_equal(world_value(w, Y_STRING), STRING_RUN);
	assert_int_equal(world_value(w, Y_COLD), COLD_RUN);
	assert_int_equal(world_value(w, Y_OTHER), OTHER_RUN);
	assert_int_equal(world_value(w, Y_HIDDEN), FAR_RUN);
	assert_int_equal(w->match.values[Y_OTHER].known - 1, SU_VALUE_NAME);
	assert_int_equal(w->match.values[Y_EXT].known - 1, SU_VALUE_INFERRED);
	assert_int_equal(w->match.bases[S_TEXT].known - 1, SU_VALUE_VOTED);
	assert_int_equal(w->match.bases[S_COLD].known - 1, SU_VALUE_INFERRED);
}

static void test_image_and_core_file_match_too(void **state)
{
	(void)state;
	assert_int_equal(world_verdict(w, SU_MATCH_IMAGE), SU_MATCH_OK);
	assert_int_equal(world_verdict(w, SU_MATCH_CORE_FILE), SU_MATCH_OK);
}

/* ---- bytes ---- */

/* Each byte of code that is neither a hole nor a site counts, on either side. */
static void test_each_plain_byte_counts(void **state)
{
	static const u8 plain[] = { 0x05, 0x06, 0x07, 0x0c, 0x11, 0x13, 0x18, 0x19,
				    0x1e, 0x1f, 0x25, 0x3f, 0x40, 0x4a, 0x5f };

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++) {
		u8 *run = world_run(w, TEXT_RUN + plain[i]);
		u8 *pre = world_pre(w, S_TEXT, plain[i]);

		*run ^= 1;
		assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_TEXT, plain[i]);
		assert_int_equal(w->match.mismatch.run_addr, TEXT_RUN + plain[i]);
		assert_int_equal(w->match.mismatch.byte_nr, 0x60 - plain[i] < 16 ? 0x60 - plain[i] : 16);
		assert_memory_equal(w->match.mismatch.run, run, w->match.mismatch.byte_nr);
		assert_memory_equal(w->match.mismatch.pre, pre, w->match.mismatch.byte_nr);
		*run ^= 1;
		*pre ^= 0x80;
		assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_TEXT, plain[i]);
		*pre ^= 0x80;
	}
}

static void test_code_without_names_is_compared(void **state)
{
	(void)state;
	*world_run(w, COLD_RUN + 1) ^= 1;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_COLD, 1);
}

static void test_read_only_data_is_compared(void **state)
{
	(void)state;
	*world_run(w, RODATA_RUN + 0x1f) ^= 1;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_RODATA, 0x1f);
}

static void test_string_is_compared_with_its_end(void **state)
{
	(void)state;
	*world_run(w, STRING_RUN + 5) = 's';
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_STRINGS, 6 + 5);
	assert_int_equal(w->match.mismatch.symbol, Y_STRING);
}

static void test_site_of_another_form(void **state)
{
	(void)state;
	world_run(w, TEXT_RUN)[0] = 0xcc; /* a breakpoint on the entry */
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_TEXT, 0);
}

static void test_unreadable_memory(void **state)
{
	(void)state;
	w->unreadable = TEXT_RUN + 0x30;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_READ, S_TEXT, 0);
	w->unreadable = STRING_RUN + 2;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_READ);
	assert_int_equal(w->match.mismatch.symbol, Y_STRING);
}

static void test_missing_pre_bytes_and_small_scratch(void **state)
{
	(void)state;
	w->no_bytes = true;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_MEMORY);
	w->no_bytes = false;
	w->scratch_sz = 0x5f;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_MEMORY, S_TEXT, 0);
	w->scratch_sz = 0x60;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
}

/* ---- values ---- */

/* One field that names another address than the rest of the code does. */
static void alter_field(u64 addr, u32 section, u32 symbol)
{
	u64 want, have;

	*world_run(w, addr) ^= 0x10;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	want = w->match.mismatch.want;
	have = w->match.mismatch.have;
	assert_int_equal(w->match.mismatch.section, section);
	assert_int_equal(w->match.mismatch.symbol, symbol);
	assert_int_equal(want > have ? want - have : have - want, 0x10);
	*world_run(w, addr) ^= 0x10;
}

static void test_values_that_disagree(void **state)
{
	(void)state;
	alter_field(COLD_RUN + 5, S_COLD, Y_FOO);
	alter_field(RODATA_RUN + 8, S_RODATA, Y_BAR);
	alter_field(TEXT_RUN + 0x08, S_DATA, Y_COUNTER); /* seen at the end, against the name */
}

static void test_second_use_of_a_symbol_disagrees(void **state)
{
	(void)state;
	w->holes[1].symbol = w->holes[0].symbol = Y_EXT; /* both now name ext, with two values */
	w->holes[0].addend = 0;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE, S_TEXT, 0x0d);
	assert_int_equal(w->match.mismatch.symbol, Y_EXT);
	assert_int_equal(w->match.mismatch.have, EXT_RUN);
	assert_int_equal(w->match.mismatch.want, DATA_RUN + 8);
}

static void test_value_against_the_name(void **state)
{
	(void)state;
	world_name_find(w, "ext")->addrs[0] += 0x10;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	assert_int_equal(w->match.mismatch.symbol, Y_EXT);
	assert_int_equal(w->match.mismatch.have, EXT_RUN);
}

static void test_name_in_a_data_section_is_checked(void **state)
{
	(void)state;
	world_name_find(w, "counter")->addrs[0] += 4;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	assert_int_equal(w->match.mismatch.symbol, Y_COUNTER);
}

static void test_weak_symbol_may_be_overridden(void **state)
{
	(void)state;
	world_name_find(w, "ext")->addrs[0] += 0x10;
	w->symbols[Y_EXT].flags |= SU_SYMBOL_WEAK;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_EXT), EXT_RUN);
}

static void test_section_is_aligned(void **state)
{
	(void)state;
	w->sections[S_COLD].align = 2; /* it lies at an odd address */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	assert_int_equal(w->match.mismatch.symbol, Y_COLD);
}

/* ---- places ---- */

static void test_wrong_candidates_are_outvoted(void **state)
{
	struct world_name *foo = world_name_find(w, "foo");

	(void)state;
	foo->addrs[0] = RUN_ADDR + 0x3800;
	foo->addrs[1] = TEXT_RUN;
	foo->nr = 2;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_FOO), TEXT_RUN);
}

static void test_only_wrong_candidate(void **state)
{
	(void)state;
	world_name_find(w, "foo")->addrs[0] = RUN_ADDR + 0x3800;
	world_name_find(w, "bar")->addrs[0] = RUN_ADDR + 0x3840;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_TEXT, 0);
	assert_int_equal(w->match.mismatch.run_addr, RUN_ADDR + 0x3800);
}

/* The place with most votes is the one that a person has to hear of, even where another would fit. */
static void test_no_hunting_for_other_places(void **state)
{
	u64 twin = RUN_ADDR + 0x400;

	(void)state;
	memcpy(world_run(w, twin), world_run(w, TEXT_RUN), 0x60);
	*world_run(w, twin + 5) ^= 1;
	world_name_find(w, "foo")->addrs[0] = twin;
	world_name(w, "foo", TEXT_RUN);
	world_name_find(w, "bar")->addrs[0] = twin + 0x40;
	world_name(w, "bar", RUN_ADDR + 0x3a40);
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_TEXT, 5);
	assert_int_equal(w->match.mismatch.run_addr, twin + 5);
}

/* Two names speak for a place that no linker would give the section. */
static void test_misaligned_place_is_not_elected(void **state)
{
	(void)state;
	world_name(w, "foo", RUN_ADDR + 0x408);
	world_name_find(w, "bar")->addrs[0] = RUN_ADDR + 0x448;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	assert_int_equal(w->match.mismatch.symbol, Y_BAR);
	assert_int_equal(w->match.mismatch.have, TEXT_RUN + 0x40);
}

/* No name of the section is known, and no other code leads to it. */
static void test_no_candidate(void **state)
{
	(void)state;
	world_name_find(w, "foo")->nr = 0;
	world_name_find(w, "bar")->nr = 0;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_SYMBOL);
	assert_int_equal(w->match.mismatch.section, S_TEXT);
}

/* Two functions of one name; everything that the trial of the wrong one inferred has to be forgotten. */
static void make_twins(u64 twin)
{
	struct world_name *foo = world_name_find(w, "foo");

	memcpy(world_run(w, twin), world_run(w, TEXT_RUN), 0x60);
	foo->addrs[0] = twin;
	foo->addrs[1] = TEXT_RUN;
	foo->nr = 2;
	memset(world_name_find(w, "bar"), 0, sizeof(struct world_name));
}

static void test_twin_that_differs_at_its_end_is_rolled_back(void **state)
{
	u64 twin = RUN_ADDR + 0x400;

	(void)state;
	make_twins(twin);
	*world_run(w, twin + 0x4a) ^= 1;
	/* PC-relative holes of the twin now name other places: those values must not survive */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_FOO), TEXT_RUN);
	assert_int_equal(world_value(w, Y_EXT), EXT_RUN);
	assert_int_equal(world_value(w, Y_COLD), COLD_RUN);
}

static void test_twin_that_calls_another_function(void **state)
{
	u64 twin = RUN_ADDR + 0x400;

	(void)state;
	make_twins(twin); /* all bytes equal, but its call leads 0x300 behind ext */
	memcpy(world_run(w, STRING_RUN + 0x300), "world", 6);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_FOO), TEXT_RUN);
}

static void test_twins_that_cannot_be_told_apart(void **state)
{
	u64 twin = RUN_ADDR + 0x400;

	(void)state;
	make_twins(twin);
	memcpy(world_run(w, STRING_RUN + 0x300), "world", 6);
	memset(world_name_find(w, "ext"), 0, sizeof(struct world_name));
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_AMBIGUOUS);
	assert_int_equal(w->match.mismatch.section, S_TEXT);
	for (u32 i = 0; i < w->symbols_nr; i++)
		assert_false(w->match.values[i].known);
}

static void test_twins_that_both_differ(void **state)
{
	u64 twin = RUN_ADDR + 0x400;

	(void)state;
	make_twins(twin);
	*world_run(w, twin + 5) ^= 1;
	*world_run(w, TEXT_RUN + 0x1e) ^= 1;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, S_TEXT, 0x1e);
}

/* A section whose one name has many addresses: code that has matched says which. */
static void test_reference_from_matched_code_decides(void **state)
{
	(void)state;
	world_name(w, "init_once", RUN_ADDR + 0x600);
	world_name(w, "init_once", COLD_RUN);
	world_name(w, "init_once", RUN_ADDR + 0x700);
	memcpy(world_run(w, RUN_ADDR + 0x600), world_run(w, COLD_RUN), 0x10);
	w->symbols[Y_COLD].kind = SU_SYMBOL_NAMED;
	w->symbols[Y_COLD].name = world_string(w, "init_once");
	w->symbols[Y_COLD].flags = SU_SYMBOL_FUNC;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_COLD), COLD_RUN);
}

/* The same, where only a table in read-only data refers to it. */
static void test_reference_from_read_only_data_decides(void **state)
{
	(void)state;
	world_name(w, "init_once", RUN_ADDR + 0x600);
	world_name(w, "init_once", COLD_RUN);
	memcpy(world_run(w, RUN_ADDR + 0x600), world_run(w, COLD_RUN), 0x10);
	/* equal as code: the jump back to foo is looked at only here */
	world_put(world_run(w, RUN_ADDR + 0x605), TEXT_RUN + 0x1a - (RUN_ADDR + 0x605), 4);
	w->symbols[Y_COLD].kind = SU_SYMBOL_NAMED;
	w->symbols[Y_COLD].name = world_string(w, "init_once");
	w->symbols[Y_COLD].flags = SU_SYMBOL_FUNC;
	w->holes[3].symbol = Y_HIDDEN;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	w->holes[w->holes_nr - 1].symbol = Y_COLD;
	world_put(world_run(w, RODATA_RUN + 16), COLD_RUN + 4, 8);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_COLD), COLD_RUN);
}

/* ---- symbols that only new code uses ---- */

static void test_wanted_name_must_exist_once(void **state)
{
	(void)state;
	world_name(w, "other", OTHER_RUN + 0x10);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_AMBIGUOUS);
	assert_int_equal(w->match.mismatch.symbol, Y_OTHER);
	world_name_find(w, "other")->nr = 0;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_SYMBOL);
	assert_int_equal(w->match.mismatch.symbol, Y_OTHER);
}

/* A constant of the kernel's: the variable's content, not its address, and no more than its size. */
static void test_wanted_content(void **state)
{
	u32 limit = world_symbol(w, "limit", SU_SYMBOL_NAMED, SU_NONE, 0, SU_SYMBOL_WANTED | SU_SYMBOL_CONTENT);

	(void)state;
	w->symbols[limit].size = 4;
	world_name(w, "limit", RUN_ADDR + 0x3900);
	world_put(world_run(w, RUN_ADDR + 0x3900), 0x1122334455667788, 8);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, limit), 0x55667788);
	world_name(w, "limit", RUN_ADDR + 0x3910);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_AMBIGUOUS);
	world_name_find(w, "limit")->nr = 0;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_SYMBOL);
}

/* Data that no matched code refers to: its section's names have to agree. */
static u32 add_lonely_data(void)
{
	u32 section = world_section(w, ".data.lonely", SU_SECTION_PLACE, 0x20, 8, RUN_ADDR + 0x2800);

	world_symbol(w, "lonely", SU_SYMBOL_NAMED, section, 8, 0);
	return world_symbol(w, "alone", SU_SYMBOL_NAMED, section, 0x10, SU_SYMBOL_WANTED);
}

static void test_wanted_data_is_voted(void **state)
{
	u32 alone = add_lonely_data();

	(void)state;
	world_name(w, "alone", RUN_ADDR + 0x3900);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, alone), RUN_ADDR + 0x2810);
	assert_int_equal(w->match.bases[5].known - 1, SU_VALUE_VOTED);
}

static void test_wanted_data_whose_names_disagree(void **state)
{
	u32 alone = add_lonely_data();

	(void)state;
	world_name_find(w, "lonely")->addrs[0] += 8;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_AMBIGUOUS);
	assert_int_equal(w->match.mismatch.symbol, alone);
	world_symbol(w, "third", SU_SYMBOL_NAMED, 5, 0x18, 0); /* two against one: no byte decides, so no */
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_VALUE);
	assert_int_equal(w->match.mismatch.symbol, alone);
	world_name_find(w, "lonely")->nr = 0;
	world_name_find(w, "alone")->nr = 0;
	world_name_find(w, "third")->nr = 0;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_SYMBOL);
}

/* Of several places for data, none is chosen just because it also serves one name. */
static void test_wanted_data_with_two_places(void **state)
{
	(void)state;
	add_lonely_data();
	world_name(w, "lonely", RUN_ADDR + 0x2908);
	world_name(w, "alone", RUN_ADDR + 0x2910);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_AMBIGUOUS);
}

static void test_wanted_read_only_data_is_compared(void **state)
{
	u32 alone = add_lonely_data();

	(void)state;
	w->sections[5].kind = SU_SECTION_RODATA;
	w->sections[5].area = AREA_PRE;
	w->sections[5].area_off = 0x400;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, alone), RUN_ADDR + 0x2810);
	*world_run(w, RUN_ADDR + 0x2803) = 1;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, 5, 3);
}

/* What wanted read-only data points at is compared in turn, and proves what would rest on a name. */
static void test_wanted_read_only_data_leads_on(void **state)
{
	u32 next, start;

	(void)state;
	add_lonely_data();
	w->sections[5].kind = SU_SECTION_RODATA;
	w->sections[5].area = AREA_PRE;
	w->sections[5].area_off = 0x400;
	w->sections[5].first_hole = w->holes_nr;
	start = w->symbols_nr;
	world_hole(w, 0, start, R_X86_64_64, 0, RUN_ADDR + 0x2a00);
	next = world_section(w, ".rodata.next", SU_SECTION_RODATA, 16, 8, RUN_ADDR + 0x2a00);
	assert_int_equal(world_symbol(w, "", SU_SYMBOL_SECTION, next, 0, 0), start);
	world_hole(w, 8, Y_OTHER, R_X86_64_64, 0, OTHER_RUN);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(w->match.values[Y_OTHER].known - 1, SU_VALUE_INFERRED);
	*world_run(w, RUN_ADDR + 0x2a07) = 1;
	assert_mismatch(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_BYTES, next, 7);
}

static void test_wanted_string_that_no_code_reaches(void **state)
{
	u32 piece = world_symbol(w, "", SU_SYMBOL_PIECE, S_STRINGS, 0, SU_SYMBOL_WANTED);

	(void)state;
	w->symbols[piece].size = 6;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_SYMBOL);
	assert_int_equal(w->match.mismatch.symbol, piece);
}

static void test_per_cpu_symbols_are_small_numbers(void **state)
{
	struct su_reloc reloc = { .type = R_X86_64_PC32, .addend = -4 };
	u64 place = TEXT_RUN + 0x14;
	u32 len;

	(void)state;
	w->holes[2].symbol = Y_HIDDEN;
	w->holes[w->holes_nr - 1].symbol = Y_EXT;
	w->holes[w->holes_nr - 1].addend = (s64)(FAR_RUN + 4 - EXT_RUN);
	assert_int_equal(su_reloc_field(&reloc, place, 0x1fb80, world_run(w, place), &len), SU_MATCH_OK);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_HIDDEN), 0x1fb80);
}

/* ---- relocation arithmetic ---- */

static int field_of(u32 type, s64 addend, u64 place, u64 value, u64 *field, u32 *len)
{
	struct su_reloc reloc = { .type = type, .addend = addend };
	u8 bytes[8] = { 0 };
	int err = su_reloc_field(&reloc, place, value, bytes, len);

	memcpy(field, bytes, sizeof(bytes));
	return err;
}

static void test_fields(void **state)
{
	static const struct {
		u32 type;
		s64 addend;
		u64 place, value, field;
		u32 len;
		int err;
	} cases[] = {
		{ R_X86_64_64, 8, 0, 0x1122334455667700, 0x1122334455667708, 8, SU_MATCH_OK },
		{ R_X86_64_PC64, -4, 0x1000, 0x800, 0xfffffffffffff7fc, 8, SU_MATCH_OK },
		{ R_X86_64_PC32, -4, 0x1000, 0x800, 0xfffff7fc, 4, SU_MATCH_OK },
		{ R_X86_64_PLT32, -4, 0x1000, 0x80001003, 0x7fffffff, 4, SU_MATCH_OK },
		{ R_X86_64_PLT32, -4, 0x1000, 0x80001004, 0, 4, SU_MATCH_RELOC },
		{ R_X86_64_PC32, 0, 0x80001001, 0x1000, 0, 4, SU_MATCH_RELOC },
		{ R_X86_64_32, 0, 0, 0xffffffff, 0xffffffff, 4, SU_MATCH_OK },
		{ R_X86_64_32, 1, 0, 0xffffffff, 0, 4, SU_MATCH_RELOC },
		{ R_X86_64_32, 0, 0, 0xffffffff80000000, 0, 4, SU_MATCH_RELOC },
		{ R_X86_64_32S, 0, 0, 0xffffffff80000000, 0x80000000, 4, SU_MATCH_OK },
		{ R_X86_64_32S, 0, 0, 0x80000000, 0, 4, SU_MATCH_RELOC },
		{ R_X86_64_GOTPCREL, 0, 0, 0, 0, 0, SU_MATCH_RELOC },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u64 field = 0;
		u32 len = 0;

		assert_int_equal(field_of(cases[i].type, cases[i].addend, cases[i].place, cases[i].value, &field, &len),
				 cases[i].err);
		if (!cases[i].err) {
			assert_int_equal(field, cases[i].field);
			assert_int_equal(len, cases[i].len);
		}
	}
}

static void test_32_bit_fields_are_zero_extended(void **state)
{
	(void)state;
	w->holes[0].type = R_X86_64_32;
	w->holes[0].symbol = Y_HIDDEN;
	w->holes[w->holes_nr - 1].symbol = Y_EXT;
	w->holes[w->holes_nr - 1].addend = (s64)(FAR_RUN + 4 - EXT_RUN);
	world_put(world_run(w, TEXT_RUN + 8), 0xfffffff0 + 8, 4);
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(world_value(w, Y_HIDDEN), 0xfffffff0);
}

/* ---- targets ---- */

static void test_only_sections_of_the_target(void **state)
{
	(void)state;
	w->targets[1].name = world_string(w, "other_module");
	w->targets_nr = 2;
	w->units[1] = (struct su_unit){ .name = world_string(w, "drivers/unit.o"), .target = 1 };
	w->units_nr = 2;
	world_section(w, ".text", SU_SECTION_TEXT, 0x10, 16, RUN_ADDR + 0x3f00);
	w->sections[5].unit = 1;
	w->sections[5].area_off = 0x800;
	world_fini(w);
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
	assert_int_equal(world_run_match(w, SU_MATCH_LIVE), SU_MATCH_SYMBOL);
	w->match.target = 0;
	memset(w->match.bases, 0, 6 * sizeof(*w->match.bases));
	memset(w->match.values, 0, w->symbols_nr * sizeof(*w->match.values));
	memset(w->match.matched, 0, 6);
	assert_int_equal(su_match_run(&w->match), SU_MATCH_OK);
	assert_false(w->match.matched[5]);
	assert_true(w->match.matched[S_TEXT]);
}

/* ---- messages ---- */

static void test_place_is_named(void **state)
{
	(void)state;
	assert_int_equal(world_verdict(w, SU_MATCH_LIVE), SU_MATCH_OK);
	assert_int_equal(su_symbol_at(&w->update, S_TEXT, 0x3f), Y_FOO);
	assert_int_equal(su_symbol_at(&w->update, S_TEXT, 0x40), Y_BAR);
	assert_int_equal(su_symbol_at(&w->update, S_COLD, 0), SU_NONE);
	for (int i = 0; i <= SU_MATCH_RELOC + 1; i++)
		assert_non_null(su_match_status_text(i));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_values_are_inferred),
		TEST(image_and_core_file_match_too),
		TEST(each_plain_byte_counts),
		TEST(code_without_names_is_compared),
		TEST(read_only_data_is_compared),
		TEST(string_is_compared_with_its_end),
		TEST(site_of_another_form),
		TEST(unreadable_memory),
		TEST(missing_pre_bytes_and_small_scratch),
		TEST(values_that_disagree),
		TEST(second_use_of_a_symbol_disagrees),
		TEST(value_against_the_name),
		TEST(name_in_a_data_section_is_checked),
		TEST(weak_symbol_may_be_overridden),
		TEST(section_is_aligned),
		TEST(wrong_candidates_are_outvoted),
		TEST(only_wrong_candidate),
		TEST(no_hunting_for_other_places),
		TEST(misaligned_place_is_not_elected),
		TEST(no_candidate),
		TEST(twin_that_differs_at_its_end_is_rolled_back),
		TEST(twin_that_calls_another_function),
		TEST(twins_that_cannot_be_told_apart),
		TEST(twins_that_both_differ),
		TEST(reference_from_matched_code_decides),
		TEST(reference_from_read_only_data_decides),
		TEST(wanted_name_must_exist_once),
		TEST(wanted_content),
		TEST(wanted_data_is_voted),
		TEST(wanted_data_whose_names_disagree),
		TEST(wanted_data_with_two_places),
		TEST(wanted_read_only_data_is_compared),
		TEST(wanted_read_only_data_leads_on),
		TEST(wanted_string_that_no_code_reaches),
		TEST(per_cpu_symbols_are_small_numbers),
		TEST(fields),
		TEST(32_bit_fields_are_zero_extended),
		TEST(only_sections_of_the_target),
		TEST(place_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
