// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The closure of changed names. A name taints each construct that mentions it, and a tainted construct taints what it
 * defines. The closure over all headers is a superset; each unit's own is made of those parts that the unit includes.
 */
#include <stdio.h>
#include <string.h>

#include "cexpand.h"
#include "paste.h"
#include "reach.h"

#define EXPAND_DEPTH_MAX 6
#define PASTES_MAX 4000 /* names looked at for pasting; where more are reached, nearly every unit is anyway */
#define NAME_KINDS_VALUE (SU_NAME_MACRO | SU_NAME_CONST | SU_NAME_TYPE)

/* The files of the macros that together make active code: it is active for who includes all of them. */
struct path {
	uint32_t files[EXPAND_DEPTH_MAX + 1];
	size_t nr;
};
SU_VEC_TYPE(paths, struct path);

/* A construct that a changed name reaches. */
struct tainted {
	uint32_t file;
	const struct su_construct *construct;
	struct su_name_list causes;
	struct su_definitions defs; /* what it makes tainted in turn */
	struct paths active;	    /* code that is compiled in each includer */
};

/* Name -> constructs, as one array: those of name n are at [start[n], start[n + 1]). */
struct place {
	uint32_t file, construct;
};
struct inverted {
	size_t *start;
	struct place *places;
	size_t name_nr;
};

struct work_item {
	uint32_t name;
	unsigned int kinds;
};

struct reaching {
	struct su_reach *r;
	struct su_graph *graph;
	struct inverted mentions, macros;
	SU_VEC(bool) source_macros; /* [name]: a file that is no header defines it */
	size_t *first;		    /* [file]: its first construct's place in tainted_of */
	uint32_t *tainted_of;	    /* tainted + 1; 0: the construct is not */
	SU_VEC(struct tainted) tainted;
	SU_VEC(uint8_t) kinds; /* [name]: bits of su_name_kind, over all */
	SU_VEC(struct work_item) queue;
	struct su_pastes pastes;
	struct su_paste_uses uses; /* of all names, those of one name in a row */
	SU_VEC(size_t) first_use;  /* [name]: index in uses + 1; 0: none */
	size_t pasted_nr;
	SU_VEC(uint32_t) seen; /* [name]: stamp of the unit whose own text has the word */
	/* of the unit at hand */
	SU_VEC(uint32_t) unit_stamps; /* [name] */
	struct su_name_list unit_queue;
	uint32_t stamp;
	bool has_taint; /* any */
	const struct su_graph_unit *unit;
	struct su_graph_walk walk, certain, beyond;
	SU_VEC(uint32_t) file_stamps; /* [file] */
	/* calls among the seeds: [source][call] in one row */
	SU_VEC(struct tainted) seed_calls;
};

/* ---- tables ---- */

static void see(struct inverted *table, bool fill, uint32_t name, struct place place)
{
	if (fill)
		table->places[--table->start[name]] = place;
	else
		table->start[name]++;
}

static void see_construct(struct reaching *x, bool fill, struct place place)
{
	const struct su_cfile *c = &x->graph->files.data[place.file].c;
	const struct su_construct *construct = &c->constructs.data[place.construct];
	size_t i;

	for (i = 0; i < construct->word_nr; i++)
		see(&x->mentions, fill, c->words.data[construct->first_word + i], place);
	if (construct->kind == SU_CONSTRUCT_MACRO)
		see(&x->macros, fill, c->defs.data[construct->first_def].name, place);
}

static void see_all(struct reaching *x, bool fill)
{
	struct place place;

	for (place.file = 0; place.file < x->graph->files.nr; place.file++)
		for (place.construct = 0; place.construct < x->graph->files.data[place.file].c.constructs.nr;
		     place.construct++)
			see_construct(x, fill, place);
}

/* Counts become ends of rows; filling moves them to the rows' starts. */
static void sum_up(struct inverted *table)
{
	size_t i, sum = 0;

	for (i = 0; i < table->name_nr; i++) {
		sum += table->start[i];
		table->start[i] = sum;
	}
	table->start[table->name_nr] = sum;
	table->places = su_alloc((sum + 1) * sizeof(*table->places));
}

static void make_tables(struct reaching *x)
{
	size_t nr = x->graph->names.texts.nr, i, k;

	while (x->source_macros.nr < nr)
		*su_vec_add(&x->source_macros) = false;
	for (i = 0; i < x->graph->files.nr; i++)
		for (k = 0; k < x->graph->files.data[i].defines.nr; k++)
			x->source_macros.data[x->graph->files.data[i].defines.data[k]] = true;

	x->mentions = (struct inverted){ .start = su_alloc((nr + 2) * sizeof(size_t)), .name_nr = nr };
	x->macros = (struct inverted){ .start = su_alloc((nr + 2) * sizeof(size_t)), .name_nr = nr };
	x->first = su_alloc((x->graph->files.nr + 1) * sizeof(*x->first));
	for (i = 0; i < x->graph->files.nr; i++)
		x->first[i + 1] = x->first[i] + x->graph->files.data[i].c.constructs.nr;
	x->tainted_of = su_alloc((x->first[x->graph->files.nr] + 1) * sizeof(*x->tainted_of));
	see_all(x, false);
	sum_up(&x->mentions);
	sum_up(&x->macros);
	see_all(x, true);
}

/* ---- macro invocations ---- */

static bool expand_call(struct reaching *x, struct tainted *t, const char *text, size_t sz, struct path path);

static void make_active(struct tainted *t, const struct path *path)
{
	*su_vec_add(&t->active) = *path;
}

/* What came out of an expansion is a header's text like any other. */
static void class_expansion(struct reaching *x, struct tainted *t, const struct su_buf *text, const struct path *path)
{
	struct su_cfile_request req = {
		.text = text->data, .sz = text->nr, .facts = &x->graph->facts, .names = &x->graph->names
	};
	struct su_cfile c;
	size_t i, k;

	su_cfile_parse(&req, &c);
	for (i = 0; i < c.constructs.nr; i++) {
		const struct su_construct *made = &c.constructs.data[i];

		for (k = 0; k < made->def_nr; k++)
			*su_vec_add(&t->defs) = c.defs.data[made->first_def + k];
		if (made->kind == SU_CONSTRUCT_ACTIVE ||
		    (made->kind == SU_CONSTRUCT_CALL && !expand_call(x, t, made->text, made->sz, *path)))
			make_active(t, path);
	}
	su_cfile_fini(&c);
}

static size_t call_name_len(const char *text, size_t sz)
{
	const char *paren = memchr(text, '(', sz);
	size_t len = paren ? (size_t)(paren - text) : 0;

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* Return: whether any definition of the macro is known. */
static bool expand_call(struct reaching *x, struct tainted *t, const char *text, size_t sz, struct path path)
{
	uint32_t name = su_names_find(&x->graph->names, text, call_name_len(text, sz));
	bool found = false;
	size_t i;

	if (!name || name >= x->macros.name_nr || path.nr == EXPAND_DEPTH_MAX)
		return false;
	for (i = x->macros.start[name]; i < x->macros.start[name + 1]; i++) {
		const struct place *place = &x->macros.places[i];
		const struct su_construct *macro = &x->graph->files.data[place->file].c.constructs.data[place->construct];
		SU_CLEANUP_BUF struct su_buf out = { 0 };
		struct path next = path;

		if (!macro->for_c || !su_macro_expand(macro->text, macro->sz, text, sz, &out))
			continue;
		found = true;
		next.files[next.nr++] = place->file;
		su_buf_puts(&out, " ;");
		class_expansion(x, t, &out, &next);
	}
	return found;
}

/* A list for macros that each includer defines anew. */
static bool is_defined_in_source(const struct reaching *x, const char *text, size_t sz)
{
	uint32_t name = su_names_find(&x->graph->names, text, call_name_len(text, sz));

	return name < x->source_macros.nr && x->source_macros.data[name];
}

static void expand(struct reaching *x, struct tainted *t, const char *text, size_t sz)
{
	struct path path = { .nr = 0 };

	if (!expand_call(x, t, text, sz, path) || is_defined_in_source(x, text, sz))
		make_active(t, &path);
}

/* ---- the closure over all headers ---- */

static void taint_name(struct reaching *x, uint32_t name, unsigned int kinds)
{
	while (x->kinds.nr <= name)
		*su_vec_add(&x->kinds) = 0;
	if ((x->kinds.data[name] | kinds) == x->kinds.data[name])
		return;
	x->kinds.data[name] |= (uint8_t)kinds;
	*su_vec_add(&x->queue) = (struct work_item){ .name = name, .kinds = x->kinds.data[name] };
}

static bool is_by_value(const struct reaching *x, uint32_t name)
{
	return *su_names_text(&x->graph->names, name) == '=';
}

/* What a name of these kinds means to a construct that mentions it. */
static bool does_matter(const struct su_construct *construct, unsigned int kinds, bool is_by_value)
{
	/* A declaration of an object or a parameter copies nothing. */
	if (construct->kind == SU_CONSTRUCT_DECL && is_by_value)
		return false;
	/* Members and functions have name spaces of their own inside of types and prototypes. */
	if (construct->kind == SU_CONSTRUCT_TYPE || construct->kind == SU_CONSTRUCT_DECL)
		return kinds & NAME_KINDS_VALUE;
	return true;
}

static void copy_defs(struct reaching *x, struct tainted *t, unsigned int kinds)
{
	const struct su_cfile *c = &x->graph->files.data[t->file].c;
	size_t i;

	t->defs.nr = 0;
	for (i = 0; i < t->construct->def_nr; i++)
		if (c->defs.data[t->construct->first_def + i].kind & kinds)
			*su_vec_add(&t->defs) = c->defs.data[t->construct->first_def + i];
}

static void fill_defs(struct reaching *x, struct tainted *t, uint32_t cause)
{
	struct path none = { .nr = 0 };

	switch (t->construct->kind) {
	case SU_CONSTRUCT_CALL:
		if (t->causes.nr == 1)
			expand(x, t, t->construct->text, t->construct->sz);
		break;
	case SU_CONSTRUCT_ACTIVE:
		if (t->causes.nr == 1)
			make_active(t, &none);
		copy_defs(x, t, ~0u);
		break;
	case SU_CONSTRUCT_TYPE:
		/*
		 * A struct with a changed constant or type inside: either its layout changes, which is not possible, or
		 * nothing does. One that holds a changed struct changes as that does.
		 */
		if (t->construct->is_record && !is_by_value(x, cause)) {
			if (t->causes.nr == 1)
				copy_defs(x, t, SU_NAME_CONST);
			break;
		}
		copy_defs(x, t, ~0u);
		break;
	default:
		copy_defs(x, t, ~0u);
	}
}

static void taint_construct(struct reaching *x, const struct place *place, uint32_t cause)
{
	uint32_t *slot = &x->tainted_of[x->first[place->file] + place->construct];
	struct tainted *t;
	size_t i;

	if (!*slot) {
		*su_vec_add(&x->tainted) = (struct tainted){
			.file = place->file,
			.construct = &x->graph->files.data[place->file].c.constructs.data[place->construct],
		};
		*slot = (uint32_t)x->tainted.nr;
	}
	t = &x->tainted.data[*slot - 1];
	*su_vec_add(&t->causes) = cause;
	if (t->construct->is_record && t->construct->kind == SU_CONSTRUCT_TYPE && t->causes.nr == 1)
		*su_vec_add(&x->r->types) = (struct su_reach_type){ .file = place->file, .construct = place->construct };
	fill_defs(x, t, cause);
	for (i = 0; i < t->defs.nr; i++)
		taint_name(x, t->defs.data[i].name, t->defs.data[i].kind);
}

static bool has_word(const struct reaching *x, const struct place *place, uint32_t name)
{
	const struct su_cfile *c = &x->graph->files.data[place->file].c;
	const struct su_construct *construct = &c->constructs.data[place->construct];
	size_t i;

	for (i = 0; i < construct->word_nr; i++)
		if (c->words.data[construct->first_word + i] == name)
			return true;
	return false;
}

/* The macros whose text leads to one that pastes, itself first. */
static const struct su_name_list *leading_macros(struct reaching *x, uint32_t index)
{
	struct su_paste_macro *macro = &x->pastes.macros.data[index];
	struct su_map seen = { 0 };
	size_t i, k;

	if (macro->is_closed)
		return &macro->names;
	macro->is_closed = true;
	*su_vec_add(&macro->names) = macro->name;
	for (i = 0; i < macro->names.nr; i++) {
		uint32_t name = macro->names.data[i];

		for (k = x->mentions.start[name]; name < x->mentions.name_nr && k < x->mentions.start[name + 1]; k++) {
			const struct place *place = &x->mentions.places[k];
			const struct su_cfile *c = &x->graph->files.data[place->file].c;
			const struct su_construct *construct = &c->constructs.data[place->construct];
			int is_new;

			if (construct->kind != SU_CONSTRUCT_MACRO)
				continue;
			su_map_put(&seen, su_names_text(&x->graph->names, c->defs.data[construct->first_def].name),
				   &is_new);
			if (is_new)
				*su_vec_add(&macro->names) = c->defs.data[construct->first_def].name;
		}
	}
	su_map_fini(&seen);
	return &macro->names;
}

/* Is a use's other half in this construct too? */
static bool has_other(struct reaching *x, const struct place *place, const struct su_paste_use *use)
{
	const struct su_name_list *macros;
	size_t i;

	if (use->other)
		return has_word(x, place, use->other);
	macros = leading_macros(x, use->macro);
	for (i = 0; i < macros->nr; i++)
		if (has_word(x, place, macros->data[i]))
			return true;
	return false;
}

static void close_use(struct reaching *x, const struct su_paste_use *use)
{
	size_t i;

	if (use->part >= x->mentions.name_nr)
		return;
	for (i = x->mentions.start[use->part]; i < x->mentions.start[use->part + 1]; i++) {
		const struct place place = x->mentions.places[i];

		if (has_other(x, &place, use))
			taint_construct(x, &place, use->name);
	}
}

/* Constructs that put the name together. */
static void close_pastes(struct reaching *x, uint32_t name)
{
	size_t i, first = x->uses.nr;

	while (x->first_use.nr <= name)
		*su_vec_add(&x->first_use) = 0;
	if (x->first_use.data[name] || x->pasted_nr++ >= PASTES_MAX)
		return;
	su_pastes_uses(x->graph, &x->pastes, name, &x->uses);
	x->first_use.data[name] = first + 1;
	for (i = first; i < x->uses.nr; i++) {
		const struct su_paste_use use = x->uses.data[i];

		close_use(x, &use);
	}
}

static void close_over(struct reaching *x)
{
	while (x->queue.nr) {
		struct work_item item = x->queue.data[--x->queue.nr];
		size_t i;

		close_pastes(x, item.name);
		if (item.name >= x->mentions.name_nr)
			continue;
		for (i = x->mentions.start[item.name]; i < x->mentions.start[item.name + 1]; i++) {
			const struct place *place = &x->mentions.places[i];
			const struct su_construct *construct =
				&x->graph->files.data[place->file].c.constructs.data[place->construct];

			if (does_matter(construct, item.kinds, is_by_value(x, item.name)))
				taint_construct(x, place, item.name);
		}
	}
}

/* ---- the seeds ---- */

/*
 * An #include came or went: find the headers that the unit may include only because of it. Those that it includes in any case
 * just change their place.
 */
static void walk_include(struct reaching *x, const struct su_graph_unit *unit, const struct su_reach_source *source,
			 const struct su_include *include)
{
	struct su_graph_unit begin = *unit;

	x->beyond.files.nr = 0;
	begin.file = include->is_computed ? 0 : su_graph_resolve(x->graph, source->file, include, unit);
	if (!begin.file)
		return;
	x->certain.only_certain = true;
	x->certain.skip_from = source->file;
	x->certain.skip_name = include->name;
	su_graph_walk(x->graph, unit, &x->certain);
	x->beyond.closed = &x->certain.files;
	begin.forced.nr = 0;
	su_graph_walk(x->graph, &begin, &x->beyond);
}

static void taint_include(struct reaching *x, const struct su_reach_source *source, const struct su_include *include)
{
	bool *is_seen = su_alloc(x->graph->files.nr + 1);
	size_t i, k, d;

	for (i = 0; i < x->r->including.nr; i++) {
		walk_include(x, &x->graph->units.data[x->r->including.data[i]], source, include);
		for (k = 0; k < x->beyond.files.nr; k++) {
			uint32_t file = x->beyond.files.data[k];
			const struct su_cfile *c = &x->graph->files.data[file].c;

			for (d = 0; !is_seen[file] && d < c->defs.nr; d++)
				taint_name(x, c->defs.data[d].name, c->defs.data[d].kind);
			is_seen[file] = true;
		}
	}
	free(is_seen);
}

static void add_seeds(struct reaching *x)
{
	size_t i, k;

	for (i = 0; i < x->r->sources.nr; i++) {
		const struct su_reach_source *source = &x->r->sources.data[i];

		for (k = 0; k < source->seeds.names.nr; k++)
			taint_name(x, source->seeds.names.data[k].name, source->seeds.names.data[k].kind);
		for (k = 0; k < source->seeds.calls.nr; k++) {
			struct tainted call = { .file = source->file };
			size_t d;

			expand(x, &call, source->seeds.calls.data[k].text, source->seeds.calls.data[k].sz);
			for (d = 0; d < call.defs.nr; d++)
				taint_name(x, call.defs.data[d].name, call.defs.data[d].kind);
			*su_vec_add(&x->seed_calls) = call;
		}
		for (k = 0; k < source->seeds.includes.nr; k++)
			taint_include(x, source, &source->seeds.includes.data[k]);
	}
}

/* ---- one unit ---- */

static bool does_include(const struct reaching *x, uint32_t file)
{
	return file < x->file_stamps.nr && x->file_stamps.data[file] == x->stamp;
}

static bool is_active_here(const struct reaching *x, const struct paths *paths)
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

static bool has_taint(const struct reaching *x, uint32_t name)
{
	return name < x->unit_stamps.nr && x->unit_stamps.data[name] == x->stamp;
}

static void set_taint(struct reaching *x, uint32_t name)
{
	while (x->unit_stamps.nr <= name)
		*su_vec_add(&x->unit_stamps) = 0;
	if (x->unit_stamps.data[name] == x->stamp)
		return;
	x->unit_stamps.data[name] = x->stamp;
	x->has_taint = true;
	*su_vec_add(&x->unit_queue) = name;
}

static void set_defs(struct reaching *x, const struct su_definitions *defs)
{
	size_t i;

	for (i = 0; i < defs->nr; i++)
		set_taint(x, defs->data[i].name);
}

/* A unit's own source is not our question. */
static bool is_source_here(const struct reaching *x, const struct su_reach_source *source)
{
	return source->file && source->file != x->unit->file && does_include(x, source->file);
}

/* The seeds that this unit includes. Return: whether a change is in code that it compiles. */
static bool seed_unit(struct reaching *x)
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

static void seed_includes(struct reaching *x)
{
	size_t i, k, f;

	for (i = 0; i < x->r->sources.nr; i++) {
		const struct su_reach_source *source = &x->r->sources.data[i];

		for (k = 0; does_include(x, source->file) && k < source->seeds.includes.nr; k++) {
			walk_include(x, x->unit, source, &source->seeds.includes.data[k]);
			for (f = 0; f < x->beyond.files.nr; f++)
				set_defs(x, &x->graph->files.data[x->beyond.files.data[f]].c.defs);
		}
	}
}

/* A tainted construct that the unit at hand includes. Return: whether it is code that the unit compiles. */
static bool enter(struct reaching *x, const struct place *place)
{
	uint32_t tainted = x->tainted_of[x->first[place->file] + place->construct];
	const struct tainted *t = tainted ? &x->tainted.data[tainted - 1] : NULL;

	if (!t || !does_include(x, t->file) || (x->unit->command->is_asm ? !t->construct->for_asm : !t->construct->for_c))
		return false;
	if (is_active_here(x, &t->active))
		return true;
	set_defs(x, &t->defs);
	return false;
}

static bool spread_pastes(struct reaching *x, uint32_t name)
{
	size_t i = name < x->first_use.nr ? x->first_use.data[name] : 0, k;

	for (; i && i <= x->uses.nr && x->uses.data[i - 1].name == name; i++) {
		const struct su_paste_use *use = &x->uses.data[i - 1];

		for (k = use->part < x->mentions.name_nr ? x->mentions.start[use->part] : 0;
		     use->part < x->mentions.name_nr && k < x->mentions.start[use->part + 1]; k++)
			if (x->tainted_of[x->first[x->mentions.places[k].file] + x->mentions.places[k].construct] &&
			    has_other(x, &x->mentions.places[k], use) && enter(x, &x->mentions.places[k]))
				return true;
	}
	return false;
}

/* Take one of the unit's tainted names further. Return: whether that reaches code which the unit compiles. */
static bool spread(struct reaching *x, uint32_t name)
{
	size_t i;

	if (spread_pastes(x, name))
		return true;
	if (name >= x->mentions.name_nr)
		return false;
	for (i = x->mentions.start[name]; i < x->mentions.start[name + 1]; i++) {
		const struct place *place = &x->mentions.places[i];

		if (does_matter(&x->graph->files.data[place->file].c.constructs.data[place->construct],
				x->kinds.data[name], is_by_value(x, name)) &&
		    enter(x, place))
			return true;
	}
	return false;
}

static bool close_unit(struct reaching *x)
{
	while (x->unit_queue.nr)
		if (spread(x, x->unit_queue.data[--x->unit_queue.nr]))
			return true;
	return false;
}

static void note_seen(struct reaching *x, uint32_t name)
{
	while (x->seen.nr <= name)
		*su_vec_add(&x->seen) = 0;
	x->seen.data[name] = x->stamp;
}

static bool is_seen(const struct reaching *x, uint32_t name)
{
	return name < x->seen.nr && x->seen.data[name] == x->stamp;
}

/* Do the unit's own texts have the parts of a tainted name, and what puts them together? */
static bool does_paste(struct reaching *x)
{
	size_t i, k;

	for (i = 0; i < x->uses.nr; i++) {
		const struct su_paste_use *use = &x->uses.data[i];
		const struct su_name_list *macros;

		if (!has_taint(x, use->name) || !is_seen(x, use->part))
			continue;
		if (use->other && is_seen(x, use->other))
			return true;
		macros = use->other ? NULL : leading_macros(x, use->macro);
		for (k = 0; macros && k < macros->nr; k++)
			if (is_seen(x, macros->data[k]))
				return true;
	}
	return false;
}

/* Does a file's text mention a tainted name? */
static bool does_mention(struct reaching *x, uint32_t file)
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

static void stamp_files(struct reaching *x)
{
	size_t i;

	while (x->file_stamps.nr < x->graph->files.nr)
		*su_vec_add(&x->file_stamps) = 0;
	for (i = 0; i < x->walk.files.nr; i++)
		x->file_stamps.data[x->walk.files.data[i]] = x->stamp;
}

static bool includes_source(const struct reaching *x)
{
	size_t i;

	for (i = 0; i < x->r->sources.nr; i++)
		if (is_source_here(x, &x->r->sources.data[i]))
			return true;
	return x->walk.is_opaque;
}

static bool can_change(struct reaching *x)
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

static void begin_unit(struct reaching *x, uint32_t unit)
{
	x->unit = &x->graph->units.data[unit];
	x->stamp++;
	x->has_taint = false;
	x->unit_queue.nr = 0;
	su_graph_walk(x->graph, x->unit, &x->walk);
	stamp_files(x);
}

static void find_including(struct reaching *x)
{
	uint32_t i;

	for (i = 0; i < x->graph->units.nr; i++) {
		begin_unit(x, i);
		if (includes_source(x))
			*su_vec_add(&x->r->including) = i;
	}
}

static void fini_tainted(struct tainted *t)
{
	su_vec_fini(&t->causes);
	su_vec_fini(&t->defs);
	su_vec_fini(&t->active);
}

static void fini(struct reaching *x)
{
	size_t i;

	for (i = 0; i < x->tainted.nr; i++)
		fini_tainted(&x->tainted.data[i]);
	for (i = 0; i < x->seed_calls.nr; i++)
		fini_tainted(&x->seed_calls.data[i]);
	su_vec_fini(&x->tainted);
	su_vec_fini(&x->seed_calls);
	su_vec_fini(&x->beyond.files);
	su_vec_fini(&x->kinds);
	su_vec_fini(&x->queue);
	su_vec_fini(&x->unit_stamps);
	su_vec_fini(&x->file_stamps);
	su_vec_fini(&x->walk.files);
	su_vec_fini(&x->certain.files);
	su_vec_fini(&x->source_macros);
	free(x->first);
	free(x->tainted_of);
	su_vec_fini(&x->unit_queue);
	su_pastes_fini(&x->pastes);
	su_vec_fini(&x->uses);
	su_vec_fini(&x->first_use);
	su_vec_fini(&x->seen);
	free(x->mentions.start);
	free(x->mentions.places);
	free(x->macros.start);
	free(x->macros.places);
}

void su_reach_find(struct su_reach *reach)
{
	struct reaching x = { .r = reach, .graph = reach->graph };
	size_t i;

	find_including(&x);
	make_tables(&x);
	su_pastes_find(x.graph, &x.pastes);
	add_seeds(&x);
	close_over(&x);
	for (i = 0; i < reach->including.nr; i++) {
		begin_unit(&x, reach->including.data[i]);
		if (can_change(&x))
			*su_vec_add(&reach->units) = reach->including.data[i];
	}
	fini(&x);
}

void su_reach_fini(struct su_reach *reach)
{
	size_t i;

	for (i = 0; i < reach->sources.nr; i++)
		su_seeds_fini(&reach->sources.data[i].seeds);
	su_vec_fini(&reach->sources);
	su_vec_fini(&reach->including);
	su_vec_fini(&reach->units);
	su_vec_fini(&reach->types);
}
