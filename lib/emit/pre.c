// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pre code of every unit that the update touches: whole sections of the plain object, with tables that say which fields the linker filled
 * in (holes) and which bytes the kernel rewrites (sites). The tables by which the loader patches code for this CPU come along, so that run
 * and pre went through the same hands; everything else stays out of the loader's sight.
 */
#include <string.h>

#include "emitter.h"

const struct su_elf_symbol *su_emit_plain_symbol(const struct su_object *plain, const char *name)
{
	const struct su_elf_symbol *found = NULL;

	for (size_t i = 0; i < plain->elf->symbol_nr; i++) {
		const struct su_elf_symbol *s = &plain->elf->symbols[i];

		if (!s->section || s->type == STT_SECTION || strcmp(s->name, name) != 0)
			continue;
		if (found)
			return NULL;
		found = s;
	}
	return found;
}

/* ---- patched by the loader ---- */

static bool is_patch_table(const char *name)
{
	static const char *const names[] = { ".altinstructions", ".parainstructions", ".retpoline_sites",
					     ".return_sites" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Something the loader can fill in: placed in the update, or exported. */
static bool is_native(const struct su_emitter *e, const struct su_edge *edge)
{
	if (edge->kind == SU_EDGE_ATOM)
		return edge->atom->is_placed;
	return edge->kind == SU_EDGE_UNDEFINED && su_emit_is_exported(e, edge->symbol->name);
}

static void native_reloc(struct su_emitter *e, uint32_t out, uint64_t off, const struct su_edge *edge)
{
	if (edge->kind == SU_EDGE_ATOM)
		su_elf_out_reloc(&e->out, out, off, edge->type, e->out.sections.data[edge->atom->out_section].symbol,
				 (int64_t)edge->atom->out_off + edge->addend);
	else
		su_elf_out_reloc(&e->out, out, off, edge->type, su_elf_out_undefined(&e->out, edge->symbol->name),
				 edge->addend);
}

static void place(struct su_emitter *e, struct su_atom *atom, uint32_t out, uint64_t align)
{
	atom->out_section = out;
	atom->out_off = su_elf_out_append(&e->out, out, su_atom_bytes(atom), atom->size, align);
	atom->is_placed = true;
}

/* The replacement of an alternatives entry: a fragment. All its fields must be native for the loader to move them. */
static bool place_replacement(struct su_emitter *e, struct su_atom *fragment)
{
	uint32_t out;

	for (size_t i = 0; i < fragment->edge_nr; i++)
		if (!is_native(e, &fragment->edges[i]))
			return false;
	if (fragment->is_placed)
		return true;
	out = su_elf_out_section(&e->out, fragment->section->name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1);
	place(e, fragment, out, 1);
	for (size_t i = 0; i < fragment->edge_nr; i++)
		native_reloc(e, out, fragment->out_off + fragment->edges[i].off, &fragment->edges[i]);
	return true;
}

static bool can_place_entry(struct su_emitter *e, const struct su_atom *entry)
{
	for (size_t i = 0; i < entry->edge_nr; i++) {
		struct su_atom *to = entry->edges[i].atom;

		if (!to || (to->kind == SU_ATOM_FRAGMENT && !place_replacement(e, to)) || !to->is_placed)
			return false;
	}
	return true;
}

static void place_entry(struct su_emitter *e, struct su_atom *entry)
{
	const struct su_elf_section *s = entry->section;
	uint32_t out = su_elf_out_section(&e->out, s->name, SHT_PROGBITS, s->flags & (SHF_ALLOC | SHF_WRITE), s->align);

	/* .parainstructions: a stride of 16 with a short last entry */
	place(e, entry, out, s->align >= 8 ? s->align : 1);
	for (size_t i = 0; i < entry->edge_nr; i++)
		native_reloc(e, out, entry->out_off + entry->edges[i].off, &entry->edges[i]);
}

/* A site that the loader does not rewrite here cannot be compared: its entry would need a symbol that is not exported. */
static void blind_site(struct su_site_list *list, const struct su_atom *entry)
{
	uint64_t off = entry->owner->off + (uint64_t)entry->edges[0].addend;

	for (size_t i = 0; i < list->sites.nr; i++)
		if (off >= list->sites.data[i].off && off < list->sites.data[i].off + (uint64_t)list->sites.data[i].len)
			list->sites.data[i].kind = SU_SITE_OPAQUE;
}

static void place_patch_entries(struct su_emitter *e, const struct su_emit_matched *m, struct su_site_list *list)
{
	for (size_t i = 0; i < m->object->atom_nr; i++) {
		struct su_atom *entry = m->object->atoms[i];

		if (entry->kind != SU_ATOM_ENTRY || !entry->owner || entry->owner->section != m->section ||
		    (m->atom && entry->owner != m->atom) || !is_patch_table(entry->section->name))
			continue;
		if (can_place_entry(e, entry))
			place_entry(e, entry);
		else
			blind_site(list, entry);
	}
}

/* ---- holes ---- */

static const struct su_site *site_at(const struct su_site_list *list, uint64_t off)
{
	size_t lo = 0, hi = list->sites.nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct su_site *site = &list->sites.data[mid];

		if (off < site->off)
			hi = mid;
		else if (off >= (uint64_t)site->off + site->len)
			lo = mid + 1;
		else
			return site;
	}
	return NULL;
}

static bool is_patched_by_loader(const struct su_site *site)
{
	return site->kind == SU_SITE_ALTERNATIVE || site->kind == SU_SITE_RETURN || site->kind == SU_SITE_RETPOLINE;
}

/* Fields under sites that are compared by form say nothing. */
static bool is_by_form(const struct su_site *site)
{
	return site && site->kind != SU_SITE_ALTERNATIVE && site->kind != SU_SITE_LOCK;
}

static void add_own_hole(struct su_emitter *e, uint32_t unit, uint64_t off, const struct su_edge *edge, uint16_t flags)
{
	struct su_hole hole = { .off = (u32)off, .type = (u16)edge->type, .flags = flags, .addend = edge->addend };

	if (edge->kind == SU_EDGE_PIECE) {
		hole.symbol = su_emit_symbol_piece(e, unit, edge->section, edge->piece_off);
	} else if (edge->kind == SU_EDGE_ATOM && edge->symbol->bind == STB_LOCAL && edge->symbol->type != STT_SECTION) {
		/* a local label: its section's base says it all */
		struct su_elf_symbol section = { .section = (struct su_elf_section *)edge->atom->section,
						 .type = STT_SECTION };

		hole.symbol = su_emit_symbol(e, unit, &section);
		hole.addend = edge->addend + (int64_t)edge->atom->off;
	} else {
		hole.symbol = su_emit_symbol(e, unit, edge->symbol);
		if (edge->kind == SU_EDGE_ATOM)
			hole.addend = edge->addend + (int64_t)edge->atom->off - (int64_t)edge->symbol->value;
	}
	*su_vec_add(&e->holes) = hole;
}

static int add_hole(struct su_emitter *e, uint32_t section, uint64_t off, const struct su_edge *edge, uint16_t flags)
{
	const struct su_emit_matched *m = &e->matched.data[section];
	struct su_emit_matched from = *m; /* the table grows meanwhile */
	struct su_hole hole = { .off = (u32)off, .type = (u16)edge->type, .flags = flags, .addend = edge->addend };
	uint32_t unit = e->sections.data[section].unit;
	int err;

	if (!m->atom) {
		add_own_hole(e, unit, off, edge, flags);
		return 0;
	}
	err = su_emit_earlier_target(e, unit, &from, edge, &hole.symbol);
	if (!err)
		*su_vec_add(&e->holes) = hole;
	return err;
}

/* In a module's own object a branch within a section has no field to be filled in; an update has made it one. */
static bool is_no_field(const struct su_emit_matched *m, const struct su_edge *edge)
{
	return edge->is_implied && !m->atom;
}

/* Fields of one atom; native relocations go to the copy in the update at @out_off. */
static int add_holes(struct su_emitter *e, uint32_t section, const struct su_atom *atom, const struct su_site_list *list)
{
	uint64_t start = e->matched.data[section].atom ? 0 : atom->off;
	int ret = 0;

	for (size_t i = 0; !ret && i < atom->edge_nr; i++) {
		const struct su_edge *edge = &atom->edges[i];
		const struct su_site *site = site_at(list, start + edge->off);
		bool native = site && is_patched_by_loader(site) && is_native(e, edge);

		if (is_no_field(&e->matched.data[section], edge))
			continue;
		if (native)
			native_reloc(e, atom->out_section, atom->out_off + edge->off, edge);
		if (!is_by_form(site))
			ret = add_hole(e, section, start + edge->off, edge, native ? SU_HOLE_NATIVE : 0);
	}
	return ret;
}

/* Constants that the kernel wrote into its code at boot, and the core into updates': what is there is the symbol's value. */
static void add_constants(struct su_emitter *e, uint32_t unit, const struct su_emit_matched *m)
{
	for (size_t i = 0; i < m->object->atom_nr; i++) {
		const struct su_atom *entry = m->object->atoms[i];

		if (!su_emit_is_constant(entry) || !entry->owner || entry->owner->section != m->section ||
		    (m->atom && entry->owner != m->atom))
			continue;
		*su_vec_add(&e->holes) = (struct su_hole){
			.off = (u32)((m->atom ? 0 : entry->owner->off) + (uint64_t)entry->edges[0].addend),
			.type = su_emit_constant_type(entry),
			.symbol = su_emit_constant(e, unit, entry),
		};
	}
}

static int compare_holes(const void *a, const void *b)
{
	const struct su_hole *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

/* Of the whole section's sites those of one function, counted from its start. */
static void cut_sites(const struct su_atom *atom, struct su_site_list *list)
{
	size_t to = 0;

	for (size_t i = 0; i < list->sites.nr; i++) {
		struct su_site site = list->sites.data[i];

		if (site.off < atom->off || site.off >= atom->off + atom->size)
			continue;
		site.off -= (u32)atom->off;
		if (site.kind == SU_SITE_JUMP_LABEL && site.arg != SU_NONE)
			site.arg = site.arg - atom->off < atom->size ? site.arg - (u32)atom->off : SU_NONE;
		list->sites.data[to++] = site;
	}
	list->sites.nr = to;
}

static void describe_sites(struct su_emitter *e, const struct su_emit_matched *m, struct su_site_list *list)
{
	su_emit_sites(m->object, m->section, list);
	place_patch_entries(e, m, list);
	if (m->atom)
		cut_sites(m->atom, list);
}

static int describe_all(struct su_emitter *e, uint32_t idx, const struct su_site_list *list)
{
	const struct su_object *object = e->matched.data[idx].object;
	const struct su_elf_section *s = e->matched.data[idx].section;
	size_t covered = 0;
	int ret = 0;

	for (size_t i = 0; !ret && i < object->by_section_nr[s->idx]; i++) {
		const struct su_atom *atom = object->by_section[s->idx][i];

		for (size_t k = 0; k < atom->edge_nr; k++)
			covered += !atom->edges[k].is_implied;
		ret = add_holes(e, idx, atom, list);
	}
	if (!ret && covered != s->reloc_nr)
		ret = su_fail(e->diags,
			      SU_AT(ELF, .object = e->request->units[e->sections.data[idx].unit].name, .symbol = s->name),
			      "relocations outside of every function or object");
	return ret;
}

static int describe_section(struct su_emitter *e, uint32_t idx)
{
	struct su_emit_matched m = e->matched.data[idx];
	size_t first_hole = e->holes.nr, first_site = e->sites.nr;
	struct su_site_list list = { 0 };
	int ret;

	if (e->sections.data[idx].kind == SU_SECTION_TEXT) {
		describe_sites(e, &m, &list);
		add_constants(e, e->sections.data[idx].unit, &m);
	}
	ret = m.atom ? add_holes(e, idx, m.atom, &list) : describe_all(e, idx, &list);
	for (size_t i = 0; i < list.sites.nr; i++)
		*su_vec_add(&e->sites) = list.sites.data[i];
	su_vec_fini(&list.sites);
	if (e->holes.nr > first_hole)
		qsort(e->holes.data + first_hole, e->holes.nr - first_hole, sizeof(*e->holes.data), compare_holes);
	e->sections.data[idx].first_hole = (u32)first_hole;
	e->sections.data[idx].hole_nr = (u32)(e->holes.nr - first_hole);
	e->sections.data[idx].first_site = (u32)first_site;
	e->sections.data[idx].site_nr = (u32)(e->sites.nr - first_site);
	return ret;
}

/* ---- sections ---- */

static void locate_atom(struct su_emitter *e, const struct su_section *section, struct su_atom *atom, uint64_t off)
{
	atom->out_section = e->area_sections.data[section->area];
	atom->out_off = section->area_off + off;
	atom->is_placed = true;
}

void su_emit_locate(struct su_emitter *e, uint32_t idx)
{
	const struct su_section *section = &e->sections.data[idx];
	const struct su_emit_matched *m = &e->matched.data[idx];

	if (m->atom)
		locate_atom(e, section, m->atom, 0);
	for (size_t i = 0; !m->atom && i < m->object->by_section_nr[m->section->idx]; i++) {
		struct su_atom *atom = m->object->by_section[m->section->idx][i];

		locate_atom(e, section, atom, atom->off);
	}
}

static void add_unit_sections(struct su_emitter *e, uint32_t unit)
{
	const struct su_object *plain = e->request->units[unit].plain;

	for (size_t i = 1; i < plain->elf->section_nr; i++) {
		const struct su_elf_section *s = &plain->elf->sections[i];

		if (!su_emit_is_matched_text(plain, s))
			continue;
		e->result->pre_code_sz += s->size;
		su_emit_locate(e, su_emit_section(e, unit, s));
	}
}

static bool is_touched(const struct su_object *post)
{
	for (size_t i = 0; i < post->atom_nr; i++)
		if (post->atoms[i]->is_selected)
			return true;
	return false;
}

void su_emit_pre(struct su_emitter *e)
{
	/* a unit of which nothing is replaced, carried or used by its place need not match */
	for (size_t u = 0; u < e->request->unit_nr; u++)
		if (e->is_needed[u] || is_touched(e->request->units[u].diff->post))
			add_unit_sections(e, (uint32_t)u);
}

int su_emit_describe(struct su_emitter *e)
{
	/* holes lead to more sections while this runs: read-only data that the code reaches is described too */
	for (size_t i = 0; i < e->sections.nr; i++) {
		uint32_t kind = e->sections.data[i].kind;
		int ret;

		if (kind != SU_SECTION_TEXT && kind != SU_SECTION_RODATA)
			continue;
		ret = describe_section(e, (uint32_t)i);
		if (ret)
			return ret;
	}
	return 0;
}
