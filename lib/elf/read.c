// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading relocatable objects through libelf, with every index and range checked once. */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "../base/file.h"
#include "elf.h"
#include "modinfo.h"

/* Set by the steps below; one message for all damage, naming what was wrong. */
static int damaged(struct su_diags *diags, const struct su_elf *elf, const char *what)
{
	return su_fail(diags, SU_AT(ELF, .object = elf->path), "not a usable x86-64 object file: %s", what);
}

static bool in_file(const struct su_elf *elf, uint64_t off, uint64_t size)
{
	return off <= elf->file.nr && size <= elf->file.nr - off;
}

static int read_sections(struct su_diags *diags, struct su_elf *elf, Elf *handle)
{
	size_t shstr;
	size_t nr;

	if (elf_getshdrnum(handle, &nr) || elf_getshdrstrndx(handle, &shstr) || nr < 2)
		return damaged(diags, elf, "no section headers");
	elf->sections = su_arena_alloc(&elf->arena, nr * sizeof(*elf->sections));
	elf->section_nr = nr;
	elf->sections[0].name = "";
	for (size_t i = 1; i < nr; i++) {
		struct su_elf_section *s = &elf->sections[i];
		Elf_Scn *scn = elf_getscn(handle, i);
		GElf_Shdr sh;
		const char *name;

		if (!scn || !gelf_getshdr(scn, &sh))
			return damaged(diags, elf, "section header");
		name = elf_strptr(handle, shstr, sh.sh_name);
		if (!name)
			return damaged(diags, elf, "section name");
		s->name = name;
		s->idx = i;
		s->type = sh.sh_type;
		s->flags = sh.sh_flags;
		s->size = sh.sh_size;
		s->align = sh.sh_addralign ? sh.sh_addralign : 1;
		s->entsize = sh.sh_entsize;
		if (s->align & (s->align - 1))
			return damaged(diags, elf, "section alignment");
		if (s->type == SHT_NOBITS)
			continue;
		if (!in_file(elf, sh.sh_offset, sh.sh_size))
			return damaged(diags, elf, "section outside the file");
		s->data = (const uint8_t *)elf->file.data + sh.sh_offset;
	}
	return 0;
}

static int read_symbol(struct su_diags *diags, struct su_elf *elf, Elf *handle, uint32_t strings, const Elf64_Sym *raw,
		       struct su_elf_symbol *symbol)
{
	symbol->name = elf_strptr(handle, strings, raw->st_name);
	if (!symbol->name)
		return damaged(diags, elf, "symbol name");
	symbol->shndx = raw->st_shndx;
	symbol->type = ELF64_ST_TYPE(raw->st_info);
	symbol->bind = ELF64_ST_BIND(raw->st_info);
	symbol->value = raw->st_value;
	symbol->size = raw->st_size;
	if (raw->st_shndx == SHN_UNDEF || raw->st_shndx >= SHN_LORESERVE)
		return 0;
	if (raw->st_shndx >= elf->section_nr)
		return damaged(diags, elf, "symbol's section");
	symbol->section = &elf->sections[raw->st_shndx];
	if (symbol->value > symbol->section->size || symbol->size > symbol->section->size - symbol->value)
		return damaged(diags, elf, "symbol outside its section");
	if (symbol->type == STT_SECTION)
		symbol->name = symbol->section->name;
	return 0;
}

static int read_symbols(struct su_diags *diags, struct su_elf *elf, Elf *handle)
{
	const struct su_elf_section *table = NULL;
	GElf_Shdr sh;

	for (size_t i = 1; i < elf->section_nr; i++)
		if (elf->sections[i].type == SHT_SYMTAB)
			table = &elf->sections[i];
	if (!table || table->size % sizeof(Elf64_Sym) || !gelf_getshdr(elf_getscn(handle, table->idx), &sh))
		return damaged(diags, elf, "no symbol table");
	elf->symbol_nr = table->size / sizeof(Elf64_Sym);
	elf->symbols = su_arena_alloc(&elf->arena, (elf->symbol_nr + 1) * sizeof(*elf->symbols));
	for (size_t i = 0; i < elf->symbol_nr; i++) {
		Elf64_Sym raw;
		int ret;

		memcpy(&raw, table->data + i * sizeof(raw), sizeof(raw));
		ret = read_symbol(diags, elf, handle, sh.sh_link, &raw, &elf->symbols[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int compare_relocs(const void *a, const void *b)
{
	const struct su_elf_reloc *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

static int read_relocs(struct su_diags *diags, struct su_elf *elf, const struct su_elf_section *rela, uint32_t info)
{
	struct su_elf_section *s;
	size_t nr;

	if (!info || info >= elf->section_nr || rela->size % sizeof(Elf64_Rela))
		return damaged(diags, elf, "relocation section");
	s = &elf->sections[info];
	if (s->relocs)
		return damaged(diags, elf, "two relocation sections for one section");
	nr = rela->size / sizeof(Elf64_Rela);
	s->relocs = su_arena_alloc(&elf->arena, (nr + 1) * sizeof(*s->relocs));
	for (size_t i = 0; i < nr; i++) {
		Elf64_Rela raw;

		memcpy(&raw, rela->data + i * sizeof(raw), sizeof(raw));
		if (raw.r_offset >= s->size || ELF64_R_SYM(raw.r_info) >= elf->symbol_nr)
			return damaged(diags, elf, "relocation out of range");
		/* objtool leaves these where it took a call out: they say nothing */
		if (ELF64_R_TYPE(raw.r_info) == R_X86_64_NONE)
			continue;
		s->relocs[s->reloc_nr++] = (struct su_elf_reloc){
			.off = raw.r_offset,
			.type = ELF64_R_TYPE(raw.r_info),
			.symbol = &elf->symbols[ELF64_R_SYM(raw.r_info)],
			.addend = raw.r_addend,
		};
	}
	qsort(s->relocs, s->reloc_nr, sizeof(*s->relocs), compare_relocs);
	return 0;
}

static int read_all(struct su_diags *diags, struct su_elf *elf, Elf *handle)
{
	GElf_Ehdr eh;
	int ret;

	if (elf_kind(handle) != ELF_K_ELF || !gelf_getehdr(handle, &eh) || eh.e_machine != EM_X86_64 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_type != ET_REL)
		return damaged(diags, elf, "not a relocatable x86-64 ELF file");
	ret = read_sections(diags, elf, handle);
	if (!ret)
		ret = read_symbols(diags, elf, handle);
	for (size_t i = 1; !ret && i < elf->section_nr; i++) {
		GElf_Shdr sh;

		if (elf->sections[i].type != SHT_RELA)
			continue;
		if (!gelf_getshdr(elf_getscn(handle, i), &sh))
			return damaged(diags, elf, "relocation section");
		ret = read_relocs(diags, elf, &elf->sections[i], sh.sh_info);
	}
	return ret;
}

/* Takes over what is in @file. */
static int open_file(struct su_diags *diags, const char *path, struct su_buf *file, struct su_elf **elf)
{
	struct su_elf *new = su_alloc(sizeof(*new));
	Elf *handle;
	int ret;

	new->path = su_arena_strdup(&new->arena, path);
	new->file = *file;
	*file = (struct su_buf){ 0 };
	elf_version(EV_CURRENT);
	handle = elf_memory(new->file.data, new->file.nr);
	if (!handle) {
		ret = damaged(diags, new, "not an ELF file");
		goto out_close;
	}
	ret = read_all(diags, new, handle);
	/* names point into the file's memory, which libelf does not own here */
	elf_end(handle);
	if (ret)
		goto out_close;
	*elf = new;
	return 0;
out_close:
	su_elf_close(new);
	return ret;
}

int su_elf_open(struct su_diags *diags, const char *path, struct su_elf **elf)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };
	int ret = su_file_read(diags, path, &file);

	return ret ? ret : open_file(diags, path, &file, elf);
}

int su_elf_open_module(struct su_diags *diags, const char *path, struct su_elf **elf)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };
	int ret = su_module_file_read(diags, path, &file);

	return ret ? ret : open_file(diags, path, &file, elf);
}

void su_elf_close(struct su_elf *elf)
{
	if (!elf)
		return;
	su_arena_fini(&elf->arena);
	su_buf_fini(&elf->file);
	free(elf);
}

struct su_elf_section *su_elf_section_find(const struct su_elf *elf, const char *name)
{
	for (size_t i = 1; i < elf->section_nr; i++)
		if (!strcmp(elf->sections[i].name, name))
			return &elf->sections[i];
	return NULL;
}

size_t su_elf_reloc_at(const struct su_elf_section *s, uint64_t off)
{
	size_t lo = 0, hi = s->reloc_nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->relocs[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_terminator(const struct su_elf_section *s, uint64_t off, uint64_t unit)
{
	for (uint64_t i = 0; i < unit; i++)
		if (s->data[off + i])
			return false;
	return true;
}

uint64_t su_elf_piece_size(const struct su_elf_section *s, uint64_t off)
{
	uint64_t unit = s->entsize ? s->entsize : 1;

	if (!s->data || off >= s->size)
		return 0;
	if (!(s->flags & SHF_STRINGS))
		return unit <= s->size - off ? unit : 0;
	for (uint64_t end = off; unit <= s->size - end; end += unit)
		if (is_terminator(s, end, unit))
			return end + unit - off;
	return 0;
}

uint64_t su_elf_piece_start(const struct su_elf_section *s, uint64_t off)
{
	uint64_t unit = s->entsize ? s->entsize : 1;

	if (!(s->flags & SHF_STRINGS))
		return off - off % unit;
	while (off >= unit && !is_terminator(s, off - unit, unit))
		off -= unit;
	return off;
}
