// SPDX-License-Identifier: GPL-2.0-or-later
/* Turns relocations, and branches that have none, into edges between atoms. */
#include <string.h>

#include "builder.h"

static int fill_edges(struct su_builder *b, struct su_atom *atom)
{
	const struct su_elf_section *s = atom->section;
	size_t first = su_elf_reloc_at(s, atom->off);
	size_t last = su_elf_reloc_at(s, atom->off + atom->size);

	atom->edges = su_arena_alloc(&b->object->arena, (last - first + 1) * sizeof(*atom->edges));
	for (size_t r = first; r < last; r++) {
		const struct su_elf_reloc *reloc = &s->relocs[r];
		struct su_edge *edge = &atom->edges[atom->edge_nr];

		if (!su_hole_size(reloc->type))
			return su_fail(b->diags,
				       SU_AT(RELOC, .object = b->object->elf->path, .symbol = atom->name,
					     .offset = reloc->off - atom->off),
				       "relocation type %u is not known", reloc->type);
		if (su_hole_size(reloc->type) > atom->off + atom->size - reloc->off)
			return su_fail(b->diags, SU_AT(ELF, .object = b->object->elf->path, .symbol = atom->name),
				       "a relocation crosses the end of its function or object");
		edge->off = (uint32_t)(reloc->off - atom->off);
		edge->type = reloc->type;
		edge->symbol = reloc->symbol;
		edge->addend = reloc->addend;
		edge->kind = reloc->symbol->section ? SU_EDGE_ATOM : SU_EDGE_UNDEFINED;
		edge->is_branch = reloc->type == R_X86_64_PLT32;
		atom->edge_nr++;
	}
	return 0;
}

/* The last object of a section that begins at or before a place, or else the first; NULL: there is none. */
static struct su_atom *nearest_atom(const struct su_builder *b, const struct su_elf_section *s, uint64_t off)
{
	struct su_atom **atoms = b->object->by_section[s->idx];
	size_t nr = b->object->by_section_nr[s->idx];
	size_t i = 0;

	while (i + 1 < nr && (int64_t)atoms[i + 1]->off <= (int64_t)off)
		i++;
	return nr ? atoms[i] : NULL;
}

/*
 * What a place in a section belongs to. Where it lies beside every object (a loop counts from a place before or behind one, a
 * physical address is made), the nearest stands for the one that is meant, which is known where the section has no other.
 */
static void find_meant(const struct su_builder *b, const struct su_elf_section *s, uint64_t off, struct su_edge *edge)
{
	edge->atom = su_object_atom_at(b->object, s, off);
	if (edge->atom)
		return;
	edge->atom = nearest_atom(b, s, off);
	edge->is_beside = b->object->by_section_nr[s->idx] > 1;
}

/* @tail: bytes from the field's start to the end of its instruction; 0 where the field is no operand. */
static int resolve_edge(struct su_builder *b, const struct su_atom *atom, struct su_edge *edge, int64_t tail)
{
	const struct su_elf_symbol *symbol = edge->symbol;
	const struct su_elf_section *s = symbol->section;
	uint64_t start;
	uint64_t target;

	if (!s)
		return 0;
	start = symbol->value + (uint64_t)edge->addend;
	target = start + (su_reloc_is_pc(edge->type) ? (uint64_t)tail : 0);
	/* a named symbol says by itself what is meant, even where code points before or behind it */
	if (symbol->type != STT_SECTION)
		target = symbol->value;
	if (b->classes[s->idx] == SU_CLASS_PIECES) {
		/* assembler points into the middle of constants */
		if (!(s->flags & SHF_STRINGS))
			target -= target % s->entsize;
		edge->kind = SU_EDGE_PIECE;
		edge->section = s;
		edge->piece_off = target;
		edge->addend = (int64_t)(start - target);
		if (su_elf_piece_size(s, target))
			return 0;
	} else {
		find_meant(b, s, target, edge);
		if (edge->atom) {
			edge->addend = (int64_t)(start - edge->atom->off);
			return 0;
		}
		/* a section that is dropped (discarded at link): only dropped things may refer to it */
		if (b->classes[s->idx] == SU_CLASS_SKIP) {
			edge->kind = SU_EDGE_UNDEFINED;
			return 0;
		}
	}
	return su_fail(b->diags, SU_AT(RELOC, .object = b->object->elf->path, .symbol = atom->name, .offset = edge->off),
		       "a relocation points outside of everything in section %s", s->name);
}

int su_builder_connect(struct su_builder *b)
{
	for (size_t i = 0; i < b->object->atom_nr; i++) {
		int ret = fill_edges(b, b->object->atoms[i]);

		if (ret)
			return ret;
	}
	for (size_t i = 0; i < b->object->atom_nr; i++) {
		struct su_atom *atom = b->object->atoms[i];
		bool is_code = atom->kind == SU_ATOM_FUNC || atom->kind == SU_ATOM_FRAGMENT;
		int64_t *tails = su_alloc((atom->edge_nr + 1) * sizeof(*tails));
		int ret = 0;

		if (is_code)
			su_code_tails(atom, tails);
		for (size_t e = 0; !ret && e < atom->edge_nr; e++)
			ret = resolve_edge(b, atom, &atom->edges[e], tails[e]);
		free(tails);
		if (!ret && is_code)
			ret = su_code_imply(b->diags, b->object, atom);
		if (ret)
			return ret;
	}
	return 0;
}
