// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads struct layouts out of an object's DWARF with libdw. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <string.h>

#include "debuginfo.h"
#include "layout.h"

#define NESTING_MAX 32
#define MEMBERS_MAX 4096 /* of one struct, nameless inner ones' included; a damaged file can have it contain itself */

struct reading {
	struct su_layouts *layouts;
	size_t member_nr; /* of the struct that is being read */
	bool is_damaged;
};

static bool attribute(Dwarf_Die *die, unsigned int name, uint64_t *value)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;

	if (!dwarf_attr_integrate(die, name, &attr) || dwarf_formudata(&attr, &word))
		return false;
	*value = word;
	return true;
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, type);
}

static bool is_record(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static uint64_t size_bits(Dwarf_Die *member)
{
	Dwarf_Die type;
	Dwarf_Word size;
	uint64_t bits;

	if (attribute(member, DW_AT_bit_size, &bits))
		return bits;
	if (!type_of(member, &type) || dwarf_aggregate_size(&type, &size))
		return 0;
	return (uint64_t)size * 8;
}

static void add_members(struct reading *r, struct su_layout *layout, Dwarf_Die *record, uint64_t base, unsigned int depth)
{
	Dwarf_Die die, type;
	bool more = !dwarf_child(record, &die);

	for (; more && !r->is_damaged; more = !dwarf_siblingof(&die, &die)) {
		const char *name = dwarf_diename(&die);
		uint64_t at = 0;

		if (dwarf_tag(&die) != DW_TAG_member)
			continue;
		r->is_damaged = ++r->member_nr > MEMBERS_MAX;
		if (attribute(&die, DW_AT_data_member_location, &at))
			at *= 8;
		else
			attribute(&die, DW_AT_data_bit_offset, &at);
		/* no compiler gives a struct two members of one name */
		if (name && !su_layout_member_find(layout, name))
			*su_vec_add(&layout->members) = (struct su_layout_member){
				.name = su_arena_strdup(&r->layouts->arena, name),
				.bit = base + at,
				.bits = size_bits(&die),
			};
		else if (!name && depth < NESTING_MAX && type_of(&die, &type) && is_record(&type))
			add_members(r, layout, &type, base + at, depth + 1);
	}
}

static void add_record(struct reading *r, Dwarf_Die *record, const char *name)
{
	struct su_layouts *layouts = r->layouts;
	struct su_layout layout = { 0 };
	int is_new;
	size_t *slot;
	uint64_t size;

	if (!attribute(record, DW_AT_byte_size, &size))
		return;
	slot = su_map_put(&layouts->index, name, &is_new);
	if (!is_new)
		return;
	*slot = layouts->list.nr;
	layout.name = su_arena_strdup(&layouts->arena, name);
	layout.size = size;
	r->member_nr = 0;
	add_members(r, &layout, record, 0, 0);
	*su_vec_add(&layouts->list) = layout;
}

/* An object's type, without arrays around it. */
static bool object_type(Dwarf_Die *die, Dwarf_Die *type)
{
	if (!type_of(die, type))
		return false;
	for (unsigned int depth = 0; dwarf_tag(type) == DW_TAG_array_type; depth++)
		if (depth == NESTING_MAX || !type_of(type, type))
			return false;
	return true;
}

static void add_type(struct reading *r, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	Dwarf_Die type;

	if (!name)
		return;
	if (dwarf_tag(die) == DW_TAG_variable && object_type(die, &type) && is_record(&type) && !dwarf_diename(&type))
		add_record(r, &type, name);
	else if (is_record(die))
		add_record(r, die, name);
	else if (dwarf_tag(die) == DW_TAG_typedef && type_of(die, &type) && is_record(&type) && !dwarf_diename(&type))
		add_record(r, &type, name);
}

/* Types and objects of a unit; those of a function's own too. */
static void add_all(struct reading *r, Dwarf_Die *parent, unsigned int depth)
{
	Dwarf_Die die;
	bool more = !dwarf_child(parent, &die);

	for (; more; more = !dwarf_siblingof(&die, &die)) {
		int tag = dwarf_tag(&die);

		add_type(r, &die);
		if ((tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block) && depth < NESTING_MAX)
			add_all(r, &die, depth + 1);
	}
}

Dwfl *su_dwfl_open(const char *path)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (dwfl && (!dwfl_report_offline(dwfl, "", path, -1) || dwfl_report_end(dwfl, NULL, NULL))) {
		dwfl_end(dwfl);
		dwfl = NULL;
	}
	return dwfl;
}

int su_layouts_read(struct su_diags *diags, const char *object, struct su_layouts *layouts)
{
	Dwfl *dwfl = su_dwfl_open(object);
	struct su_layouts made = { 0 };
	struct reading r = { .layouts = &made };
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;

	if (!dwfl)
		return su_fail(diags, SU_AT(ELF, .object = object), "no debug information can be read from it");
	while ((unit = dwfl_nextcu(dwfl, unit, &bias)))
		add_all(&r, unit, 0);
	dwfl_end(dwfl);
	if (r.is_damaged) {
		su_layouts_fini(&made);
		return su_fail(diags, SU_AT(ELF, .object = object), "its debug information has a struct without an end");
	}
	*layouts = made;
	return 0;
}

const struct su_layout *su_layouts_find(const struct su_layouts *layouts, const char *name)
{
	const size_t *found = su_map_get(&layouts->index, name);

	return found ? &layouts->list.data[*found] : NULL;
}

void su_layouts_fini(struct su_layouts *layouts)
{
	size_t i;

	for (i = 0; i < layouts->list.nr; i++)
		su_vec_fini(&layouts->list.data[i].members);
	su_vec_fini(&layouts->list);
	su_map_fini(&layouts->index);
	su_arena_fini(&layouts->arena);
}
