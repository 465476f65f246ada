// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The part of the kernel's module loader that decides what a module's memory holds: layout, symbols, relocations.
 * Formulas: System V ABI for AMD64, section 4.4, through match/'s su_reloc_field().
 */
#include <string.h>

#include "lib/elf/elf.h"
#include "lib/elf/modinfo.h"
#include "module.h"

/* Where the kernel puts modules, within reach of its image; below the update's own made-up addresses. */
#define FIRST_ADDR 0xffffffffc0000000ull
#define LAST_ADDR 0xffffffffdf000000ull
#define PERCPU ".data..percpu"
#define PERCPU_ADDR 0x100000ull /* values of per-CPU symbols are offsets */

struct loader {
	struct su_diags *diags;
	struct su_image *image;
	const struct su_moddir *dir; /* NULL: an update, which depends on the core alone */
	struct su_image_module *module;
	struct su_elf *elf;
	uint64_t *addrs; /* per section; 0: not in memory */
	uint8_t **bytes; /* per section, in the image's arena */
	SU_VEC(const char *) depends;
};

static int unusable(const struct loader *l, const char *symbol, const char *what)
{
	return su_fail(l->diags, SU_AT(IMAGE, .object = l->module->path, .symbol = symbol), "%s", what);
}

/* ---- what is in an image ---- */

static struct su_image_module *find_module(const struct su_image *image, const char *name)
{
	for (size_t i = 0; i < image->modules.nr; i++)
		if (!strcmp(image->modules.data[i]->name, name))
			return image->modules.data[i];
	return NULL;
}

const struct su_addresses *su_image_names(const struct su_image *image, const char *target)
{
	const struct su_image_module *module;

	if (!strcmp(target, SU_VMLINUX))
		return &image->names;
	module = find_module(image, target);
	return module ? &module->names : NULL;
}

/* ---- layout ---- */

static bool is_percpu(const struct su_elf_section *s)
{
	return !strcmp(s->name, PERCPU);
}

/* Zeros behind each section: a field may be read as a whole. */
static int place_section(struct loader *l, const struct su_elf_section *s)
{
	uint64_t align = s->align ? s->align : 1;

	if (s->size > UINT32_MAX || align > 4096)
		return unusable(l, s->name, "a section of this size or alignment cannot be loaded");
	if (is_percpu(s)) {
		l->addrs[s->idx] = PERCPU_ADDR;
		return 0;
	}
	if (!l->image->next_addr)
		l->image->next_addr = FIRST_ADDR;
	l->image->next_addr = (l->image->next_addr + align - 1) & ~(align - 1);
	l->addrs[s->idx] = l->image->next_addr;
	l->image->next_addr += s->size + 16;
	if (l->image->next_addr > LAST_ADDR)
		return unusable(l, s->name, "the modules are too large");
	l->bytes[s->idx] = su_arena_alloc(&l->image->arena, s->size + 1);
	if (s->data)
		memcpy(l->bytes[s->idx], s->data, s->size);
	*su_vec_add(&l->image->segments) = (struct su_image_segment){
		.addr = l->addrs[s->idx],
		.size = s->size,
		.file_sz = s->size,
		.bytes = l->bytes[s->idx],
	};
	return 0;
}

static int place_all(struct loader *l)
{
	l->addrs = su_arena_alloc(&l->image->arena, l->elf->section_nr * sizeof(*l->addrs));
	l->bytes = su_arena_alloc(&l->image->arena, l->elf->section_nr * sizeof(*l->bytes));
	for (size_t i = 1; i < l->elf->section_nr; i++) {
		const struct su_elf_section *s = &l->elf->sections[i];
		int err = s->flags & SHF_ALLOC && s->size ? place_section(l, s) : 0;

		if (err)
			return err;
	}
	return 0;
}

static void add_names(const struct loader *l)
{
	for (size_t i = 1; i < l->elf->symbol_nr; i++) {
		const struct su_elf_symbol *s = &l->elf->symbols[i];
		bool is_named = s->type != STT_SECTION && s->type != STT_FILE && *s->name;

		if (is_named && s->section && l->addrs[s->section->idx])
			su_addresses_add(&l->module->names, s->name, l->addrs[s->section->idx] + s->value);
	}
	su_addresses_sort(&l->module->names);
}

/* ---- symbols of others ---- */

static int32_t get_s32(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/*
 * The value that vmlinux exports under a name. Its table of exports says which of several symbols of the name it is:
 * the first field of an entry is the distance to the value.
 */
static bool find_in_vmlinux(const struct su_image *image, const char *name, uint64_t *value)
{
	SU_CLEANUP_FREE char *entry = su_format("__ksymtab_%s", name);
	const uint64_t *addrs;
	uint8_t field[4];

	if (su_addresses_find(&image->names, entry, &addrs) == 1 &&
	    !su_image_read(image, addrs[0], field, sizeof(field))) {
		*value = addrs[0] + (uint64_t)(int64_t)get_s32(field);
		return true;
	}
	/* not all kernels keep names of table entries */
	if (su_addresses_find(&image->names, name, &addrs) != 1)
		return false;
	*value = addrs[0];
	return true;
}

/* In the modules that this one says it depends on. */
static bool find_in_modules(const struct loader *l, const char *name, uint64_t *value)
{
	SU_CLEANUP_FREE char *entry = su_format("__ksymtab_%s", name);
	const uint64_t *addrs;

	for (size_t i = 0; i < l->depends.nr; i++) {
		const struct su_addresses *names = su_image_names(l->image, l->depends.data[i]);

		if (!names || !su_addresses_find(names, entry, &addrs) || su_addresses_find(names, name, &addrs) != 1)
			continue;
		*value = addrs[0];
		return true;
	}
	return false;
}

static int find_value(const struct loader *l, const struct su_elf_symbol *s, uint64_t *value)
{
	if (s->section) {
		*value = l->addrs[s->section->idx] + s->value;
		return 0;
	}
	if (s->shndx == SHN_ABS) {
		*value = s->value;
		return 0;
	}
	/* the core is in no image; it would be in reach */
	if (!l->dir && !strcmp(s->name, SU_CORE_SYMBOL_NAME)) {
		*value = FIRST_ADDR;
		return 0;
	}
	if (find_in_modules(l, s->name, value) || find_in_vmlinux(l->image, s->name, value))
		return 0;
	*value = 0;
	if (s->bind == STB_WEAK)
		return 0;
	return unusable(l, s->name, "the symbol is not exported by this kernel");
}

/* ---- relocations ---- */

static int apply_reloc(const struct loader *l, const struct su_elf_section *s, const struct su_elf_reloc *r)
{
	struct su_reloc reloc = { .type = r->type, .addend = r->addend };
	uint8_t field[8];
	uint64_t value;
	uint32_t len;
	int err;

	if (r->type == R_X86_64_NONE)
		return 0;
	err = find_value(l, r->symbol, &value);
	if (err)
		return err;
	if (su_reloc_field(&reloc, l->addrs[s->idx] + r->off, value, field, &len) || r->off + len > s->size)
		return unusable(l, r->symbol->name, "a relocation that cannot be applied");
	memcpy(l->bytes[s->idx] + r->off, field, len);
	return 0;
}

static int relocate(const struct loader *l)
{
	for (size_t i = 1; i < l->elf->section_nr; i++) {
		const struct su_elf_section *s = &l->elf->sections[i];

		for (size_t k = 0; l->bytes[i] && k < s->reloc_nr; k++) {
			int err = apply_reloc(l, s, &s->relocs[k]);

			if (err)
				return err;
		}
	}
	return 0;
}

/* ---- all of it ---- */

static int add_depends(struct loader *l)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int err = su_modinfo_read(l->diags, l->module->path, &info);
	const char *depends = err ? NULL : su_modinfo_get(&info, "depends");
	char *save = NULL, *text = su_arena_strdup(&l->image->arena, depends ? depends : "");

	for (char *p = strtok_r(text, ",", &save); !err && p; p = strtok_r(NULL, ",", &save)) {
		for (char *c = p; *c; c++)
			*c = *c == '-' ? '_' : *c;
		*su_vec_add(&l->depends) = p;
		err = su_image_add_module(l->diags, l->image, l->dir, p);
	}
	return err;
}

static int load(struct loader *l)
{
	int err = su_elf_open_module(l->diags, l->module->path, &l->elf);

	if (!err)
		err = place_all(l);
	if (err)
		return err;
	/* its symbols are there before those that depend on it in a circle ask for them */
	add_names(l);
	err = l->dir ? add_depends(l) : 0;
	return err ? err : relocate(l);
}

static int add_file(struct loader *l, const char *name, const char *path)
{
	int err;

	l->module = su_arena_alloc(&l->image->arena, sizeof(*l->module));
	l->module->name = su_arena_strdup(&l->image->arena, name);
	l->module->path = su_arena_strdup(&l->image->arena, path);
	*su_vec_add(&l->image->modules) = l->module;
	err = load(l);
	su_elf_close(l->elf);
	su_vec_fini(&l->depends);
	return err;
}

int su_image_add_module(struct su_diags *diags, struct su_image *image, const struct su_moddir *dir, const char *name)
{
	const char *path = su_moddir_find(dir, name);
	struct loader l = { .diags = diags, .image = image, .dir = dir };

	if (find_module(image, name))
		return 0;
	if (!path)
		return su_fail(diags,
			       SU_AT(IMAGE, .object = dir->folder, .symbol = name,
				     .hint = "give the folder of this kernel's modules with --modules"),
			       "there is no such module");
	return add_file(&l, name, path);
}

int su_image_add_update(struct su_diags *diags, struct su_image *image, const char *path,
			const struct su_addresses **names)
{
	struct loader l = { .diags = diags, .image = image };
	int err = add_file(&l, path, path);

	if (!err)
		*names = &l.module->names;
	return err;
}
