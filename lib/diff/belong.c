// SPDX-License-Identifier: GPL-2.0-or-later
/* What belongs to a function: entries of tables, .cold parts, the padding before it. */
#include <string.h>

#include "builder.h"
#include "lib/base/str.h"

/* A replacement of no bytes is no reference: its address is where somebody else's begins. Let it name the site. */
static void drop_empty_replacement(struct su_atom *entry, const struct su_edge *site)
{
	for (size_t i = 0; i < entry->edge_nr; i++) {
		struct su_edge *edge = &entry->edges[i];

		if (edge == site || strcmp(entry->section->name, ".altinstructions") || su_entry_replacement_len(entry))
			continue;
		edge->kind = site->kind;
		edge->atom = site->atom;
		edge->symbol = site->symbol;
		edge->addend = site->addend;
	}
}

static void attach_entries(struct su_object *object)
{
	for (size_t i = 0; i < object->atom_nr; i++) {
		struct su_atom *atom = object->atoms[i];
		const struct su_edge *edge;

		if (atom->kind != SU_ATOM_ENTRY)
			continue;
		edge = su_atom_edge_in(atom, atom->table->owner_off, 1);
		if (!edge || edge->kind != SU_EDGE_ATOM || !edge->atom)
			continue;
		atom->owner = edge->atom;
		drop_empty_replacement(atom, edge);
		*su_vec_add(&edge->atom->attached) = atom;
	}
}

static bool is_cold_name(const char *cold, const char *function)
{
	size_t nr = strlen(function);

	return !strncmp(cold, function, nr) && su_has_prefix(cold + nr, ".cold");
}

static void attach_cold_of(struct su_atom *function, const struct su_atom *from)
{
	for (size_t e = 0; e < from->edge_nr; e++) {
		struct su_atom *to = from->edges[e].atom;

		if (!to || to == function || to->kind != SU_ATOM_FUNC || to->owner ||
		    !is_cold_name(to->name, function->name))
			continue;
		to->owner = function;
		*su_vec_add(&function->attached) = to;
	}
}

/* "foo.cold" belongs to the function that leads to it, by a jump or a table's entry; the name alone is not trusted. */
static void attach_cold(struct su_object *object)
{
	for (size_t i = 0; i < object->atom_nr; i++) {
		struct su_atom *atom = object->atoms[i];
		size_t entry_nr = atom->attached.nr;

		if (atom->kind != SU_ATOM_FUNC)
			continue;
		attach_cold_of(atom, atom);
		for (size_t k = 0; k < entry_nr; k++)
			attach_cold_of(atom, atom->attached.data[k]);
	}
}

/*
 * Kernels with call padding: no-ops before each function, named "__pfx_NAME" by objtool. They are as much a part of the
 * function as its .cold part, and stay right before it; the unwinder's entry for its start may be theirs.
 */
static void attach_prefix(struct su_object *object)
{
	for (size_t i = 0; i + 1 < object->atom_nr; i++) {
		struct su_atom *prefix = object->atoms[i];
		struct su_atom *atom = object->atoms[i + 1];

		if (prefix->kind != SU_ATOM_FUNC || atom->kind != SU_ATOM_FUNC || prefix->section != atom->section ||
		    prefix->off + prefix->size != atom->off || !su_has_prefix(prefix->name, "__pfx_") ||
		    strcmp(prefix->name + strlen("__pfx_"), atom->name) != 0)
			continue;
		prefix->owner = atom;
		*su_vec_add(&atom->attached) = prefix;
	}
}

void su_builder_attach(struct su_object *object)
{
	attach_entries(object);
	attach_cold(object);
	attach_prefix(object);
}
