// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The places of a pre section that the kernel itself rewrites, from the object's tables and, where objtool makes a table only later (kernels
 * with IBT), from the relocations that give a site away.
 */
#include <string.h>

#include "emitter.h"
#include "lib/base/str.h"

static void add(struct su_site_list *list, uint64_t off, uint64_t len, uint16_t kind, uint32_t arg)
{
	if (!len || len > 255)
		return;
	*su_vec_add(&list->sites) = (struct su_site){
		.off = (uint32_t)off,
		.len = (uint16_t)len,
		.kind = kind,
		.arg = arg,
	};
}

/* Offset in its section of what an entry's field points at. */
static uint64_t field_target(const struct su_edge *edge)
{
	return edge->atom->off + (uint64_t)edge->addend;
}

static void add_jump_label(struct su_site_list *list, const struct su_atom *entry, uint64_t off)
{
	const uint8_t *code = entry->owner->section->data + off;
	const struct su_edge *target = su_atom_edge_in(entry, 4, 1);
	bool is_short = code[0] == 0xeb || code[0] == 0x66;
	/* A branch into another section (a .cold part) is a site as well, but what it leads to has no offset here. */
	bool is_local = target && target->atom && target->atom->section == entry->owner->section;

	add(list, off, is_short ? 2 : 5, SU_SITE_JUMP_LABEL, is_local ? (uint32_t)field_target(target) : SU_NONE);
}

static void add_entry(struct su_site_list *list, const struct su_atom *entry)
{
	const char *table = entry->table->section;
	const struct su_edge *place = su_atom_edge_in(entry, entry->table->owner_off, 1);
	uint64_t off;

	if (!place)
		return;
	off = field_target(place);
	if (off >= entry->owner->section->size)
		return;
	if (!strcmp(table, "__mcount_loc"))
		add(list, off, 5, SU_SITE_FENTRY, SU_NONE);
	else if (!strcmp(table, ".altinstructions") || !strcmp(table, ".parainstructions"))
		add(list, off, su_entry_site_len(entry), SU_SITE_ALTERNATIVE, SU_NONE);
	else if (!strcmp(table, ".smp_locks"))
		add(list, off, 1, SU_SITE_LOCK, SU_NONE);
	else if (!strcmp(table, "__jump_table"))
		add_jump_label(list, entry, off);
}

/* "__x86_indirect_thunk_r11" -> 11, "..._array": the offset in it says. */
static uint32_t thunk_register(const struct su_elf_reloc *reloc)
{
	static const char *const names[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
					     "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };
	const char *name = reloc->symbol->name + strlen("__x86_indirect_thunk_");

	for (uint32_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return i;
	return SU_NONE;
}

/* The branch around a PC-relative field: where it starts and what it is. */
static uint64_t branch_start(const struct su_elf_section *s, uint64_t field)
{
	const uint8_t *d = s->data;

	if (field >= 2 && d[field - 2] == 0x0f && (d[field - 1] & 0xf0) == 0x80)
		return field - 2;
	return field ? field - 1 : field;
}

static void add_retpoline(struct su_site_list *list, const struct su_elf_section *s, const struct su_elf_reloc *reloc)
{
	uint32_t reg = thunk_register(reloc);
	uint64_t start = branch_start(s, reloc->off);

	/* registers from r8 on: a cs prefix stands first (-mindirect-branch-cs-prefix) */
	if (start && reg != SU_NONE && reg >= 8 && s->data[start - 1] == 0x2e)
		start--;
	add(list, start, reloc->off + 4 - start, SU_SITE_RETPOLINE, reg);
}

/* The trampoline of a static call: the kernel makes it lead where the call does. */
static bool is_trampoline(const struct su_elf_section *s)
{
	return !strcmp(s->name, ".static_call.text");
}

static void add_by_relocation(struct su_site_list *list, const struct su_elf_section *s, const struct su_elf_reloc *reloc)
{
	const char *name = reloc->symbol->name;
	uint64_t start = branch_start(s, reloc->off);

	if (!su_reloc_is_pc(reloc->type) || su_hole_size(reloc->type) != 4 || reloc->off + 4 > s->size)
		return;
	if (is_trampoline(s))
		return;
	if (!strcmp(name, "__x86_return_thunk"))
		add(list, start, reloc->off + 4 - start, SU_SITE_RETURN, SU_NONE);
	else if (su_has_prefix(name, "__x86_indirect_thunk_"))
		add_retpoline(list, s, reloc);
	else if (su_has_prefix(name, "__SCT__"))
		add(list, start, reloc->off + 4 - start, SU_SITE_STATIC_CALL, SU_NONE);
}

static void add_endbr(struct su_site_list *list, const struct su_atom *atom)
{
	const uint8_t *bytes = su_atom_bytes(atom);

	if (su_elf_is_code(atom->section) && bytes && atom->size >= 4 && !memcmp(bytes, SU_ENDBR64, 4))
		add(list, atom->off, 4, SU_SITE_ENDBR, SU_NONE);
}

/* What an earlier update has brought for a static call of its own; of one that led nowhere at first it is a return. */
static void add_trampoline(struct su_site_list *list, const struct su_atom *atom)
{
	const uint8_t *bytes = su_atom_bytes(atom);

	if (is_trampoline(atom->section) && bytes && atom->size >= 5 && (bytes[0] == 0xe9 || bytes[0] == 0xc3))
		add(list, atom->off, 5, SU_SITE_STATIC_CALL, SU_NONE);
}

static int compare_sites(const void *a, const void *b)
{
	const struct su_site *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->kind - y->kind;
}

/* Sites that overlap (a lock prefix under an alternative, paravirt and alternatives of one call) become one alternative. */
static void merge_sites(struct su_site_list *list)
{
	size_t to = 0;

	if (!list->sites.nr)
		return;
	qsort(list->sites.data, list->sites.nr, sizeof(*list->sites.data), compare_sites);
	for (size_t i = 1; i < list->sites.nr; i++) {
		struct su_site *last = &list->sites.data[to];
		const struct su_site *site = &list->sites.data[i];
		uint32_t end = site->off + site->len;

		if (site->off >= last->off + last->len) {
			list->sites.data[++to] = *site;
			continue;
		}
		if (site->kind != last->kind)
			last->kind = last->kind == SU_SITE_OPAQUE || site->kind == SU_SITE_OPAQUE ? SU_SITE_OPAQUE :
												    SU_SITE_ALTERNATIVE;
		if (end > last->off + last->len)
			last->len = (uint16_t)(end - last->off);
	}
	list->sites.nr = to + 1;
}

void su_emit_sites(const struct su_object *plain, const struct su_elf_section *s, struct su_site_list *list)
{
	for (size_t i = 0; i < plain->atom_nr; i++) {
		const struct su_atom *atom = plain->atoms[i];

		if (atom->kind == SU_ATOM_ENTRY && atom->owner && atom->owner->section == s)
			add_entry(list, atom);
		if (atom->section != s)
			continue;
		add_endbr(list, atom);
		add_trampoline(list, atom);
	}
	for (size_t r = 0; r < s->reloc_nr; r++)
		add_by_relocation(list, s, &s->relocs[r]);
	merge_sites(list);
}
