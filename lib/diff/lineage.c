// SPDX-License-Identifier: GPL-2.0-or-later
/* Follows functions and data through a row of updates: each step is the difference that one of them was made of. */
#include "object.h"

void su_lineage_begin(struct su_object *object)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		object->atoms[i]->line = (struct su_lineage){ .origin = object->atoms[i]->name };
}

/* Names of lib/emit's: what has or belongs to an original gets a suffix. */
static void carry(struct su_object *post, struct su_atom *atom, uint32_t nth)
{
	bool is_known = atom->kind == SU_ATOM_FUNC && (atom->partner || atom->owner);

	atom->line.carried |= 1u << nth;
	atom->line.run_name = su_arena_format(&post->arena, "%s%s", atom->name, is_known ? ".suture" : "");
}

static void take_over(struct su_object *post, struct su_atom *atom, const struct su_lineage *line)
{
	atom->line = (struct su_lineage){
		.origin = line->origin ? su_arena_strdup(&post->arena, line->origin) : NULL,
		.run_name = line->run_name ? su_arena_strdup(&post->arena, line->run_name) : NULL,
		.carried = line->carried,
	};
}

void su_lineage_step(struct su_object *post, uint32_t nth)
{
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];

		if (atom->partner)
			take_over(post, atom, &atom->partner->line);
		else
			atom->line = (struct su_lineage){ 0 };
		if (!atom->partner || (atom->kind == SU_ATOM_FUNC && atom->is_changed))
			carry(post, atom, nth);
	}
}

void su_lineage_copy(const struct su_object *from, struct su_object *to)
{
	for (size_t i = 0; i < to->atom_nr && i < from->atom_nr; i++)
		take_over(to, to->atoms[i], &from->atoms[i]->line);
}
