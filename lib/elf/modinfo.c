// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A reader of modules that are only to be asked who they are: finds .modinfo and nothing else, so that it takes any
 * file that the kernel would look at. Everything that the file says is checked before it is followed.
 */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "modinfo.h"

/* archive.h knows raw files only as an archive of one entry. */
static int raw_open(struct archive *a, const char *path)
{
	struct archive_entry *entry;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, 65536) != ARCHIVE_OK)
		return -1;
	return archive_read_next_header(a, &entry) == ARCHIVE_OK ? 0 : -1;
}

int su_module_file_read(struct su_diags *diags, const char *path, struct su_buf *buf)
{
	struct archive *a = archive_read_new();
	int ret = raw_open(a, path);
	char chunk[65536];
	la_ssize_t n = -1;

	buf->nr = 0;
	while (!ret && (n = archive_read_data(a, chunk, sizeof(chunk))) > 0)
		su_buf_add(buf, chunk, n);
	if (ret || n < 0)
		ret = su_fail(diags, SU_AT(FILE_READ, .object = path), "cannot read the module: %s",
			      archive_error_string(a));
	archive_read_free(a);
	return ret;
}

static bool is_inside(const struct su_buf *file, uint64_t off, uint64_t sz)
{
	uint64_t end;

	return !__builtin_add_overflow(off, sz, &end) && end <= file->nr;
}

static bool section_get(const struct su_buf *file, const Elf64_Ehdr *header, size_t i, Elf64_Shdr *section)
{
	uint64_t off;

	if (i >= header->e_shnum || __builtin_add_overflow(header->e_shoff, i * sizeof(*section), &off) ||
	    !is_inside(file, off, sizeof(*section)))
		return false;
	memcpy(section, file->data + off, sizeof(*section));
	return section->sh_type == SHT_NOBITS || is_inside(file, section->sh_offset, section->sh_size);
}

static bool name_is(const struct su_buf *file, const Elf64_Shdr *names, uint32_t off, const char *name)
{
	size_t sz = strlen(name) + 1;

	return off < names->sh_size && names->sh_size - off >= sz &&
	       !memcmp(file->data + names->sh_offset + off, name, sz);
}

/* Find .modinfo; its last byte must be a NUL, so that each of its strings ends. */
static bool modinfo_find(struct su_modinfo *info)
{
	const struct su_buf *file = &info->file;
	Elf64_Shdr names, section;
	Elf64_Ehdr header;

	if (!is_inside(file, 0, sizeof(header)))
		return false;
	memcpy(&header, file->data, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_shentsize != sizeof(section) || !section_get(file, &header, header.e_shstrndx, &names) ||
	    names.sh_type != SHT_STRTAB)
		return false;
	for (size_t i = 1; section_get(file, &header, i, &section); i++) {
		if (section.sh_type != SHT_PROGBITS || !name_is(file, &names, section.sh_name, ".modinfo"))
			continue;
		info->strings = file->data + section.sh_offset;
		info->sz = section.sh_size;
		return info->sz && !info->strings[info->sz - 1];
	}
	return false;
}

int su_modinfo_read(struct su_diags *diags, const char *path, struct su_modinfo *info)
{
	struct su_modinfo i = { 0 };
	int ret = su_module_file_read(diags, path, &i.file);

	if (!ret && !modinfo_find(&i))
		ret = su_fail(diags, SU_AT(ELF, .object = path), "this is no kernel module");
	if (ret)
		su_modinfo_fini(&i);
	else
		*info = i;
	return ret;
}

void su_modinfo_fini(struct su_modinfo *info)
{
	su_buf_fini(&info->file);
	*info = (struct su_modinfo){ 0 };
}

const char *su_modinfo_next(const struct su_modinfo *info, const char *name, const char *after)
{
	const char *end = info->strings + info->sz;
	const char *p = after ? after + strlen(after) + 1 : info->strings;
	size_t n = strlen(name);

	for (; p && p < end; p += strlen(p) + 1)
		if (!strncmp(p, name, n) && p[n] == '=')
			return p + n + 1;
	return NULL;
}

char *su_modinfo_release(const struct su_modinfo *info)
{
	const char *vermagic = su_modinfo_get(info, "vermagic");

	return vermagic ? su_format("%.*s", (int)strcspn(vermagic, " "), vermagic) : NULL;
}
