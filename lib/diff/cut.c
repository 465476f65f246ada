// SPDX-License-Identifier: GPL-2.0-or-later
/* Cuts an object file into atoms: sections at their symbols, tables into entries, code without symbols where something refers to it. */
#include <string.h>

#include "builder.h"
#include "lib/base/str.h"

static bool has_symbol(const struct su_elf *elf, const struct su_elf_section *s)
{
	for (size_t i = 0; i < elf->symbol_nr; i++)
		if (elf->symbols[i].section == s && elf->symbols[i].type != STT_SECTION && *elf->symbols[i].name)
			return true;
	return false;
}

/*
 * An empty section may still hold an object that somebody refers to: a lock class without lockdep has no bytes.
 * .ibt_endbr_seal lists functions whose endbr64 the kernel takes away, as nobody takes their address: one unit cannot know.
 * .call_sites is for retbleed=stuff, which counts calls: the update's are not counted, its returns are.
 * __patchable_function_entries says where the padding is that this needs; ftrace goes by __mcount_loc.
 */
static bool is_skipped(const struct su_elf *elf, const struct su_elf_section *s)
{
	static const char *const prefixes[] = { ".discard.",
						"___ksymtab",
						"___kcrctab",
						"__ksymtab_strings",
						".modinfo",
						".note",
						".orc_unwind_dummy",
						".orc_header",
						".export_symbol",
						"__kcrctab",
						".ibt_endbr_seal",
						".call_sites",
						"__patchable_function_entries" };

	if (!(s->flags & SHF_ALLOC) || (!s->size && !has_symbol(elf, s)) || !strcmp(s->name, ".orc_unwind"))
		return true;
	for (size_t i = 0; i < SU_ARRAY_SIZE(prefixes); i++)
		if (su_has_prefix(s->name, prefixes[i]))
			return true;
	return false;
}

static enum su_section_class classify(const struct su_elf *elf, const struct su_elf_section *s)
{
	if (is_skipped(elf, s))
		return SU_CLASS_SKIP;
	if (!s->size)
		return SU_CLASS_SYMBOLS;
	if (su_table_spec_find(s->name))
		return SU_CLASS_TABLE;
	if (su_elf_is_merge(s))
		return SU_CLASS_PIECES;
	if (su_elf_is_code(s) && !has_symbol(elf, s))
		return SU_CLASS_FRAGMENTS;
	return SU_CLASS_SYMBOLS;
}

static struct su_atom *add_atom(struct su_builder *b, enum su_atom_kind kind, const struct su_elf_section *s,
				uint64_t off, uint64_t size, const struct su_elf_symbol *symbol)
{
	struct su_atom *atom = su_arena_new(&b->object->arena, struct su_atom);

	atom->kind = kind;
	atom->section = s;
	atom->off = off;
	atom->size = size;
	atom->symbol = symbol;
	atom->name = symbol ? symbol->name : "";
	atom->key = su_key_make(&b->object->arena, atom->name);
	atom->is_init = su_section_is_init(b->object, s->name);
	/* data without a name is a constant that the compiler placed */
	atom->is_private = kind != SU_ATOM_FUNC && (!symbol || su_key_is_private(atom->key, s->name));
	*su_vec_add(&b->atoms) = atom;
	return atom;
}

static enum su_atom_kind section_kind(const struct su_elf_section *s)
{
	if (s->flags & SHF_WRITE)
		return SU_ATOM_DATA;
	return su_elf_is_code(s) ? SU_ATOM_FUNC : SU_ATOM_RODATA;
}

/* Code that assembler gives a local name, but no type, is nobody's function: it belongs to those who branch to it. */
static enum su_atom_kind symbol_kind(const struct su_elf_section *s, const struct su_elf_symbol *symbol)
{
	enum su_atom_kind kind = section_kind(s);
	bool is_label = symbol->type == STT_NOTYPE && symbol->bind == STB_LOCAL;

	return kind == SU_ATOM_FUNC && is_label ? SU_ATOM_FRAGMENT : kind;
}

static int symbol_rank(const struct su_elf_symbol *s)
{
	return (s->type == STT_FUNC || s->type == STT_OBJECT ? 4 : 0) + (s->size ? 2 : 0) +
	       (s->bind == STB_GLOBAL ? 1 : 0);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct su_elf_symbol *x = *(const struct su_elf_symbol *const *)a;
	const struct su_elf_symbol *y = *(const struct su_elf_symbol *const *)b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (symbol_rank(x) != symbol_rank(y))
		return symbol_rank(y) - symbol_rank(x);
	return strcmp(x->name, y->name);
}

/* Code sections' PC-relative fields count from the instruction's end; a branch's field is its last one. */
static uint64_t rough_target(const struct su_elf_section *from, const struct su_elf_reloc *reloc)
{
	uint64_t target = reloc->symbol->value + (uint64_t)reloc->addend;

	return su_reloc_is_pc(reloc->type) && (from->flags & SHF_EXECINSTR) ? target + 4 : target;
}

/* Tables that follow from the code may point anywhere; others, and code, say that something is there. */
static bool tells_code(const struct su_builder *b, const struct su_elf_section *from)
{
	const struct su_table_spec *table = su_table_spec_find(from->name);

	return b->classes[from->idx] != SU_CLASS_SKIP && !(table && table->is_derived);
}

/* The lowest place in [@start, @end) that a relocation leads to; @end where none does. */
static uint64_t first_reference(const struct su_builder *b, const struct su_elf_section *s, uint64_t start, uint64_t end)
{
	const struct su_elf *elf = b->object->elf;
	uint64_t first = end;

	for (size_t i = 1; i < elf->section_nr; i++) {
		const struct su_elf_section *from = &elf->sections[i];

		for (size_t r = 0; r < from->reloc_nr && tells_code(b, from); r++) {
			uint64_t target = rough_target(from, &from->relocs[r]);

			if (from->relocs[r].symbol->section == s && target >= start && target < first)
				first = target;
		}
	}
	return first;
}

/* Bytes without a name: data that the compiler placed; code behind assembler's local labels, but for what only fills up. */
static void add_gap(struct su_builder *b, const struct su_elf_section *s, uint64_t start, uint64_t end)
{
	enum su_atom_kind kind = section_kind(s);

	if (kind == SU_ATOM_FUNC) {
		uint64_t code = start + su_code_padding_sz(s->data + start, end - start);
		uint64_t reference = first_reference(b, s, start, end);

		kind = SU_ATOM_FRAGMENT;
		start = reference < code ? reference : code;
	}
	if (start < end)
		add_atom(b, kind, s, start, end - start, NULL);
}

static void cut_at_symbols(struct su_builder *b, const struct su_elf_section *s)
{
	SU_VEC(const struct su_elf_symbol *) symbols = { 0 };
	const struct su_elf *elf = b->object->elf;
	uint64_t end = 0;

	for (size_t i = 0; i < elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &elf->symbols[i];

		if (symbol->section == s && symbol->type != STT_SECTION && symbol->value < s->size)
			*su_vec_add(&symbols) = symbol;
	}
	if (symbols.nr)
		qsort(symbols.data, symbols.nr, sizeof(*symbols.data), compare_symbols);
	for (size_t i = 0; i < symbols.nr; i++) {
		const struct su_elf_symbol *symbol = symbols.data[i];
		uint64_t next = i + 1 < symbols.nr ? symbols.data[i + 1]->value : s->size;
		uint64_t size;

		/* aliases, and labels inside of a function, belong to the atom that is there already */
		if (symbol->value < end)
			continue;
		if (symbol->value > end)
			add_gap(b, s, end, symbol->value);
		for (size_t k = i + 1; !symbol->size && k < symbols.nr && next == symbol->value; k++)
			next = symbols.data[k]->value;
		size = symbol->size ? symbol->size : next - symbol->value;
		if (!size)
			continue;
		add_atom(b, symbol_kind(s, symbol), s, symbol->value, size, symbol);
		end = symbol->value + size;
	}
	if (end < s->size)
		add_gap(b, s, end, s->size);
	su_vec_fini(&symbols);
}

/* Sections of one object each: the one that is here has no bytes. */
static void cut_empty(struct su_builder *b, const struct su_elf_section *s)
{
	const struct su_elf *elf = b->object->elf;
	size_t i = 0;

	while (elf->symbols[i].section != s || elf->symbols[i].type == STT_SECTION)
		i++;
	add_atom(b, section_kind(s), s, 0, 0, &elf->symbols[i]);
}

/* Where the entry size differs by release or by what the assembler left at the end: the stride of the owner fields. */
static uint64_t entry_stride(const struct su_elf_section *s, const struct su_table_spec *spec)
{
	uint64_t stride = 0;

	if (spec->entry_sz)
		return spec->entry_sz;
	/* the smallest distance at which everywhere a field names code: other fields name strings and data */
	for (uint64_t sz = 8; sz <= 32 && sz <= s->size && !stride; sz++) {
		bool fits = s->size % sz == 0;

		for (uint64_t off = 0; fits && off < s->size; off += sz) {
			size_t r = su_elf_reloc_at(s, off + spec->owner_off);

			fits = r < s->reloc_nr && s->relocs[r].off == off + spec->owner_off &&
			       s->relocs[r].symbol->section && su_elf_is_code(s->relocs[r].symbol->section);
		}
		if (fits)
			stride = sz;
	}
	return stride;
}

static int cut_table(struct su_builder *b, const struct su_elf_section *s)
{
	const struct su_table_spec *spec = su_table_spec_find(s->name);
	const struct su_elf_section *parallel = spec->parallel ? su_elf_section_find(b->object->elf, spec->parallel) :
								 NULL;
	uint64_t stride = entry_stride(s, spec);

	/* a section without bytes may be of any size */
	if (!stride || (s->size && !s->data) || (parallel && parallel->size / spec->parallel_sz != s->size / stride))
		return su_fail(b->diags, SU_AT(ELF, .object = b->object->elf->path, .symbol = s->name),
			       "the table's layout is not known");
	for (uint64_t off = 0; off < s->size; off += stride) {
		/* the last entry may be short of padding */
		uint64_t size = stride <= s->size - off ? stride : s->size - off;
		struct su_atom *atom = add_atom(b, SU_ATOM_ENTRY, s, off, size, NULL);

		atom->table = spec;
		if (parallel && parallel->data)
			atom->parallel = parallel->data + off / stride * spec->parallel_sz;
	}
	return 0;
}

static int compare_offsets(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void cut_at_references(struct su_builder *b, const struct su_elf_section *s)
{
	SU_VEC(uint64_t) cuts = { 0 };
	const struct su_elf *elf = b->object->elf;

	*su_vec_add(&cuts) = 0;
	for (size_t i = 1; i < elf->section_nr; i++) {
		const struct su_elf_section *from = &elf->sections[i];

		if (from == s || b->classes[i] == SU_CLASS_SKIP || !strcmp(from->name, ".orc_unwind_ip") ||
		    (su_table_spec_find(from->name) && su_table_spec_find(from->name)->is_derived))
			continue;
		for (size_t r = 0; r < from->reloc_nr; r++)
			if (from->relocs[r].symbol->section == s && rough_target(from, &from->relocs[r]) < s->size)
				*su_vec_add(&cuts) = rough_target(from, &from->relocs[r]);
	}
	qsort(cuts.data, cuts.nr, sizeof(*cuts.data), compare_offsets);
	for (size_t i = 0; i < cuts.nr; i++) {
		uint64_t next = i + 1 < cuts.nr ? cuts.data[i + 1] : s->size;

		if (next > cuts.data[i])
			add_atom(b, SU_ATOM_FRAGMENT, s, cuts.data[i], next - cuts.data[i], NULL);
	}
	su_vec_fini(&cuts);
}

int su_builder_cut(struct su_builder *b)
{
	const struct su_elf *elf = b->object->elf;

	for (size_t i = 1; i < elf->section_nr; i++)
		b->classes[i] = classify(elf, &elf->sections[i]);
	for (size_t i = 1; i < elf->section_nr; i++) {
		const struct su_elf_section *s = &elf->sections[i];
		size_t first = b->atoms.nr;
		size_t nr;
		int ret = 0;

		if (b->classes[i] == SU_CLASS_SYMBOLS && !s->size)
			cut_empty(b, s);
		else if (b->classes[i] == SU_CLASS_SYMBOLS)
			cut_at_symbols(b, s);
		else if (b->classes[i] == SU_CLASS_TABLE)
			ret = cut_table(b, s);
		else if (b->classes[i] == SU_CLASS_FRAGMENTS)
			cut_at_references(b, s);
		if (ret)
			return ret;
		nr = b->atoms.nr - first;
		b->object->by_section_nr[i] = nr;
		b->object->by_section[i] = su_arena_alloc(&b->object->arena, (nr + 1) * sizeof(struct su_atom *));
		if (nr)
			memcpy(b->object->by_section[i], b->atoms.data + first, nr * sizeof(struct su_atom *));
	}
	b->object->atom_nr = b->atoms.nr;
	b->object->atoms = su_arena_alloc(&b->object->arena, (b->atoms.nr + 1) * sizeof(struct su_atom *));
	if (b->atoms.nr)
		memcpy(b->object->atoms, b->atoms.data, b->atoms.nr * sizeof(struct su_atom *));
	return 0;
}
