// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A variable goes, one of another name and the same content comes, and the functions that used the one use the other: is it the same one? Where
 * any of these functions were the same otherwise, the correlation would know. A new one would begin anew beside what is in use.
 */
#include "emitter.h"

static bool is_global(const struct su_atom *atom)
{
	return atom->symbol->bind != STB_LOCAL;
}

/* Of the functions that are there before and after. What other units use may have no users in its own. */
static bool has_same_users(const struct su_diff *diff, const struct su_atom *a, const struct su_atom *b)
{
	bool is_used = false;

	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		const struct su_atom *post = diff->post->atoms[i];

		if (post->kind != SU_ATOM_FUNC || post->owner || !post->partner)
			continue;
		if (su_atom_refers_to(post->partner, a) != su_atom_refers_to(post, b))
			return false;
		is_used |= su_atom_refers_to(post, b);
	}
	return is_used || (is_global(a) && is_global(b));
}

static const struct su_atom *new_name_of(const struct su_diff *diff, const struct su_atom *a)
{
	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		const struct su_atom *b = diff->post->atoms[i];

		if (su_atoms_may_be_renamed(diff->pre, a, diff->post, b) && has_same_users(diff, a, b))
			return b;
	}
	return NULL;
}

/* Of another size or content: it cannot be the same, and may be meant to hold the same. */
static const struct su_atom *successor_of(const struct su_diff *diff, const struct su_atom *a)
{
	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		const struct su_atom *b = diff->post->atoms[i];

		if (b->kind == SU_ATOM_DATA && su_atom_is_lone(b) && !su_is_ambiguous(diff->pre, b) &&
		    !(is_global(a) && is_global(b)) && has_same_users(diff, a, b))
			return b;
	}
	return NULL;
}

static int check_gone(struct su_emitter *e, const struct su_diff *diff, const struct su_atom *a)
{
	const struct su_atom *b = new_name_of(diff, a);

	if (b)
		return su_fail(e->diags,
			       SU_AT(AMBIGUOUS, .object = diff->unit, .symbol = b->name,
				     .hint = "if it is the same variable, leave it its name; if not, leave the old one in the source too"),
			       "it may be '%s' under another name: as a new variable it would begin anew, beside the one that is in use",
			       a->name);
	b = successor_of(diff, a);
	if (b)
		su_report(e->diags, SU_WARNING, SU_AT(AMBIGUOUS, .object = diff->unit, .symbol = b->name),
			  "it is new, and who used '%s', which goes, uses it now: what that one holds is not taken over",
			  a->name);
	return 0;
}

int su_emit_check_renamed(struct su_emitter *e, const struct su_diff *diff)
{
	int ret = 0;

	for (size_t i = 0; i < diff->pre->atom_nr; i++) {
		const struct su_atom *a = diff->pre->atoms[i];
		int err = a->kind == SU_ATOM_DATA && su_atom_is_lone(a) ? check_gone(e, diff, a) : 0;

		if (!ret)
			ret = err;
	}
	return ret;
}
