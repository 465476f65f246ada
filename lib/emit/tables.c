// SPDX-License-Identifier: GPL-2.0-or-later
/* The update's tables in the making: strings, areas, sections and symbols, each added once. */
#include <string.h>

#include "emitter.h"
#include "lib/base/str.h"

uint32_t su_emit_string(struct su_emitter *e, const char *s)
{
	int added;
	size_t *slot;

	if (!e->strings.nr)
		su_buf_zero(&e->strings, 1);
	if (!*s)
		return 0;
	slot = su_map_put(&e->string_idx, s, &added);
	if (added) {
		*slot = e->strings.nr;
		su_buf_add(&e->strings, s, strlen(s) + 1);
	}
	return (uint32_t)*slot;
}

uint32_t su_emit_area(struct su_emitter *e, uint32_t out_section, uint32_t flags)
{
	for (size_t i = 0; i < e->area_sections.nr; i++) {
		if (e->area_sections.data[i] != out_section)
			continue;
		e->areas.data[i].flags |= flags;
		return (uint32_t)i;
	}
	*su_vec_add(&e->area_sections) = out_section;
	*su_vec_add(&e->areas) = (struct su_area){
		.name = su_emit_string(e, e->out.sections.data[out_section].name),
		.flags = flags,
	};
	return (uint32_t)e->areas.nr - 1;
}

uint32_t su_emit_target_idx(struct su_emitter *e, const char *name)
{
	uint32_t string = su_emit_string(e, name);

	for (size_t i = 0; i < e->targets.nr; i++)
		if (e->targets.data[i].name == string)
			return (uint32_t)i;
	*su_vec_add(&e->targets) = (struct su_target){ .name = string };
	return (uint32_t)e->targets.nr - 1;
}

int su_emit_need(struct su_emitter *e, uint32_t from, uint32_t to)
{
	if (from >= SU_TARGETS_MAX || to >= SU_TARGETS_MAX)
		return su_fail(e->diags, SU_AT(RELOC, .object = e->request->id, .hint = "split the patch"),
			       "the update would touch more than %d modules", SU_TARGETS_MAX);
	if (from != to)
		e->targets.data[from].needs |= 1u << to;
	return 0;
}

/* ---- sections ---- */

bool su_emit_is_matched_text(const struct su_object *plain, const struct su_elf_section *s)
{
	static const char *const prefixes[] = { ".altinstr", ".fixup", ".static_call.text", ".text..__x86." };

	if (!su_elf_is_code(s) || !s->size || su_section_is_init(plain, s->name))
		return false;
	for (size_t i = 0; i < SU_ARRAY_SIZE(prefixes); i++)
		if (su_has_prefix(s->name, prefixes[i]))
			return false;
	return true;
}

static uint32_t section_kind(const struct su_object *plain, const struct su_elf_section *s)
{
	if (su_emit_is_matched_text(plain, s))
		return SU_SECTION_TEXT;
	if (su_elf_is_merge(s))
		return SU_SECTION_MERGE;
	if (s->data && !(s->flags & (SHF_WRITE | SHF_EXECINSTR)) && su_has_prefix(s->name, ".rodata"))
		return SU_SECTION_RODATA;
	return SU_SECTION_PLACE;
}

/*
 * Pre bytes go where the loader frees them after init; code where it patches them like the kernel's own. Those of a
 * module stay: it may be loaded, or loaded again, later.
 */
static const char *pre_section(bool is_module, bool is_text)
{
	if (is_module)
		return is_text ? ".text.suture.pre" : ".rodata.suture.pre";
	return is_text ? ".init.text" : ".init.suture.rodata";
}

void su_emit_section_bytes(struct su_emitter *e, struct su_section *section, const struct su_elf_section *from,
			   uint64_t off)
{
	bool is_text = section->kind == SU_SECTION_TEXT;
	const char *name = pre_section(e->request->units[section->unit].plain->is_module, is_text);
	uint32_t out = su_elf_out_section(&e->out, name, SHT_PROGBITS, SHF_ALLOC | (is_text ? SHF_EXECINSTR : 0), 64);

	section->area_off = su_elf_out_append(&e->out, out, from->data + off, section->size, 64);
	section->area = su_emit_area(e, out, SU_AREA_PRE);
}

static bool has_own_name(const struct su_elf_symbol *s)
{
	return s->type != STT_SECTION && s->type != STT_FILE && s->bind != STB_WEAK && *s->name &&
	       !su_has_prefix(s->name, ".L");
}

/* The names in a section: by them its base is found or confirmed. */
static void add_names(struct su_emitter *e, uint32_t unit, const struct su_elf_section *plain)
{
	const struct su_elf *elf = e->request->units[unit].plain->elf;

	for (size_t i = 0; i < elf->symbol_nr; i++)
		if (elf->symbols[i].section == plain && has_own_name(&elf->symbols[i]))
			su_emit_symbol(e, unit, &elf->symbols[i]);
}

bool su_emit_section_put(struct su_emitter *e, const char *key, uint32_t *idx)
{
	int added;
	size_t *slot = su_map_put(&e->section_idx, key, &added);

	if (added) {
		*slot = e->sections.nr;
		*su_vec_add(&e->sections) = (struct su_section){ .area = SU_NONE };
		*su_vec_add(&e->matched) = (struct su_emit_matched){ 0 };
	}
	*idx = (uint32_t)*slot;
	return added;
}

uint32_t su_emit_section(struct su_emitter *e, uint32_t unit, const struct su_elf_section *plain)
{
	const struct su_object *object = e->request->units[unit].plain;
	struct su_section section = {
		.unit = unit,
		.align = (u32)plain->align,
		.size = plain->size,
		.area = SU_NONE,
	};
	uint32_t idx;

	if (!su_emit_section_put(e, su_arena_format(&e->arena, "%u:%u", unit, plain->idx), &idx))
		return idx;
	section.name = su_emit_string(e, plain->name);
	section.kind = section_kind(object, plain);
	if (section.kind != SU_SECTION_PLACE)
		su_emit_section_bytes(e, &section, plain, 0);
	e->sections.data[idx] = section;
	e->matched.data[idx] = (struct su_emit_matched){ .object = object, .section = plain };
	if (section.kind != SU_SECTION_MERGE)
		add_names(e, unit, plain);
	return idx;
}

/* ---- symbols ---- */

struct su_symbol *su_emit_symbol_put(struct su_emitter *e, const char *key, uint32_t *idx)
{
	int added;
	size_t *slot = su_map_put(&e->symbol_idx, key, &added);

	if (added) {
		*slot = e->symbols.nr;
		*su_vec_add(&e->symbols) = (struct su_symbol){ .section = SU_NONE };
	}
	*idx = (uint32_t)*slot;
	return &e->symbols.data[*slot];
}

static uint32_t unit_target(const struct su_emitter *e, uint32_t unit)
{
	return e->units.data[unit].target;
}

/* Global names are one symbol in all units of a target, whoever defines it. */
static const char *global_key(struct su_emitter *e, uint32_t target, const char *name)
{
	return su_arena_format(&e->arena, "g%u:%s", target, name);
}

/* "drivers/net/foo-bar" -> "foo_bar", as the kernel names modules. */
static char *module_name(struct su_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = su_arena_strdup(arena, slash ? slash + 1 : path);

	su_module_name_normalise(name);
	return name;
}

const char *su_emit_exporter(struct su_emitter *e, const char *name)
{
	const struct su_export *x = su_symvers_find(e->request->symvers, name);

	return x ? module_name(&e->arena, x->module) : NULL;
}

/* Where a name that the unit does not define is defined: whoever exports it, else another unit of its own target. */
static uint32_t name_target(struct su_emitter *e, uint32_t unit, const char *name)
{
	const char *exporter = e->request->units[unit].plain->is_module ? su_emit_exporter(e, name) : NULL;

	return exporter ? su_emit_target_idx(e, exporter) : unit_target(e, unit);
}

uint32_t su_emit_symbol_named(struct su_emitter *e, uint32_t unit, const char *name)
{
	uint32_t target = name_target(e, unit, name);
	uint32_t idx;
	struct su_symbol *symbol = su_emit_symbol_put(e, global_key(e, target, name), &idx);

	if (!symbol->kind) {
		symbol->kind = SU_SYMBOL_NAMED;
		symbol->flags = SU_SYMBOL_GLOBAL;
		symbol->target = target;
		symbol->name = su_emit_string(e, name);
	}
	return idx;
}

uint32_t su_emit_symbol_content(struct su_emitter *e, uint32_t unit, const char *name, uint64_t size)
{
	uint32_t idx;
	struct su_symbol *symbol = su_emit_symbol_put(e, su_arena_format(&e->arena, "c%s", name), &idx);

	*symbol = (struct su_symbol){
		.kind = SU_SYMBOL_NAMED,
		.section = SU_NONE,
		.flags = symbol->flags | SU_SYMBOL_GLOBAL | SU_SYMBOL_CONTENT,
		.target = unit_target(e, unit),
		.name = su_emit_string(e, name),
		.size = size,
	};
	return idx;
}

static uint32_t section_symbol(struct su_emitter *e, uint32_t unit, const struct su_elf_section *plain)
{
	uint32_t section = su_emit_section(e, unit, plain);
	uint32_t idx;
	struct su_symbol *symbol = su_emit_symbol_put(e, su_arena_format(&e->arena, "s%u", section), &idx);

	*symbol = (struct su_symbol){
		.kind = SU_SYMBOL_SECTION, .section = section, .flags = symbol->flags, .target = unit_target(e, unit)
	};
	return idx;
}

static uint32_t defined_symbol(struct su_emitter *e, uint32_t unit, const struct su_elf_symbol *plain)
{
	uint32_t section = su_emit_section(e, unit, plain->section);
	bool is_global = plain->bind != STB_LOCAL;
	const char *key = is_global ? global_key(e, unit_target(e, unit), plain->name) :
				      su_arena_format(&e->arena, "l%u:%u:%llu:%s", unit, plain->section->idx,
						      (unsigned long long)plain->value, plain->name);
	uint32_t idx;
	struct su_symbol *symbol = su_emit_symbol_put(e, key, &idx);

	/* another unit may have named it before: now its place is known too */
	symbol->kind = SU_SYMBOL_NAMED;
	symbol->name = su_emit_string(e, plain->name);
	symbol->section = section;
	symbol->off = plain->value;
	symbol->size = plain->size;
	symbol->target = unit_target(e, unit);
	symbol->flags &= ~(u32)SU_SYMBOL_WEAK; /* another unit's weak one loses against this */
	symbol->flags |= (plain->type == STT_FUNC ? SU_SYMBOL_FUNC : 0) | (is_global ? SU_SYMBOL_GLOBAL : 0);
	return idx;
}

uint32_t su_emit_symbol(struct su_emitter *e, uint32_t unit, const struct su_elf_symbol *plain)
{
	uint32_t idx;

	if (plain->section && plain->type == STT_SECTION)
		return section_symbol(e, unit, plain->section);
	if (plain->section && plain->bind != STB_WEAK)
		return defined_symbol(e, unit, plain);
	idx = su_emit_symbol_named(e, unit, plain->name);
	if (plain->bind == STB_WEAK && e->symbols.data[idx].section == SU_NONE)
		e->symbols.data[idx].flags |= SU_SYMBOL_WEAK;
	return idx;
}

uint32_t su_emit_symbol_piece(struct su_emitter *e, uint32_t unit, const struct su_elf_section *plain, uint64_t off)
{
	uint32_t section = su_emit_section(e, unit, plain);
	uint32_t idx;
	struct su_symbol *symbol =
		su_emit_symbol_put(e, su_arena_format(&e->arena, "p%u:%llu", section, (unsigned long long)off), &idx);

	*symbol = (struct su_symbol){
		.kind = SU_SYMBOL_PIECE,
		.section = section,
		.target = unit_target(e, unit),
		.off = off,
		.size = su_elf_piece_size(plain, off),
	};
	return idx;
}

/* ---- the blob ---- */

static struct su_table append_table(struct su_buf *blob, const void *data, size_t nr, size_t sz)
{
	struct su_table table = { .nr = (u32)nr };

	su_buf_align(blob, 8);
	table.off = (u32)blob->nr;
	if (nr)
		su_buf_add(blob, data, nr * sz);
	return table;
}

#define APPEND(blob, vec) append_table(blob, (vec).data, (vec).nr, sizeof(*(vec).data))

static void fill_area_sizes(struct su_emitter *e)
{
	for (size_t i = 0; i < e->areas.nr; i++) {
		const struct su_elf_out_section *s = &e->out.sections.data[e->area_sections.data[i]];

		e->areas.data[i].size = s->type == SHT_NOBITS ? s->nobits_sz : s->data.nr;
	}
}

static void add_sum(struct su_buf *blob, struct su_header *h)
{
	u64 sum;

	su_buf_align(blob, SU_SUM_SZ);
	su_buf_zero(blob, SU_SUM_SZ);
	h->blob_sz = (u32)blob->nr;
	memcpy(blob->data, h, sizeof(*h));
	sum = su_update_sum((const struct su_header *)blob->data);
	memcpy(blob->data + blob->nr - SU_SUM_SZ, &sum, SU_SUM_SZ);
}

int su_emit_blob(struct su_emitter *e)
{
	SU_CLEANUP_BUF struct su_buf blob = { 0 };
	struct su_header h = { .format = SU_FORMAT };
	uint32_t section = su_elf_out_section(&e->out, SU_BLOB_SECTION, SHT_PROGBITS, SHF_ALLOC, 8);

	memcpy(h.magic, SU_MAGIC, SU_MAGIC_SZ);
	h.id = su_emit_string(e, e->request->id);
	h.flags = e->stays ? SU_UPDATE_STAYS : 0;
	e->result->stays = e->stays;
	fill_area_sizes(e);
	su_buf_zero(&blob, sizeof(h));
	h.areas = APPEND(&blob, e->areas);
	h.targets = APPEND(&blob, e->targets);
	h.units = APPEND(&blob, e->units);
	h.sections = APPEND(&blob, e->sections);
	h.symbols = APPEND(&blob, e->symbols);
	h.holes = APPEND(&blob, e->holes);
	h.sites = APPEND(&blob, e->sites);
	h.functions = APPEND(&blob, e->functions);
	h.ranges = APPEND(&blob, e->ranges);
	h.relocs = APPEND(&blob, e->relocs);
	h.strings = append_table(&blob, e->strings.data, e->strings.nr, 1);
	if (blob.nr > INT32_MAX - 2 * SU_SUM_SZ)
		return su_fail(e->diags, SU_AT(INTERNAL, .object = e->request->id), "the update's tables are too large");
	add_sum(&blob, &h);
	su_elf_out_append(&e->out, section, blob.data, blob.nr, 8);
	su_elf_out_symbol(&e->out, SU_BLOB_SYMBOL, section, 0, blob.nr, STT_OBJECT, STB_GLOBAL);
	su_elf_out_reloc(&e->out, section, offsetof(struct su_header, core), R_X86_64_64,
			 su_elf_out_undefined(&e->out, SU_CORE_SYMBOL_NAME), 0);
	for (size_t i = 0; i < e->areas.nr; i++)
		su_elf_out_reloc(&e->out, section,
				 h.areas.off + i * sizeof(struct su_area) + offsetof(struct su_area, addr), R_X86_64_64,
				 e->out.sections.data[e->area_sections.data[i]].symbol, 0);
	return 0;
}
