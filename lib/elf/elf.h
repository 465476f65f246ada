/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocatable objects, read and written. Reading checks everything once: after su_elf_open() every section lies in the
 * file, every relocation in its section, every symbol index and name is valid, and the rest of the program follows plain pointers.
 */
#ifndef SU_ELF_ELF_H
#define SU_ELF_ELF_H

#include <elf.h>
#include <stdbool.h>

#include "../base/diag.h"
#include "../base/mem.h"

struct su_elf_reloc {
	uint64_t off;  /* in the section that it belongs to */
	uint32_t type; /* R_X86_64_* */
	struct su_elf_symbol *symbol;
	int64_t addend;
};

struct su_elf_section {
	const char *name;
	uint32_t idx;
	uint32_t type;	/* SHT_* */
	uint64_t flags; /* SHF_* */
	uint64_t size;
	uint64_t align; /* power of two, at least 1 */
	uint64_t entsize;
	const uint8_t *data;	     /* NULL for SHT_NOBITS */
	struct su_elf_reloc *relocs; /* ascending by off */
	size_t reloc_nr;
};

struct su_elf_symbol {
	const char *name;
	struct su_elf_section *section; /* NULL: undefined, absolute or common */
	uint16_t shndx;
	uint8_t type; /* STT_* */
	uint8_t bind; /* STB_* */
	uint64_t value;
	uint64_t size;
};

struct su_elf {
	const char *path;
	struct su_elf_section *sections; /* [0] is the null section */
	size_t section_nr;
	struct su_elf_symbol *symbols;
	size_t symbol_nr;
	struct su_arena arena;
	struct su_buf file;
};

/**
 * su_elf_open - read an x86-64 relocatable object
 * @path: for reading and for messages
 * @elf: written only on success; su_elf_close() frees it
 * Return: 0, FILE_READ or ELF.
 */
int su_elf_open(struct su_diags *diags, const char *path, struct su_elf **elf) SU_MUST_CHECK;
/* The same for a kernel module, which may be compressed (.ko.xz and the like). */
int su_elf_open_module(struct su_diags *diags, const char *path, struct su_elf **elf) SU_MUST_CHECK;
void su_elf_close(struct su_elf *elf);
struct su_elf_section *su_elf_section_find(const struct su_elf *elf, const char *name);

/* 7.x flags .data sections executable: writable wins. Without bytes, which may be of any size, there is no code. */
static inline bool su_elf_is_code(const struct su_elf_section *s)
{
	return (s->flags & (SHF_ALLOC | SHF_EXECINSTR | SHF_WRITE)) == (SHF_ALLOC | SHF_EXECINSTR) && s->data;
}

static inline bool su_elf_is_writable(const struct su_elf_section *s)
{
	return (s->flags & (SHF_ALLOC | SHF_WRITE)) == (SHF_ALLOC | SHF_WRITE);
}

static inline bool su_elf_is_merge(const struct su_elf_section *s)
{
	bool is_whole = s->flags & SHF_STRINGS || (s->entsize && s->size % s->entsize == 0);

	return (s->flags & (SHF_ALLOC | SHF_MERGE)) == (SHF_ALLOC | SHF_MERGE) && s->data && is_whole;
}

/* The first relocation at or behind @off; index in relocs, reloc_nr where there is none. */
size_t su_elf_reloc_at(const struct su_elf_section *s, uint64_t off);

/*
 * Bytes of the piece at @off of a mergeable section: a string with its NUL, or one constant. 0 where @off is out of range or the
 * string does not end.
 */
uint64_t su_elf_piece_size(const struct su_elf_section *s, uint64_t off);
/* Where the string or constant starts that has the byte at @off, which su_elf_piece_size() knows. */
uint64_t su_elf_piece_start(const struct su_elf_section *s, uint64_t off);

/* ---- writing ---- */

struct su_elf_out_reloc {
	uint64_t off;
	uint32_t type;
	uint32_t symbol; /* index in the output's symbols */
	int64_t addend;
};

struct su_elf_out_section {
	char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t align;
	uint64_t entsize;
	struct su_buf data; /* for SHT_NOBITS only nr counts */
	uint64_t nobits_sz;
	uint32_t symbol; /* its section symbol */
	SU_VEC(struct su_elf_out_reloc) relocs;
};

struct su_elf_out_symbol {
	char *name;
	uint32_t section; /* index in sections, SU_ELF_UNDEF */
	uint8_t type;
	uint8_t bind;
	uint64_t value;
	uint64_t size;
};

#define SU_ELF_UNDEF 0xffffffffu

struct su_elf_out {
	SU_VEC(struct su_elf_out_section) sections;
	SU_VEC(struct su_elf_out_symbol) symbols;
	struct su_map by_name; /* of sections */
	struct su_map undefined;
};

/* The section of this name, made (with its section symbol) where it is not there yet; its alignment is raised to @align. */
uint32_t su_elf_out_section(struct su_elf_out *out, const char *name, uint32_t type, uint64_t flags, uint64_t align);
/* Append bytes (zeros where @data is NULL), aligned; returns their offset. */
uint64_t su_elf_out_append(struct su_elf_out *out, uint32_t section, const void *data, uint64_t size, uint64_t align);
uint32_t su_elf_out_symbol(struct su_elf_out *out, const char *name, uint32_t section, uint64_t value, uint64_t size,
			   uint8_t type, uint8_t bind);
uint32_t su_elf_out_undefined(struct su_elf_out *out, const char *name); /* one per name */
void su_elf_out_reloc(struct su_elf_out *out, uint32_t section, uint64_t off, uint32_t type, uint32_t symbol,
		      int64_t addend);
int su_elf_out_write(struct su_diags *diags, struct su_elf_out *out, const char *path) SU_MUST_CHECK;
void su_elf_out_fini(struct su_elf_out *out);

#endif
