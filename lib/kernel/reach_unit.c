// SPDX-License-Identifier: GPL-2.0-or-later
/* One unit: the closure of those parts that it includes, and whether its own text, or code that it includes, mentions a name of it. */
#include <string.h>

#include "reaching.h"

static bool does_include(const struct su_reaching *x, uint32_t file)
{
	return file < x->file_stamps.nr && x->file_stamps.data[file] == x->stamp;
}

static bool is_active_here(const struct su_reaching *x, const struct su_reach_paths *paths)
{
	size_t i, k;

	for (i = 0; i < paths->nr; i++) {
		for (k = 0; k < paths->data[i].nr && does_include(x, paths->data[i].files[k]); k++)
			;
		if (k == paths->data[i].nr)
			return true;
	}
	return false;
}

static bool has_taint(const struct su_reaching *x, uint32_t name)
{
	return name < x->unit_stamps.nr && x->unit_stamps.data[name] == x->stamp;
}

static void set_taint(struct su_reaching *x, uint32_t name)
{
	while (x->unit_stamps.nr <= name)
		*su_vec_add(&x->unit_stamps) = 0;
	if (x->unit_stamps.data[name] == x->stamp)
		return;
	x->unit_stamps.data[name] = x->stamp;
	x->has_taint = true;
	*su_vec_add(&x->unit_queue) = name;
}

static void set_defs(struct su_reaching *x, const struct su_definitions *defs)
{
	size_t i;

	for (i = 0; i < defs->nr; i++)
		set_taint(x, defs->data[i].name);
}

/* A unit's own source is not our question. */
static bool is_source_here(const struct su_reaching *x, const struct su_reach_source *source)
{
	return source->file && source->file != x->unit->file && does_include(x, source->file);
}

/* The seeds that this unit includes. Return: whether a change is in code that it compiles. */
static bool seed_unit(struct su_reaching *x)
{
	bool is_asm = x->unit->command->is_asm, active = false;
	size_t i, k, call = 0;

	for (i = 0; i < x->r->sources.nr; i++) {
		const struct su_reach_source *source = &x->r->sources.data[i];
		bool included = is_source_here(x, source) || !source->file;

		for (k = 0; included && k < source->seeds.names.nr; k++)
			if (!is_asm || source->seeds.names.data[k].for_asm)
				set_taint(x, source->seeds.names.data[k].name);
		for (k = 0; k < source->seeds.calls.nr; k++, call++) {
			if (!included || is_asm)
				continue;
			set_defs(x, &x->seed_calls.data[call].defs);
			active |= is_active_here(x, &x->seed_calls.data[call].active);
		}
		active |= included && (is_asm ? source->seeds.is_asm_active : source->seeds.is_active);
	}
	return active;
}

static void seed_includes(struct su_reaching *x)
{
	size_t i, k, f;

	for (i = 0; i < x->r->sources.nr; i++) {
		const struct su_reach_source *source = &x->r->sources.data[i];

		for (k = 0; does_include(x, source->file) && k < source->seeds.includes.nr; k++) {
			su_reach_walk_include(x, x->unit, source, &source->seeds.includes.data[k]);
			for (f = 0; f < x->beyond.files.nr; f++)
				set_defs(x, &x->graph->files.data[x->beyond.files.data[f]].c.defs);
		}
	}
}

/* A tainted construct that the unit at hand includes. Return: whether it is code that the unit compiles. */
static bool enter(struct su_reaching *x, const struct su_reach_place *place)
{
	uint32_t tainted = x->tainted_of[x->first[place->file] + place->construct];
	const struct su_reach_tainted *t = tainted ? &x->tainted.data[tainted - 1] : NULL;

	if (!t || !does_include(x, t->file) || (x->unit->command->is_asm ? !t->construct->for_asm : !t->construct->for_c))
		return false;
	if (is_active_here(x, &t->active))
		return true;
	set_defs(x, &t->defs);
	return false;
}

static bool spread_pastes(struct su_reaching *x, uint32_t name)
{
	size_t i = name < x->first_use.nr ? x->first_use.data[name] : 0, k;

	for (; i && i <= x->uses.nr && x->uses.data[i - 1].name == name; i++) {
		const struct su_paste_use *use = &x->uses.data[i - 1];

		for (k = use->part < x->mentions.name_nr ? x->mentions.start[use->part] : 0;
		     use->part < x->mentions.name_nr && k < x->mentions.start[use->part + 1]; k++)
			if (x->tainted_of[x->first[x->mentions.places[k].file] + x->mentions.places[k].construct] &&
			    su_reach_has_other(x, &x->mentions.places[k], use) && enter(x, &x->mentions.places[k]))
				return true;
	}
	return false;
}

/* Take one of the unit's tainted names further. Return: whether that reaches code which the unit compiles. */
static bool spread(struct su_reaching *x, uint32_t name)
{
	size_t i;

	if (spread_pastes(x, name))
		return true;
	if (name >= x->mentions.name_nr)
		return false;
	for (i = x->mentions.start[name]; i < x->mentions.start[name + 1]; i++) {
		const struct su_reach_place *place = &x->mentions.places[i];

		if (su_reach_does_matter(&x->graph->files.data[place->file].c.constructs.data[place->construct],
					 x->kinds.data[name], su_reach_is_by_value(x, name)) &&
		    enter(x, place))
			return true;
	}
	return false;
}

static bool close_unit(struct su_reaching *x)
{
	while (x->unit_queue.nr)
		if (spread(x, x->unit_queue.data[--x->unit_queue.nr]))
			return true;
	return false;
}

static void note_seen(struct su_reaching *x, uint32_t name)
{
	while (x->seen.nr <= name)
		*su_vec_add(&x->seen) = 0;
	x->seen.data[name] = x->stamp;
}

static bool is_seen(const struct su_reaching *x, uint32_t name)
{
	return name < x->seen.nr && x->seen.data[name] == x->stamp;
}

/* Do the unit's own texts have the parts of a tainted name, and what puts them together? */
static bool does_paste(struct su_reaching *x)
{
	size_t i, k;

	for (i = 0; i < x->uses.nr; i++) {
		const struct su_paste_use *use = &x->uses.data[i];
		const struct su_name_list *macros;

		if (!has_taint(x, use->name) || !is_seen(x, use->part))
			continue;
		if (use->other && is_seen(x, use->other))
			return true;
		macros = use->other ? NULL : su_reach_leading_macros(x, use->macro);
		for (k = 0; macros && k < macros->nr; k++)
			if (is_seen(x, macros->data[k]))
				return true;
	}
	return false;
}

/* Does a file's text mention a tainted name? */
static bool does_mention(struct su_reaching *x, uint32_t file)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	struct su_ctoken token, before[4] = { { 0 } };
	struct su_clexer lexer;
	const char *text;
	size_t sz;

	/* What cannot be read is left to the compiler's judgement. */
	if (su_graph_text(x->graph, file, &buf, &text, &sz))
		return true;
	su_clexer_init(&lexer, text, sz);
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&lexer, &token)) {
		uint32_t name = token.kind == SU_CTOKEN_WORD || token.kind == SU_CTOKEN_NUMBER ?
					su_names_find(&x->graph->names, token.text, token.len) :
					0;

		if (has_taint(x, name))
			return true;
		if (name)
			note_seen(x, name);
		if (su_construct_is_member(&before[2], &token) &&
		    has_taint(x, su_construct_member(&x->graph->names, &before[3])))
			return true;
		if (su_construct_is_by_value(before, &token) &&
		    has_taint(x, su_construct_tag(&x->graph->names, &before[3])))
			return true;
		memmove(before, before + 1, 3 * sizeof(*before));
		before[3] = token;
	}
	return false;
}

static void stamp_files(struct su_reaching *x)
{
	size_t i;

	while (x->file_stamps.nr < x->graph->files.nr)
		*su_vec_add(&x->file_stamps) = 0;
	for (i = 0; i < x->walk.files.nr; i++)
		x->file_stamps.data[x->walk.files.data[i]] = x->stamp;
}

bool su_reach_includes_source(const struct su_reaching *x)
{
	size_t i;

	for (i = 0; i < x->r->sources.nr; i++)
		if (is_source_here(x, &x->r->sources.data[i]))
			return true;
	return x->walk.is_opaque;
}

bool su_reach_can_change(struct su_reaching *x)
{
	size_t i;

	if (x->walk.is_opaque || seed_unit(x))
		return true;
	seed_includes(x);
	if (close_unit(x))
		return true;
	for (i = 0; x->has_taint && i < x->walk.files.nr; i++)
		if (!x->graph->files.data[x->walk.files.data[i]].is_header && does_mention(x, x->walk.files.data[i]))
			return true;
	return x->has_taint && does_paste(x);
}

void su_reach_begin_unit(struct su_reaching *x, uint32_t unit)
{
	x->unit = &x->graph->units.data[unit];
	x->stamp++;
	x->has_taint = false;
	x->unit_queue.nr = 0;
	su_graph_walk(x->graph, x->unit, &x->walk);
	stamp_files(x);
}
