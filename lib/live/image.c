// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel images on disk: the ELF file inside, its segments, its symbols and its release. */
#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "lib/base/file.h"

static int damaged(struct su_diags *diags, const char *path, const char *what)
{
	return su_fail(diags, SU_AT(IMAGE, .object = path, .hint = "give a vmlinux or vmlinuz of an x86-64 kernel"),
		       "not a usable kernel image: %s", what);
}

static bool in_range(uint64_t off, uint64_t size, uint64_t total)
{
	return size <= total && off <= total - size;
}

/* ---- segments ---- */

static int add_segment(struct su_diags *diags, struct su_image *image, const Elf64_Phdr *ph, uint64_t file_sz)
{
	if (ph->p_type != PT_LOAD || !ph->p_memsz)
		return 0;
	if (ph->p_filesz > ph->p_memsz || !in_range(ph->p_offset, ph->p_filesz, file_sz) ||
	    ph->p_vaddr + ph->p_memsz < ph->p_vaddr)
		return damaged(diags, image->path, "a segment lies outside the file");
	*su_vec_add(&image->segments) = (struct su_image_segment){
		.addr = ph->p_vaddr,
		.size = ph->p_memsz,
		.file_off = ph->p_offset,
		.file_sz = ph->p_filesz,
	};
	return 0;
}

int su_image_segments(struct su_diags *diags, struct su_image *image, const void *head, size_t head_sz, uint64_t file_sz)
{
	Elf64_Ehdr eh;

	if (head_sz < sizeof(eh))
		return damaged(diags, image->path, "too short");
	memcpy(&eh, head, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_machine != EM_X86_64)
		return damaged(diags, image->path, "not an x86-64 ELF file");
	if (eh.e_phentsize != sizeof(Elf64_Phdr) ||
	    !in_range(eh.e_phoff, (uint64_t)eh.e_phnum * sizeof(Elf64_Phdr), head_sz))
		return damaged(diags, image->path, "no program headers");
	for (unsigned int i = 0; i < eh.e_phnum; i++) {
		Elf64_Phdr ph;
		int err;

		memcpy(&ph, (const char *)head + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		err = add_segment(diags, image, &ph, file_sz);
		if (err)
			return err;
	}
	return image->segments.nr ? 0 : damaged(diags, image->path, "no segments");
}

static const struct su_image_segment *segment_at(const struct su_image *image, uint64_t addr, size_t len)
{
	for (size_t i = 0; i < image->segments.nr; i++) {
		const struct su_image_segment *s = &image->segments.data[i];

		if (addr >= s->addr && in_range(addr - s->addr, len, s->size))
			return s;
	}
	return NULL;
}

static int read_file(const struct su_image *image, uint64_t off, void *buf, size_t len)
{
	if (image->fd >= 0)
		return pread(image->fd, buf, len, (off_t)off) == (ssize_t)len ? 0 : -1;
	memcpy(buf, image->file.data + off, len);
	return 0;
}

int su_image_read(const struct su_image *image, uint64_t addr, void *buf, size_t len)
{
	const struct su_image_segment *s = segment_at(image, addr, len);
	uint64_t off, there;

	if (!s)
		return -1;
	off = addr - s->addr;
	there = off >= s->file_sz ? 0 : s->file_sz - off < len ? s->file_sz - off : len;
	memset((char *)buf + there, 0, len - there);
	if (there && s->bytes) {
		memcpy(buf, s->bytes + off, there);
		return 0;
	}
	return there ? read_file(image, s->file_off + off, buf, there) : 0;
}

int su_image_write(struct su_image *image, uint64_t addr, const void *bytes, size_t len)
{
	const struct su_image_segment *s = segment_at(image, addr, len);

	if (!s || !s->bytes)
		return -1;
	memcpy(s->bytes + (addr - s->addr), bytes, len);
	return 0;
}

/* ---- symbols of an ELF file that still has them ---- */

static const Elf64_Shdr *section_header(const struct su_image *image, const Elf64_Ehdr *eh, unsigned int idx,
					Elf64_Shdr *sh)
{
	if (idx >= eh->e_shnum || !in_range(eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(*sh), image->file.nr))
		return NULL;
	memcpy(sh, image->file.data + eh->e_shoff + idx * sizeof(*sh), sizeof(*sh));
	return sh->sh_type == SHT_NOBITS || in_range(sh->sh_offset, sh->sh_size, image->file.nr) ? sh : NULL;
}

static void add_elf_symbol(struct su_image *image, const Elf64_Shdr *strings, const Elf64_Sym *symbol)
{
	const char *names = image->file.data + strings->sh_offset;
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF || type == STT_FILE || type == STT_SECTION ||
	    symbol->st_name >= strings->sh_size)
		return;
	if (!names[symbol->st_name] || !memchr(names + symbol->st_name, 0, strings->sh_size - symbol->st_name))
		return;
	su_addresses_add(&image->names, names + symbol->st_name, symbol->st_value);
}

static void read_symtab(struct su_image *image)
{
	Elf64_Shdr table = { 0 }, strings;
	Elf64_Ehdr eh;

	memcpy(&eh, image->file.data, sizeof(eh));
	for (unsigned int i = 0; i < eh.e_shnum; i++)
		if (section_header(image, &eh, i, &table) && table.sh_type == SHT_SYMTAB)
			break;
	if (table.sh_type != SHT_SYMTAB || !section_header(image, &eh, table.sh_link, &strings) ||
	    strings.sh_type != SHT_STRTAB)
		return;
	for (uint64_t off = 0; off + sizeof(Elf64_Sym) <= table.sh_size; off += sizeof(Elf64_Sym)) {
		Elf64_Sym symbol;

		memcpy(&symbol, image->file.data + table.sh_offset + off, sizeof(symbol));
		add_elf_symbol(image, &strings, &symbol);
	}
}

/* ---- release ---- */

/* The banner in read-only data: "Linux version RELEASE (...". */
static char *find_release(const struct su_buf *file)
{
	static const char banner[] = "Linux version ";
	const char *at = file->data;
	const char *end = file->data + file->nr;

	while ((at = memmem(at, (size_t)(end - at), banner, sizeof(banner) - 1))) {
		const char *stop;

		at += sizeof(banner) - 1;
		stop = memchr(at, ' ', end - at < 65 ? (size_t)(end - at) : 65);
		if (stop && stop > at && stop + 1 < end && stop[1] == '(' && *at >= '0' && *at <= '9')
			return su_format("%.*s", (int)(stop - at), at);
	}
	return NULL;
}

/* ---- all of it ---- */

static int read_image(struct su_diags *diags, struct su_image *image)
{
	int err = su_file_read(diags, image->path, &image->file);

	if (!err)
		err = su_image_unpack(diags, image->path, &image->file);
	if (!err)
		err = su_image_segments(diags, image, image->file.data, image->file.nr, image->file.nr);
	if (err)
		return err;
	image->release = find_release(&image->file);
	if (!image->release)
		return damaged(diags, image->path, "it does not say what version of Linux it is");
	read_symtab(image);
	if (!image->names.entries.nr)
		err = su_kallsyms_read(diags, image);
	su_addresses_sort(&image->names);
	return err;
}

int su_image_open(struct su_diags *diags, const char *path, struct su_image **image)
{
	struct su_image *new = su_alloc(sizeof(*new));
	int err;

	new->path = su_strdup(path);
	new->fd = -1;
	new->mode = SU_MATCH_IMAGE;
	err = read_image(diags, new);
	if (err) {
		su_image_close(new);
		return err;
	}
	*image = new;
	return 0;
}

void su_image_close(struct su_image *image)
{
	if (!image)
		return;
	if (image->fd >= 0)
		close(image->fd);
	su_buf_fini(&image->file);
	su_vec_fini(&image->segments);
	su_addresses_fini(&image->names);
	for (size_t i = 0; i < image->modules.nr; i++)
		su_addresses_fini(&image->modules.data[i]->names);
	su_vec_fini(&image->modules);
	su_addresses_fini(&image->base_names);
	su_vec_fini(&image->redirects);
	su_arena_fini(&image->arena);
	free(image->path);
	free(image->release);
	free(image);
}
