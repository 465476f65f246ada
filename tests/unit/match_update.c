// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening updates: each field that is out of range is refused by name, and no damage of any kind leads outside
 * the blob.
 */
#include "match_world.h"

static void assert_refused(const char *where)
{
	world_fini(w);
	world_layout(w);
	w->where = NULL;
	assert_int_equal(world_open(w), SU_MATCH_FORMAT);
	assert_string_equal(w->where, where);
}

/* Set one field, see it refused by its name, set it back. */
#define REFUSE(field, value, where) \
	do { \
		__typeof__(field) saved = (field); \
		(field) = (value); \
		assert_refused(where); \
		(field) = saved; \
	} while (0)

static void test_whole_update_opens(void **state)
{
	(void)state;
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
	assert_string_equal(su_update_string(&w->update, w->update.units[0].name), "kernel/unit.o");
	assert_int_equal(su_match_scratch_sz(&w->update), 0x60);
}

static void test_areas_targets_units(void **state)
{
	(void)state;
	REFUSE(w->areas[0].name, w->strings_nr + 8, "areas.name");
	REFUSE(w->areas[1].name, 0, "areas.name");
	REFUSE(w->areas[1].flags, 8, "areas.flags");
	REFUSE(w->areas[1].size, ~0ull, "areas.size");
	REFUSE(w->targets[0].name, SU_NONE, "targets.name");
	REFUSE(w->targets[0].needs, 2, "targets.needs");
	REFUSE(w->units[0].name, SU_NONE, "units.name");
	REFUSE(w->units[0].target, 1, "units.target");
}

static void test_sections(void **state)
{
	(void)state;
	REFUSE(w->sections[0].name, SU_NONE, "sections.name");
	REFUSE(w->sections[0].unit, 1, "sections.unit");
	REFUSE(w->sections[0].kind, 0, "sections.kind");
	REFUSE(w->sections[0].kind, 5, "sections.kind");
	REFUSE(w->sections[0].align, 0, "sections.align");
	REFUSE(w->sections[0].align, 24, "sections.align");
	REFUSE(w->sections[0].size, 1ull << 40, "sections.size");
	REFUSE(w->sections[0].size, AREA_SZ + 1, "sections.area_off");
	REFUSE(w->sections[0].area_off, ~0ull, "sections.area_off");
	REFUSE(w->sections[0].area, AREA_NR, "sections.area");
	REFUSE(w->sections[0].area, SU_NONE, "sections.area");
	REFUSE(w->sections[0].area, AREA_NEW, "sections.area");
	REFUSE(w->sections[S_DATA].area, AREA_PRE, "sections.area");
	REFUSE(w->sections[0].origin, SU_ORIGIN_LATEST + w->symbols_nr, "sections.origin");
	REFUSE(w->sections[0].first_hole, SU_NONE, "sections.hole_nr");
	REFUSE(w->sections[0].hole_nr, w->holes_nr + 1, "sections.hole_nr");
	REFUSE(w->sections[S_DATA].hole_nr, 1, "sections.hole_nr");
	REFUSE(w->sections[0].first_site, SU_NONE, "sections.site_nr");
	REFUSE(w->sections[0].site_nr, SU_NONE, "sections.site_nr");
	w->sections[S_RODATA].first_site = 0;
	REFUSE(w->sections[S_RODATA].site_nr, 1, "sections.site_nr"); /* only code has sites */
}

static void test_holes_and_sites(void **state)
{
	(void)state;
	REFUSE(w->holes[0].off, 0x5d, "holes.off");
	REFUSE(w->holes[0].off, SU_NONE, "holes.off");
	REFUSE(w->holes[1].off, w->holes[0].off + 3, "holes.off"); /* overlaps the one before */
	REFUSE(w->holes[0].off, 2, "holes.off");		   /* half in the fentry site */
	REFUSE(w->holes[3].off, 0x1e, "holes.off");		   /* half in the return site */
	REFUSE(w->holes[0].symbol, w->symbols_nr, "holes.symbol");
	REFUSE(w->holes[0].type, R_X86_64_GOTPCREL, "holes.type");
	REFUSE(w->holes[0].flags, 2, "holes.flags");
	REFUSE(w->holes[0].reserved, 1, "holes.reserved");
	REFUSE(w->sites[0].len, 0, "sites.len");
	REFUSE(w->sites[0].len, 256, "sites.len");
	REFUSE(w->sites[0].len, 0x21, "sites.off"); /* overlaps the next */
	REFUSE(w->sites[1].off, 0x5c, "sites.off");
	REFUSE(w->sites[0].kind, 0, "sites.kind");
	REFUSE(w->sites[0].kind, 10, "sites.kind");
	REFUSE(w->sites[0].reserved, 1, "sites.reserved");
	w->sites[0].kind = SU_SITE_JUMP_LABEL;
	REFUSE(w->sites[0].arg, 0x60, "sites.arg");
	w->sites[0].kind = SU_SITE_RETPOLINE;
	REFUSE(w->sites[0].arg, 16, "sites.arg");
}

static void test_hole_in_a_site(void **state)
{
	(void)state;
	w->holes[0].off = 1;
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
}

static void test_symbols(void **state)
{
	(void)state;
	REFUSE(w->symbols[Y_FOO].kind, 0, "symbols.kind");
	REFUSE(w->symbols[Y_FOO].kind, SU_SYMBOL_PIECE + 1, "symbols.kind");
	REFUSE(w->symbols[Y_FOO].name, 0, "symbols.name");
	REFUSE(w->symbols[Y_FOO].name, w->strings_nr + 8, "symbols.name");
	REFUSE(w->symbols[Y_STRING].name, 1, "symbols.name");
	REFUSE(w->symbols[Y_FOO].flags, 0x20, "symbols.flags");
	REFUSE(w->symbols[Y_FOO].flags, SU_SYMBOL_CONTENT, "symbols.size");
	REFUSE(w->symbols[Y_FOO].flags, SU_SYMBOL_WEAK, "symbols.section");
	REFUSE(w->symbols[Y_FOO].target, 1, "symbols.target");
	REFUSE(w->symbols[Y_FOO].reserved, 1, "symbols.reserved");
	REFUSE(w->symbols[Y_FOO].section, w->sections_nr, "symbols.section");
	REFUSE(w->symbols[Y_FOO].section, S_STRINGS, "symbols.kind");
	REFUSE(w->symbols[Y_FOO].off, 0x61, "symbols.off");
	REFUSE(w->symbols[Y_DATA].section, SU_NONE, "symbols.section");
	REFUSE(w->symbols[Y_STRING].section, SU_NONE, "symbols.section");
	REFUSE(w->symbols[Y_STRING].section, S_RODATA, "symbols.kind");
	REFUSE(w->symbols[Y_STRING].size, 0, "symbols.size");
	REFUSE(w->symbols[Y_STRING].size, 7, "symbols.size");
	REFUSE(w->symbols[Y_STRING].size, ~0ull, "symbols.size");
}

/* At the entry, or behind its endbr64. */
static void test_windows_without_fentry(void **state)
{
	(void)state;
	w->functions[0].flags = 0;
	w->functions[0].window_off = 0;
	w->sites[0].kind = SU_SITE_LOCK;
	w->sites[0].len = 4;
	REFUSE(w->functions[0].window_off, 4, "functions.window_off");
	REFUSE(w->sites[0].kind, SU_SITE_ENDBR, "functions.window_off");
	w->functions[0].window_off = 4;
	w->sites[0].kind = SU_SITE_ENDBR;
	REFUSE(w->sites[0].off, 1, "functions.window_off");
	world_fini(w);
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
}

static void test_functions_and_relocations(void **state)
{
	(void)state;
	REFUSE(w->ranges[1].section, S_RODATA, "ranges.section");
	REFUSE(w->ranges[1].section, SU_NONE, "ranges.section");
	REFUSE(w->ranges[1].size, 0, "ranges.size");
	REFUSE(w->ranges[1].size, 0x11, "ranges.size");
	REFUSE(w->ranges[1].off, SU_NONE, "ranges.size");
	REFUSE(w->functions[0].name, 0, "functions.name");
	REFUSE(w->functions[0].section, S_DATA, "functions.section");
	REFUSE(w->functions[0].size, 0x61, "functions.size");
	REFUSE(w->functions[0].off, SU_NONE, "functions.size");
	REFUSE(w->functions[0].window_off, 0x26, "functions.window_off");
	REFUSE(w->functions[0].window_off, 6, "functions.window_off"); /* not where the call of the tracer ends */
	REFUSE(w->functions[0].window_off, 0, "functions.window_off");
	REFUSE(w->functions[0].flags, 0, "functions.window_off");
	REFUSE(w->functions[0].flags, 2, "functions.flags");
	REFUSE(w->functions[0].range_nr, 0, "functions.range_nr");
	REFUSE(w->functions[0].range_nr, 3, "functions.range_nr");
	REFUSE(w->functions[0].first_range, SU_NONE, "functions.range_nr");
	REFUSE(w->ranges[0].size, 0x24, "functions.range_nr"); /* not the body */
	REFUSE(w->functions[0].new_area, AREA_PRE, "functions.new_area");
	REFUSE(w->functions[0].new_area, AREA_NR, "functions.new_area");
	REFUSE(w->functions[0].new_off, AREA_SZ, "functions.new_off");
	REFUSE(w->functions[0].reserved, 1, "functions.reserved");
	w->functions[0].off = 0x5b;
	REFUSE(w->functions[0].size, 5, "functions.window_off"); /* the window's end is not compared */
	w->functions[0].off = 0;
	REFUSE(w->relocs[0].area, AREA_PRE, "relocs.area");
	REFUSE(w->relocs[0].area, SU_NONE, "relocs.area");
	REFUSE(w->relocs[0].type, R_X86_64_NONE, "relocs.type");
	REFUSE(w->relocs[0].off, AREA_SZ - 3, "relocs.off");
	REFUSE(w->relocs[0].symbol, Y_FOO, "relocs.symbol"); /* not wanted */
	REFUSE(w->relocs[0].symbol, w->symbols_nr, "relocs.symbol");
	REFUSE(w->relocs[0].target, 1, "relocs.target");
}

/* ---- the header ---- */

static void assert_header_refused(size_t off, u32 value, const char *where)
{
	u32 saved;

	memcpy(&saved, w->blob + off, sizeof(saved));
	memcpy(w->blob + off, &value, sizeof(value));
	w->where = NULL;
	assert_int_equal(world_open(w), SU_MATCH_FORMAT);
	assert_string_equal(w->where, where);
	memcpy(w->blob + off, &saved, sizeof(saved));
}

static void test_header(void **state)
{
	static const char *const tables[] = {
		"header.areas",	  "header.targets", "header.units",   "header.sections",
		"header.symbols", "header.holes",   "header.sites",   "header.functions",
		"header.ranges",  "header.relocs",  "header.strings",
	};

	(void)state;
	world_layout(w);
	assert_header_refused(0, 0x12345678, "header.magic");
	assert_header_refused(4, 0, "header.magic");
	assert_header_refused(offsetof(struct su_header, format), SU_FORMAT + 1, "header.format");
	assert_header_refused(offsetof(struct su_header, blob_sz), (u32)w->blob_sz + 1, "header.blob_sz");
	assert_header_refused(offsetof(struct su_header, blob_sz), 16, "header.blob_sz");
	assert_header_refused(offsetof(struct su_header, id), 0, "header.id");
	assert_header_refused(offsetof(struct su_header, id), SU_NONE, "header.id");
	assert_header_refused(offsetof(struct su_header, flags), 2, "header.flags");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		size_t off = offsetof(struct su_header, areas) + i * sizeof(struct su_table);

		assert_header_refused(off, 0, tables[i]);
		assert_header_refused(off, (u32)w->blob_sz + 8, tables[i]);
		assert_header_refused(off, SU_NONE - 7, tables[i]);
		assert_header_refused(off + 4, SU_NONE, tables[i]);
		assert_header_refused(off + 4, (u32)w->blob_sz, tables[i]);
		if (i < 10)
			assert_header_refused(off, sizeof(struct su_header) + 1, tables[i]);
	}
}

static void test_strings_end(void **state)
{
	(void)state;
	w->strings[w->strings_nr - 1] = 'x';
	assert_refused("strings");
	w->strings[w->strings_nr - 1] = 0;
	w->strings[0] = 'x';
	assert_refused("strings");
	w->strings_nr = 0;
	assert_refused("strings");
}

static void test_truncated_blob(void **state)
{
	struct su_header *h;

	(void)state;
	world_layout(w);
	for (size_t sz = 0; sz < w->blob_sz; sz += 4) {
		/* its own copy, so that ASan sees reads behind the end */
		u8 *cut = malloc(sz + 1);

		memcpy(cut, w->blob, sz);
		assert_int_equal(su_update_open(cut, sz, &w->update, &w->where), SU_MATCH_FORMAT);
		if (sz >= sizeof(*h)) {
			h = (struct su_header *)cut;
			h->blob_sz = (u32)sz;
			assert_true(su_update_open(cut, sz, &w->update, &w->where) || !su_update_is_whole(&w->update));
		}
		free(cut);
	}
}

static void test_misaligned_blob(void **state)
{
	u8 *moved;

	(void)state;
	world_layout(w);
	moved = malloc(w->blob_sz + 8);
	memcpy(moved + 4, w->blob, w->blob_sz);
	assert_int_equal(su_update_open(moved + 4, w->blob_sz, &w->update, &w->where), SU_MATCH_FORMAT);
	free(moved);
}

/* Filled in by the module loader. */
static bool is_loaders(size_t off)
{
	size_t first = w->update.header->areas.off, sz = sizeof(struct su_area);

	if (off >= first && off < first + w->areas_nr * sz)
		return (off - first) % sz < sizeof(u64);
	return off >= offsetof(struct su_header, core) && off < offsetof(struct su_header, core) + sizeof(u64);
}

/* What is within its range, and wrong all the same. */
static void test_every_bit_is_summed(void **state)
{
	(void)state;
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
	assert_true(su_update_is_whole(&w->update));
	for (size_t bit = 0; bit < w->blob_sz * 8; bit++) {
		w->blob[bit / 8] ^= (u8)(1 << bit % 8);
		if (!world_open(w))
			assert_int_equal(su_update_is_whole(&w->update), is_loaders(bit / 8));
		w->blob[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(world_open(w), SU_MATCH_OK);
	}
}

/*
 * Every single bit: refused, or matched within the bounds of blob, pre and run (ASan watches). Whatever it
 * changes in the tables of code, it must not make a kernel match that differs.
 */
static void test_every_bit_flipped(void **state)
{
	u32 refused = 0, failed = 0;

	(void)state;
	world_layout(w);
	for (size_t bit = 0; bit < w->blob_sz * 8; bit++) {
		w->blob[bit / 8] ^= (u8)(1 << bit % 8);
		if (world_open(w))
			refused++;
		else if (world_run_match(w, SU_MATCH_LIVE))
			failed++;
		w->blob[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_true(refused > w->blob_sz * 8 / 3);
	assert_true(failed > 300);
}

/* What the core computes of an opened update without any further check: su_plan() and su_link(). */
static u64 use_tables(const struct su_update *u)
{
	u64 sum = 0;

	for (u32 i = 0; i < u->header->functions.nr; i++) {
		const struct su_function *f = &u->functions[i];

		sum += strlen(su_update_string(u, f->name)) + u->areas[f->new_area].addr + f->new_off;
		sum += strlen(su_update_string(u, u->units[u->sections[f->section].unit].name));
		for (u32 r = 0; r < f->range_nr; r++)
			sum += u->sections[u->ranges[f->first_range + r].section].size;
	}
	for (u32 i = 0; i < u->header->relocs.nr; i++) {
		const struct su_reloc *r = &u->relocs[i];

		assert_true(r->off + su_hole_size(r->type) <= u->areas[r->area].size);
		sum += u->targets[r->target].needs + strlen(su_update_string(u, u->symbols[r->symbol].name));
	}
	return sum;
}

/* Every field of every table, by its words, at values where lengths, offsets, counts and indices go wrong. */
static void test_every_word_at_extremes(void **state)
{
	static const u32 values[] = { 0,	  1,	      2,	  0x7f,	      0x100,	  0xffff,    0x10000,
				      0x7ffffff8, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff };
	const size_t nr = sizeof(values) / sizeof(values[0]);
	u32 saved, value, refused = 0, used = 0;

	(void)state;
	world_layout(w);
	for (size_t at = 0; at < w->blob_sz; at += 4) {
		memcpy(&saved, w->blob + at, 4);
		for (size_t i = 0; i < nr + 2; i++) {
			value = i < nr ? values[i] : i == nr ? saved + 1 : saved - 1;
			memcpy(w->blob + at, &value, 4);
			w->where = NULL;
			if (world_open(w)) {
				refused++;
				assert_non_null(w->where);
				continue;
			}
			used += use_tables(&w->update) > 0;
			world_run_match(w, SU_MATCH_LIVE);
		}
		memcpy(w->blob + at, &saved, 4);
	}
	assert_true(refused > used);
	assert_true(used > 300);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_update_opens),
		TEST(areas_targets_units),
		TEST(sections),
		TEST(holes_and_sites),
		TEST(hole_in_a_site),
		TEST(symbols),
		TEST(windows_without_fentry),
		TEST(functions_and_relocations),
		TEST(header),
		TEST(strings_end),
		TEST(truncated_blob),
		TEST(misaligned_blob),
		TEST(every_bit_is_summed),
		TEST(every_bit_flipped),
		TEST(every_word_at_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
