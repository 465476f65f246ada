/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small kernel and an update for it, both made in memory, that the tests of match/ alter one thing at a time.
 * A world is filled in table by table, then world_build() lays the blob out just as an update carries it. Bytes
 * of pre and run are written through world_pre()/world_run().
 */
#ifndef SU_TEST_MATCH_WORLD_H
#define SU_TEST_MATCH_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "match/match.h"

#define PRE_ADDR 0xffffffffc0000000ull /* where the loader put the update's pre code */
#define NEW_ADDR 0xffffffffc0100000ull
#define RUN_ADDR 0xffffffff81000000ull
#define AREA_SZ 0x1000
#define RUN_SZ 0x4000

enum { AREA_PRE, AREA_NEW, AREA_NR };

struct world_name {
	char name[32];
	u64 addrs[8];
	u32 nr;
};

#define WORLD_TABLE(type, name, max) \
	struct type name[max]; \
	u32 name##_nr

struct world {
	WORLD_TABLE(su_area, areas, 4);
	WORLD_TABLE(su_target, targets, 4);
	WORLD_TABLE(su_unit, units, 4);
	WORLD_TABLE(su_section, sections, 16);
	WORLD_TABLE(su_symbol, symbols, 64);
	WORLD_TABLE(su_hole, holes, 64);
	WORLD_TABLE(su_site, sites, 64);
	WORLD_TABLE(su_function, functions, 8);
	WORLD_TABLE(su_range, ranges, 8);
	WORLD_TABLE(su_reloc, relocs, 8);
	char strings[2048];
	u32 strings_nr;
	u8 pre[AREA_SZ];
	u8 run[RUN_SZ];
	u64 run_base[16]; /* where each section lies in run */
	struct world_name names[32];
	u32 name_nr;
	bool no_bytes;		   /* the pre area is not there */
	size_t scratch_sz;	   /* 0: enough */
	u64 unreadable;		   /* reads that touch this address fail */
	bool sees_earlier;	   /* earlier updates are there: */
	u64 original, replacement; /* this is the only function that they have replaced */
	/* built */
	u8 *blob;
	size_t blob_sz;
	struct su_update update;
	const char *where;
	struct su_match match;
};

/* ---- filling in ---- */

static inline u32 world_string(struct world *w, const char *s)
{
	u32 off = w->strings_nr;

	assert_true(off + strlen(s) + 1 <= sizeof(w->strings));
	memcpy(w->strings + off, s, strlen(s) + 1);
	w->strings_nr += (u32)strlen(s) + 1;
	return off;
}

/* A section of @size bytes; it lies at @run_addr in the kernel. */
static inline u32 world_section(struct world *w, const char *name, u32 kind, u64 size, u32 align, u64 run_addr)
{
	u32 idx = w->sections_nr++;
	u64 area_off = 0;

	for (u32 i = 0; i < idx; i++)
		if (w->sections[i].area != SU_NONE)
			area_off = (w->sections[i].area_off + w->sections[i].size + 63) & ~63ull;
	w->sections[idx] = (struct su_section){
		.name = world_string(w, name),
		.kind = kind,
		.align = align,
		.size = size,
		.area = kind == SU_SECTION_PLACE ? SU_NONE : AREA_PRE,
		.area_off = kind == SU_SECTION_PLACE ? 0 : area_off,
		.first_hole = w->holes_nr,
		.first_site = w->sites_nr,
	};
	w->run_base[idx] = run_addr;
	return idx;
}

static inline void world_name(struct world *w, const char *name, u64 addr)
{
	struct world_name *n = NULL;

	for (u32 i = 0; i < w->name_nr; i++)
		if (!strcmp(w->names[i].name, name))
			n = &w->names[i];
	if (!n) {
		n = &w->names[w->name_nr++];
		strcpy(n->name, name);
	}
	n->addrs[n->nr++] = addr;
}

static inline struct world_name *world_name_find(struct world *w, const char *name)
{
	for (u32 i = 0; i < w->name_nr; i++)
		if (!strcmp(w->names[i].name, name))
			return &w->names[i];
	return NULL;
}

static inline u32 world_symbol(struct world *w, const char *name, u32 kind, u32 section, u64 off, u32 flags)
{
	u32 idx = w->symbols_nr++;

	w->symbols[idx] = (struct su_symbol){
		.name = kind == SU_SYMBOL_NAMED ? world_string(w, name) : 0,
		.kind = kind,
		.section = section,
		.off = off,
		.flags = flags,
	};
	if (kind == SU_SYMBOL_NAMED && section != SU_NONE)
		world_name(w, name, w->run_base[section] + off);
	return idx;
}

static inline u8 *world_pre(struct world *w, u32 section, u64 off)
{
	return w->pre + w->sections[section].area_off + off;
}

static inline u8 *world_run(struct world *w, u64 addr)
{
	return w->run + (addr - RUN_ADDR);
}

/* The same bytes in pre and in run. */
static inline void world_code(struct world *w, u32 section, u64 off, const void *bytes, size_t nr)
{
	memcpy(world_pre(w, section, off), bytes, nr);
	memcpy(world_run(w, w->run_base[section] + off), bytes, nr);
}

#define CODE(w, section, off, ...) \
	world_code(w, section, off, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

static inline void world_put(u8 *at, u64 value, u32 size)
{
	memcpy(at, &value, size);
}

/* A hole of the last section: zeros in pre, and in run what the linker made of @value. */
static inline void world_hole(struct world *w, u64 off, u32 symbol, u32 type, s64 addend, u64 value)
{
	u32 section = w->sections_nr - 1;
	u64 place = w->run_base[section] + off;
	struct su_reloc reloc = { .type = type, .addend = addend };
	u32 len = 0;
	u8 field[8];

	assert_int_equal(su_reloc_field(&reloc, place, value, field, &len), SU_MATCH_OK);
	memset(world_pre(w, section, off), 0, len);
	memcpy(world_run(w, place), field, len);
	w->holes[w->holes_nr++] =
		(struct su_hole){ .off = (u32)off, .symbol = symbol, .type = (u16)type, .addend = addend };
	w->sections[section].hole_nr++;
}

static inline void world_site(struct world *w, u64 off, u32 kind, u32 len, u32 arg)
{
	w->sites[w->sites_nr++] = (struct su_site){ .off = (u32)off, .kind = (u16)kind, .len = (u16)len, .arg = arg };
	w->sections[w->sections_nr - 1].site_nr++;
}

/* Area 0 for pre, area 1 for new code, one target, one unit. */
static inline void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->strings_nr = 1;
	w->areas[AREA_PRE] = (struct su_area){
		.addr = PRE_ADDR,
		.size = AREA_SZ,
		.name = world_string(w, ".init.text"),
		.flags = SU_AREA_EXEC | SU_AREA_PRE,
	};
	w->areas[AREA_NEW] = (struct su_area){
		.addr = NEW_ADDR,
		.size = AREA_SZ,
		.name = world_string(w, ".text"),
		.flags = SU_AREA_EXEC,
	};
	w->areas_nr = AREA_NR;
	w->targets[0].name = world_string(w, "vmlinux");
	w->targets_nr = 1;
	w->units[0].name = world_string(w, "kernel/unit.o");
	w->units_nr = 1;
}

/* ---- building ---- */

static inline size_t world_append(struct world *w, struct su_table *table, const void *data, u32 nr, size_t sz)
{
	table->off = (u32)w->blob_sz;
	table->nr = nr;
	memcpy(w->blob + w->blob_sz, data, nr * sz);
	w->blob_sz = (w->blob_sz + nr * sz + 7) & ~(size_t)7;
	return w->blob_sz;
}

#define APPEND(w, h, table) world_append(w, &(h)->table, (w)->table, (w)->table##_nr, sizeof((w)->table[0]))

static inline void world_layout(struct world *w)
{
	struct su_header h = { .format = SU_FORMAT, .id = 1 };
	u64 sum;
	u8 *exact;

	w->blob = calloc(1, sizeof(*w));
	w->blob_sz = sizeof(h);
	memcpy(h.magic, SU_MAGIC, SU_MAGIC_SZ);
	APPEND(w, &h, areas);
	APPEND(w, &h, targets);
	APPEND(w, &h, units);
	APPEND(w, &h, sections);
	APPEND(w, &h, symbols);
	APPEND(w, &h, holes);
	APPEND(w, &h, sites);
	APPEND(w, &h, functions);
	APPEND(w, &h, ranges);
	APPEND(w, &h, relocs);
	APPEND(w, &h, strings);
	w->blob_sz += SU_SUM_SZ;
	h.blob_sz = (u32)w->blob_sz;
	memcpy(w->blob, &h, sizeof(h));
	sum = su_update_sum((const struct su_header *)w->blob);
	memcpy(w->blob + w->blob_sz - SU_SUM_SZ, &sum, SU_SUM_SZ);
	/* no byte more than the blob, so that ASan sees each read behind it */
	exact = malloc(w->blob_sz);
	memcpy(exact, w->blob, w->blob_sz);
	free(w->blob);
	w->blob = exact;
}

static inline int world_open(struct world *w)
{
	return su_update_open(w->blob, w->blob_sz, &w->update, &w->where);
}

/* ---- matching ---- */

static inline int world_read(void *ctx, u64 addr, void *buf, size_t len)
{
	struct world *w = ctx;

	if (addr < RUN_ADDR || len > RUN_SZ || addr - RUN_ADDR > RUN_SZ - len)
		return -1;
	if (w->unreadable >= addr && w->unreadable < addr + len)
		return -1;
	memcpy(buf, w->run + (addr - RUN_ADDR), len);
	return 0;
}

static inline u32 world_candidates(void *ctx, u32 symbol, const u64 **addrs)
{
	struct world *w = ctx;
	struct world_name *n = world_name_find(w, su_update_string(&w->update, w->update.symbols[symbol].name));

	*addrs = n ? n->addrs : NULL;
	return n ? n->nr : 0;
}

static inline u64 world_latest(void *ctx, u64 addr)
{
	const struct world *w = ctx;

	return addr == w->original ? w->replacement : 0;
}

/* Only the first area has bytes here: an altered update that compares another one is refused. */
static inline const u8 *world_bytes(void *ctx, u32 area)
{
	struct world *w = ctx;

	return area == AREA_PRE && !w->no_bytes && w->update.areas[area].size <= AREA_SZ ? w->pre : NULL;
}

static inline void world_match_free(struct world *w)
{
	free(w->match.bases);
	free(w->match.values);
	free(w->match.trail);
	free(w->match.matched);
	free(w->match.scratch);
	memset(&w->match, 0, sizeof(w->match));
}

static inline int world_run_match(struct world *w, enum su_match_mode mode)
{
	static const struct su_match_ops alone = {
		.read = world_read,
		.candidates = world_candidates,
		.bytes = world_bytes,
	}, stacked = {
		.read = world_read,
		.candidates = world_candidates,
		.bytes = world_bytes,
		.latest = world_latest,
	};
	const struct su_header *h = w->update.header;

	world_match_free(w);
	w->match = (struct su_match){
		.update = &w->update,
		.ops = w->sees_earlier ? &stacked : &alone,
		.ctx = w,
		.mode = mode,
		.target = SU_NONE,
		.bases = calloc(h->sections.nr + 1, sizeof(struct su_value)),
		.values = calloc(h->symbols.nr + 1, sizeof(struct su_value)),
		.trail = calloc((size_t)h->sections.nr + h->symbols.nr + 1, sizeof(u32)),
		.matched = calloc(h->sections.nr + 1, 1),
		/* sections of a bit-flipped update may be huge, but no area of this world is */
		.scratch_sz = w->scratch_sz ? w->scratch_sz : AREA_SZ,
		.scratch = malloc(AREA_SZ),
	};
	return su_match_run(&w->match);
}

static inline void world_fini(struct world *w)
{
	world_match_free(w);
	free(w->blob);
	w->blob = NULL;
}

/* Build and match; the caller looks at w->match and calls world_fini(). */
static inline int world_verdict(struct world *w, enum su_match_mode mode)
{
	world_fini(w);
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
	return world_run_match(w, mode);
}

static inline u64 world_value(struct world *w, u32 symbol)
{
	u64 value = 0;

	assert_int_equal(su_match_value(&w->match, symbol, &value), SU_MATCH_OK);
	return value;
}

/* ---- a unit with something of everything ---- */

#define TEXT_RUN (RUN_ADDR + 0x100)
#define COLD_RUN (RUN_ADDR + 0x805)
#define RODATA_RUN (RUN_ADDR + 0x1000)
#define STRING_RUN (RUN_ADDR + 0x1803)
#define DATA_RUN (RUN_ADDR + 0x2000)
#define EXT_RUN (RUN_ADDR + 0x3000)
#define OTHER_RUN (RUN_ADDR + 0x3100)
#define FAR_RUN (RUN_ADDR + 0x3200)

enum { S_TEXT, S_COLD, S_RODATA, S_DATA, S_STRINGS };
enum { Y_FOO, Y_BAR, Y_TABLE, Y_COUNTER, Y_DATA, Y_EXT, Y_STRING, Y_COLD, Y_OTHER, Y_HIDDEN };

static inline void unit_sections(struct world *w)
{
	/*
	 * offsets of the sections are needed before their symbols; holes and sites follow with each section in
	 * turn
	 */
	world_section(w, ".text", SU_SECTION_TEXT, 0x60, 16, TEXT_RUN);
	world_section(w, ".text.unlikely", SU_SECTION_TEXT, 0x10, 1, COLD_RUN);
	world_section(w, ".rodata", SU_SECTION_RODATA, 0x20, 16, RODATA_RUN);
	world_section(w, ".data", SU_SECTION_PLACE, 0x40, 16, DATA_RUN);
	world_section(w, ".rodata.str1.1", SU_SECTION_MERGE, 12, 1, 0);
	w->sections_nr = 0;
}

static inline void unit_symbols(struct world *w)
{
	u32 nr = 5;

	w->sections_nr = nr;
	world_symbol(w, "foo", SU_SYMBOL_NAMED, S_TEXT, 0, SU_SYMBOL_FUNC);
	world_symbol(w, "bar", SU_SYMBOL_NAMED, S_TEXT, 0x40, SU_SYMBOL_FUNC | SU_SYMBOL_WANTED);
	world_symbol(w, "table", SU_SYMBOL_NAMED, S_RODATA, 0, 0);
	world_symbol(w, "counter", SU_SYMBOL_NAMED, S_DATA, 8, SU_SYMBOL_WANTED);
	world_symbol(w, "", SU_SYMBOL_SECTION, S_DATA, 0, 0);
	world_symbol(w, "ext", SU_SYMBOL_NAMED, SU_NONE, 0, SU_SYMBOL_WANTED);
	world_symbol(w, "", SU_SYMBOL_PIECE, S_STRINGS, 6, 0);
	w->symbols[Y_STRING].size = 6;
	world_symbol(w, "", SU_SYMBOL_SECTION, S_COLD, 0, 0);
	world_symbol(w, "other", SU_SYMBOL_NAMED, SU_NONE, 0, SU_SYMBOL_WANTED);
	world_symbol(w, "hidden", SU_SYMBOL_NAMED, SU_NONE, 0, 0);
	world_name(w, "ext", EXT_RUN);
	world_name(w, "other", OTHER_RUN);
	w->sections_nr = 0;
}

static inline void unit_begin(struct world *w, u32 section)
{
	w->sections_nr = section + 1;
	w->sections[section].first_hole = w->holes_nr;
	w->sections[section].first_site = w->sites_nr;
}

static inline void unit_text(struct world *w)
{
	unit_begin(w, S_TEXT);
	memset(world_pre(w, S_TEXT, 0), 0xcc, 0x60);
	memset(world_run(w, TEXT_RUN), 0xcc, 0x60);
	CODE(w, S_TEXT, 0x00, 0xe8, 0, 0, 0, 0); /* call __fentry__; a no-op in the kernel */
	memcpy(world_run(w, TEXT_RUN), "\x0f\x1f\x44\x00\x00", 5);
	world_site(w, 0x00, SU_SITE_FENTRY, 5, SU_NONE);
	CODE(w, S_TEXT, 0x05, 0x48, 0xc7, 0xc7); /* mov $counter,%rdi */
	world_hole(w, 0x08, Y_DATA, R_X86_64_32S, 8, DATA_RUN);
	CODE(w, S_TEXT, 0x0c, 0xe8); /* call ext */
	world_hole(w, 0x0d, Y_EXT, R_X86_64_PLT32, -4, EXT_RUN);
	CODE(w, S_TEXT, 0x11, 0x48, 0x8d, 0x3d); /* lea "world"(%rip),%rdi */
	world_hole(w, 0x14, Y_STRING, R_X86_64_PC32, -4, STRING_RUN);
	CODE(w, S_TEXT, 0x18, 0x0f, 0x84); /* je cold */
	world_hole(w, 0x1a, Y_COLD, R_X86_64_PC32, -4 + 3, COLD_RUN);
	CODE(w, S_TEXT, 0x1e, 0x85, 0xc0);		     /* test %eax,%eax */
	CODE(w, S_TEXT, 0x20, 0xe9, 0x11, 0x22, 0x33, 0x44); /* return thunk */
	memcpy(world_run(w, TEXT_RUN + 0x20), "\xc3\xcc\xcc\xcc\xcc", 5);
	world_site(w, 0x20, SU_SITE_RETURN, 5, SU_NONE);
	CODE(w, S_TEXT, 0x40, 0x48, 0x8b, 0x04, 0xfd); /* mov table(,%rdi,8),%rax */
	world_hole(w, 0x44, Y_TABLE, R_X86_64_32S, 0, RODATA_RUN);
	CODE(w, S_TEXT, 0x48, 0x31, 0xc0, 0xc3);
}

static inline void unit_other_sections(struct world *w)
{
	unit_begin(w, S_COLD);
	CODE(w, S_COLD, 0, 0x0f, 0x0b, 0x0f, 0x0b, 0xe9);
	memset(world_pre(w, S_COLD, 9), 0x90, 7);
	memset(world_run(w, COLD_RUN + 9), 0x90, 7);
	world_hole(w, 5, Y_FOO, R_X86_64_PC32, -4 + 0x1e, TEXT_RUN);
	unit_begin(w, S_RODATA);
	CODE(w, S_RODATA, 0, 1, 2, 3, 4, 5, 6, 7, 8);
	world_hole(w, 8, Y_BAR, R_X86_64_64, 0, TEXT_RUN + 0x40);
	world_hole(w, 16, Y_HIDDEN, R_X86_64_64, 4, FAR_RUN);
	unit_begin(w, S_DATA);
	unit_begin(w, S_STRINGS);
	memcpy(world_pre(w, S_STRINGS, 0), "hello\0world", 12);
	memcpy(world_run(w, STRING_RUN), "world", 6);
}

static inline void unit_update(struct world *w)
{
	w->functions[0] = (struct su_function){
		.name = world_string(w, "foo"),
		.section = S_TEXT,
		.size = 0x25,
		.window_off = 5,
		.new_area = AREA_NEW,
		.flags = SU_FUNCTION_FENTRY,
		.range_nr = 2,
	};
	w->functions_nr = 1;
	w->ranges[0] = (struct su_range){ .section = S_TEXT, .off = 0, .size = 0x25 };
	w->ranges[1] = (struct su_range){ .section = S_COLD, .off = 0, .size = 9 };
	w->ranges_nr = 2;
	w->relocs[0] =
		(struct su_reloc){ .area = AREA_NEW, .type = R_X86_64_PLT32, .off = 8, .addend = -4, .symbol = Y_OTHER };
	w->relocs_nr = 1;
}

/* foo, bar, foo's cold part, a table, a string, data; all of it as it is in the kernel. */
static inline void world_init_unit(struct world *w)
{
	world_init(w);
	unit_sections(w);
	unit_symbols(w);
	unit_text(w);
	unit_other_sections(w);
	unit_update(w);
}

/* The one of the test that runs. */
static struct world *w;

/* cmocka's way to make and to free it. */
static inline int world_set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	world_init_unit(w);
	return 0;
}

static inline int world_tear_down(void **state)
{
	(void)state;
	world_fini(w);
	free(w);
	return 0;
}

#endif
