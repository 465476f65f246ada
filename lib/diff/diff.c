// SPDX-License-Identifier: GPL-2.0-or-later
/* One unit's difference: correlation, then the comparison of every function and object. */
#include <string.h>

#include "diff.h"

static bool is_cold(const struct su_atom *atom)
{
	return atom->kind == SU_ATOM_FUNC && atom->owner;
}

static void mark(struct su_atom *post, const char *why, uint64_t off)
{
	if (post->is_changed)
		return;
	post->is_changed = true;
	post->why = why;
	post->why_off = off;
}

/*
 * A function and its .cold part are one: if either changes, both are replaced. What only one side has needs no look: what leads to
 * it differs.
 */
static void spread_to_cold(struct su_object *post)
{
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];

		if (!is_cold(atom))
			continue;
		if (atom->is_changed)
			mark(atom->owner, "cold part", 0);
		if (atom->owner->is_changed)
			mark(atom, "its function changed", 0);
	}
}

/* A branch to the middle of a function does not meet the redirect at its entry. */
static bool goes_into_changed(const struct su_atom *atom, uint64_t *off)
{
	for (size_t e = 0; e < atom->edge_nr; e++) {
		const struct su_edge *edge = &atom->edges[e];
		const struct su_atom *to = edge->atom;

		if (!to || to == atom || !edge->is_branch || to->kind != SU_ATOM_FUNC || to->owner || !to->is_changed ||
		    edge->addend == -(int64_t)su_edge_sz(edge))
			continue;
		*off = edge->off;
		return true;
	}
	return false;
}

/* Assembler's functions may branch into each other. */
static void spread_to_branches(struct su_object *post)
{
	bool progress = true;

	while (progress) {
		progress = false;
		for (size_t i = 0; i < post->atom_nr; i++) {
			struct su_atom *atom = post->atoms[i];
			uint64_t off;

			if (atom->kind != SU_ATOM_FUNC || atom->owner || !atom->partner || atom->is_changed ||
			    !goes_into_changed(atom, &off))
				continue;
			mark(atom, "branch into a changed function", off);
			progress = true;
		}
	}
}

static void compare_all(struct su_diff *diff)
{
	struct su_object *post = diff->post;

	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];
		struct su_difference d;

		if (!atom->partner)
			continue;
		d = su_atoms_compare(atom->partner, atom);
		atom->rules |= d.rules;
		if (d.what)
			mark(atom, d.what, d.off);
	}
	spread_to_cold(post);
	spread_to_branches(post);
}

/* A constant of a function's own scope: the compiler numbered its name. */
static bool is_local_constant(const struct su_atom *atom)
{
	return atom->kind == SU_ATOM_RODATA && atom->symbol && atom->symbol->bind == STB_LOCAL &&
	       strcmp(atom->name, atom->key) != 0;
}

/*
 * Such constants hold no state: one that changes, or that cannot be told from its namesakes, is compared by content and carried by
 * the code that uses it. One that stays as it is goes on being the running kernel's, as its address may be compared.
 */
static void release_local_constants(struct su_object *post)
{
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];
		struct su_atom *pre = atom->partner;

		if (!is_local_constant(atom) || (pre && !su_atoms_compare(pre, atom).what))
			continue;
		atom->is_private = true;
		if (!pre)
			continue;
		pre->is_private = true;
		pre->partner = NULL;
		atom->partner = NULL;
	}
}

static void release_gone_constants(struct su_object *pre)
{
	for (size_t i = 0; i < pre->atom_nr; i++)
		if (is_local_constant(pre->atoms[i]) && !pre->atoms[i]->partner)
			pre->atoms[i]->is_private = true;
}

static void note_references(struct su_object *object)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		for (size_t e = 0; e < object->atoms[i]->edge_nr; e++)
			if (object->atoms[i]->edges[e].atom)
				object->atoms[i]->edges[e].atom->is_referred = true;
}

static bool is_listed_only(const struct su_atom *atom)
{
	return atom->kind != SU_ATOM_ENTRY && atom->kind != SU_ATOM_FRAGMENT && atom->kind != SU_ATOM_FUNC &&
	       atom->symbol && !atom->is_private && !atom->is_referred && !atom->partner;
}

static struct su_atom *find_equal(struct su_object *pre, const struct su_atom *atom)
{
	for (size_t i = 0; i < pre->atom_nr; i++) {
		struct su_atom *a = pre->atoms[i];

		if (is_listed_only(a) && !strcmp(a->key, atom->key) && !strcmp(a->section->name, atom->section->name) &&
		    !su_atoms_compare(a, atom).what)
			return a;
	}
	return NULL;
}

/*
 * Objects that stand in a table of the linker's and that nothing in the unit refers to, as tracepoint_string() makes them. No code
 * tells namesakes apart; but then those of the same content are interchangeable.
 */
static void pair_listed(struct su_object *pre, struct su_object *post)
{
	note_references(pre);
	note_references(post);
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *b = post->atoms[i];
		struct su_atom *a = is_listed_only(b) ? find_equal(pre, b) : NULL;

		if (!a)
			continue;
		a->partner = b;
		b->partner = a;
		b->rules |= 1u << SU_RULE_CONSTANT;
	}
}

struct su_diff *su_diff_create(const char *unit, struct su_object *pre, struct su_object *post)
{
	struct su_diff *diff = su_alloc(sizeof(*diff));

	diff->unit = unit;
	diff->pre = pre;
	diff->post = post;
	su_correlate(pre, post);
	pair_listed(pre, post);
	su_part_from_past(post);
	release_local_constants(post);
	release_gone_constants(pre);
	compare_all(diff);
	return diff;
}

void su_diff_destroy(struct su_diff *diff)
{
	if (!diff)
		return;
	su_object_destroy(diff->pre);
	su_object_destroy(diff->post);
	free(diff);
}

static bool is_same_atom(const struct su_atom *post)
{
	if (post->kind == SU_ATOM_ENTRY || post->kind == SU_ATOM_FRAGMENT)
		return true;
	/* Data that is discarded after boot is not looked at; initcall entries have a __COUNTER__ and a line in their names. */
	if (post->kind != SU_ATOM_FUNC && (post->is_private || post->is_init))
		return true;
	return post->partner && !post->is_changed;
}

bool su_diff_is_boot_only(const struct su_diff *diff)
{
	bool has_init = false;

	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		const struct su_atom *atom = diff->post->atoms[i];

		if (is_same_atom(atom))
			continue;
		if (!atom->is_init)
			return false;
		has_init = true;
	}
	return has_init;
}

bool su_atom_is_lone(const struct su_atom *atom)
{
	if (!atom->symbol || atom->partner || atom->past || atom->is_private || atom->is_init || atom->owner)
		return false;
	if (atom->symbol->bind != STB_LOCAL)
		return atom->kind == SU_ATOM_FUNC || atom->kind == SU_ATOM_DATA || atom->kind == SU_ATOM_RODATA;
	return atom->kind == SU_ATOM_DATA;
}

bool su_atom_refers_to(const struct su_atom *from, const struct su_atom *to)
{
	for (size_t i = 0; i < from->edge_nr; i++)
		if (from->edges[i].atom == to)
			return true;
	for (size_t i = 0; i < from->attached.nr; i++)
		if (su_atom_refers_to(from->attached.data[i], to))
			return true;
	return false;
}

bool su_diff_is_empty(const struct su_diff *diff)
{
	for (size_t i = 0; i < diff->pre->atom_nr; i++)
		if (su_atom_is_lone(diff->pre->atoms[i]))
			return false;
	for (size_t i = 0; i < diff->post->atom_nr; i++)
		if (!is_same_atom(diff->post->atoms[i]))
			return false;
	return !su_diff_changed_table(diff);
}
