// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds an update's tables in a module at its COMING, and checks that they speak of this module's memory only. The
 * tables' own consistency is su_update_open()'s business.
 */
#include <linux/ctype.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "suture.h"

#define ID_MAX 64

/* The symbol's address, 0 where the module has none. At COMING kallsyms is the module's whole symbol table. */
static unsigned long find_blob(struct module *mod)
{
	const struct mod_kallsyms *syms;
	unsigned long addr = 0;
	unsigned int i;

	rcu_read_lock();
	syms = rcu_dereference(mod->kallsyms);
	for (i = 1; i < syms->num_symtab && !addr; i++) {
		const Elf_Sym *sym = &syms->symtab[i];

		if (sym->st_shndx != SHN_UNDEF && !strcmp(syms->strtab + sym->st_name, SU_BLOB_SYMBOL))
			addr = sym->st_value;
	}
	rcu_read_unlock();
	return addr;
}

static bool is_inside(const struct module *mod, u64 addr, u64 size)
{
	u64 last = addr + size - 1;

	if (!size)
		return true;
	return last >= addr && su_module_has(mod, addr, last);
}

static bool is_id(const char *id)
{
	size_t i;

	for (i = 0; id[i]; i++) {
		if (!isalnum(id[i]) && !strchr("-_.", id[i]))
			return false;
	}
	return i > 0 && i < ID_MAX && id[0] != '.';
}

/* Areas of new code stay, so they must not be in memory that is freed after init. */
static const char *find_bad_area(const struct module *mod, const struct su_update *update)
{
	u32 i;

	for (i = 0; i < update->header->areas.nr; i++) {
		const struct su_area *area = &update->areas[i];

		if (!is_inside(mod, area->addr, area->size))
			return "an area outside the module";
		if (!(area->flags & SU_AREA_PRE) && area->size && !within_module_core(area->addr, mod))
			return "new code or data in memory that is freed after init";
	}
	return NULL;
}

/* Pre code of a module is compared whenever the module comes, not only now. */
static const char *find_bad_section(const struct module *mod, const struct su_update *update)
{
	u32 i;

	for (i = 0; i < update->header->sections.nr; i++) {
		const struct su_section *section = &update->sections[i];
		const struct su_target *target = &update->targets[update->units[section->unit].target];

		if (section->area != SU_NONE && section->size && strcmp(su_update_string(update, target->name), SU_VMLINUX) &&
		    !within_module_core(update->areas[section->area].addr, mod))
			return "a module's pre code in memory that is freed after init";
	}
	return NULL;
}

int su_find(struct module *mod, struct su_update *update)
{
	const struct su_header *header;
	const char *where = "";
	unsigned long addr;

	addr = find_blob(mod);
	if (!addr)
		return -ENOENT;
	header = (const struct su_header *)addr;
	if (!IS_ALIGNED(addr, 8) || !within_module_core(addr, mod) || !is_inside(mod, addr, sizeof(*header)) ||
	    !is_inside(mod, addr, header->blob_sz))
		where = "the header";
	else if (su_update_open(header, header->blob_sz, update, &where) == SU_MATCH_OK)
		where = su_update_is_whole(update) ? find_bad_area(mod, update) : "their sum";
	if (!where)
		where = find_bad_section(mod, update);
	if (!where && !is_id(su_update_string(update, header->id)))
		where = "the ID";
	if (where)
		return su_refuse(mod->name, -EBADMSG, "update-damaged", "the update's tables are damaged: %s", where);
	return 0;
}
