// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which atom of post is which atom of pre. Names decide where they are unique on both sides; names that the compiler numbered or that
 * several scopes use are told apart by the code that refers to them, to a fixed point. What stays open has no partner.
 */
#include <string.h>

#include "diff.h"

static bool is_named(const struct su_atom *a)
{
	return a->symbol && !a->is_private && a->kind != SU_ATOM_ENTRY && a->kind != SU_ATOM_FRAGMENT;
}

static bool is_open(const struct su_atom *a)
{
	return is_named(a) && !a->partner;
}

/* Code with code, data with data: an object may move between .data, .bss and .rodata. */
static bool is_kin(const struct su_atom *a, const struct su_atom *b)
{
	return (a->kind == SU_ATOM_FUNC) == (b->kind == SU_ATOM_FUNC) && !strcmp(a->key, b->key);
}

/* Length of the section's name without the atom's own, which the compiler adds where each has a section. */
static size_t section_prefix(const struct su_atom *atom)
{
	size_t nr = strlen(atom->section->name), own = strlen(atom->name);

	return nr > own && !strcmp(atom->section->name + nr - own, atom->name) ? nr - own : nr;
}

static bool is_moved(const struct su_atom *pre, const struct su_atom *post)
{
	size_t nr = section_prefix(pre);

	return nr != section_prefix(post) || strncmp(pre->section->name, post->section->name, nr) != 0;
}

static void pair(struct su_atom *pre, struct su_atom *post)
{
	pre->partner = post;
	post->partner = pre;
	if (strcmp(pre->name, post->name) != 0)
		post->rules |= 1u << SU_RULE_NAME;
	if (is_moved(pre, post))
		post->rules |= 1u << SU_RULE_SECTION;
}

static const char *map_key(struct su_arena *scratch, const struct su_atom *a)
{
	return su_arena_format(scratch, "%c%s", a->kind == SU_ATOM_FUNC ? 'f' : 'd', a->key);
}

static void count_open(const struct su_object *o, struct su_arena *scratch, struct su_map *nr, struct su_map *idx)
{
	for (size_t i = 0; i < o->atom_nr; i++) {
		const char *key;

		if (!is_open(o->atoms[i]))
			continue;
		key = map_key(scratch, o->atoms[i]);
		++*su_map_put(nr, key, NULL);
		*su_map_put(idx, key, NULL) = i;
	}
}

/* Pair what is the only open one of its key on both sides. */
static bool pair_unique(struct su_object *pre, struct su_object *post)
{
	struct su_arena scratch = { 0 };
	struct su_map pre_nr = { 0 }, pre_idx = { 0 }, post_nr = { 0 }, post_idx = { 0 };
	bool progress = false;

	count_open(pre, &scratch, &pre_nr, &pre_idx);
	count_open(post, &scratch, &post_nr, &post_idx);
	for (size_t i = 0; i < post->atom_nr; i++) {
		const char *key;
		size_t *a, *b;

		if (!is_open(post->atoms[i]))
			continue;
		key = map_key(&scratch, post->atoms[i]);
		a = su_map_get(&pre_nr, key);
		b = su_map_get(&post_nr, key);
		if (!a || *a != 1 || *b != 1)
			continue;
		pair(pre->atoms[*su_map_get(&pre_idx, key)], post->atoms[i]);
		progress = true;
	}
	su_map_fini(&pre_nr);
	su_map_fini(&pre_idx);
	su_map_fini(&post_nr);
	su_map_fini(&post_idx);
	su_arena_fini(&scratch);
	return progress;
}

/* Global names are the linker's: never numbered, never twice. */
static void pair_globals(struct su_object *pre, struct su_object *post)
{
	struct su_map globals = { 0 };

	for (size_t i = 0; i < pre->atom_nr; i++)
		if (is_open(pre->atoms[i]) && pre->atoms[i]->symbol->bind != STB_LOCAL)
			*su_map_put(&globals, pre->atoms[i]->name, NULL) = i;
	for (size_t i = 0; i < post->atom_nr; i++) {
		size_t *idx;

		if (!is_open(post->atoms[i]) || post->atoms[i]->symbol->bind == STB_LOCAL)
			continue;
		idx = su_map_get(&globals, post->atoms[i]->name);
		/* a damaged object may have two of a name */
		if (idx && is_open(pre->atoms[*idx]) && is_kin(pre->atoms[*idx], post->atoms[i]))
			pair(pre->atoms[*idx], post->atoms[i]);
	}
	su_map_fini(&globals);
}

/* Open kin that paired code of the same shape refers to at the same place. */
static bool pair_by_place(struct su_atom *pre, struct su_atom *post)
{
	bool progress = false;

	if (!su_atoms_same_shape(pre, post))
		return false;
	for (size_t e = 0; e < pre->edge_nr; e++) {
		struct su_atom *a = pre->edges[e].atom, *b = post->edges[e].atom;

		if (!a || !b || !is_open(a) || !is_open(b) || !is_kin(a, b))
			continue;
		pair(a, b);
		b->rules |= 1u << SU_RULE_PLACE;
		progress = true;
	}
	return progress;
}

/* The only open atom of @key that @code refers to; NULL where there is none or more than one. */
static struct su_atom *only_reference(const struct su_atom *code, const struct su_atom *kin)
{
	struct su_atom *found = NULL;

	for (size_t e = 0; e < code->edge_nr; e++) {
		struct su_atom *to = code->edges[e].atom;

		if (!to || to == found || !is_open(to) || !is_kin(to, kin))
			continue;
		if (found)
			return NULL;
		found = to;
	}
	return found;
}

/* A changed function that refers to exactly one static of a name before and after refers to the same one. */
static bool pair_by_scope(struct su_atom *pre, struct su_atom *post)
{
	bool progress = false;

	for (size_t e = 0; e < post->edge_nr; e++) {
		struct su_atom *b = post->edges[e].atom;
		struct su_atom *a;

		/* code has no state: pairing clones wrongly would hide a change, leaving them open does not */
		if (!b || !is_open(b) || b->kind == SU_ATOM_FUNC || only_reference(post, b) != b)
			continue;
		a = only_reference(pre, b);
		if (!a || a->size != b->size)
			continue;
		pair(a, b);
		b->rules |= 1u << SU_RULE_SCOPE;
		progress = true;
	}
	return progress;
}

static bool pair_by_references(struct su_object *post, bool (*rule)(struct su_atom *, struct su_atom *))
{
	bool progress = false;

	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];

		if (atom->partner && atom->kind != SU_ATOM_ENTRY)
			progress |= rule(atom->partner, atom);
	}
	return progress;
}

void su_correlate(struct su_object *pre, struct su_object *post)
{
	pair_globals(pre, post);
	for (;;) {
		if (pair_unique(pre, post))
			continue;
		if (pair_by_references(post, pair_by_place))
			continue;
		if (pair_by_references(post, pair_by_scope))
			continue;
		break;
	}
}

bool su_is_ambiguous(const struct su_object *pre, const struct su_atom *post_atom)
{
	if (post_atom->partner || !is_named(post_atom) || post_atom->kind == SU_ATOM_FUNC)
		return false;
	for (size_t i = 0; i < pre->atom_nr; i++)
		if (is_open(pre->atoms[i]) && is_kin(pre->atoms[i], post_atom))
			return true;
	return false;
}
