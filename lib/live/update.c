// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Updates from their files. What the module loader would do to the tables is done here: the areas get
 * addresses. Relocations of the update's code are not applied: offline, the sites that they lie under are
 * compared by form or as plain code.
 */
#include <string.h>

#include "lib/elf/modinfo.h"
#include "update.h"

/* Where modules live, but above all that a kernel maps there. */
#define FIRST_ADDR 0xffffffffe0000000ull

struct layout {
	struct su_diags *diags;
	const struct su_elf *elf;
	const struct su_elf_section *section; /* that holds the blob */
	uint64_t blob_off;		      /* in it */
	uint64_t *addrs;		      /* per section of the file */
};

static int damaged(const struct layout *l, const char *what)
{
	return su_fail(l->diags, SU_AT(UPDATE_FORMAT, .object = l->elf->path, .hint = "make the update again"),
		       "the update is damaged: %s", what);
}

static int find_blob(struct layout *l)
{
	for (size_t i = 0; i < l->elf->symbol_nr; i++) {
		const struct su_elf_symbol *s = &l->elf->symbols[i];

		if (strcmp(s->name, SU_BLOB_SYMBOL) || !s->section || !s->section->data)
			continue;
		l->section = s->section;
		l->blob_off = s->value;
		return 0;
	}
	return su_fail(l->diags,
		       SU_AT(UPDATE_FORMAT, .object = l->elf->path, .hint = "updates are made by 'suture create'"),
		       "not an update: it has no symbol " SU_BLOB_SYMBOL);
}

static void place_sections(struct layout *l)
{
	uint64_t next = FIRST_ADDR;

	l->addrs = su_alloc(l->elf->section_nr * sizeof(*l->addrs));
	for (size_t i = 1; i < l->elf->section_nr; i++) {
		const struct su_elf_section *s = &l->elf->sections[i];

		if (!(s->flags & SHF_ALLOC) || s->size > UINT32_MAX || s->align > 4096)
			continue;
		next = (next + s->align + 63) & ~(s->align - 1);
		l->addrs[i] = next;
		next += s->size;
	}
}

static bool is_area_addr(const struct su_header *h, uint64_t off)
{
	uint64_t first = h->areas.off + offsetof(struct su_area, addr);

	return off >= first && (off - first) % sizeof(struct su_area) == 0 &&
	       (off - first) / sizeof(struct su_area) < h->areas.nr;
}

/* Only the core's symbol and the areas' addresses are left to the loader. */
static int relocate(const struct layout *l, uint64_t *blob, uint64_t sz)
{
	const struct su_header *h = (const struct su_header *)blob;

	for (size_t i = 0; i < l->section->reloc_nr; i++) {
		const struct su_elf_reloc *r = &l->section->relocs[i];
		uint64_t off = r->off - l->blob_off;
		uint64_t addr;

		if (r->type != R_X86_64_64 || r->off < l->blob_off || off > sz - 8)
			return damaged(l, "a relocation of the tables");
		if (off == offsetof(struct su_header, core) && !strcmp(r->symbol->name, SU_CORE_SYMBOL_NAME))
			continue;
		if (!is_area_addr(h, off) || !r->symbol->section)
			return damaged(l, "a relocation of the tables");
		addr = l->addrs[r->symbol->section->idx] + r->symbol->value + (uint64_t)r->addend;
		memcpy((uint8_t *)blob + off, &addr, sizeof(addr));
	}
	return 0;
}

static bool holds_area(const struct layout *l, size_t idx, const struct su_area *area)
{
	const struct su_elf_section *s = &l->elf->sections[idx];
	uint64_t off = area->addr - l->addrs[idx];

	return l->addrs[idx] && area->size <= s->size && off <= s->size - area->size;
}

static int find_areas(const struct layout *l, struct su_update_file *file)
{
	const struct su_update *u = &file->update;

	file->area_bytes = su_alloc((u->header->areas.nr + 1u) * sizeof(*file->area_bytes));
	for (uint32_t a = 0; a < u->header->areas.nr; a++) {
		size_t i = 1;

		while (i < l->elf->section_nr && !holds_area(l, i, &u->areas[a]))
			i++;
		if (i == l->elf->section_nr)
			return damaged(l, "an area lies outside its section");
		if (l->elf->sections[i].data)
			file->area_bytes[a] = l->elf->sections[i].data + (u->areas[a].addr - l->addrs[i]);
	}
	return 0;
}

static int open_tables(const struct layout *l, struct su_update_file *file)
{
	uint64_t sz = l->section->size - l->blob_off;
	const char *where;
	int err;

	if (sz < sizeof(struct su_header))
		return damaged(l, "the tables are cut off");
	file->blob = su_alloc(sz);
	memcpy(file->blob, l->section->data + l->blob_off, sz);
	err = relocate(l, file->blob, sz);
	if (err)
		return err;
	if (su_update_open(file->blob, sz, &file->update, &where))
		return damaged(l, where);
	if (!su_update_is_whole(&file->update))
		return damaged(l, "their sum");
	return find_areas(l, file);
}

static int read_release(struct su_diags *diags, const char *path, struct su_update_file *file)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int err = su_modinfo_read(diags, path, &info);

	if (err)
		return err;
	file->release = su_modinfo_release(&info);
	if (!file->release)
		return su_fail(diags, SU_AT(UPDATE_FORMAT, .object = path),
			       "the update does not say for which kernel it is");
	return 0;
}

static int read_update(struct su_diags *diags, const char *path, struct su_update_file *file)
{
	struct layout l = { .diags = diags };
	int err = su_elf_open(diags, path, &file->elf);

	if (err)
		return err;
	l.elf = file->elf;
	err = find_blob(&l);
	if (!err) {
		place_sections(&l);
		err = open_tables(&l, file);
	}
	free(l.addrs);
	return err ? err : read_release(diags, path, file);
}

int su_update_file_open(struct su_diags *diags, const char *path, struct su_update_file **file)
{
	struct su_update_file *new = su_alloc(sizeof(*new));
	int err = read_update(diags, path, new);

	if (err) {
		su_update_file_close(new);
		return err;
	}
	*file = new;
	return 0;
}

void su_update_file_close(struct su_update_file *file)
{
	if (!file)
		return;
	su_elf_close(file->elf);
	free(file->release);
	free(file->blob);
	free(file->area_bytes);
	free(file);
}
