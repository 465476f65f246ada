// SPDX-License-Identifier: GPL-2.0-or-later
/* The closure over all headers: a name taints each construct that mentions it, and a tainted construct taints what it defines. */
#include "reaching.h"

#define PASTES_MAX 4000 /* names looked at for pasting; where more are reached, nearly every unit is anyway */
#define NAME_KINDS_VALUE (SU_NAME_MACRO | SU_NAME_CONST | SU_NAME_TYPE)

void su_reach_taint_name(struct su_reaching *x, uint32_t name, unsigned int kinds)
{
	while (x->kinds.nr <= name)
		*su_vec_add(&x->kinds) = 0;
	if ((x->kinds.data[name] | kinds) == x->kinds.data[name])
		return;
	x->kinds.data[name] |= (uint8_t)kinds;
	*su_vec_add(&x->queue) = (struct su_reach_work){ .name = name, .kinds = x->kinds.data[name] };
}

bool su_reach_is_by_value(const struct su_reaching *x, uint32_t name)
{
	return *su_names_text(&x->graph->names, name) == '=';
}

/* What a name of these kinds means to a construct that mentions it. */
bool su_reach_does_matter(const struct su_construct *construct, unsigned int kinds, bool is_by_value)
{
	/* A declaration of an object or a parameter copies nothing. */
	if (construct->kind == SU_CONSTRUCT_DECL && is_by_value)
		return false;
	/* Members and functions have name spaces of their own inside of types and prototypes. */
	if (construct->kind == SU_CONSTRUCT_TYPE || construct->kind == SU_CONSTRUCT_DECL)
		return kinds & NAME_KINDS_VALUE;
	return true;
}

static void copy_defs(struct su_reaching *x, struct su_reach_tainted *t, unsigned int kinds)
{
	const struct su_cfile *c = &x->graph->files.data[t->file].c;
	size_t i;

	t->defs.nr = 0;
	for (i = 0; i < t->construct->def_nr; i++)
		if (c->defs.data[t->construct->first_def + i].kind & kinds)
			*su_vec_add(&t->defs) = c->defs.data[t->construct->first_def + i];
}

static void fill_defs(struct su_reaching *x, struct su_reach_tainted *t, uint32_t cause)
{
	struct su_reach_path none = { .nr = 0 };

	switch (t->construct->kind) {
	case SU_CONSTRUCT_CALL:
		if (t->causes.nr == 1)
			su_reach_expand(x, t, t->construct->text, t->construct->sz);
		break;
	case SU_CONSTRUCT_ACTIVE:
		if (t->causes.nr == 1)
			su_reach_make_active(t, &none);
		copy_defs(x, t, ~0u);
		break;
	case SU_CONSTRUCT_TYPE:
		/*
		 * A struct with a changed constant or type inside: either its layout changes, which is not possible, or
		 * nothing does. One that holds a changed struct changes as that does.
		 */
		if (t->construct->is_record && !su_reach_is_by_value(x, cause)) {
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

static void taint_construct(struct su_reaching *x, const struct su_reach_place *place, uint32_t cause)
{
	uint32_t *slot = &x->tainted_of[x->first[place->file] + place->construct];
	struct su_reach_tainted *t;
	size_t i;

	if (!*slot) {
		*su_vec_add(&x->tainted) = (struct su_reach_tainted){
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
		su_reach_taint_name(x, t->defs.data[i].name, t->defs.data[i].kind);
}

static bool has_word(const struct su_reaching *x, const struct su_reach_place *place, uint32_t name)
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
const struct su_name_list *su_reach_leading_macros(struct su_reaching *x, uint32_t index)
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
			const struct su_reach_place *place = &x->mentions.places[k];
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
bool su_reach_has_other(struct su_reaching *x, const struct su_reach_place *place, const struct su_paste_use *use)
{
	const struct su_name_list *macros;
	size_t i;

	if (use->other)
		return has_word(x, place, use->other);
	macros = su_reach_leading_macros(x, use->macro);
	for (i = 0; i < macros->nr; i++)
		if (has_word(x, place, macros->data[i]))
			return true;
	return false;
}

static void close_use(struct su_reaching *x, const struct su_paste_use *use)
{
	size_t i;

	if (use->part >= x->mentions.name_nr)
		return;
	for (i = x->mentions.start[use->part]; i < x->mentions.start[use->part + 1]; i++) {
		const struct su_reach_place place = x->mentions.places[i];

		if (su_reach_has_other(x, &place, use))
			taint_construct(x, &place, use->name);
	}
}

/* Constructs that put the name together. */
static void close_pastes(struct su_reaching *x, uint32_t name)
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

void su_reach_close_over(struct su_reaching *x)
{
	while (x->queue.nr) {
		struct su_reach_work item = x->queue.data[--x->queue.nr];
		size_t i;

		close_pastes(x, item.name);
		if (item.name >= x->mentions.name_nr)
			continue;
		for (i = x->mentions.start[item.name]; i < x->mentions.start[item.name + 1]; i++) {
			const struct su_reach_place *place = &x->mentions.places[i];
			const struct su_construct *construct =
				&x->graph->files.data[place->file].c.constructs.data[place->construct];

			if (su_reach_does_matter(construct, item.kinds, su_reach_is_by_value(x, item.name)))
				taint_construct(x, place, item.name);
		}
	}
}
