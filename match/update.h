/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The update's tables: what `suture create` writes into an update module and what the core and
 * `suture verify` read. One blob, in one allocated section, that starts with struct su_header.
 * It ends in a sum of all that is before. Everything inside the blob is reached by offsets from the header; the update's other sections
 * (new code, pre code, data) are reached through areas, whose addresses the module loader fills in.
 * All integers are little endian and naturally aligned. Nothing here is trusted: see su_update_open().
 */
#ifndef SU_MATCH_UPDATE_H
#define SU_MATCH_UPDATE_H

#include "env.h"

#define SU_MAGIC "SUTURE\0\1"
#define SU_MAGIC_SZ 8
#define SU_FORMAT 1
#define SU_NONE 0xffffffffu

/* The section that holds the blob, and the symbol at its start (found through the module's kallsyms). */
#define SU_BLOB_SECTION ".suture"
#define SU_BLOB_SYMBOL "suture_update"
/* Exported by the core; every update imports it, so that the loader refuses an update without its core. */
#define SU_CORE_SYMBOL suture_core_1
#define SU_CORE_SYMBOL_NAME "suture_core_1"

struct su_table {
	u32 off; /* of the first entry, from the header */
	u32 nr;	 /* entries */
};

enum su_update_flag {
	/* the kernel may keep addresses of its new code or data (a callback, a list): its memory is never given back */
	SU_UPDATE_STAYS = 1,
};

struct su_header {
	u8 magic[SU_MAGIC_SZ];
	u32 format;		   /* SU_FORMAT */
	u32 blob_sz;		   /* of the whole blob, this header included */
	u64 core;		   /* address of the core's symbol; only there to import it */
	u32 id;			   /* string: the update's ID */
	u32 flags;		   /* enum su_update_flag */
	struct su_table areas;	   /* struct su_area */
	struct su_table targets;   /* struct su_target */
	struct su_table units;	   /* struct su_unit */
	struct su_table sections;  /* struct su_section */
	struct su_table symbols;   /* struct su_symbol */
	struct su_table holes;	   /* struct su_hole */
	struct su_table sites;	   /* struct su_site */
	struct su_table functions; /* struct su_function */
	struct su_table ranges;	   /* struct su_range */
	struct su_table relocs;	   /* struct su_reloc */
	struct su_table strings;   /* bytes; each string ends in NUL, offset 0 is "" */
};

/* A section of the update module that tables point into. */
enum su_area_flag {
	SU_AREA_EXEC = 1, /* new code: threads may be inside it */
	SU_AREA_WRITE = 2,
	SU_AREA_PRE = 4, /* pre code or data, only there to be compared */
	/*
	 * Bits 8 on: 1 + the target whose new code alone uses this data. When that module goes the data is what it was at first:
	 * the next instance of the module starts anew.
	 */
	SU_AREA_OWNER_SHIFT = 8,
};

struct su_area {
	u64 addr; /* filled in by the module loader (R_X86_64_64 against the section) */
	u64 size;
	u32 name;  /* string */
	u32 flags; /* enum su_area_flag */
};

#define SU_TARGETS_MAX 32
#define SU_VMLINUX "vmlinux"

struct su_target {
	u32 name;  /* string: "vmlinux", or a module's name as in /proc/modules */
	u32 needs; /* bit n: the new code of this target's units uses symbols or new code of target n */
};

struct su_unit {
	u32 name; /* string: object path in the kernel's build tree */
	u32 target;
};

/*
 * A section of a unit's plain pre object. Its place in the running kernel (its base) is inferred once and must
 * then agree with every relocation and every symbol.
 */
enum su_section_kind {
	SU_SECTION_TEXT = 1, /* compared byte by byte, always */
	SU_SECTION_RODATA,   /* compared byte by byte once its base is known */
	SU_SECTION_PLACE,    /* no bytes: writable data; only its base is of use */
	SU_SECTION_MERGE,    /* strings and constants that the linker merges: compared piece by piece */
};

/*
 * Where a section's code or data is. What earlier updates have brought lies in their modules, function by function: such a
 * section is one function or object of theirs, and its symbols are SU_SYMBOL_EARLIER.
 */
enum su_origin {
	SU_ORIGIN_TARGET = 0, /* in the target itself */
	SU_ORIGIN_EARLIER,    /* in an earlier update: found by what refers to it, or by name */
	SU_ORIGIN_LATEST,     /* + n: in an earlier update: the latest replacement of the function that symbol n is */
};

struct su_section {
	u32 name; /* string */
	u32 unit;
	u32 kind;  /* enum su_section_kind */
	u32 align; /* power of two */
	u64 size;
	u32 area;   /* where its bytes are, SU_NONE for SU_SECTION_PLACE */
	u32 origin; /* enum su_origin */
	u64 area_off;
	u32 first_hole; /* holes of this section, ascending by off, not overlapping */
	u32 hole_nr;
	u32 first_site; /* sites of this section, ascending by off, not overlapping */
	u32 site_nr;
};

/*
 * A symbol of a unit, or one that several units share. Its value is base(section) + off where it has a section;
 * elsewhere it is inferred from the holes that refer to it, or looked up by name.
 */
enum su_symbol_kind {
	SU_SYMBOL_NAMED = 1, /* has a name that kallsyms may know */
	SU_SYMBOL_SECTION,   /* the start of a section; no name of its own */
	SU_SYMBOL_PIECE,     /* one string or constant at off in a SU_SECTION_MERGE section; size bytes */
};

enum su_symbol_flag {
	SU_SYMBOL_FUNC = 1,
	SU_SYMBOL_WEAK = 2,   /* defined in this unit but may be overridden: section is SU_NONE */
	SU_SYMBOL_WANTED = 4, /* a private relocation uses it: the match must yield a value */
	SU_SYMBOL_GLOBAL = 8,
	SU_SYMBOL_CONTENT =
		16, /* not the address: what the variable of this name holds, size bytes of it; section is SU_NONE */
	SU_SYMBOL_EARLIER = 32, /* of an earlier update: its name is looked up in these */
};

struct su_symbol {
	u32 name;    /* string; "" for SECTION and PIECE */
	u32 kind;    /* enum su_symbol_kind */
	u32 section; /* index, or SU_NONE */
	u32 flags;   /* enum su_symbol_flag */
	u32 target;  /* index: where to look the name up; SU_NONE: unknown, vmlinux or any module */
	u32 reserved;
	u64 off;
	u64 size; /* 0 where not known */
};

/* A field that the linker fills in: a relocation of the pre object. Types are R_X86_64_*. */
enum su_hole_flag {
	SU_HOLE_NATIVE = 1, /* also a relocation of the update: under a site that the loader rewrites */
};

struct su_hole {
	u32 off; /* in the section */
	u32 symbol;
	s64 addend;
	u16 type;  /* R_X86_64_64, PC32, PLT32, 32, 32S, PC64, 8 */
	u16 flags; /* enum su_hole_flag */
	u32 reserved;
};

/* A place whose bytes the kernel itself rewrites: compared by form. */
enum su_site_kind {
	SU_SITE_FENTRY = 1,  /* call __fentry__, nop, or a call of a tracer */
	SU_SITE_ALTERNATIVE, /* alternatives and paravirt: pre is patched by the loader just so */
	SU_SITE_RETURN,	     /* ret, or a jmp to a return thunk */
	SU_SITE_RETPOLINE,   /* arg: register number, SU_NONE where not known */
	SU_SITE_LOCK,	     /* one byte: lock prefix, or ds where there is one CPU */
	SU_SITE_JUMP_LABEL,  /* nop, or a jmp; arg: offset of its target in the section */
	SU_SITE_STATIC_CALL, /* call, jmp, nop, ret, xor eax */
	SU_SITE_ENDBR,	     /* endbr64, or the nop that seals it */
	SU_SITE_OPAQUE,	     /* boot-time immediates (runtime constants): not compared */
};

struct su_site {
	u32 off;
	u16 len;  /* bytes, 1..255 */
	u16 kind; /* enum su_site_kind */
	u32 arg;
	u32 reserved;
};

/* A contiguous piece of old code: the function's body or its .cold part. */
struct su_range {
	u32 section;
	u32 off;
	u32 size;
	u32 reserved;
};

enum su_function_flag {
	SU_FUNCTION_FENTRY = 1, /* the window lies behind a fentry site */
};

#define SU_JMP_SZ 5   /* of a redirect: its window in the old function */
#define SU_WORD_SZ 16 /* what one CMPXCHG16B covers: a window never straddles it */

/* A function to redirect: the JMP goes to window_off bytes behind the entry of the old one. */
struct su_function {
	u32 name;    /* string: the old function's name */
	u32 section; /* pre section that holds it */
	u32 off;
	u32 size;	/* bytes of the old function, padding not counted */
	u32 window_off; /* from the entry; the 5 bytes lie in one aligned 16-byte word */
	u32 new_area;
	u64 new_off; /* entry of the replacement */
	u32 flags;   /* enum su_function_flag */
	u32 first_range;
	u32 range_nr; /* all old code, the body's range first */
	u32 reserved;
};

/* A private relocation: a field of the update that the core fills in. */
struct su_reloc {
	u32 area;
	u32 type; /* R_X86_64_* */
	u64 off;
	s64 addend;
	u32 symbol;
	u32 target; /* filled in when this one is there: as a rule the one whose unit's code or data it is part of */
};

/* ---- reading ---- */

enum su_status_match {
	SU_MATCH_OK = 0,
	SU_MATCH_FORMAT,    /* the tables are damaged */
	SU_MATCH_BYTES,	    /* run and pre differ */
	SU_MATCH_VALUE,	    /* a symbol would need two values */
	SU_MATCH_SYMBOL,    /* a symbol is not in the running kernel */
	SU_MATCH_AMBIGUOUS, /* more than one place or value fits */
	SU_MATCH_READ,	    /* the running kernel's memory could not be read */
	SU_MATCH_MEMORY,    /* the caller's buffers are too small */
	SU_MATCH_RELOC,	    /* a private relocation does not fit its field */
	SU_MATCH_BASE,	    /* an earlier update, on which this one stands, is not there */
};

/* An opened, fully checked update. Plain pointers into the caller's memory. */
struct su_update {
	const struct su_header *header;
	const struct su_area *areas;
	const struct su_target *targets;
	const struct su_unit *units;
	const struct su_section *sections;
	const struct su_symbol *symbols;
	const struct su_hole *holes;
	const struct su_site *sites;
	const struct su_function *functions;
	const struct su_range *ranges;
	const struct su_reloc *relocs;
	const char *strings;
};

/**
 * su_update_open - check every length, offset, index and count of an update's tables
 * @blob: start of the blob, 8-byte aligned
 * @blob_sz: bytes that may be read there
 * @update: written only on success; points into @blob, which must outlive it
 * @where: on failure, a constant string that names the field at fault
 *
 * After success every index and offset inside the tables is in range: holes and sites lie in their
 * sections in ascending order, sections and relocations in their areas, strings end in NUL. Whether the areas'
 * addresses are the module's own is for the caller to check (only it knows the module).
 * Return: SU_MATCH_OK or SU_MATCH_FORMAT.
 */
int su_update_open(const void *blob, size_t blob_sz, struct su_update *update, const char **where);

#define SU_SUM_SZ 8

/* Of a whole blob that su_update_open() has taken, or that was just made: what its last SU_SUM_SZ bytes have to hold. */
u64 su_update_sum(const struct su_header *header);
/* Do they? Any change of the tables since they were made is seen, if it was not made on purpose. */
bool su_update_is_whole(const struct su_update *u);

/* A string of the update by its offset; su_update_open() has checked it. */
static inline const char *su_update_string(const struct su_update *u, u32 off)
{
	return u->strings + off;
}

/* The symbol whose latest replacement a section is, SU_NONE: it is found otherwise. */
static inline u32 su_section_latest(const struct su_section *section)
{
	return section->origin >= SU_ORIGIN_LATEST ? section->origin - SU_ORIGIN_LATEST : SU_NONE;
}

/* Can a redirect at this address be written at once? */
static inline bool su_window_fits(u64 window)
{
	return window % SU_WORD_SZ + SU_JMP_SZ <= SU_WORD_SZ;
}

/* The target that an area of data belongs to; SU_NONE: to none in particular. */
static inline u32 su_area_owner(const struct su_area *area)
{
	u32 owner = area->flags >> SU_AREA_OWNER_SHIFT;

	return owner ? owner - 1 : SU_NONE;
}

/* Bytes that a hole of this type covers; 0 for a type that is not supported. */
u32 su_hole_size(u32 type);

#endif
