/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An object file cut into atoms: functions, data, entries of the kernel's tables, fragments of out-of-line code. An atom's relocations
 * become edges to other atoms, to undefined symbols, or to pieces (strings and constants of mergeable sections). Everything that compares,
 * selects or emits code walks this graph; no later step looks at section names to know what a thing is.
 */
#ifndef SU_DIFF_OBJECT_H
#define SU_DIFF_OBJECT_H

#include "lib/elf/elf.h"
#include "match/update.h"

enum su_atom_kind {
	SU_ATOM_FUNC,
	SU_ATOM_DATA, /* writable, .bss included */
	SU_ATOM_RODATA,
	SU_ATOM_ENTRY,	  /* one entry of a table, owned by the code that it describes */
	SU_ATOM_FRAGMENT, /* code without a symbol: alternative replacements, fix-ups, what follows local labels */
};

enum su_edge_kind {
	SU_EDGE_ATOM,
	SU_EDGE_UNDEFINED, /* symbol: another unit's, or the linker's */
	SU_EDGE_PIECE,	   /* piece_off in the mergeable section */
};

struct su_edge {
	uint32_t off;  /* of the field, in the atom */
	uint32_t type; /* R_X86_64_* */
	enum su_edge_kind kind;
	bool is_branch;	 /* the field of a call or jmp; elsewhere an address is taken */
	bool is_implied; /* no relocation says so: inside one section, found by decoding */
	bool is_beside;	 /* it points beside all atoms of a section: which one is meant is not known */
	struct su_atom *atom;
	const struct su_elf_symbol *symbol;
	const struct su_elf_section *section; /* of the piece */
	uint64_t piece_off;
	int64_t addend; /* field = start of atom, symbol or piece + addend (- place) */
};

struct su_table_spec;

/*
 * What earlier updates have made of an atom of the last diff's pre object: which instances of it run, and where. Without earlier
 * updates it is the kernel's own.
 */
struct su_lineage {
	const char *origin;   /* the kernel's own instance; NULL: an update has added it */
	const char *run_name; /* in the module of the last of the updates below */
	uint32_t carried;     /* bit n: the nth update, from 1 on, carries an instance */
};

struct su_atom {
	enum su_atom_kind kind;
	const char *name; /* of the symbol; "" without one */
	const char *key;  /* the name without the compiler's numbers: what names are compared by */
	const struct su_elf_section *section;
	const struct su_elf_symbol *symbol; /* NULL without one */
	uint64_t off, size;
	struct su_edge *edges; /* ascending by off */
	size_t edge_nr;
	const struct su_table_spec *table; /* ENTRY */
	struct su_atom *owner;		   /* ENTRY: the code that it describes; FUNC: of a .cold part, the function */
	SU_VEC(struct su_atom *) attached; /* FUNC, FRAGMENT: entries; FUNC: its .cold parts too */
	const uint8_t *parallel;	   /* ENTRY: its record in the table's second section, or NULL */
	bool is_init;			   /* discarded after boot (or never in memory) */
	bool is_private;		   /* never correlated: the new code brings its own instance */

	/* set by the correlation and the comparison */
	struct su_atom *partner;
	struct su_atom *past; /* past.c: what would be the partner, but that the older of the two is of no use now */
	bool is_sure;	      /* the partner has the same name of the file's scope */
	struct su_atom *vote; /* correlation only: who it may be */
	bool is_contested;    /* correlation only: more than one */
	bool is_referred;     /* correlation only: something in the unit refers to it */
	bool is_changed;
	const char *why; /* the first difference, constant text */
	uint64_t why_off;
	unsigned int rules; /* of post: by which rules it counts as partner's successor, and as the same; bits 1 << enum su_rule */

	struct su_lineage line;

	/* set by who knows the sources: code of boot that changes only by what is inlined into it */
	bool is_kept;

	/* set by lib/emit: another unit's is in its place, and no name leads here */
	bool is_overridden;

	/* set by lib/emit: part of the update, and where in its object */
	bool is_selected;
	bool is_switched;     /* an entry of static keys or static calls leads to it */
	uint32_t out_section; /* valid where is_placed */
	uint64_t out_off;
	bool is_placed;
};

struct su_object {
	struct su_elf *elf;
	bool is_module;
	struct su_arena arena;
	struct su_atom **atoms; /* by section, then offset */
	size_t atom_nr;
	struct su_atom ***by_section; /* [section index]: its atoms, NULL-terminated; NULL for sections without */
	size_t *by_section_nr;
	struct su_map exports; /* the names that the unit exports */
};

/*
 * One of the kernel's tables: entries that describe places in code. Layouts: the kernel's asm/bug.h, asm/extable.h, linux/jump_label.h,
 * linux/static_call_types.h, asm/alternative.h, asm/paravirt_types.h, asm/orc_types.h, in every release from 5.10.
 */
struct su_table_spec {
	const char *section;
	uint32_t entry_sz;    /* 0: found from the relocations' stride */
	uint32_t owner_off;   /* field that names the code */
	const char *parallel; /* second section with one record an entry, or NULL */
	uint32_t parallel_sz;
	bool is_derived;	     /* follows from the code: not compared */
	uint32_t line_sz, line_back; /* a field that only says where in the source: from the entry's end */
};

const struct su_table_spec *su_table_spec_find(const char *section_name);
/* Is the byte at @off of an entry, or of any atom, a part of a field that only says where in the source something stands? */
bool su_entry_is_line(const struct su_atom *entry, uint64_t off);
/* Length of an .altinstructions or .parainstructions entry's site, and of an .altinstructions entry's replacement. */
uint8_t su_entry_site_len(const struct su_atom *entry);
uint8_t su_entry_replacement_len(const struct su_atom *entry);

/**
 * su_object_open - read an object file and cut it into atoms
 * @is_module: the unit belongs to a module: its .exit sections stay in memory
 * @object: written only on success; su_object_destroy() frees it
 * Return: 0, FILE_READ, ELF, RELOC.
 */
int su_object_open(struct su_diags *diags, const char *path, bool is_module, struct su_object **object) SU_MUST_CHECK;
void su_object_destroy(struct su_object *object);

/* The atom that holds this byte; NULL where there is none. */
struct su_atom *su_object_atom_at(const struct su_object *object, const struct su_elf_section *section, uint64_t off);

/* The first edge of which the field begins in these bytes of an atom; NULL where there is none. */
const struct su_edge *su_atom_edge_in(const struct su_atom *atom, uint64_t off, uint64_t len);

/* A section whose content does not stay in memory after boot or load, or that never reaches it. */
bool su_section_is_init(const struct su_object *object, const char *name);

/* lineage.c: the object is the kernel's own, as each one is at first. */
void su_lineage_begin(struct su_object *object);
/* From the lineage of the pre object, with which @post was compared: what the @nth update, from 1 on, has brought. */
void su_lineage_step(struct su_object *post, uint32_t nth);
/* The same object, read once more. */
void su_lineage_copy(const struct su_object *from, struct su_object *to);
/* The last update that carries an instance; 0: none does. */
static inline uint32_t su_lineage_last(const struct su_lineage *line)
{
	return line->carried ? 31 - (uint32_t)__builtin_clz(line->carried) : 0;
}

/* Bytes of an atom, NULL for .bss. */
static inline const uint8_t *su_atom_bytes(const struct su_atom *atom)
{
	return atom->section->data ? atom->section->data + atom->off : NULL;
}

/* Bytes of an edge's field: PC8 occurs without a relocation only. */
static inline uint32_t su_edge_sz(const struct su_edge *edge)
{
	return edge->type == R_X86_64_PC8 ? 1 : su_hole_size(edge->type);
}

/* Of what the field refers to; "" where it has no name. */
static inline const char *su_edge_name(const struct su_edge *edge)
{
	if (edge->kind == SU_EDGE_UNDEFINED)
		return edge->symbol->name;
	return edge->atom ? edge->atom->name : "";
}

/* Does the field hold a distance from itself? How many bytes a field has says su_hole_size() of match/. */
bool su_reloc_is_pc(uint32_t type);

/* code.c: for each edge the bytes from its field to the end of the instruction around it; marks branches. */
void su_code_tails(struct su_atom *atom, int64_t *tails);
/* code.c: adds edges for branches and operands that lead to other atoms of the same section, which have no relocation. */
int su_code_imply(struct su_diags *diags, struct su_object *object, struct su_atom *atom) SU_MUST_CHECK;
/* code.c: how many bytes in front are no-ops and int3, as compilers and assemblers put between functions. */
uint64_t su_code_padding_sz(const uint8_t *bytes, uint64_t nr);
/* code.c: may control go on behind its last instruction? A call there does not count: it need not return. */
bool su_code_falls_through(const struct su_atom *atom);

#endif
