// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an update must carry: the changed functions, everything new that they reach, and copies of what has no identity. All
 * else they go on sharing with the running kernel.
 */
#include <string.h>

#include "emitter.h"

bool su_emit_is_inner(const struct su_atom *from, const struct su_edge *edge)
{
	int64_t entry = su_reloc_is_pc(edge->type) ? -(int64_t)su_hole_size(edge->type) : 0;

	if (edge->kind != SU_EDGE_ATOM)
		return false;
	return from->kind == SU_ATOM_ENTRY || from->kind == SU_ATOM_FRAGMENT || edge->atom->owner ||
	       (edge->atom == from && edge->addend != entry);
}

enum su_emit_target su_emit_resolve(const struct su_atom *from, const struct su_edge *edge, struct su_atom **atom)
{
	struct su_atom *to = edge->atom;

	if (edge->kind == SU_EDGE_UNDEFINED)
		return SU_EMIT_SYMBOL;
	*atom = to;
	if (!to->partner || to->is_private)
		return SU_EMIT_CARRIED;
	/* a call may go straight to the new code; an address that is kept is the original entry, which outlives an undo */
	if (to->kind == SU_ATOM_FUNC && to->is_changed && (edge->is_branch || su_emit_is_inner(from, edge)))
		return SU_EMIT_CARRIED;
	*atom = to->partner;
	return SU_EMIT_RUNNING;
}

/* ---- names across units ---- */

const char *su_emit_scope(struct su_emitter *e, uint32_t unit, const char *name)
{
	const struct su_emit_unit *u = &e->request->units[unit];
	const char *exporter = u->plain->is_module ? su_emit_exporter(e, name) : NULL;

	return su_arena_format(&e->arena, "%s:%s", exporter ? exporter : u->target, name);
}

static const char *own_key(struct su_emitter *e, uint32_t unit, const char *name)
{
	return su_arena_format(&e->arena, "%s:%s", e->request->units[unit].target, name);
}

/* A name that the patch exports newly is in no Module.symvers: whoever lacks it means this one. */
static const char *export_key(struct su_emitter *e, const char *name)
{
	return su_arena_format(&e->arena, "export:%s", name);
}

static void define(struct su_emitter *e, uint32_t unit, const struct su_elf_symbol *symbol)
{
	const struct su_diff *diff = e->request->units[unit].diff;
	struct su_atom *atom = symbol->section ? su_object_atom_at(diff->post, symbol->section, symbol->value) : NULL;

	if (!atom || atom->off != symbol->value || su_emit_is_overridden(e, unit, symbol->name))
		return;
	*su_map_put(&e->defined, own_key(e, unit, symbol->name), NULL) = e->defined_atoms.nr;
	if (su_emit_is_new_export(diff, symbol->name))
		*su_map_put(&e->defined, export_key(e, symbol->name), NULL) = e->defined_atoms.nr;
	*su_vec_add(&e->defined_atoms) = (struct su_emit_defined){ atom, unit };
}

static void define_all(struct su_emitter *e)
{
	for (uint32_t u = 0; u < e->request->unit_nr; u++) {
		const struct su_elf *elf = e->request->units[u].diff->post->elf;

		for (size_t i = 1; i < elf->symbol_nr; i++)
			if (elf->symbols[i].bind != STB_LOCAL)
				define(e, u, &elf->symbols[i]);
	}
}

const struct su_emit_defined *su_emit_defined(struct su_emitter *e, uint32_t unit, const char *name)
{
	const size_t *idx = su_map_get(&e->defined, own_key(e, unit, name));

	if (!idx)
		idx = su_map_get(&e->defined, su_emit_scope(e, unit, name));
	if (!idx)
		idx = su_map_get(&e->defined, export_key(e, name));
	return idx ? &e->defined_atoms.data[*idx] : NULL;
}

bool su_emit_is_known(const struct su_emitter *e, const struct su_emit_defined *defined, const char *name)
{
	const struct su_elf *plain = e->request->units[defined->unit].plain->elf;

	for (size_t i = 1; i < plain->symbol_nr; i++)
		if (plain->symbols[i].section && plain->symbols[i].bind != STB_LOCAL &&
		    !strcmp(plain->symbols[i].name, name))
			return true;
	return false;
}

/* ---- the closure ---- */

/* What is selected and not followed yet. */
SU_VEC_TYPE(work, struct su_emit_defined);

static void select_atom(struct work *work, uint32_t unit, struct su_atom *atom)
{
	if (atom->is_selected)
		return;
	atom->is_selected = true;
	*su_vec_add(work) = (struct su_emit_defined){ atom, unit };
}

/* @to: of @unit, which need not be that of @from */
static int follow_atom(struct su_emitter *e, struct work *work, const struct su_atom *from, uint32_t unit,
		       struct su_atom *to)
{
	const struct su_diff *diff = e->request->units[unit].diff;

	if (su_is_ambiguous(diff->pre, to))
		return su_fail(e->diags,
			       SU_AT(AMBIGUOUS, .object = diff->unit, .symbol = to->name,
				     .hint = "several objects of this name exist before the patch; rename the new one"),
			       "cannot tell which existing object this is (used by %s)", from->name);
	if (to->is_init && to->kind != SU_ATOM_ENTRY)
		return su_fail(e->diags,
			       SU_AT(SECTION, .object = diff->unit, .symbol = to->name,
				     .hint = "take the mark of boot code or data (__init, __initdata) off it"),
			       "code that stays (%s) uses new content of section %s", from->name, to->section->name);
	select_atom(work, unit, to);
	return 0;
}

/* What another unit defines. */
static int follow_name(struct su_emitter *e, struct work *work, const struct su_emit_defined *from, const char *name)
{
	const struct su_emit_defined *to = su_emit_defined(e, from->unit, name);

	if (to && !to->atom->partner)
		return follow_atom(e, work, from->atom, to->unit, to->atom);
	if (to)
		e->is_needed[to->unit] |= !su_emit_is_known(e, to, name);
	return 0;
}

static int follow(struct su_emitter *e, struct work *work, struct su_emit_defined from)
{
	for (size_t i = 0; i < from.atom->edge_nr; i++) {
		const struct su_edge *edge = &from.atom->edges[i];
		struct su_atom *to;
		int err = 0;

		if (edge->kind == SU_EDGE_UNDEFINED)
			err = follow_name(e, work, &from, edge->symbol->name);
		else if (edge->kind == SU_EDGE_ATOM && su_emit_resolve(from.atom, edge, &to) == SU_EMIT_CARRIED)
			err = follow_atom(e, work, from.atom, from.unit, to);
		if (err)
			return err;
	}
	for (size_t i = 0; i < from.atom->attached.nr; i++)
		select_atom(work, from.unit, from.atom->attached.data[i]);
	return 0;
}

/* With its .cold parts. */
static bool is_overridden(const struct su_atom *atom)
{
	return atom->is_overridden || (atom->owner && atom->owner->is_overridden);
}

static void select_changed(struct su_emitter *e, uint32_t unit, struct work *work)
{
	const struct su_object *post = e->request->units[unit].diff->post;

	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];

		if (atom->kind == SU_ATOM_FUNC && atom->partner && atom->is_changed && !atom->is_init &&
		    !is_overridden(atom))
			select_atom(work, unit, atom);
	}
}

static int select_all(struct su_emitter *e)
{
	struct work work = { 0 };
	int ret = 0;

	e->is_needed = su_arena_alloc(&e->arena, e->request->unit_nr + 1);
	for (uint32_t u = 0; u < e->request->unit_nr; u++)
		select_changed(e, u, &work);
	while (work.nr) {
		int err = follow(e, &work, work.data[--work.nr]);

		if (!ret)
			ret = err;
	}
	su_vec_fini(&work);
	return ret;
}

int su_emit_select(struct su_emitter *e)
{
	int err, ret = su_emit_check_moved(e);

	if (!ret)
		ret = su_emit_link_names(e);
	define_all(e);
	for (uint32_t u = 0; u < e->request->unit_nr; u++) {
		err = su_emit_review(e, e->request->units[u].diff);
		if (!ret)
			ret = err;
		err = su_emit_check_renamed(e, e->request->units[u].diff);
		if (!ret)
			ret = err;
	}
	err = select_all(e);
	return ret ? ret : err;
}
