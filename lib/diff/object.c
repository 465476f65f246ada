// SPDX-License-Identifier: GPL-2.0-or-later
/* Cutting an object file into atoms and turning its relocations into edges. */
#include <ctype.h>
#include <string.h>

#include "lib/base/str.h"
#include "object.h"

enum section_class {
	CLASS_SKIP,	 /* not in memory, or only there to be read by the build */
	CLASS_SYMBOLS,	 /* cut at its symbols */
	CLASS_TABLE,	 /* cut into entries */
	CLASS_FRAGMENTS, /* code without symbols: cut where something refers to it */
	CLASS_PIECES,	 /* mergeable: referred to by content, no atoms */
};

struct builder {
	struct su_diags *diags;
	struct su_object *object;
	enum section_class *classes;
	SU_VEC(struct su_atom *) atoms;
};

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

static enum section_class classify(const struct su_elf *elf, const struct su_elf_section *s)
{
	if (is_skipped(elf, s))
		return CLASS_SKIP;
	if (!s->size)
		return CLASS_SYMBOLS;
	if (su_table_spec_find(s->name))
		return CLASS_TABLE;
	if (su_elf_is_merge(s))
		return CLASS_PIECES;
	if (su_elf_is_exec(s) && !has_symbol(elf, s))
		return CLASS_FRAGMENTS;
	return CLASS_SYMBOLS;
}

/* ---- names ---- */

static bool is_number(const char *s, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return nr > 0;
}

/* "foo.constprop.0.isra.3" -> "foo.constprop.isra", "count.17" -> "count": numbers the compiler gave are no names. */
static char *make_key(struct su_arena *arena, const char *name)
{
	char *key = su_arena_alloc(arena, strlen(name) + 1);
	char *to = key;
	const char *from = name;

	while (*from) {
		size_t nr = strcspn(from + 1, ".") + 1;

		if (!(from[0] == '.' && is_number(from + 1, nr - 1))) {
			memcpy(to, from, nr);
			to += nr;
		}
		from += nr;
	}
	*to = '\0';
	/* __UNIQUE_ID_x123: a counter, not a name */
	if (su_has_prefix(key, "__UNIQUE_ID_"))
		while (to > key && isdigit((unsigned char)to[-1]))
			*--to = '\0';
	return key;
}

/* Statics that belong to one place in the source and hold no state worth keeping: new code brings its own. */
static bool is_private_name(const char *key, const char *section)
{
	static const char *const names[] = { "__func__", "__FUNCTION__",   "__PRETTY_FUNCTION__", "__key",
					     "__warned", "__already_done", "__already_printed",	  "__print_once",
					     "_rs",	 "_entry",	   "_entry_ptr",	  "descriptor",
					     "CSWTCH",	 "__print_fmt" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(key, names[i]))
			return true;
	return su_has_prefix(key, "__UNIQUE_ID_") || su_has_prefix(key, ".L") || su_has_prefix(section, ".data..once") ||
	       su_has_prefix(section, ".data.once") || !strcmp(section, "__dyndbg");
}

/* ---- cutting ---- */

static struct su_atom *add_atom(struct builder *b, enum su_atom_kind kind, const struct su_elf_section *s, uint64_t off,
				uint64_t size, const struct su_elf_symbol *symbol)
{
	struct su_atom *atom = su_arena_new(&b->object->arena, struct su_atom);

	atom->kind = kind;
	atom->section = s;
	atom->off = off;
	atom->size = size;
	atom->symbol = symbol;
	atom->name = symbol ? symbol->name : "";
	atom->key = make_key(&b->object->arena, atom->name);
	atom->is_init = su_section_is_init(b->object, s->name);
	/* data without a name is a constant that the compiler placed */
	atom->is_private = kind != SU_ATOM_FUNC && (!symbol || is_private_name(atom->key, s->name));
	*su_vec_add(&b->atoms) = atom;
	return atom;
}

static enum su_atom_kind section_kind(const struct su_elf_section *s)
{
	/* 7.x flags .data sections executable: writable wins */
	if (s->flags & SHF_WRITE)
		return SU_ATOM_DATA;
	/* without bytes there is no code */
	return s->flags & SHF_EXECINSTR && s->data ? SU_ATOM_FUNC : SU_ATOM_RODATA;
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
static bool tells_code(const struct builder *b, const struct su_elf_section *from)
{
	const struct su_table_spec *table = su_table_spec_find(from->name);

	return b->classes[from->idx] != CLASS_SKIP && !(table && table->is_derived);
}

/* The lowest place in [@start, @end) that a relocation leads to; @end where none does. */
static uint64_t first_reference(const struct builder *b, const struct su_elf_section *s, uint64_t start, uint64_t end)
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
static void add_gap(struct builder *b, const struct su_elf_section *s, uint64_t start, uint64_t end)
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

static void cut_at_symbols(struct builder *b, const struct su_elf_section *s)
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
static void cut_empty(struct builder *b, const struct su_elf_section *s)
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
			       s->relocs[r].symbol->section && su_elf_is_exec(s->relocs[r].symbol->section);
		}
		if (fits)
			stride = sz;
	}
	return stride;
}

static int cut_table(struct builder *b, const struct su_elf_section *s)
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

static void cut_at_references(struct builder *b, const struct su_elf_section *s)
{
	SU_VEC(uint64_t) cuts = { 0 };
	const struct su_elf *elf = b->object->elf;

	*su_vec_add(&cuts) = 0;
	for (size_t i = 1; i < elf->section_nr; i++) {
		const struct su_elf_section *from = &elf->sections[i];

		if (from == s || b->classes[i] == CLASS_SKIP || !strcmp(from->name, ".orc_unwind_ip") ||
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

static int cut(struct builder *b)
{
	const struct su_elf *elf = b->object->elf;

	for (size_t i = 1; i < elf->section_nr; i++)
		b->classes[i] = classify(elf, &elf->sections[i]);
	for (size_t i = 1; i < elf->section_nr; i++) {
		const struct su_elf_section *s = &elf->sections[i];
		size_t first = b->atoms.nr;
		size_t nr;
		int ret = 0;

		if (b->classes[i] == CLASS_SYMBOLS && !s->size)
			cut_empty(b, s);
		else if (b->classes[i] == CLASS_SYMBOLS)
			cut_at_symbols(b, s);
		else if (b->classes[i] == CLASS_TABLE)
			ret = cut_table(b, s);
		else if (b->classes[i] == CLASS_FRAGMENTS)
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

/* ---- edges ---- */

static int fill_edges(struct builder *b, struct su_atom *atom)
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

/*
 * What a place in a section belongs to. In a section of one object whatever points beside it (a loop that counts from a
 * place before or behind) means this one: nothing else lies at a distance from it that the compiler knows.
 */
static struct su_atom *atom_meant(const struct builder *b, const struct su_elf_section *s, uint64_t off)
{
	struct su_atom *atom = su_object_atom_at(b->object, s, off);

	return atom || b->object->by_section_nr[s->idx] != 1 ? atom : b->object->by_section[s->idx][0];
}

/* @tail: bytes from the field's start to the end of its instruction; 0 where the field is no operand. */
static int resolve_edge(struct builder *b, const struct su_atom *atom, struct su_edge *edge, int64_t tail)
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
	if (b->classes[s->idx] == CLASS_PIECES) {
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
		edge->atom = atom_meant(b, s, target);
		if (edge->atom) {
			edge->addend = (int64_t)(start - edge->atom->off);
			return 0;
		}
		/* a section that is dropped (discarded at link): only dropped things may refer to it */
		if (b->classes[s->idx] == CLASS_SKIP) {
			edge->kind = SU_EDGE_UNDEFINED;
			return 0;
		}
	}
	return su_fail(b->diags, SU_AT(RELOC, .object = b->object->elf->path, .symbol = atom->name, .offset = edge->off),
		       "a relocation points outside of everything in section %s", s->name);
}

static int connect(struct builder *b)
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

/* ---- belonging ---- */

static const struct su_edge *edge_at(const struct su_atom *atom, uint32_t off)
{
	for (size_t i = 0; i < atom->edge_nr; i++)
		if (atom->edges[i].off == off)
			return &atom->edges[i];
	return NULL;
}

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
		edge = edge_at(atom, atom->table->owner_off);
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

static void collect_exports(struct su_object *object)
{
	for (size_t i = 1; i < object->elf->section_nr; i++) {
		const char *plus = strchr(object->elf->sections[i].name, '+');

		if (plus && su_has_prefix(object->elf->sections[i].name, "___ksymtab"))
			*su_map_put(&object->exports, plus + 1, NULL) = 1;
	}
}

/* Takes over @elf, also on failure. */
static int create(struct su_diags *diags, struct su_elf *elf, bool is_module, struct su_object **object)
{
	struct su_object *new = su_alloc(sizeof(*new));
	struct builder b = { .diags = diags, .object = new };
	int ret;

	new->elf = elf;
	new->is_module = is_module;
	new->by_section = su_arena_alloc(&new->arena, elf->section_nr * sizeof(*new->by_section));
	new->by_section_nr = su_arena_alloc(&new->arena, elf->section_nr * sizeof(*new->by_section_nr));
	b.classes = su_arena_alloc(&new->arena, elf->section_nr * sizeof(*b.classes));
	ret = cut(&b);
	if (!ret)
		ret = connect(&b);
	su_vec_fini(&b.atoms);
	if (ret) {
		su_object_destroy(new);
		return ret;
	}
	attach_entries(new);
	attach_cold(new);
	attach_prefix(new);
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
