// SPDX-License-Identifier: GPL-2.0-or-later
/* One emission from start to end: select, plan redirects, describe pre, place post, write tables and file. */
#include <string.h>

#include "emitter.h"

static void add_units(struct su_emitter *e)
{
	for (size_t u = 0; u < e->request->unit_nr; u++)
		*su_vec_add(&e->units) = (struct su_unit){
			.name = su_emit_string(e, e->request->units[u].name),
			.target = su_emit_target_idx(e, e->request->units[u].target),
		};
}

/* The .cold parts of a function of an earlier update: each has a section of its own, as the function has. */
static int add_stacked_ranges(struct su_emitter *e, const struct su_emit_redirect *r)
{
	const struct su_atom *pre = r->post->partner;

	for (size_t i = 0; i < pre->attached.nr; i++) {
		struct su_atom *cold = pre->attached.data[i];
		uint32_t section;
		int err;

		if (!su_emit_earlier_is_part(pre, cold))
			continue;
		err = su_emit_earlier_function(e, r->unit_idx, cold, &section);
		if (err)
			return err;
		*su_vec_add(&e->ranges) = (struct su_range){ .section = section, .size = (u32)cold->size };
	}
	return 0;
}

static int add_cold_ranges(struct su_emitter *e, const struct su_emit_redirect *r)
{
	const struct su_atom *pre = r->post->partner;

	for (size_t i = 0; i < pre->attached.nr; i++) {
		const struct su_elf_symbol *plain;

		if (pre->attached.data[i]->kind != SU_ATOM_FUNC)
			continue;
		plain = su_emit_plain_symbol(r->unit->plain, pre->attached.data[i]->line.origin);
		if (!plain)
			return su_fail(e->diags,
				       SU_AT(AMBIGUOUS, .object = r->unit->name, .symbol = pre->attached.data[i]->name,
					     .hint = "change a caller of the function instead"),
				       "the running kernel has none or several of this name in the unit");
		*su_vec_add(&e->ranges) = (struct su_range){
			.section = su_emit_section(e, r->unit_idx, plain->section),
			.off = (u32)plain->value,
			.size = (u32)plain->size,
		};
	}
	return 0;
}

static int old_section(struct su_emitter *e, const struct su_emit_redirect *r, uint32_t *section)
{
	if (r->is_stacked)
		return su_emit_earlier_function(e, r->unit_idx, r->post->partner, section);
	*section = su_emit_section(e, r->unit_idx, r->plain->section);
	return 0;
}

static int add_function(struct su_emitter *e, const struct su_emit_redirect *r)
{
	const struct su_lineage *line = &r->post->partner->line;
	struct su_function f = {
		.name = su_emit_string(e, line->origin ? line->origin : r->plain->name),
		.off = r->is_stacked ? 0 : (u32)r->plain->off,
		.size = (u32)r->plain->size,
		.window_off = r->window_off,
		.new_area = su_emit_area(e, r->post->out_section, SU_AREA_EXEC),
		.new_off = r->post->out_off,
		.flags = r->has_fentry ? SU_FUNCTION_FENTRY : 0,
		.first_range = (u32)e->ranges.nr,
	};
	int ret = old_section(e, r, &f.section);

	if (ret)
		return ret;
	*su_vec_add(&e->ranges) = (struct su_range){ .section = f.section, .off = f.off, .size = f.size };
	ret = r->is_stacked ? add_stacked_ranges(e, r) : add_cold_ranges(e, r);
	f.range_nr = (u32)e->ranges.nr - f.first_range;
	*su_vec_add(&e->functions) = f;
	return ret;
}

static void report_function(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_atom *atom)
{
	*su_vec_add(&e->result->functions) = (struct su_emit_function){
		.unit = su_arena_strdup(&e->result->arena, unit->name),
		.name = su_arena_strdup(&e->result->arena, atom->name),
		.old_sz = atom->partner ? atom->partner->size : 0,
		.new_sz = atom->size,
		.is_new = !atom->partner,
		.why = atom->why,
		.why_off = atom->why_off,
	};
}

static void report(struct su_emitter *e)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t u = 0; u < e->request->unit_nr; u++) {
			const struct su_object *post = e->request->units[u].diff->post;

			for (size_t i = 0; i < post->atom_nr; i++) {
				const struct su_atom *atom = post->atoms[i];

				if (atom->is_selected && atom->kind == SU_ATOM_FUNC && !atom->owner &&
				    (atom->partner == NULL) == (pass == 1))
					report_function(e, &e->request->units[u], atom);
			}
		}
		if (pass == 0)
			e->result->changed_nr = e->result->functions.nr;
	}
	e->result->new_nr = e->result->functions.nr - e->result->changed_nr;
}

static size_t count_fields(const struct su_emitter *e, uint32_t symbol)
{
	size_t nr = 0;

	for (size_t i = 0; i < e->holes.nr; i++)
		nr += e->holes.data[i].symbol == symbol;
	return nr;
}

static const char *string_at(const struct su_emitter *e, uint32_t off)
{
	return e->strings.data + off;
}

static struct su_emit_symbol describe_symbol(const struct su_emitter *e, uint32_t idx)
{
	const struct su_symbol *symbol = &e->symbols.data[idx];
	struct su_arena *arena = &e->result->arena;
	struct su_emit_symbol out = { .name = su_arena_strdup(arena, string_at(e, symbol->name)), .section = "" };

	if (symbol->section != SU_NONE) {
		const struct su_section *s = &e->sections.data[symbol->section];

		out.proof = SU_PROOF_PLACE;
		out.section = su_arena_format(arena, "%s:%s", string_at(e, e->units.data[s->unit].name),
					      string_at(e, s->name));
		return out;
	}
	out.fields = count_fields(e, idx);
	out.proof = out.fields ? SU_PROOF_FIELD : SU_PROOF_NAME;
	return out;
}

/* @private_idx, @undefined_idx: of each symbol of the tables and of the output where it is in the report. */
static void list_symbols(struct su_emitter *e, uint32_t *private_idx, uint32_t *undefined_idx)
{
	for (size_t i = 0; i < e->symbols.nr; i++) {
		if (!(e->symbols.data[i].flags & SU_SYMBOL_WANTED))
			continue;
		private_idx[i] = (uint32_t)e->result->symbols.nr;
		*su_vec_add(&e->result->symbols) = describe_symbol(e, (uint32_t)i);
	}
	for (size_t i = 0; i < e->out.symbols.nr; i++) {
		if (e->out.symbols.data[i].section != SU_ELF_UNDEF)
			continue;
		undefined_idx[i] = (uint32_t)e->result->symbols.nr;
		*su_vec_add(&e->result->symbols) = (struct su_emit_symbol){
			.name = su_arena_strdup(&e->result->arena, e->out.symbols.data[i].name),
			.section = "",
			.proof = SU_PROOF_EXPORT,
		};
	}
}

static void report_symbols(struct su_emitter *e)
{
	uint32_t *private_idx = su_alloc((e->symbols.nr + 1) * sizeof(*private_idx));
	uint32_t *undefined_idx = su_alloc((e->out.symbols.nr + 1) * sizeof(*undefined_idx));

	list_symbols(e, private_idx, undefined_idx);
	for (size_t i = 0; i < e->references.nr; i++) {
		const struct su_emit_reference *r = &e->references.data[i];

		*su_vec_add(&e->result->uses) = (struct su_emit_use){
			.by = r->by,
			.symbol = (r->is_private ? private_idx : undefined_idx)[r->symbol],
		};
	}
	free(private_idx);
	free(undefined_idx);
}

static int emit(struct su_emitter *e, const char *path)
{
	int ret, err;

	su_emit_earlier_begin(e);
	ret = su_emit_select(e);
	err = su_emit_redirects(e);

	if (ret || err)
		return ret ? ret : err;
	if (!e->redirects.nr)
		return su_fail(e->diags,
			       SU_AT(NO_CHANGE, .object = e->request->unit_nr == 1 ? e->request->units[0].name : NULL),
			       "the object code does not change: there is nothing to replace");
	add_units(e);
	su_emit_pre(e);
	ret = su_emit_place(e);
	for (size_t i = 0; !ret && i < e->redirects.nr; i++)
		ret = add_function(e, &e->redirects.data[i]);
	if (!ret)
		ret = su_emit_describe(e);
	if (!ret)
		ret = su_emit_blob(e);
	if (ret)
		return ret;
	report(e);
	report_symbols(e);
	su_emit_modinfo(e);
	return su_elf_out_write(e->diags, &e->out, path);
}

static void fini(struct su_emitter *e)
{
	su_elf_out_fini(&e->out);
	su_arena_fini(&e->arena);
	su_map_fini(&e->overridden);
	su_map_fini(&e->defined);
	su_map_fini(&e->string_idx);
	su_map_fini(&e->symbol_idx);
	su_map_fini(&e->section_idx);
	su_map_fini(&e->piece_off);
	su_buf_fini(&e->strings);
	su_vec_fini(&e->redirects);
	su_vec_fini(&e->references);
	su_vec_fini(&e->defined_atoms);
	su_vec_fini(&e->areas);
	su_vec_fini(&e->targets);
	su_vec_fini(&e->units);
	su_vec_fini(&e->sections);
	su_vec_fini(&e->symbols);
	su_vec_fini(&e->holes);
	su_vec_fini(&e->sites);
	su_vec_fini(&e->functions);
	su_vec_fini(&e->ranges);
	su_vec_fini(&e->relocs);
	su_vec_fini(&e->area_sections);
	su_vec_fini(&e->matched);
	su_vec_fini(&e->earlier_atoms);
	su_map_fini(&e->earlier);
}

int su_emit_object(struct su_diags *diags, const struct su_emit_request *request, const char *path,
		   struct su_emit_result *result)
{
	struct su_emitter e = { .diags = diags, .request = request, .result = result };
	int ret = emit(&e, path);

	fini(&e);
	return ret;
}

void su_emit_result_fini(struct su_emit_result *result)
{
	su_vec_fini(&result->functions);
	su_vec_fini(&result->symbols);
	su_vec_fini(&result->uses);
	su_arena_fini(&result->arena);
}
