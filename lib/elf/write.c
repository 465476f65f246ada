// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing a relocatable object. Sections keep the order in which they were made, local symbols come before global ones (the
 * ELF specification asks for it); nothing depends on time, place or addresses: the same input gives the same bytes.
 */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

#include "elf.h"

uint32_t su_elf_out_section(struct su_elf_out *out, const char *name, uint32_t type, uint64_t flags, uint64_t align)
{
	int added;
	size_t *slot = su_map_put(&out->by_name, name, &added);
	struct su_elf_out_section *s;

	if (added) {
		*slot = out->sections.nr;
		s = su_vec_add(&out->sections);
		*s = (struct su_elf_out_section){ .name = su_strdup(name), .type = type, .flags = flags, .align = 1 };
		s->symbol = su_elf_out_symbol(out, "", (uint32_t)*slot, 0, 0, STT_SECTION, STB_LOCAL);
	}
	s = &out->sections.data[*slot];
	/* a section that gets both kinds of content must hold bytes */
	if (s->type == SHT_NOBITS && type != SHT_NOBITS) {
		su_buf_zero(&s->data, s->nobits_sz);
		s->type = type;
	}
	s->flags |= flags;
	if (align > s->align)
		s->align = align;
	return (uint32_t)*slot;
}

uint64_t su_elf_out_append(struct su_elf_out *out, uint32_t section, const void *data, uint64_t size, uint64_t align)
{
	struct su_elf_out_section *s = &out->sections.data[section];
	uint64_t off;

	if (s->type == SHT_NOBITS) {
		off = (s->nobits_sz + align - 1) & ~(align - 1);
		s->nobits_sz = off + size;
		return off;
	}
	su_buf_align(&s->data, align);
	off = s->data.nr;
	if (data)
		su_buf_add(&s->data, data, size);
	else
		su_buf_zero(&s->data, size);
	return off;
}

uint32_t su_elf_out_symbol(struct su_elf_out *out, const char *name, uint32_t section, uint64_t value, uint64_t size,
			   uint8_t type, uint8_t bind)
{
	uint32_t idx = (uint32_t)out->symbols.nr;

	*su_vec_add(&out->symbols) = (struct su_elf_out_symbol){
		.name = su_strdup(name),
		.section = section,
		.type = type,
		.bind = bind,
		.value = value,
		.size = size,
	};
	return idx;
}

uint32_t su_elf_out_undefined(struct su_elf_out *out, const char *name)
{
	int added;
	size_t *slot = su_map_put(&out->undefined, name, &added);

	if (added)
		*slot = su_elf_out_symbol(out, name, SU_ELF_UNDEF, 0, 0, STT_NOTYPE, STB_GLOBAL);
	return (uint32_t)*slot;
}

void su_elf_out_reloc(struct su_elf_out *out, uint32_t section, uint64_t off, uint32_t type, uint32_t symbol,
		      int64_t addend)
{
	*su_vec_add(&out->sections.data[section].relocs) = (struct su_elf_out_reloc){
		.off = off,
		.type = type,
		.symbol = symbol,
		.addend = addend,
	};
}

/* The file being put together. Section 0 is null, then the output's, then their .rela, then .symtab .strtab .shstrtab. */
struct writer {
	struct su_elf_out *out;
	Elf *handle;
	struct su_arena arena;
	struct su_buf strings, section_names;
	uint32_t *symbol_idx; /* output index -> file index */
	uint32_t local_nr;
};

static uint32_t add_name(struct su_buf *table, const char *name)
{
	uint32_t off;

	if (!table->nr)
		su_buf_zero(table, 1);
	if (!*name)
		return 0;
	off = (uint32_t)table->nr;
	su_buf_add(table, name, strlen(name) + 1);
	return off;
}

static Elf_Scn *add_section(struct writer *w, const char *name, const Elf64_Shdr *proto, void *data, uint64_t size,
			    Elf_Type type)
{
	Elf_Scn *scn = elf_newscn(w->handle);
	GElf_Shdr sh;
	Elf_Data *d;

	if (!scn || !gelf_getshdr(scn, &sh))
		return NULL;
	sh.sh_name = add_name(&w->section_names, name);
	sh.sh_type = proto->sh_type;
	sh.sh_flags = proto->sh_flags;
	sh.sh_addralign = proto->sh_addralign;
	sh.sh_entsize = proto->sh_entsize;
	sh.sh_link = proto->sh_link;
	sh.sh_info = proto->sh_info;
	sh.sh_size = size;
	d = elf_newdata(scn);
	if (!d)
		return NULL;
	d->d_buf = data;
	d->d_size = size;
	d->d_align = proto->sh_addralign;
	d->d_type = type;
	d->d_version = EV_CURRENT;
	return gelf_update_shdr(scn, &sh) ? scn : NULL;
}

static void fill_symbol(struct writer *w, const struct su_elf_out_symbol *s, Elf64_Sym *raw)
{
	raw->st_name = add_name(&w->strings, s->name);
	raw->st_info = ELF64_ST_INFO(s->bind, s->type);
	raw->st_shndx = s->section == SU_ELF_UNDEF ? SHN_UNDEF : (uint16_t)(s->section + 1);
	raw->st_value = s->value;
	raw->st_size = s->size;
}

static Elf64_Sym *make_symbols(struct writer *w)
{
	size_t nr = w->out->symbols.nr;
	Elf64_Sym *raw = su_arena_alloc(&w->arena, (nr + 1) * sizeof(*raw));
	uint32_t next = 1;

	w->symbol_idx = su_arena_alloc(&w->arena, (nr + 1) * sizeof(*w->symbol_idx));
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < nr; i++) {
			const struct su_elf_out_symbol *s = &w->out->symbols.data[i];

			if ((s->bind == STB_LOCAL) != !pass)
				continue;
			w->symbol_idx[i] = next;
			fill_symbol(w, s, &raw[next++]);
		}
		if (!pass)
			w->local_nr = next;
	}
	return raw;
}

static bool add_contents(struct writer *w)
{
	for (size_t i = 0; i < w->out->sections.nr; i++) {
		struct su_elf_out_section *s = &w->out->sections.data[i];
		bool nobits = s->type == SHT_NOBITS;
		Elf64_Shdr proto = {
			.sh_type = s->type, .sh_flags = s->flags, .sh_addralign = s->align, .sh_entsize = s->entsize
		};

		if (!add_section(w, s->name, &proto, nobits ? NULL : s->data.data, nobits ? s->nobits_sz : s->data.nr,
				 ELF_T_BYTE))
			return false;
	}
	return true;
}

static bool add_relocs(struct writer *w, uint32_t symtab_idx)
{
	for (size_t i = 0; i < w->out->sections.nr; i++) {
		struct su_elf_out_section *s = &w->out->sections.data[i];
		Elf64_Shdr proto = { .sh_type = SHT_RELA,
				     .sh_flags = SHF_INFO_LINK,
				     .sh_addralign = 8,
				     .sh_entsize = sizeof(Elf64_Rela),
				     .sh_link = symtab_idx,
				     .sh_info = (uint32_t)i + 1 };
		Elf64_Rela *raw;

		if (!s->relocs.nr)
			continue;
		raw = su_arena_alloc(&w->arena, s->relocs.nr * sizeof(*raw));
		for (size_t r = 0; r < s->relocs.nr; r++) {
			const struct su_elf_out_reloc *reloc = &s->relocs.data[r];

			raw[r].r_offset = reloc->off;
			raw[r].r_info = ELF64_R_INFO((uint64_t)w->symbol_idx[reloc->symbol], reloc->type);
			raw[r].r_addend = reloc->addend;
		}
		if (!add_section(w, su_arena_format(&w->arena, ".rela%s", s->name), &proto, raw,
				 s->relocs.nr * sizeof(*raw), ELF_T_RELA))
			return false;
	}
	return true;
}

static bool add_tables(struct writer *w, Elf64_Sym *symbols)
{
	uint32_t symtab = (uint32_t)elf_ndxscn(elf_getscn(w->handle, w->out->sections.nr)) + 1;
	Elf64_Shdr proto = { .sh_type = SHT_SYMTAB,
			     .sh_addralign = 8,
			     .sh_entsize = sizeof(Elf64_Sym),
			     .sh_link = symtab + 1,
			     .sh_info = w->local_nr };
	Elf64_Shdr strtab = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	GElf_Ehdr eh;

	if (!add_section(w, ".symtab", &proto, symbols, (w->out->symbols.nr + 1) * sizeof(*symbols), ELF_T_SYM) ||
	    !add_section(w, ".strtab", &strtab, w->strings.data, w->strings.nr, ELF_T_BYTE) || !add_relocs(w, symtab))
		return false;
	if (!add_section(w, ".shstrtab", &strtab, NULL, 0, ELF_T_BYTE))
		return false;
	if (!gelf_getehdr(w->handle, &eh))
		return false;
	eh.e_shstrndx = (uint16_t)elf_ndxscn(elf_nextscn(w->handle, NULL));
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(w->handle, scn));)
		eh.e_shstrndx = (uint16_t)elf_ndxscn(scn);
	if (!gelf_update_ehdr(w->handle, &eh))
		return false;
	/* its own data comes last: only now are all names in it */
	Elf_Scn *names = elf_getscn(w->handle, eh.e_shstrndx);
	Elf_Data *d = elf_getdata(names, NULL);
	GElf_Shdr sh;

	if (!d || !gelf_getshdr(names, &sh))
		return false;
	d->d_buf = w->section_names.data;
	d->d_size = w->section_names.nr;
	sh.sh_size = w->section_names.nr;
	return gelf_update_shdr(names, &sh);
}

static bool write_file(struct writer *w)
{
	GElf_Ehdr eh;
	Elf64_Sym *symbols;

	if (!gelf_newehdr(w->handle, ELFCLASS64) || !gelf_getehdr(w->handle, &eh))
		return false;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_machine = EM_X86_64;
	eh.e_type = ET_REL;
	eh.e_version = EV_CURRENT;
	if (!gelf_update_ehdr(w->handle, &eh))
		return false;
	symbols = make_symbols(w);
	return add_contents(w) && add_tables(w, symbols) && elf_update(w->handle, ELF_C_WRITE) >= 0;
}

int su_elf_out_write(struct su_diags *diags, struct su_elf_out *out, const char *path)
{
	struct writer w = { .out = out };
	int ret = 0;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot create: %m");
	elf_version(EV_CURRENT);
	w.handle = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!w.handle || !write_file(&w))
		ret = su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot write: %s", elf_errmsg(-1));
	if (w.handle)
		elf_end(w.handle);
	if (close(fd) && !ret)
		ret = su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot write: %m");
	su_arena_fini(&w.arena);
	su_buf_fini(&w.strings);
	su_buf_fini(&w.section_names);
	return ret;
}

void su_elf_out_fini(struct su_elf_out *out)
{
	for (size_t i = 0; i < out->sections.nr; i++) {
		free(out->sections.data[i].name);
		su_buf_fini(&out->sections.data[i].data);
		su_vec_fini(&out->sections.data[i].relocs);
	}
	for (size_t i = 0; i < out->symbols.nr; i++)
		free(out->symbols.data[i].name);
	su_vec_fini(&out->sections);
	su_vec_fini(&out->symbols);
	su_map_fini(&out->by_name);
	su_map_fini(&out->undefined);
}
