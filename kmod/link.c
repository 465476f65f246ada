// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Private relocations: the update's fields that refer to symbols which the kernel does not export. Written at the
 * update's COMING, when its memory is sealed but nothing of it runs or is registered yet; those of code for a module
 * that is absent at that module's COMING, and anew each time. Values are the match's.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "suture.h"

int su_link_begin(struct su_live *live)
{
	const struct su_update *update = &live->update;
	u32 i, nr = update->header->areas.nr;

	live->first_data = kvcalloc(nr + 1, sizeof(*live->first_data), GFP_KERNEL);
	if (!live->first_data)
		return su_refuse(live->id, -ENOMEM, "system", "no memory for the update");
	for (i = 0; i < nr; i++) {
		const struct su_area *area = &update->areas[i];

		if (su_area_owner(area) == SU_NONE || !area->size)
			continue;
		live->first_data[i] = kvmalloc(area->size, GFP_KERNEL);
		if (!live->first_data[i])
			return su_refuse(live->id, -ENOMEM, "system", "no memory for the update");
		memcpy(live->first_data[i], (const void *)(unsigned long)area->addr, area->size);
	}
	return 0;
}

void su_link_end(struct su_live *live)
{
	u32 i;

	for (i = 0; live->first_data && i < live->update.header->areas.nr; i++)
		kvfree(live->first_data[i]);
	kvfree(live->first_data);
	live->first_data = NULL;
}

static void restore_data(struct su_live *live, u32 target)
{
	u32 i;

	for (i = 0; i < live->update.header->areas.nr; i++) {
		const struct su_area *area = &live->update.areas[i];

		if (live->first_data[i] && su_area_owner(area) == target)
			memcpy((void *)(unsigned long)area->addr, live->first_data[i], area->size);
	}
}

static const char *symbol_text(const struct su_live *live, u32 symbol)
{
	const char *name = su_update_string(&live->update, live->update.symbols[symbol].name);

	return *name ? name : "(no name)";
}

static int write_field(const struct su_live *live, const struct su_reloc *reloc, unsigned long place, u64 value)
{
	const char *area = su_update_string(&live->update, live->update.areas[reloc->area].name);
	u8 field[8];
	u32 len;
	int ret;

	if (su_reloc_field(reloc, place, value, field, &len) != SU_MATCH_OK)
		return su_refuse(live->id, -EOVERFLOW, "update-damaged", "%s+0x%llx: '%s' is out of the field's range",
				 area, reloc->off, symbol_text(live, reloc->symbol));
	/* Fields are empty until now: anything else means that two relocations meet, or that the tables lie. */
	if (!live->targets[reloc->target].is_stale && memchr_inv((const void *)place, 0, len))
		return su_refuse(live->id, -EBADMSG, "update-damaged", "%s+0x%llx: the field is not empty", area,
				 reloc->off);
	ret = su_alias_write(place, field, len);
	if (ret)
		return su_refuse(live->id, ret, "system", "%s+0x%llx: cannot be written (%d)", area, reloc->off, ret);
	return 0;
}

/* The compiler, and the kernel at boot, leave functions without endbr64 whose address nobody took before the patch. */
static bool takes_address(const struct su_live *live, const struct su_reloc *reloc)
{
	return (live->update.symbols[reloc->symbol].flags & SU_SYMBOL_FUNC) && reloc->type != R_X86_64_PLT32;
}

static int link_one(const struct su_live *live, const struct su_reloc *reloc)
{
	const struct su_area *area = &live->update.areas[reloc->area];
	u64 value;

	if (su_match_value(&live->match, reloc->symbol, &value) != SU_MATCH_OK)
		return su_refuse(live->id, -EADDRNOTAVAIL, "symbol-unmatched", "'%s' has no value, or several",
				 symbol_text(live, reloc->symbol));
	if (takes_address(live, reloc) && !su_is_callable(value))
		return su_refuse(live->id, -EOPNOTSUPP, "relocation-unsupported",
				 "the new code takes the address of '%s', which has no endbr64: a call through it would fault",
				 symbol_text(live, reloc->symbol));
	return write_field(live, reloc, area->addr + reloc->off, value);
}

int su_link(struct su_live *live, u32 target)
{
	const struct su_update *update = &live->update;
	u32 i;
	int ret;

	for (i = 0; i < update->header->relocs.nr; i++) {
		if (update->relocs[i].target != target)
			continue;
		ret = link_one(live, &update->relocs[i]);
		if (ret)
			return ret;
	}
	/* Nobody has executed it yet, but a CPU may have decoded ahead. */
	su_serialise_all();
	return 0;
}

/* What cannot be cleared (no memory for the view) is written over when the module comes again: nothing reads it before. */
void su_link_clear(struct su_live *live, u32 target)
{
	static const u8 zeros[8];
	const struct su_update *update = &live->update;
	u32 i;

	restore_data(live, target);
	live->targets[target].is_stale = false;
	for (i = 0; i < update->header->relocs.nr; i++) {
		const struct su_reloc *reloc = &update->relocs[i];
		unsigned long place = update->areas[reloc->area].addr + reloc->off;

		if (reloc->target == target && su_alias_write(place, zeros, su_hole_size(reloc->type)))
			live->targets[target].is_stale = true;
	}
}
