// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens an object file as a graph of atoms, and finds things in it. */
#include <string.h>

#include "builder.h"
#include "lib/base/str.h"

struct su_atom *su_object_atom_at(const struct su_object *object, const struct su_elf_section *section, uint64_t off)
{
	struct su_atom **atoms = object->by_section[section->idx];
	size_t lo = 0, hi = object->by_section_nr[section->idx];

	if (!atoms || !hi)
		return NULL;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (atoms[mid]->off <= off)
			lo = mid;
		else
			hi = mid;
	}
	if (off < atoms[lo]->off || off > atoms[lo]->off + atoms[lo]->size)
		return NULL;
	return atoms[lo];
}

const struct su_edge *su_atom_edge_in(const struct su_atom *atom, uint64_t off, uint64_t len)
{
	size_t lo = 0, hi = atom->edge_nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (atom->edges[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < atom->edge_nr && atom->edges[lo].off < off + len ? &atom->edges[lo] : NULL;
}

/* Before v6.5 an object has a section for each export, named for it; since then a label in a section of them all. */
static void collect_exports(struct su_object *object)
{
	static const char label[] = "__export_symbol_";
	const struct su_elf *elf = object->elf;

	for (size_t i = 1; i < elf->section_nr; i++) {
		const char *plus = strchr(elf->sections[i].name, '+');

		if (plus && su_has_prefix(elf->sections[i].name, "___ksymtab"))
			*su_map_put(&object->exports, plus + 1, NULL) = 1;
	}
	for (size_t i = 1; i < elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &elf->symbols[i];

		if (symbol->section && !strcmp(symbol->section->name, ".export_symbol") &&
		    su_has_prefix(symbol->name, label))
			*su_map_put(&object->exports, symbol->name + sizeof(label) - 1, NULL) = 1;
	}
}

/* Takes over @elf, also on failure. */
static int create(struct su_diags *diags, struct su_elf *elf, bool is_module, struct su_object **object)
{
	struct su_object *new = su_alloc(sizeof(*new));
	struct su_builder b = { .diags = diags, .object = new };
	int ret;

	new->elf = elf;
	new->is_module = is_module;
	new->by_section = su_arena_alloc(&new->arena, elf->section_nr * sizeof(*new->by_section));
	new->by_section_nr = su_arena_alloc(&new->arena, elf->section_nr * sizeof(*new->by_section_nr));
	b.classes = su_arena_alloc(&new->arena, elf->section_nr * sizeof(*b.classes));
	ret = su_builder_cut(&b);
	if (!ret)
		ret = su_builder_connect(&b);
	su_vec_fini(&b.atoms);
	if (ret) {
		su_object_destroy(new);
		return ret;
	}
	su_builder_attach(new);
	collect_exports(new);
	su_lineage_begin(new);
	*object = new;
	return 0;
}

int su_object_open(struct su_diags *diags, const char *path, bool is_module, struct su_object **object)
{
	struct su_elf *elf;
	int ret = su_elf_open(diags, path, &elf);

	return ret ? ret : create(diags, elf, is_module, object);
}

void su_object_destroy(struct su_object *object)
{
	if (!object)
		return;
	for (size_t i = 0; i < object->atom_nr; i++)
		su_vec_fini(&object->atoms[i]->attached);
	su_map_fini(&object->exports);
	su_elf_close(object->elf);
	su_arena_fini(&object->arena);
	free(object);
}
