// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which atom of post is which atom of pre. Names decide where they are unique on both sides; names that the compiler numbered or that
 * several scopes use are told apart by the code that refers to them, to a fixed point: all of it must agree. What stays open has no
 * partner.
 */
#include <string.h>

#include "builder.h"
#include "diff.h"

static bool is_named(const struct su_atom *a)
{
	return a->symbol && !a->is_private && a->kind != SU_ATOM_ENTRY && a->kind != SU_ATOM_FRAGMENT;
}

static bool is_open(const struct su_atom *a)
{
	return is_named(a) && !a->partner && !a->past;
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

/* ---- votes: evidence that one is the other, which counts where nothing contradicts it ---- */

static void vote_for(struct su_atom *atom, struct su_atom *other)
{
	if (!atom->vote)
		atom->vote = other;
	else if (atom->vote != other)
		atom->is_contested = true;
}

static void vote(struct su_atom *pre, struct su_atom *post)
{
	vote_for(pre, post);
	vote_for(post, pre);
}

static void clear_votes(struct su_object *o)
{
	for (size_t i = 0; i < o->atom_nr; i++) {
		o->atoms[i]->vote = NULL;
		o->atoms[i]->is_contested = false;
	}
}

/* @rule: what the votes rest on, for explain; SU_RULE_NR: the name */
static bool settle(struct su_object *pre, struct su_object *post, enum su_rule rule)
{
	bool progress = false;

	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *b = post->atoms[i];
		struct su_atom *a = b->vote;

		if (!a || a->is_contested || b->is_contested)
			continue;
		pair(a, b);
		b->rules |= rule < SU_RULE_NR ? 1u << rule : 0;
		progress = true;
	}
	clear_votes(pre);
	clear_votes(post);
	return progress;
}

/* ---- names of the file's scope, which the compiler does not number ---- */

static bool is_file_scope(const struct su_atom *a)
{
	return is_open(a) && (a->symbol->bind != STB_LOCAL || !strcmp(a->name, a->key));
}

/* Slots of names that several have (assembler may do so) hold 0, others the atom's index + 1. */
static void map_file_scope(const struct su_object *o, struct su_map *map)
{
	for (size_t i = 0; i < o->atom_nr; i++) {
		int added;
		size_t *slot;

		if (!is_file_scope(o->atoms[i]))
			continue;
		slot = su_map_put(map, o->atoms[i]->name, &added);
		*slot = added ? i + 1 : 0;
	}
}

static void pair_file_scope(struct su_object *pre, struct su_object *post)
{
	struct su_map pre_map = { 0 }, post_map = { 0 };

	map_file_scope(pre, &pre_map);
	map_file_scope(post, &post_map);
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *b = post->atoms[i];
		size_t *idx;

		if (!is_file_scope(b) || !*su_map_get(&post_map, b->name))
			continue;
		idx = su_map_get(&pre_map, b->name);
		if (!idx || !*idx || !is_kin(pre->atoms[*idx - 1], b))
			continue;
		pair(pre->atoms[*idx - 1], b);
		b->is_sure = true;
	}
	su_map_fini(&pre_map);
	su_map_fini(&post_map);
}

/* The atom that starts where a symbol stands. */
static struct su_atom *named_by(const struct su_object *o, const struct su_elf_symbol *symbol)
{
	struct su_atom *atom = NULL;

	if (symbol->section && symbol->type != STT_SECTION && *symbol->name)
		atom = su_object_atom_at(o, symbol->section, symbol->value);
	return atom && atom->off == symbol->value && is_open(atom) ? atom : NULL;
}

/* Not one that several scopes may use, or that the compiler numbers. */
static bool is_lasting_name(struct su_arena *scratch, const struct su_elf_symbol *symbol)
{
	return symbol->bind != STB_LOCAL || !strcmp(symbol->name, su_key_make(scratch, symbol->name));
}

/* Slots of names that several have hold 0. */
static void map_names(const struct su_object *o, struct su_arena *scratch, struct su_map *symbols)
{
	for (size_t i = 1; i < o->elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &o->elf->symbols[i];
		int added;
		size_t *slot;

		if (!named_by(o, symbol) || !is_lasting_name(scratch, symbol))
			continue;
		slot = su_map_put(symbols, symbol->name, &added);
		*slot = added ? i : 0;
	}
}

/* One that has several names may be listed by another of them: a table of device IDs, once it is made known to who loads modules. */
static void pair_aliases(struct su_object *pre, struct su_object *post)
{
	struct su_arena scratch = { 0 };
	struct su_map symbols = { 0 };

	map_names(pre, &scratch, &symbols);
	for (size_t i = 1; i < post->elf->symbol_nr; i++) {
		struct su_atom *b = named_by(post, &post->elf->symbols[i]);
		size_t *idx = b ? su_map_get(&symbols, post->elf->symbols[i].name) : NULL;
		struct su_atom *a = idx && *idx ? named_by(pre, &pre->elf->symbols[*idx]) : NULL;

		if (a && (a->kind == SU_ATOM_FUNC) == (b->kind == SU_ATOM_FUNC))
			vote(a, b);
	}
	settle(pre, post, SU_RULE_NR);
	su_map_fini(&symbols);
	su_arena_fini(&scratch);
}

/* ---- references ---- */

typedef bool (*edge_rule)(struct su_atom *a, struct su_atom *b);

static bool apply_to_edges(struct su_atom *pre, struct su_atom *post, edge_rule rule)
{
	bool progress = false;

	if (!su_atoms_same_shape(pre, post))
		return false;
	for (size_t e = 0; e < pre->edge_nr; e++) {
		struct su_atom *a = pre->edges[e].atom, *b = post->edges[e].atom;

		if (a && b && is_named(a) && is_named(b))
			progress |= rule(a, b);
	}
	return progress;
}

/* What atoms of the same shape, and their entries, refer to at the same places. */
static bool apply_by_place(struct su_atom *pre, struct su_atom *post, edge_rule rule)
{
	bool progress = apply_to_edges(pre, post, rule);

	if (pre->attached.nr != post->attached.nr || !su_atoms_same_shape(pre, post))
		return progress;
	for (size_t i = 0; i < pre->attached.nr; i++) {
		struct su_atom *a = pre->attached.data[i], *b = post->attached.data[i];

		if (a->kind == SU_ATOM_ENTRY && a->table == b->table)
			progress |= apply_to_edges(a, b, rule);
	}
	return progress;
}

static bool vote_open(struct su_atom *a, struct su_atom *b)
{
	if (is_kin(a, b) && is_open(a) && is_open(b))
		vote(a, b);
	return false;
}

static void vote_by_place(struct su_atom *pre, struct su_atom *post)
{
	apply_by_place(pre, post, vote_open);
}

/* ---- scope: a function with its entries and cold parts ---- */

/* Counts the open atoms of @kin's key that @code refers to, each once; @found is the last. */
static size_t count_references(const struct su_atom *code, const struct su_atom *kin, struct su_atom **found)
{
	size_t nr = 0;

	for (size_t e = 0; e < code->edge_nr; e++) {
		struct su_atom *to = code->edges[e].atom;

		if (!to || to == *found || !is_open(to) || !is_kin(to, kin))
			continue;
		*found = to;
		nr++;
	}
	for (size_t i = 0; i < code->attached.nr; i++)
		nr += count_references(code->attached.data[i], kin, found);
	return nr;
}

/* The only open atom of @kin's key; NULL where there is none or more than one. */
static struct su_atom *only_reference(const struct su_atom *code, const struct su_atom *kin)
{
	struct su_atom *found = NULL;

	return count_references(code, kin, &found) == 1 ? found : NULL;
}

static void vote_for_scope(struct su_atom *pre, struct su_atom *post, const struct su_atom *part)
{
	for (size_t e = 0; e < part->edge_nr; e++) {
		struct su_atom *b = part->edges[e].atom;
		struct su_atom *a;

		/* code has no state: pairing clones wrongly would hide a change, leaving them open does not */
		if (!b || !is_open(b) || b->kind == SU_ATOM_FUNC || only_reference(post, b) != b)
			continue;
		a = only_reference(pre, b);
		if (a)
			vote(a, b);
	}
	for (size_t i = 0; i < part->attached.nr; i++)
		vote_for_scope(pre, post, part->attached.data[i]);
}

/* A changed function that refers to exactly one static of a name before and after refers to the same one. */
static void vote_by_scope(struct su_atom *pre, struct su_atom *post)
{
	if (!post->owner && !pre->owner)
		vote_for_scope(pre, post, post);
}

static void look_at_pairs(struct su_object *post, void (*look)(struct su_atom *, struct su_atom *))
{
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *atom = post->atoms[i];

		if (atom->partner && atom->kind != SU_ATOM_ENTRY)
			look(atom->partner, atom);
	}
}

static bool pair_by_references(struct su_object *pre, struct su_object *post,
			       void (*look)(struct su_atom *, struct su_atom *), enum su_rule rule)
{
	look_at_pairs(post, look);
	return settle(pre, post, rule);
}

/* ---- variables and functions that the patch gives another name ---- */

static bool has_namesake(const struct su_object *o, const struct su_atom *atom)
{
	for (size_t i = 0; i < o->atom_nr; i++)
		if (is_open(o->atoms[i]) && is_kin(o->atoms[i], atom))
			return true;
	return false;
}

bool su_atoms_may_be_renamed(const struct su_object *pre, const struct su_atom *a, const struct su_object *post,
			     const struct su_atom *b)
{
	return a->kind == SU_ATOM_DATA && b->kind == SU_ATOM_DATA && su_atom_is_lone(a) && su_atom_is_lone(b) &&
	       su_atoms_same_shape(a, b) && !has_namesake(post, a) && !has_namesake(pre, b);
}

static bool is_lone_function(const struct su_atom *a)
{
	return a->kind == SU_ATOM_FUNC && is_open(a) && !a->owner && !a->is_init;
}

/* Everybody who knows the old one knows the new one now. */
static bool is_followed(const struct su_object *pre, const struct su_atom *a, const struct su_atom *b)
{
	for (size_t i = 0; i < pre->atom_nr; i++) {
		const struct su_atom *user = pre->atoms[i];

		if (user == a || user->owner || !su_atom_refers_to(user, a))
			continue;
		if (!user->partner || !su_atom_refers_to(user->partner, b))
			return false;
	}
	return true;
}

/*
 * Functions that a table has in the same place: who called the old one through it is to call the new one now, the same or another, and a
 * redirect does that.
 */
static bool may_take_place(const struct su_object *pre, const struct su_atom *a, const struct su_object *post,
			   const struct su_atom *b)
{
	return is_lone_function(a) && is_lone_function(b) && !has_namesake(post, a) && !has_namesake(pre, b) &&
	       is_followed(pre, a, b);
}

static bool vote_renamed(struct su_atom *a, struct su_atom *b)
{
	if (is_open(a) && is_open(b) && !is_kin(a, b))
		vote(a, b);
	return false;
}

static bool vote_renamed_data(struct su_atom *a, struct su_atom *b)
{
	return a->kind != SU_ATOM_FUNC && b->kind != SU_ATOM_FUNC && vote_renamed(a, b);
}

/* Code that calls a function by another name is replaced, and needs no such pair. */
static void vote_by_renamed_place(struct su_atom *pre, struct su_atom *post)
{
	bool is_data = pre->kind == SU_ATOM_DATA || pre->kind == SU_ATOM_RODATA;

	apply_by_place(pre, post, is_data ? vote_renamed : vote_renamed_data);
}

/* In code or data that is the same otherwise it is where the old one was. A global one is named by other units too. */
static bool pair_renamed(struct su_object *pre, struct su_object *post)
{
	look_at_pairs(post, vote_by_renamed_place);
	for (size_t i = 0; i < post->atom_nr; i++) {
		struct su_atom *b = post->atoms[i];

		b->is_contested |= b->vote && (b->symbol->bind != STB_LOCAL || b->vote->symbol->bind != STB_LOCAL ||
					       (!su_atoms_may_be_renamed(pre, b->vote, post, b) &&
						!may_take_place(pre, b->vote, post, b)));
	}
	return settle(pre, post, SU_RULE_RENAMED);
}

/* ---- contradictions ---- */

static bool unpair(struct su_atom *atom)
{
	if (!atom->partner)
		return false;
	atom->partner->rules = 0;
	atom->partner->partner = NULL;
	atom->partner = NULL;
	atom->rules = 0;
	return true;
}

static bool unpair_contradicted(struct su_atom *a, struct su_atom *b)
{
	bool was_a, was_b;

	if (!is_kin(a, b) || a->kind == SU_ATOM_FUNC || a->partner == b || b->is_sure ||
	    (a->partner && a->partner->is_sure))
		return false;
	was_a = unpair(a);
	was_b = unpair(b);
	return was_a || was_b;
}

/* Code that was paired late may contradict what earlier votes, or a name that happened to be unique, made of its data. */
static void drop_contradicted(struct su_object *post)
{
	bool found = true;

	while (found) {
		found = false;
		for (size_t i = 0; i < post->atom_nr; i++)
			if (post->atoms[i]->partner)
				found |= apply_by_place(post->atoms[i]->partner, post->atoms[i], unpair_contradicted);
	}
}

void su_correlate(struct su_object *pre, struct su_object *post)
{
	pair_file_scope(pre, post);
	pair_aliases(pre, post);
	for (;;) {
		if (pair_unique(pre, post))
			continue;
		if (pair_by_references(pre, post, vote_by_place, SU_RULE_PLACE))
			continue;
		if (pair_by_references(pre, post, vote_by_scope, SU_RULE_SCOPE))
			continue;
		if (pair_renamed(pre, post))
			continue;
		break;
	}
	drop_contradicted(post);
}

bool su_is_ambiguous(const struct su_object *pre, const struct su_atom *post_atom)
{
	if (!is_open(post_atom) || post_atom->kind == SU_ATOM_FUNC)
		return false;
	for (size_t i = 0; i < pre->atom_nr; i++)
		if (is_open(pre->atoms[i]) && is_kin(pre->atoms[i], post_atom))
			return true;
	return false;
}
