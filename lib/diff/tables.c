// SPDX-License-Identifier: GPL-2.0-or-later
/* What suture knows about the kernel's tables and section names. All such knowledge of lib/diff stands here. */
#include <string.h>

#include "lib/base/str.h"
#include "object.h"

static const struct su_table_spec specs[] = {
	{ .section = "__bug_table", .line_sz = 2, .line_back = 4 },
	{ .section = "__ex_table", .entry_sz = 12 },
	{ .section = "__jump_table", .entry_sz = 16 },
	{ .section = ".static_call_sites", .entry_sz = 8 },
	{ .section = ".altinstructions" },
	{ .section = ".parainstructions", .entry_sz = 16 },
	{ .section = ".smp_locks", .entry_sz = 4, .is_derived = true },
	{ .section = ".retpoline_sites", .entry_sz = 4, .is_derived = true },
	{ .section = ".return_sites", .entry_sz = 4, .is_derived = true },
	{ .section = ".cfi_sites", .entry_sz = 4, .is_derived = true },
	{ .section = "__mcount_loc", .entry_sz = 8, .is_derived = true },
	{ .section = ".orc_unwind_ip", .entry_sz = 4, .parallel = ".orc_unwind", .parallel_sz = 6, .is_derived = true },
};

/* Boot-time immediates: "runtime_ptr_NAME", "runtime_shift_NAME", "runtime_mask_NAME"; one s32 an entry. */
static const struct su_table_spec runtime_spec = { .section = "runtime_", .entry_sz = 4 };

const struct su_table_spec *su_table_spec_find(const char *section_name)
{
	for (size_t i = 0; i < SU_ARRAY_SIZE(specs); i++)
		if (!strcmp(section_name, specs[i].section))
			return &specs[i];
	if (su_has_prefix(section_name, "runtime_"))
		return &runtime_spec;
	return NULL;
}

bool su_entry_is_line(const struct su_atom *entry, uint64_t off)
{
	const struct su_table_spec *t = entry->table;

	/* less than that and the table is one without files and lines */
	if (!t || !t->line_sz || entry->size < 12)
		return false;
	return off >= entry->size - t->line_back && off < entry->size - t->line_back + t->line_sz;
}

static uint8_t entry_byte(const struct su_atom *entry, uint64_t off)
{
	return off < entry->size ? su_atom_bytes(entry)[off] : 0;
}

/* struct alt_instr: 13 bytes in 5.10, 12 from 5.18, 14 from 6.3; the two lengths follow the fixed part of each. */
static uint64_t alt_len_off(const struct su_atom *entry)
{
	return entry->size == 14 ? 12 : 10;
}

uint8_t su_entry_site_len(const struct su_atom *entry)
{
	return entry_byte(entry, !strcmp(entry->section->name, ".parainstructions") ? 9 : alt_len_off(entry));
}

uint8_t su_entry_replacement_len(const struct su_atom *entry)
{
	return entry_byte(entry, alt_len_off(entry) + 1);
}

bool su_section_is_init(const struct su_object *object, const char *name)
{
	static const char *const prefixes[] = { ".init.", ".initcall", ".init_array", ".head.text", ".con_initcall" };

	/* neither the code nor the table of it is linked into vmlinux */
	if (!object->is_module && (su_has_prefix(name, ".exit.") || su_has_prefix(name, ".exitcall")))
		return true;
	for (size_t i = 0; i < SU_ARRAY_SIZE(prefixes); i++)
		if (su_has_prefix(name, prefixes[i]))
			return true;
	return false;
}

bool su_reloc_is_pc(uint32_t type)
{
	return type == R_X86_64_PC32 || type == R_X86_64_PLT32 || type == R_X86_64_PC64;
}
