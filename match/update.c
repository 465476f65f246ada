// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening an update: every number in its tables is checked once, here, so that all others can follow them
 * without a doubt. Each check returns NULL, or the name of the field at fault. What the areas hold is not this
 * file's business.
 */
#include "internal.h"

#define SECTION_MAX (1u << 30) /* offsets of holes and sites are 32 bits wide, with room for sums */

/* ---- ranges ---- */

/* Do @size units from @off lie in @total? */
static bool is_within(u64 off, u64 size, u64 total)
{
	return size <= total && off <= total - size;
}

static bool is_index(u32 idx, const struct su_table *table)
{
	return idx < table->nr;
}

static bool is_index_or_none(u32 idx, const struct su_table *table)
{
	return idx == SU_NONE || is_index(idx, table);
}

static bool is_string(const struct su_update *u, u32 off)
{
	return off < u->header->strings.nr;
}

static bool is_name(const struct su_update *u, u32 off)
{
	return is_string(u, off) && *su_update_string(u, off);
}

static bool has_only(u32 flags, u32 known)
{
	return !(flags & ~known);
}

/* ---- header and tables ---- */

static const char *check_header(const struct su_header *h, size_t blob_sz)
{
	if (memcmp(h->magic, SU_MAGIC, SU_MAGIC_SZ))
		return "header.magic";
	if (h->format != SU_FORMAT)
		return "header.format";
	if (h->blob_sz < sizeof(*h) || h->blob_sz > blob_sz)
		return "header.blob_sz";
	if (h->flags & ~(u32)SU_UPDATE_STAYS)
		return "header.flags";
	return NULL;
}

static const void *table_at(const struct su_header *h, const struct su_table *t, u32 entry_sz, u32 align)
{
	if (t->off < sizeof(*h) || (t->off & (align - 1)) || !is_within(t->off, (u64)t->nr * entry_sz, h->blob_sz))
		return NULL;
	return (const u8 *)h + t->off;
}

#define TABLE(u, name) \
	((u)->name = table_at((u)->header, &(u)->header->name, sizeof(*(u)->name), __alignof__(*(u)->name)))

static const char *check_tables(struct su_update *u)
{
	if (!TABLE(u, areas))
		return "header.areas";
	if (!TABLE(u, targets))
		return "header.targets";
	if (!TABLE(u, units))
		return "header.units";
	if (!TABLE(u, sections))
		return "header.sections";
	if (!TABLE(u, symbols))
		return "header.symbols";
	if (!TABLE(u, holes))
		return "header.holes";
	if (!TABLE(u, sites))
		return "header.sites";
	if (!TABLE(u, functions))
		return "header.functions";
	if (!TABLE(u, ranges))
		return "header.ranges";
	if (!TABLE(u, relocs))
		return "header.relocs";
	if (!TABLE(u, strings))
		return "header.strings";
	return NULL;
}

static const char *check_strings(const struct su_update *u)
{
	u32 nr = u->header->strings.nr;

	if (nr == 0 || u->strings[0] || u->strings[nr - 1])
		return "strings";
	return is_name(u, u->header->id) ? NULL : "header.id";
}

/* ---- areas, targets, units ---- */

static const char *check_area(const struct su_update *u, u32 i)
{
	const struct su_area *a = &u->areas[i];

	if (!is_name(u, a->name))
		return "areas.name";
	if (!has_only(a->flags & ((1u << SU_AREA_OWNER_SHIFT) - 1), SU_AREA_EXEC | SU_AREA_WRITE | SU_AREA_PRE))
		return "areas.flags";
	if (!is_index_or_none(su_area_owner(a), &u->header->targets) ||
	    (su_area_owner(a) != SU_NONE && (a->flags & (SU_AREA_EXEC | SU_AREA_WRITE | SU_AREA_PRE)) != SU_AREA_WRITE))
		return "areas.flags";
	return is_within(a->addr, a->size, ~(u64)0) ? NULL : "areas.size";
}

static const char *check_target(const struct su_update *u, u32 i)
{
	u32 nr = u->header->targets.nr;

	if (nr > SU_TARGETS_MAX)
		return "header.targets";
	if (!is_name(u, u->targets[i].name))
		return "targets.name";
	return nr < SU_TARGETS_MAX && u->targets[i].needs >> nr ? "targets.needs" : NULL;
}

static const char *check_unit(const struct su_update *u, u32 i)
{
	if (!is_name(u, u->units[i].name))
		return "units.name";
	return is_index(u->units[i].target, &u->header->targets) ? NULL : "units.target";
}

/* ---- sections ---- */

static bool has_bytes(const struct su_section *s)
{
	return s->kind != SU_SECTION_PLACE;
}

static const char *check_section_place(const struct su_update *u, const struct su_section *s)
{
	if (s->size > SECTION_MAX)
		return "sections.size";
	if (!has_bytes(s))
		return s->area == SU_NONE ? NULL : "sections.area";
	if (!is_index(s->area, &u->header->areas) || !(u->areas[s->area].flags & SU_AREA_PRE))
		return "sections.area";
	return is_within(s->area_off, s->size, u->areas[s->area].size) ? NULL : "sections.area_off";
}

static const char *check_section_holes(const struct su_update *u, const struct su_section *s)
{
	u64 end = 0;
	u32 i;

	if (!is_within(s->first_hole, s->hole_nr, u->header->holes.nr))
		return "sections.hole_nr";
	if (s->hole_nr && s->kind != SU_SECTION_TEXT && s->kind != SU_SECTION_RODATA)
		return "sections.hole_nr";
	for (i = s->first_hole; i < s->first_hole + s->hole_nr; i++) {
		const struct su_hole *h = &u->holes[i];

		if (h->off < end || !is_within(h->off, su_hole_size(h->type), s->size))
			return "holes.off";
		end = (u64)h->off + su_hole_size(h->type);
	}
	return NULL;
}

static const char *check_section_sites(const struct su_update *u, const struct su_section *s)
{
	u64 end = 0;
	u32 i;

	if (!is_within(s->first_site, s->site_nr, u->header->sites.nr))
		return "sections.site_nr";
	if (s->site_nr && s->kind != SU_SECTION_TEXT)
		return "sections.site_nr";
	for (i = s->first_site; i < s->first_site + s->site_nr; i++) {
		const struct su_site *t = &u->sites[i];

		if (t->off < end || !is_within(t->off, t->len, s->size))
			return "sites.off";
		if (t->kind == SU_SITE_JUMP_LABEL && t->arg != SU_NONE && t->arg >= s->size)
			return "sites.arg";
		end = (u64)t->off + t->len;
	}
	return NULL;
}

/* A hole lies in a site, or outside all of them; both are known to be sorted. */
static const char *check_section_borders(const struct su_update *u, const struct su_section *s)
{
	u32 site = s->first_site, site_end = s->first_site + s->site_nr;
	u32 i;

	for (i = s->first_hole; i < s->first_hole + s->hole_nr; i++) {
		u32 start = u->holes[i].off;
		u32 end = start + su_hole_size(u->holes[i].type);

		while (site < site_end && u->sites[site].off + u->sites[site].len <= start)
			site++;
		if (site == site_end || u->sites[site].off >= end)
			continue;
		if (u->sites[site].off > start || u->sites[site].off + u->sites[site].len < end)
			return "holes.off";
	}
	return NULL;
}

static const char *check_section(const struct su_update *u, u32 i)
{
	const struct su_section *s = &u->sections[i];
	const char *fault;

	if (!is_name(u, s->name))
		return "sections.name";
	if (!is_index(s->unit, &u->header->units))
		return "sections.unit";
	if (s->kind < SU_SECTION_TEXT || s->kind > SU_SECTION_MERGE)
		return "sections.kind";
	if (!s->align || (s->align & (s->align - 1)))
		return "sections.align";
	if (s->origin >= SU_ORIGIN_LATEST &&
	    (s->kind != SU_SECTION_TEXT || !is_index(su_section_latest(s), &u->header->symbols)))
		return "sections.origin";
	fault = check_section_place(u, s);
	if (!fault)
		fault = check_section_holes(u, s);
	if (!fault)
		fault = check_section_sites(u, s);
	return fault ? fault : check_section_borders(u, s);
}

/* ---- symbols ---- */

static const char *check_symbol_place(const struct su_update *u, const struct su_symbol *s)
{
	bool is_piece = s->kind == SU_SYMBOL_PIECE;
	const struct su_section *section;

	if (s->section == SU_NONE)
		return s->kind == SU_SYMBOL_NAMED ? NULL : "symbols.section";
	if (!is_index(s->section, &u->header->sections) || (s->flags & SU_SYMBOL_WEAK))
		return "symbols.section";
	section = &u->sections[s->section];
	if (is_piece != (section->kind == SU_SECTION_MERGE))
		return "symbols.kind";
	if (s->off > section->size)
		return "symbols.off";
	if (s->kind == SU_SYMBOL_NAMED && (section->origin != SU_ORIGIN_TARGET) != !!(s->flags & SU_SYMBOL_EARLIER))
		return "symbols.flags";
	if (is_piece && (!s->size || !is_within(s->off, s->size, section->size)))
		return "symbols.size";
	return NULL;
}

static const char *check_symbol(const struct su_update *u, u32 i)
{
	const struct su_symbol *s = &u->symbols[i];

	if (s->kind < SU_SYMBOL_NAMED || s->kind > SU_SYMBOL_PIECE)
		return "symbols.kind";
	if (s->kind == SU_SYMBOL_NAMED ? !is_name(u, s->name) : s->name != 0)
		return "symbols.name";
	if (!has_only(s->flags, SU_SYMBOL_FUNC | SU_SYMBOL_WEAK | SU_SYMBOL_WANTED | SU_SYMBOL_GLOBAL |
					SU_SYMBOL_CONTENT | SU_SYMBOL_EARLIER))
		return "symbols.flags";
	if ((s->flags & SU_SYMBOL_CONTENT) && (s->section != SU_NONE || !s->size || s->size > sizeof(u64)))
		return "symbols.size";
	if (!is_index_or_none(s->target, &u->header->targets))
		return "symbols.target";
	if (s->reserved)
		return "symbols.reserved";
	return check_symbol_place(u, s);
}

/* ---- holes and sites by themselves; their offsets are checked with their sections ---- */

static const char *check_hole(const struct su_update *u, u32 i)
{
	const struct su_hole *h = &u->holes[i];

	if (!is_index(h->symbol, &u->header->symbols))
		return "holes.symbol";
	if (!su_hole_size(h->type))
		return "holes.type";
	if (!has_only(h->flags, SU_HOLE_NATIVE))
		return "holes.flags";
	return h->reserved ? "holes.reserved" : NULL;
}

static const char *check_site(const struct su_update *u, u32 i)
{
	const struct su_site *t = &u->sites[i];

	if (t->kind < SU_SITE_FENTRY || t->kind > SU_SITE_OPAQUE)
		return "sites.kind";
	if (!t->len || t->len > 255)
		return "sites.len";
	if (t->kind == SU_SITE_RETPOLINE && t->arg != SU_NONE && t->arg > 15)
		return "sites.arg";
	return t->reserved ? "sites.reserved" : NULL;
}

/* ---- functions, ranges, relocations ---- */

static const char *check_range(const struct su_update *u, u32 i)
{
	const struct su_range *r = &u->ranges[i];

	if (!is_index(r->section, &u->header->sections) || u->sections[r->section].kind != SU_SECTION_TEXT)
		return "ranges.section";
	if (!r->size || !is_within(r->off, r->size, u->sections[r->section].size))
		return "ranges.size";
	return r->reserved ? "ranges.reserved" : NULL;
}

static const char *check_function_new(const struct su_update *u, const struct su_function *f)
{
	if (!is_index(f->new_area, &u->header->areas) || !(u->areas[f->new_area].flags & SU_AREA_EXEC) ||
	    (u->areas[f->new_area].flags & SU_AREA_PRE))
		return "functions.new_area";
	return f->new_off < u->areas[f->new_area].size ? NULL : "functions.new_off";
}

/* Behind the call of the tracer; where there is none at the entry, or behind its endbr64. */
static bool is_window(const struct su_update *u, const struct su_function *f)
{
	const struct su_section *s = &u->sections[f->section];
	u64 start = (u64)f->off + f->window_off;
	bool behind_fentry = false;
	u32 i, endbr_sz = 0;

	for (i = s->first_site; i < s->first_site + s->site_nr; i++) {
		const struct su_site *t = &u->sites[i];
		u64 end = (u64)t->off + t->len;

		if (t->kind == SU_SITE_ENDBR && t->off == f->off)
			endbr_sz = t->len;
		if (t->kind != SU_SITE_FENTRY || t->off < f->off || t->off >= start + SU_JMP_SZ)
			continue;
		if (end > start)
			return false;
		behind_fentry |= end == start;
	}
	if (f->flags & SU_FUNCTION_FENTRY)
		return behind_fentry;
	return f->window_off == endbr_sz;
}

/* The body comes first: of it the window's first byte does not count as old code. */
static bool is_body(const struct su_function *f, const struct su_range *r)
{
	return r->section == f->section && r->off == f->off && r->size == f->size;
}

/* The window's bytes have to be among those compared. */
static const char *check_function(const struct su_update *u, u32 i)
{
	const struct su_function *f = &u->functions[i];

	if (!is_name(u, f->name))
		return "functions.name";
	if (!is_index(f->section, &u->header->sections) || u->sections[f->section].kind != SU_SECTION_TEXT)
		return "functions.section";
	if (!f->size || !is_within(f->off, f->size, u->sections[f->section].size))
		return "functions.size";
	if (!has_only(f->flags, SU_FUNCTION_FENTRY))
		return "functions.flags";
	if (f->window_off > f->size ||
	    !is_within((u64)f->off + f->window_off, SU_JMP_SZ, u->sections[f->section].size) || !is_window(u, f))
		return "functions.window_off";
	if (!f->range_nr || !is_within(f->first_range, f->range_nr, u->header->ranges.nr) ||
	    !is_body(f, &u->ranges[f->first_range]))
		return "functions.range_nr";
	if (f->reserved)
		return "functions.reserved";
	return check_function_new(u, f);
}

static const char *check_reloc(const struct su_update *u, u32 i)
{
	const struct su_reloc *r = &u->relocs[i];

	if (!is_index(r->area, &u->header->areas) || (u->areas[r->area].flags & SU_AREA_PRE))
		return "relocs.area";
	if (!su_hole_size(r->type))
		return "relocs.type";
	if (!is_within(r->off, su_hole_size(r->type), u->areas[r->area].size))
		return "relocs.off";
	if (!is_index(r->symbol, &u->header->symbols) || !(u->symbols[r->symbol].flags & SU_SYMBOL_WANTED))
		return "relocs.symbol";
	return is_index(r->target, &u->header->targets) ? NULL : "relocs.target";
}

/* ---- all of them ---- */

static const char *check_each(const struct su_update *u, u32 nr, const char *(*check)(const struct su_update *, u32))
{
	const char *fault = NULL;
	u32 i;

	for (i = 0; i < nr && !fault; i++)
		fault = check(u, i);
	return fault;
}

/* In this order: each relies on what was checked before it. */
static const char *check_entries(const struct su_update *u)
{
	const struct su_header *h = u->header;
	const char *fault = check_each(u, h->areas.nr, check_area);

	if (!fault)
		fault = check_each(u, h->targets.nr, check_target);
	if (!fault)
		fault = check_each(u, h->units.nr, check_unit);
	if (!fault)
		fault = check_each(u, h->holes.nr, check_hole);
	if (!fault)
		fault = check_each(u, h->sites.nr, check_site);
	if (!fault)
		fault = check_each(u, h->sections.nr, check_section);
	if (!fault)
		fault = check_each(u, h->symbols.nr, check_symbol);
	if (!fault)
		fault = check_each(u, h->ranges.nr, check_range);
	if (!fault)
		fault = check_each(u, h->functions.nr, check_function);
	if (!fault)
		fault = check_each(u, h->relocs.nr, check_reloc);
	return fault;
}

int su_update_open(const void *blob, size_t blob_sz, struct su_update *update, const char **where)
{
	struct su_update u = { .header = blob };
	const char *fault;

	if (blob_sz < sizeof(*u.header) || ((uintptr_t)blob & 7))
		fault = "header";
	else
		fault = check_header(u.header, blob_sz);
	if (!fault)
		fault = check_tables(&u);
	if (!fault)
		fault = check_strings(&u);
	if (!fault)
		fault = check_entries(&u);
	if (fault) {
		*where = fault;
		return SU_MATCH_FORMAT;
	}
	*update = u;
	return SU_MATCH_OK;
}
