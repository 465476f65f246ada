// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Code of vmlinux that ran at boot and whose own text the patch leaves alone changes only by what the compiler inlines into it. Had it been
 * called instead, boot would have run it as it was, and nobody would ask; so it need not stand in the way.
 */
#include <string.h>

#include "creation.h"
#include "lib/kernel/definition.h"

static bool is_in_question(const struct su_atom *atom)
{
	return atom->is_init && atom->kind == SU_ATOM_FUNC && !atom->owner && atom->partner && atom->is_changed;
}

static bool has_question(const struct su_diff *diff)
{
	for (size_t i = 0; i < diff->post->atom_nr; i++)
		if (is_in_question(diff->post->atoms[i]))
			return true;
	return false;
}

static void mark(struct su_diff *diff, const struct su_buf texts[2])
{
	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		struct su_atom *atom = diff->post->atoms[i];
		SU_CLEANUP_FREE char *name = su_format("%.*s", (int)strcspn(atom->name, "."), atom->name);

		if (is_in_question(atom))
			atom->is_kept = su_definition_is_kept(name, &texts[0], &texts[1]);
	}
}

static const char *source_of(const struct creation *c, const char *object)
{
	size_t i = 0;

	while (strcmp(c->plan.units.data[i].object, object))
		i++;
	return c->plan.units.data[i].source;
}

int creation_mark_kept(struct creation *c)
{
	bool is_asked = false, keeps = false;
	int err = 0;

	for (size_t i = 0; !err && i < c->units.nr; i++) {
		const struct su_emit_unit *unit = &c->units.data[i];
		struct su_buf texts[2] = { 0 };

		if (unit->diff->post->is_module || !has_question(unit->diff))
			continue;
		if (!is_asked)
			err = su_plan_keeps_macros(c->cli->diags, &c->tree, &c->plan, &keeps);
		is_asked = true;
		if (!err && keeps)
			err = su_plan_read_texts(c->cli->diags, &c->tree, &c->plan, source_of(c, unit->name), texts);
		if (!err && keeps)
			mark(unit->diff, texts);
		su_buf_fini(&texts[0]);
		su_buf_fini(&texts[1]);
	}
	return err;
}
