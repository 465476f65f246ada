// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a patch moves from one unit to another. Who refers to a function from elsewhere goes on calling the old one, and new code
 * would begin with an object of its own beside the one that is in use; each unit by itself shows neither.
 */
#include "emitter.h"

static const char *moved_key(struct su_arena *arena, const struct su_emit_unit *unit, const struct su_atom *atom)
{
	bool is_local = atom->symbol->bind == STB_LOCAL;

	return su_arena_format(arena, "%s:%s", unit->target, is_local ? atom->key : atom->name);
}

static void note_new(struct su_emitter *e, uint32_t u, struct su_map *new)
{
	const struct su_emit_unit *unit = &e->request->units[u];

	for (size_t i = 0; i < unit->diff->post->atom_nr; i++)
		if (su_atom_is_lone(unit->diff->post->atoms[i]))
			*su_map_put(new, moved_key(&e->arena, unit, unit->diff->post->atoms[i]), NULL) = u;
}

static int check_gone(struct su_emitter *e, uint32_t u, const struct su_map *new)
{
	const struct su_emit_unit *unit = &e->request->units[u];
	int ret = 0;

	for (size_t i = 0; i < unit->diff->pre->atom_nr; i++) {
		const struct su_atom *atom = unit->diff->pre->atoms[i];
		const size_t *to = su_atom_is_lone(atom) ? su_map_get(new, moved_key(&e->arena, unit, atom)) : NULL;

		if (to && *to != u)
			ret = su_fail(e->diags,
				      SU_AT(MOVED, .object = unit->name, .symbol = atom->name,
					    .hint = "leave it where it was: a running kernel does not need its move"),
				      "it moves to %s: what refers to the old one would go on doing so",
				      e->request->units[*to].name);
	}
	return ret;
}

int su_emit_check_moved(struct su_emitter *e)
{
	struct su_map new = { 0 };
	int ret = 0;

	for (uint32_t u = 0; u < e->request->unit_nr; u++)
		note_new(e, u, &new);
	for (uint32_t u = 0; u < e->request->unit_nr; u++) {
		int err = check_gone(e, u, &new);

		if (!ret)
			ret = err;
	}
	su_map_fini(&new);
	return ret;
}
