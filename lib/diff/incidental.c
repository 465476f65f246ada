// SPDX-License-Identifier: GPL-2.0-or-later
/* Which differences between two atoms that mean the same were discounted, and by which rule: for `suture explain`. */
#include <string.h>

#include "diff.h"

static const char *const rule_texts[] = {
	[SU_RULE_LINE] = "source lines in tables",
	[SU_RULE_NAME] = "renumbered names",
	[SU_RULE_STRING] = "places of strings and constants",
	[SU_RULE_SECTION] = "another section",
	[SU_RULE_CONSTANT] = "copies of the same constant",
};

const char *su_rule_text(enum su_rule rule)
{
	return rule_texts[rule];
}

static bool same_section_name(const struct su_atom *pre, const struct su_atom *post)
{
	/* the function's own name is part of its section's: compare what stands before it */
	size_t a = strcspn(pre->section->name + 1, ".") + 1, b = strcspn(post->section->name + 1, ".") + 1;

	return a == b && !strncmp(pre->section->name, post->section->name, a);
}

static unsigned int edge_rules(const struct su_edge *pre, const struct su_edge *post)
{
	if (pre->kind == SU_EDGE_PIECE)
		return pre->piece_off != post->piece_off ? 1u << SU_RULE_STRING : 0;
	if (pre->kind != SU_EDGE_ATOM)
		return 0;
	if (pre->atom->is_private && pre->atom->kind != SU_ATOM_FRAGMENT && strcmp(pre->atom->name, post->atom->name) != 0)
		return 1u << SU_RULE_CONSTANT;
	return strcmp(pre->atom->name, post->atom->name) != 0 ? 1u << SU_RULE_NAME : 0;
}

static unsigned int line_rules(const struct su_atom *pre, const struct su_atom *post)
{
	const struct su_table_spec *t = pre->table;

	if (!t || !t->ignore_sz || !su_atom_bytes(pre) || !su_atom_bytes(post) ||
	    t->ignore_off + t->ignore_sz > pre->size || pre->size != post->size)
		return 0;
	return memcmp(su_atom_bytes(pre) + t->ignore_off, su_atom_bytes(post) + t->ignore_off, t->ignore_sz) != 0 ?
		       1u << SU_RULE_LINE :
		       0;
}

static unsigned int own_rules(const struct su_atom *pre, const struct su_atom *post)
{
	unsigned int rules = line_rules(pre, post);

	for (size_t e = 0; e < pre->edge_nr && e < post->edge_nr; e++)
		if (pre->edges[e].kind == post->edges[e].kind)
			rules |= edge_rules(&pre->edges[e], &post->edges[e]);
	return rules;
}

unsigned int su_atoms_incidental(const struct su_atom *pre, const struct su_atom *post)
{
	unsigned int rules = own_rules(pre, post);

	if (strcmp(pre->name, post->name) != 0)
		rules |= 1u << SU_RULE_NAME;
	if (!same_section_name(pre, post))
		rules |= 1u << SU_RULE_SECTION;
	for (size_t i = 0; i < pre->attached.nr && i < post->attached.nr; i++)
		if (pre->attached.data[i]->table == post->attached.data[i]->table)
			rules |= own_rules(pre->attached.data[i], post->attached.data[i]);
	return rules;
}
