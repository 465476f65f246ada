// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of words: which constructs of which files mention a name, and which define a macro of that name. */
#include "reaching.h"

static void see(struct su_reach_inverted *table, bool fill, uint32_t name, struct su_reach_place place)
{
	if (fill)
		table->places[--table->start[name]] = place;
	else
		table->start[name]++;
}

static void see_construct(struct su_reaching *x, bool fill, struct su_reach_place place)
{
	const struct su_cfile *c = &x->graph->files.data[place.file].c;
	const struct su_construct *construct = &c->constructs.data[place.construct];
	size_t i;

	for (i = 0; i < construct->word_nr; i++)
		see(&x->mentions, fill, c->words.data[construct->first_word + i], place);
	if (construct->kind == SU_CONSTRUCT_MACRO)
		see(&x->macros, fill, c->defs.data[construct->first_def].name, place);
}

static void see_all(struct su_reaching *x, bool fill)
{
	struct su_reach_place place;

	for (place.file = 0; place.file < x->graph->files.nr; place.file++)
		for (place.construct = 0; place.construct < x->graph->files.data[place.file].c.constructs.nr;
		     place.construct++)
			see_construct(x, fill, place);
}

/* Counts become ends of rows; filling moves them to the rows' starts. */
static void sum_up(struct su_reach_inverted *table)
{
	size_t i, sum = 0;

	for (i = 0; i < table->name_nr; i++) {
		sum += table->start[i];
		table->start[i] = sum;
	}
	table->start[table->name_nr] = sum;
	table->places = su_alloc((sum + 1) * sizeof(*table->places));
}

void su_reach_make_tables(struct su_reaching *x)
{
	size_t nr = x->graph->names.texts.nr, i, k;

	while (x->source_macros.nr < nr)
		*su_vec_add(&x->source_macros) = false;
	for (i = 0; i < x->graph->files.nr; i++)
		for (k = 0; k < x->graph->files.data[i].defines.nr; k++)
			x->source_macros.data[x->graph->files.data[i].defines.data[k]] = true;

	x->mentions = (struct su_reach_inverted){ .start = su_alloc((nr + 2) * sizeof(size_t)), .name_nr = nr };
	x->macros = (struct su_reach_inverted){ .start = su_alloc((nr + 2) * sizeof(size_t)), .name_nr = nr };
	x->first = su_alloc((x->graph->files.nr + 1) * sizeof(*x->first));
	for (i = 0; i < x->graph->files.nr; i++)
		x->first[i + 1] = x->first[i] + x->graph->files.data[i].c.constructs.nr;
	x->tainted_of = su_alloc((x->first[x->graph->files.nr] + 1) * sizeof(*x->tainted_of));
	see_all(x, false);
	sum_up(&x->mentions);
	sum_up(&x->macros);
	see_all(x, true);
}
