// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parts pairs whose older one is no use to the new code: it was thrown away after boot and is not any more (a patch takes off an __init), or it
 * lies among constants and is written now. The new code brings its own.
 */
#include "diff.h"

static bool is_of_no_use(const struct su_atom *pre, const struct su_atom *post)
{
	return (pre->is_init && !post->is_init) || (pre->kind == SU_ATOM_RODATA && post->kind == SU_ATOM_DATA);
}

void su_part_from_past(struct su_object *post)
{
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];
		struct su_atom *pre = atom->partner;

		if (!pre || atom->kind == SU_ATOM_ENTRY || !is_of_no_use(pre, atom))
			continue;
		pre->partner = NULL;
		pre->past = atom;
		atom->partner = NULL;
		atom->past = pre;
	}
}
