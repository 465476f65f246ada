// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A global name that goes while somebody uses it still, as the patch is a part of a change. The old one stays where it is, and does what it did;
 * but what it calls is replaced under it, by functions that nobody has compiled it against.
 */
#include <string.h>

#include "emitter.h"

SU_VEC_TYPE(atoms, const struct su_atom *);

static bool has(const struct atoms *atoms, const struct su_atom *atom)
{
	for (size_t i = 0; i < atoms->nr; i++)
		if (atoms->data[i] == atom)
			return true;
	return false;
}

/* Those that go too are passed through: others were compiled against what is new. */
static bool follow_calls(const struct su_object *pre, const struct su_atom *from, struct atoms *gone)
{
	for (size_t i = 0; i < pre->atom_nr; i++) {
		const struct su_atom *to = pre->atoms[i];

		if (to->kind != SU_ATOM_FUNC || to->owner || !su_atom_refers_to(from, to))
			continue;
		if (to->partner && to->partner->is_changed)
			return true;
		if (!to->partner && !has(gone, to))
			*su_vec_add(gone) = to;
	}
	return false;
}

static bool calls_what_changes(const struct su_object *pre, const struct su_atom *atom)
{
	struct atoms gone = { 0 };
	bool is_found = false;

	*su_vec_add(&gone) = atom;
	for (size_t i = 0; !is_found && i < gone.nr; i++)
		is_found = follow_calls(pre, gone.data[i], &gone);
	su_vec_fini(&gone);
	return is_found;
}

static const struct su_atom *atom_named(const struct su_object *object, const char *name)
{
	for (size_t i = 0; i < object->atom_nr; i++) {
		const struct su_atom *atom = object->atoms[i];

		if (atom->symbol && atom->symbol->bind != STB_LOCAL && !strcmp(atom->name, name))
			return atom;
	}
	return NULL;
}

int su_emit_check_gone(struct su_emitter *e, const struct su_emit_unit *unit, const char *name, const char *user)
{
	const struct su_object *pre = unit->diff->pre;
	const struct su_atom *atom = atom_named(pre, name);

	if (atom && atom->kind == SU_ATOM_FUNC && !atom->partner && calls_what_changes(pre, atom))
		return su_fail(e->diags,
			       SU_AT(MOVED, .object = unit->name, .symbol = name,
				     .hint = "the patch is a part of a change: take in what it makes of all who use the name, or leave the name where it was"),
			       "it is gone with the patch, %s uses it still, and it would call new code that was not made for it",
			       user);
	su_report(e->diags, SU_WARNING, SU_AT(MOVED, .object = unit->name, .symbol = name),
		  "it is gone with the patch, but %s uses it still: that goes on with the old one", user);
	return 0;
}
