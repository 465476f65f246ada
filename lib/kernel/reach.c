// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The closure of changed names. A name taints each construct that mentions it, and a tainted construct taints what it
 * defines. The closure over all headers is a superset; each unit's own is made of those parts that the unit includes.
 */
#include "reaching.h"

/*
 * An #include came or went: find the headers that the unit may include only because of it. Those that it includes in any case
 * just change their place.
 */
void su_reach_walk_include(struct su_reaching *x, const struct su_graph_unit *unit,
			   const struct su_reach_source *source, const struct su_include *include)
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

static void taint_include(struct su_reaching *x, const struct su_reach_source *source, const struct su_include *include)
{
	bool *is_seen = su_alloc(x->graph->files.nr + 1);
	size_t i, k, d;

	for (i = 0; i < x->r->including.nr; i++) {
		su_reach_walk_include(x, &x->graph->units.data[x->r->including.data[i]], source, include);
		for (k = 0; k < x->beyond.files.nr; k++) {
			uint32_t file = x->beyond.files.data[k];
			const struct su_cfile *c = &x->graph->files.data[file].c;

			for (d = 0; !is_seen[file] && d < c->defs.nr; d++)
				su_reach_taint_name(x, c->defs.data[d].name, c->defs.data[d].kind);
			is_seen[file] = true;
		}
	}
	free(is_seen);
}

static void add_seeds(struct su_reaching *x)
{
	size_t i, k;

	for (i = 0; i < x->r->sources.nr; i++) {
		const struct su_reach_source *source = &x->r->sources.data[i];

		for (k = 0; k < source->seeds.names.nr; k++)
			su_reach_taint_name(x, source->seeds.names.data[k].name, source->seeds.names.data[k].kind);
		for (k = 0; k < source->seeds.calls.nr; k++) {
			struct su_reach_tainted call = { .file = source->file };
			size_t d;

			su_reach_expand(x, &call, source->seeds.calls.data[k].text, source->seeds.calls.data[k].sz);
			for (d = 0; d < call.defs.nr; d++)
				su_reach_taint_name(x, call.defs.data[d].name, call.defs.data[d].kind);
			*su_vec_add(&x->seed_calls) = call;
		}
		for (k = 0; k < source->seeds.includes.nr; k++)
			taint_include(x, source, &source->seeds.includes.data[k]);
	}
}

static void find_including(struct su_reaching *x)
{
	uint32_t i;

	for (i = 0; i < x->graph->units.nr; i++) {
		su_reach_begin_unit(x, i);
		if (su_reach_includes_source(x))
			*su_vec_add(&x->r->including) = i;
	}
}

static void fini_tainted(struct su_reach_tainted *t)
{
	su_vec_fini(&t->causes);
	su_vec_fini(&t->defs);
	su_vec_fini(&t->active);
}

static void fini(struct su_reaching *x)
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
	struct su_reaching x = { .r = reach, .graph = reach->graph };
	size_t i;

	find_including(&x);
	su_reach_make_tables(&x);
	su_pastes_find(x.graph, &x.pastes);
	add_seeds(&x);
	su_reach_close_over(&x);
	for (i = 0; i < reach->including.nr; i++) {
		su_reach_begin_unit(&x, reach->including.data[i]);
		if (su_reach_can_change(&x))
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
