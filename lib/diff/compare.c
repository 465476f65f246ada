// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Do two atoms mean the same? Bytes are compared outside of the fields that relocations fill in; the fields by what they
 * refer to; the table entries that belong to a function by their content, except fields that only name a source line.
 */
#include <string.h>

#include "diff.h"

/* Nameless data that refers to nameless data: deeper than this is taken for different, which is safe. */
#define MAX_DEPTH 8

/* Two atoms that are being compared, as parts of the two above. */
struct compared {
	const struct su_atom *pre, *post;
	const struct compared *above;
};

/* One comparison on its way down: how deep it is, and what it has looked past so far. */
struct comparing {
	int depth;
	const struct compared *last;
	unsigned int rules; /* bits 1 << enum su_rule */
};

static const struct su_difference same = { 0 };

static struct su_difference differs(const char *what, uint64_t off)
{
	return (struct su_difference){ .what = what, .off = off };
}

static void discount(struct comparing *c, enum su_rule rule)
{
	c->rules |= 1u << rule;
}

static struct su_difference compare_atoms(struct comparing *c, const struct su_atom *pre, const struct su_atom *post);

/* The first of @size bytes outside of all fields that differs; @size where there is none. */
static uint64_t first_byte(struct comparing *c, const struct su_atom *pre, const struct su_atom *post, uint64_t size)
{
	const uint8_t *a = su_atom_bytes(pre), *b = su_atom_bytes(post);
	size_t e = 0;

	if (!a || !b) {
		const uint8_t *bytes = a ? a : b;

		for (uint64_t i = 0; bytes && i < size; i++)
			if (bytes[i])
				return i;
		return size;
	}
	for (uint64_t i = 0; i < size; i++) {
		while (e < pre->edge_nr && pre->edges[e].off + su_edge_sz(&pre->edges[e]) <= i)
			e++;
		if (e < pre->edge_nr && i >= pre->edges[e].off)
			continue;
		if (a[i] == b[i])
			continue;
		if (!su_entry_is_line(pre, i))
			return i;
		discount(c, SU_RULE_LINE);
	}
	return size;
}

/* A call of a local function and of a global one differ in the relocation's type only. */
static bool is_same_type(uint32_t a, uint32_t b)
{
	return a == b || (a == R_X86_64_PC32 && b == R_X86_64_PLT32) || (a == R_X86_64_PLT32 && b == R_X86_64_PC32);
}

/* The first field that only one of the two has, or of another type; UINT64_MAX where there is none. */
static uint64_t first_edge(const struct su_atom *pre, const struct su_atom *post)
{
	size_t e = 0;

	for (; e < pre->edge_nr && e < post->edge_nr; e++)
		if (pre->edges[e].off != post->edges[e].off)
			return pre->edges[e].off < post->edges[e].off ? pre->edges[e].off : post->edges[e].off;
		else if (!is_same_type(pre->edges[e].type, post->edges[e].type))
			return pre->edges[e].off;
	if (e < pre->edge_nr)
		return pre->edges[e].off;
	return e < post->edge_nr ? post->edges[e].off : UINT64_MAX;
}

static struct su_difference compare_shape(struct comparing *c, const struct su_atom *pre, const struct su_atom *post)
{
	uint64_t size = pre->size < post->size ? pre->size : post->size;
	uint64_t byte = first_byte(c, pre, post, size);
	uint64_t edge = first_edge(pre, post);

	if (pre->size != post->size)
		return differs("size", edge < byte ? edge : byte);
	if (byte < size && byte < edge)
		return differs("bytes", byte);
	return edge != UINT64_MAX ? differs("relocations", edge) : same;
}

bool su_atoms_same_shape(const struct su_atom *pre, const struct su_atom *post)
{
	struct comparing c = { 0 };

	return !compare_shape(&c, pre, post).what;
}

static bool same_piece(struct comparing *c, const struct su_edge *pre, const struct su_edge *post)
{
	uint64_t a = su_elf_piece_size(pre->section, pre->piece_off);
	uint64_t b = su_elf_piece_size(post->section, post->piece_off);

	if (pre->piece_off != post->piece_off)
		discount(c, SU_RULE_STRING);
	return a == b && pre->addend == post->addend &&
	       !memcmp(pre->section->data + pre->piece_off, post->section->data + post->piece_off, a);
}

/* No identity of their own: what counts is the content. */
static bool same_content(struct comparing *c, const struct su_atom *pre, const struct su_atom *post)
{
	if (strcmp(pre->name, post->name) != 0)
		discount(c, SU_RULE_CONSTANT);
	return !strcmp(pre->key, post->key) && !compare_atoms(c, pre, post).what;
}

static bool same_target(struct comparing *c, const struct su_edge *pre, const struct su_edge *post)
{
	const struct su_atom *a = pre->atom, *b = post->atom;

	if (pre->kind != post->kind)
		return false;
	if (pre->kind == SU_EDGE_PIECE)
		return same_piece(c, pre, post);
	if (pre->kind == SU_EDGE_UNDEFINED)
		return pre->addend == post->addend && !strcmp(pre->symbol->name, post->symbol->name);
	if (pre->addend != post->addend || a->kind != b->kind)
		return false;
	if (!a->partner)
		return ((a->is_private && b->is_private) || a->kind == SU_ATOM_FRAGMENT) && same_content(c, a, b);
	if (strcmp(a->name, b->name) != 0)
		discount(c, SU_RULE_NAME);
	return a->partner == b;
}

static struct su_difference compare_edges(struct comparing *c, const struct su_atom *pre, const struct su_atom *post)
{
	for (size_t e = 0; e < pre->edge_nr; e++)
		if (!same_target(c, &pre->edges[e], &post->edges[e]))
			return differs("reference", pre->edges[e].off);
	return same;
}

/* Entries of one table, in order. */
static const struct su_atom *next_entry(const struct su_atom *code, const struct su_table_spec *table, size_t *i)
{
	while (*i < code->attached.nr) {
		const struct su_atom *entry = code->attached.data[(*i)++];

		if (entry->table == table)
			return entry;
	}
	return NULL;
}

/* Where in the code it is that an entry says something of. */
static uint64_t place_of(const struct su_atom *entry)
{
	const struct su_edge *owner = su_atom_edge_in(entry, entry->table->owner_off, 1);

	return owner ? (uint64_t)owner->addend : 0;
}

static struct su_difference compare_table(struct comparing *c, const struct su_atom *pre, const struct su_atom *post,
					  const struct su_table_spec *table)
{
	size_t i = 0, k = 0;

	for (;;) {
		const struct su_atom *a = next_entry(pre, table, &i);
		const struct su_atom *b = next_entry(post, table, &k);

		if (!a && !b)
			return same;
		/* what runtime_ptr_NAME is about only the section's name says */
		if (!a || !b || strcmp(a->section->name, b->section->name) || compare_atoms(c, a, b).what)
			return differs(table->section, place_of(a ? a : b));
	}
}

static struct su_difference compare_tables(struct comparing *c, const struct su_atom *pre, const struct su_atom *post)
{
	const struct su_atom *sides[] = { pre, post };

	for (size_t s = 0; s < SU_ARRAY_SIZE(sides); s++) {
		for (size_t i = 0; i < sides[s]->attached.nr; i++) {
			const struct su_atom *entry = sides[s]->attached.data[i];
			struct su_difference d;

			if (!entry->table || entry->table->is_derived)
				continue;
			d = compare_table(c, pre, post, entry->table);
			if (d.what)
				return d;
		}
	}
	return same;
}

/* What refers to itself, by way of its table's entries as a rule, is the same if nothing else differs. */
static bool is_under_way(const struct comparing *c, const struct su_atom *pre, const struct su_atom *post)
{
	for (const struct compared *i = c->last; i; i = i->above)
		if (i->pre == pre && i->post == post)
			return true;
	return false;
}

static struct su_difference compare_atoms(struct comparing *c, const struct su_atom *pre, const struct su_atom *post)
{
	struct compared this = { pre, post, c->last };
	struct su_difference d;

	if (is_under_way(c, pre, post))
		return same;
	if (c->depth > MAX_DEPTH)
		return differs("nested too deeply", 0);
	c->depth++;
	c->last = &this;
	d = compare_shape(c, pre, post);
	if (!d.what)
		d = compare_edges(c, pre, post);
	if (!d.what)
		d = compare_tables(c, pre, post);
	c->last = this.above;
	c->depth--;
	return d;
}

struct su_difference su_atoms_compare(const struct su_atom *pre, const struct su_atom *post)
{
	struct comparing c = { 0 };
	struct su_difference d = compare_atoms(&c, pre, post);

	d.rules = c.rules;
	return d;
}
