// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What earlier updates have brought, for an update that stands on them: their functions as they run, to be matched in their
 * modules, and the functions and data that they have added. Described one by one, as how an update lays them out is its own
 * business. The bytes are those of the last difference's pre object.
 */
#include <string.h>

#include "emitter.h"

/* ---- names ---- */

static const char *global_key(struct su_emitter *e, uint32_t unit, const char *name)
{
	return su_arena_format(&e->arena, "%s:%s", e->request->units[unit].target, name);
}

static void add_globals(struct su_emitter *e, uint32_t unit)
{
	const struct su_object *pre = e->request->units[unit].diff->pre;

	for (size_t i = 0; i < pre->atom_nr; i++) {
		struct su_atom *atom = pre->atoms[i];

		if (!atom->line.carried || !atom->symbol || atom->symbol->bind == STB_LOCAL)
			continue;
		*su_map_put(&e->earlier, global_key(e, unit, atom->name), NULL) = e->earlier_atoms.nr;
		*su_vec_add(&e->earlier_atoms) = (struct su_emit_defined){ atom, unit };
	}
}

void su_emit_earlier_begin(struct su_emitter *e)
{
	for (uint32_t u = 0; u < e->request->unit_nr; u++)
		add_globals(e, u);
}

const struct su_emit_defined *su_emit_earlier_find(struct su_emitter *e, uint32_t unit, const char *name)
{
	const size_t *slot = su_map_get(&e->earlier, su_emit_scope(e, unit, name));

	return slot ? &e->earlier_atoms.data[*slot] : NULL;
}

/* ---- sections ---- */

static uint32_t section_kind(const struct su_atom *atom)
{
	if (atom->kind == SU_ATOM_FUNC)
		return SU_SECTION_TEXT;
	return atom->kind == SU_ATOM_RODATA && atom->section->data ? SU_SECTION_RODATA : SU_SECTION_PLACE;
}

/* The instance of an atom that the @nth update carries. */
static uint32_t put_section(struct su_emitter *e, uint32_t unit, struct su_atom *atom, uint32_t nth)
{
	const char *key = su_arena_format(&e->arena, "e%u:%u:%u:%llu", nth, unit, atom->section->idx,
					  (unsigned long long)atom->off);
	struct su_section section = {
		.unit = unit,
		.kind = section_kind(atom),
		.align = 1,
		.size = atom->size,
		.area = SU_NONE,
		.origin = SU_ORIGIN_EARLIER,
	};
	uint32_t idx;

	if (!su_emit_section_put(e, key, &idx))
		return idx;
	section.name = su_emit_string(e, atom->section->name);
	if (section.kind != SU_SECTION_PLACE)
		su_emit_section_bytes(e, &section, atom->section, atom->off);
	e->sections.data[idx] = section;
	e->matched.data[idx] = (struct su_emit_matched){
		.object = e->request->units[unit].diff->pre,
		.section = atom->section,
		.atom = atom,
		.nth = nth,
	};
	if (section.kind == SU_SECTION_TEXT)
		su_emit_locate(e, idx);
	return idx;
}

static uint32_t section_symbol(struct su_emitter *e, uint32_t section)
{
	const struct su_atom *atom = e->matched.data[section].atom;
	bool has_name = atom->line.run_name && !atom->is_private;
	uint32_t idx;
	struct su_symbol *symbol = su_emit_symbol_put(e, su_arena_format(&e->arena, "y%u", section), &idx);

	if (symbol->kind)
		return idx;
	*symbol = (struct su_symbol){
		.kind = has_name ? SU_SYMBOL_NAMED : SU_SYMBOL_SECTION,
		.section = section,
		.flags = SU_SYMBOL_EARLIER | (atom->kind == SU_ATOM_FUNC ? SU_SYMBOL_FUNC : 0),
		.target = e->units.data[e->sections.data[section].unit].target,
		.size = atom->size,
	};
	symbol->name = su_emit_string(e, has_name ? atom->line.run_name : "");
	return idx;
}

/* The kernel's own instance. */
static int original_symbol(struct su_emitter *e, uint32_t unit, const struct su_atom *atom, uint32_t *symbol)
{
	const struct su_elf_symbol *plain = su_emit_plain_symbol(e->request->units[unit].plain, atom->line.origin);

	if (!plain)
		return su_fail(e->diags,
			       SU_AT(AMBIGUOUS, .object = e->request->units[unit].name, .symbol = atom->line.origin),
			       "the plain object has none or several of this name");
	*symbol = su_emit_symbol(e, unit, plain);
	return 0;
}

static bool refers_to(const struct su_atom *function, const struct su_atom *atom)
{
	for (size_t i = 0; i < function->edge_nr; i++)
		if (function->edges[i].atom == atom)
			return true;
	return false;
}

bool su_emit_earlier_is_part(const struct su_atom *function, const struct su_atom *attached)
{
	return attached->kind == SU_ATOM_FUNC && refers_to(function, attached);
}

int su_emit_earlier_function(struct su_emitter *e, uint32_t unit, struct su_atom *atom, uint32_t *section)
{
	uint32_t nth = su_lineage_last(&atom->line), original;
	int err;

	*section = put_section(e, unit, atom, nth);
	section_symbol(e, *section);
	for (size_t i = 0; i < atom->attached.nr; i++)
		if (su_emit_earlier_is_part(atom, atom->attached.data[i]))
			section_symbol(e, put_section(e, unit, atom->attached.data[i], nth));
	/* a .cold part is found by the jump that leads to it */
	if (!atom->line.origin || atom->owner)
		return 0;
	err = original_symbol(e, unit, atom, &original);
	if (!err)
		e->sections.data[*section].origin = SU_ORIGIN_LATEST + original;
	return err;
}

/* Matched code that refers to it says where it is. */
static int prove(struct su_emitter *e, uint32_t unit, const struct su_atom *atom)
{
	const struct su_object *pre = e->request->units[unit].diff->pre;
	uint32_t section;
	int err = 0;

	for (size_t i = 0; !err && i < pre->atom_nr; i++) {
		struct su_atom *function = pre->atoms[i];

		if (function->kind == SU_ATOM_FUNC && function->line.carried && !function->owner &&
		    refers_to(function, atom))
			err = su_emit_earlier_function(e, unit, function, &section);
	}
	return err;
}

int su_emit_earlier_symbol(struct su_emitter *e, uint32_t unit, struct su_atom *atom, uint32_t *symbol)
{
	uint32_t section;
	int err = 0;

	if (atom->kind == SU_ATOM_FUNC)
		err = su_emit_earlier_function(e, unit, atom, &section);
	else
		section = put_section(e, unit, atom, su_lineage_last(&atom->line));
	if (err)
		return err;
	*symbol = section_symbol(e, section);
	return prove(e, unit, atom);
}

/* ---- what their fields refer to ---- */

/* Which update's instance a field in the @nth update's code leads to; 0: the kernel's. As place.c has decided there. */
static uint32_t find_instance(const struct su_emit_matched *from, const struct su_edge *edge, const struct su_atom *to)
{
	uint32_t bit = 1u << from->nth, below = to->line.carried & (bit - 1);
	bool is_new = !to->line.origin && !below;

	if (to->is_private || to->kind == SU_ATOM_FRAGMENT)
		return from->nth;
	if ((to->line.carried & bit) && (is_new || edge->is_branch || su_emit_is_inner(from->atom, edge)))
		return from->nth;
	if (to->line.origin || !below)
		return 0;
	return 31 - (uint32_t)__builtin_clz(below);
}

/* An instance that nothing else here speaks of: the field is not compared, but it must be one that goes by this name. */
static uint32_t named_symbol(struct su_emitter *e, uint32_t unit, const struct su_atom *to, uint32_t nth)
{
	bool is_known = to->line.origin || (to->line.carried & ((1u << nth) - 1));
	uint32_t idx;
	struct su_symbol *symbol = su_emit_symbol_put(e, su_arena_format(&e->arena, "o%zu", e->holes.nr), &idx);

	*symbol = (struct su_symbol){
		.kind = SU_SYMBOL_NAMED,
		.section = SU_NONE,
		.flags = SU_SYMBOL_EARLIER,
		.target = e->units.data[unit].target,
	};
	symbol->name = su_emit_string(e, su_arena_format(&e->arena, "%s%s", to->name, is_known ? ".suture" : ""));
	return idx;
}

/* Each use of a string has its own copy in an update. */
static uint32_t piece_symbol(struct su_emitter *e, uint32_t unit, const struct su_emit_matched *from,
			     const struct su_edge *edge)
{
	struct su_section section = {
		.unit = unit,
		.kind = SU_SECTION_MERGE,
		.align = 1,
		.size = edge->section->size,
		.area = SU_NONE,
		.origin = SU_ORIGIN_EARLIER,
	};
	struct su_symbol *symbol;
	uint32_t section_idx, idx;

	if (su_emit_section_put(e, su_arena_format(&e->arena, "m%u:%u", unit, edge->section->idx), &section_idx)) {
		section.name = su_emit_string(e, edge->section->name);
		su_emit_section_bytes(e, &section, edge->section, 0);
		e->sections.data[section_idx] = section;
		e->matched.data[section_idx] = (struct su_emit_matched){ .object = from->object,
									 .section = edge->section };
	}
	symbol = su_emit_symbol_put(e, su_arena_format(&e->arena, "q%zu", e->holes.nr), &idx);
	*symbol = (struct su_symbol){
		.kind = SU_SYMBOL_PIECE,
		.section = section_idx,
		.target = e->units.data[unit].target,
		.off = edge->piece_off,
		.size = su_elf_piece_size(edge->section, edge->piece_off),
	};
	return idx;
}

static bool is_section(struct su_emitter *e, uint32_t unit, const struct su_atom *atom, uint32_t nth)
{
	return su_map_get(&e->section_idx, su_arena_format(&e->arena, "e%u:%u:%u:%llu", nth, unit, atom->section->idx,
							   (unsigned long long)atom->off));
}

/* Code is compared where that is asked for; data that matched code reaches, always. */
static int atom_symbol(struct su_emitter *e, uint32_t unit, const struct su_emit_matched *from,
		       const struct su_edge *edge, struct su_atom *to, uint32_t *symbol)
{
	uint32_t nth = find_instance(from, edge, to);

	if (!nth)
		return original_symbol(e, unit, to, symbol);
	if (to->kind == SU_ATOM_FUNC && !is_section(e, unit, to, nth))
		*symbol = named_symbol(e, unit, to, nth);
	else
		*symbol = section_symbol(e, put_section(e, unit, to, nth));
	return 0;
}

int su_emit_earlier_target(struct su_emitter *e, uint32_t unit, const struct su_emit_matched *from,
			   const struct su_edge *edge, uint32_t *symbol)
{
	const struct su_emit_defined *carried;

	if (edge->kind == SU_EDGE_PIECE) {
		*symbol = piece_symbol(e, unit, from, edge);
		return 0;
	}
	if (edge->kind == SU_EDGE_ATOM)
		return atom_symbol(e, unit, from, edge, edge->atom, symbol);
	carried = su_emit_earlier_find(e, unit, edge->symbol->name);
	if (carried)
		return atom_symbol(e, carried->unit, from, edge, carried->atom, symbol);
	*symbol = su_emit_symbol(e, unit, edge->symbol);
	return 0;
}
