// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Private relocations: the update's fields that refer to symbols which the kernel does not export. Written at COMING,
 * when the module's memory is sealed but nothing of it runs or is registered yet. Values are the match's.
 */
#include <linux/string.h>

#include "suture.h"

static const char *symbol_text(const struct su_load *load, u32 symbol)
{
	const char *name = su_update_string(&load->update, load->update.symbols[symbol].name);

	return *name ? name : "(no name)";
}

/* Fields are empty until now: anything else means that two relocations meet, or that the tables lie. */
static int write_field(const struct su_load *load, const struct su_reloc *reloc, unsigned long place, u64 value)
{
	const char *area = su_update_string(&load->update, load->update.areas[reloc->area].name);
	u8 field[8];
	u32 len;
	int ret;

	if (su_reloc_field(reloc, place, value, field, &len) != SU_MATCH_OK)
		return su_refuse(load->id, -EOVERFLOW, "update-damaged", "%s+0x%llx: '%s' is out of the field's range",
				 area, reloc->off, symbol_text(load, reloc->symbol));
	if (memchr_inv((const void *)place, 0, len))
		return su_refuse(load->id, -EBADMSG, "update-damaged", "%s+0x%llx: the field is not empty", area,
				 reloc->off);
	ret = su_alias_write(place, field, len);
	if (ret)
		return su_refuse(load->id, ret, "system", "%s+0x%llx: cannot be written (%d)", area, reloc->off, ret);
	return 0;
}

static int link_one(const struct su_load *load, const struct su_reloc *reloc)
{
	const struct su_area *area = &load->update.areas[reloc->area];
	u64 value;

	if (area->flags & SU_AREA_PRE)
		return su_refuse(load->id, -EBADMSG, "update-damaged", "a private relocation lies in pre code");
	if (su_match_value(&load->match, reloc->symbol, &value) != SU_MATCH_OK)
		return su_refuse(load->id, -EADDRNOTAVAIL, "symbol-unmatched", "'%s' has no value",
				 symbol_text(load, reloc->symbol));
	return write_field(load, reloc, area->addr + reloc->off, value);
}

int su_link(struct su_load *load)
{
	u32 i;
	int ret;

	for (i = 0; i < load->update.header->relocs.nr; i++) {
		ret = link_one(load, &load->update.relocs[i]);
		if (ret)
			return ret;
	}
	/* Nobody has executed the update yet, but a CPU may have decoded ahead. */
	su_serialise_all();
	return 0;
}
