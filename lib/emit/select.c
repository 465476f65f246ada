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

/* A name that the patch exports newly is in no Module.symvers: whoever lacks it means this one. */
static const char *export_key(struct su_emitter *e, const char *name)
{
	return su_arena_format(&e->arena, "export:%s", name);
}

const struct su_emit_carried *su_emit_carried(struct su_emitter *e, uint32_t unit, const char *name)
{
	const size_t *slot = su_map_get(&e->carried, su_emit_scope(e, unit, name));

	if (!slot || !*slot)
		slot = su_map_get(&e->carried, export_key(e, name));
	return slot && *slot ? &e->carried_atoms.data[*slot] : NULL;
}

/* Its own name, whatever exports others have of that name. */
static const char *own_key(struct su_emitter *e, uint32_t unit, const char *name)
{
	return su_arena_format(&e->arena, "%s:%s", e->request->units[unit].target, name);
}

static bool is_wanted(struct su_emitter *e, uint32_t unit, const char *name)
{
	return su_map_get(&e->carried, own_key(e, unit, name)) ||
	       (su_emit_is_new_export(e->request->units[unit].diff, name) && su_map_get(&e->carried, export_key(e, name)));
}

/* ---- the closure ---- */

/* Atoms of one unit that are selected and not followed yet. */
struct work {
	uint32_t unit;
	SU_VEC(struct su_atom *) atoms;
};

static void select_atom(struct su_emitter *e, struct work *work, struct su_atom *atom)
{
	if (atom->is_selected)
		return;
	atom->is_selected = true;
	*su_vec_add(&work->atoms) = atom;
	if (!atom->symbol || atom->symbol->bind == STB_LOCAL)
		return;
	*su_map_put(&e->carried, own_key(e, work->unit, atom->name), NULL) = e->carried_atoms.nr;
	if (su_emit_is_new_export(e->request->units[work->unit].diff, atom->name))
		*su_map_put(&e->carried, export_key(e, atom->name), NULL) = e->carried_atoms.nr;
	*su_vec_add(&e->carried_atoms) = (struct su_emit_carried){ atom, work->unit };
}

static int follow(struct su_emitter *e, const struct su_diff *diff, struct work *work, const struct su_atom *from)
{
	for (size_t i = 0; i < from->edge_nr; i++) {
		struct su_atom *to;

		if (from->edges[i].kind == SU_EDGE_PIECE || su_emit_resolve(from, &from->edges[i], &to) != SU_EMIT_CARRIED)
			continue;
		if (su_is_ambiguous(diff->pre, to))
			return su_fail(e->diags,
				       SU_AT(AMBIGUOUS, .object = diff->unit, .symbol = to->name,
					     .hint = "several objects of this name exist before the patch; rename the new one"),
				       "cannot tell which existing object this is (used by %s)", from->name);
		if (to->is_init && to->kind != SU_ATOM_ENTRY)
			return su_fail(e->diags,
				       SU_AT(SECTION, .object = diff->unit, .symbol = to->name,
					     .hint = "take the mark of boot code or data (__init, __initdata) off it"),
				       "code that stays (%s) uses new content of section %s", from->name,
				       to->section->name);
		select_atom(e, work, to);
	}
	for (size_t i = 0; i < from->attached.nr; i++)
		select_atom(e, work, from->attached.data[i]);
	return 0;
}

/* With its .cold parts. */
static bool is_overridden(const struct su_atom *atom)
{
	return atom->is_overridden || (atom->owner && atom->owner->is_overridden);
}

static int select_unit(struct su_emitter *e, uint32_t unit)
{
	const struct su_diff *diff = e->request->units[unit].diff;
	struct work work = { .unit = unit };
	int ret = 0;

	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		struct su_atom *atom = diff->post->atoms[i];

		if (atom->kind == SU_ATOM_FUNC && atom->partner && atom->is_changed && !atom->is_init &&
		    !is_overridden(atom))
			select_atom(e, &work, atom);
	}
	while (work.atoms.nr) {
		int err = follow(e, diff, &work, work.atoms.data[--work.atoms.nr]);

		if (!ret)
			ret = err;
	}
	su_vec_fini(&work.atoms);
	return ret;
}

/* New global functions that only another unit's new code calls. */
static int select_across(struct su_emitter *e, bool *progress)
{
	struct work work = { 0 };
	int ret = 0;

	for (uint32_t u = 0; !ret && u < e->request->unit_nr; u++) {
		const struct su_diff *diff = e->request->units[u].diff;

		work.unit = u;

		for (size_t i = 0; i < diff->post->atom_nr; i++) {
			struct su_atom *atom = diff->post->atoms[i];

			if (!atom->symbol || atom->symbol->bind == STB_LOCAL || atom->partner || atom->is_selected ||
			    atom->is_init || atom->is_overridden || !is_wanted(e, u, atom->name))
				continue;
			select_atom(e, &work, atom);
			*progress = true;
		}
		while (!ret && work.atoms.nr)
			ret = follow(e, diff, &work, work.atoms.data[--work.atoms.nr]);
	}
	su_vec_fini(&work.atoms);
	return ret;
}

/* Names that selected code of one unit needs and that another unit's new atoms define. */
static void want_undefined(struct su_emitter *e)
{
	for (uint32_t u = 0; u < e->request->unit_nr; u++) {
		const struct su_object *post = e->request->units[u].diff->post;

		for (size_t i = 0; i < post->atom_nr; i++) {
			const struct su_atom *atom = post->atoms[i];

			for (size_t k = 0; atom->is_selected && k < atom->edge_nr; k++) {
				if (atom->edges[k].kind != SU_EDGE_UNDEFINED)
					continue;
				su_map_put(&e->carried, su_emit_scope(e, u, atom->edges[k].symbol->name), NULL);
				su_map_put(&e->carried, export_key(e, atom->edges[k].symbol->name), NULL);
			}
		}
	}
}

int su_emit_select(struct su_emitter *e)
{
	bool progress = true;
	int ret = su_emit_check_moved(e);

	if (!ret)
		ret = su_emit_link_names(e);

	/* slot 0: wanted by name, carried by nobody (yet) */
	*su_vec_add(&e->carried_atoms) = (struct su_emit_carried){ 0 };
	for (uint32_t u = 0; u < e->request->unit_nr; u++) {
		int err = su_emit_review(e, e->request->units[u].diff);

		if (!ret)
			ret = err;
		err = su_emit_check_renamed(e, e->request->units[u].diff);
		if (!ret)
			ret = err;
		err = select_unit(e, u);
		if (!ret)
			ret = err;
	}
	while (!ret && progress) {
		progress = false;
		want_undefined(e);
		ret = select_across(e, &progress);
	}
	return ret;
}
