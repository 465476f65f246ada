// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a global name stands for is the linker's decision over all units of a target: a weak definition gives way to another unit's. Units that
 * the patch leaves alone stay linked as they are; so a name that would come to stand for another unit's function or object is refused, and a
 * weak function that gives way is no part of the kernel, whatever the patch makes of it.
 */
#include <string.h>

#include "emitter.h"

/* More than one unit, and nothing to tell which one the linker took. */
static const char several[] = "several units";

/* Who defines a name, before or after the patch. */
struct side {
	const char *strong, *weak; /* NULL, a unit, or several */
};

/* A name of one target. */
struct linked {
	const char *name;
	const struct su_emit_unit *unit; /* one that asks */
	struct side pre, post;
	const char *user;      /* refers to it, and is none of the update's; NULL: none is known */
	const char *post_user; /* of the update's, once patched */
};

struct linking {
	struct su_emitter *e;
	struct su_map idx; /* "target:name" -> index */
	SU_VEC(struct linked) names;
};

/* ---- bindings in one object ---- */

static bool is_defined(const struct su_elf_symbol *symbol)
{
	return symbol->bind != STB_LOCAL && symbol->shndx != SHN_UNDEF && *symbol->name;
}

/* What boot has thrown away is others' business. */
static bool is_kept(const struct su_object *object, const struct su_elf_symbol *symbol)
{
	return is_defined(symbol) && !(symbol->section && su_section_is_init(object, symbol->section->name));
}

static void map_bindings(const struct su_object *object, struct su_map *bindings)
{
	for (size_t i = 1; i < object->elf->symbol_nr; i++)
		if (is_kept(object, &object->elf->symbols[i]))
			*su_map_put(bindings, object->elf->symbols[i].name, NULL) = object->elf->symbols[i].bind;
}

static struct su_atom *atom_of(const struct su_object *object, const struct su_elf_symbol *symbol)
{
	return symbol->section ? su_object_atom_at(object, symbol->section, symbol->value) : NULL;
}

static bool is_in_question(const struct su_object *post, const struct su_elf_symbol *symbol, size_t bind_before)
{
	const struct su_atom *atom = atom_of(post, symbol);

	return bind_before != symbol->bind || (symbol->bind == STB_WEAK && atom && atom->is_changed);
}

static void add_name(struct su_arena *arena, const char *name, bool is_new, bool wants_uses, struct su_asked_names *names)
{
	*su_vec_add(names) = (struct su_asked_name){
		.name = su_arena_strdup(arena, name),
		.is_new = is_new,
		.wants_uses = wants_uses,
	};
}

/* Defined on one side only, or with another binding; or weak, and changed. */
void su_emit_ask_names(const struct su_diff *diff, struct su_arena *arena, struct su_asked_names *names)
{
	const struct su_elf *pre = diff->pre->elf, *post = diff->post->elf;
	struct su_map before = { 0 }, after = { 0 };

	map_bindings(diff->pre, &before);
	map_bindings(diff->post, &after);
	for (size_t i = 1; i < pre->symbol_nr; i++)
		if (is_kept(diff->pre, &pre->symbols[i]) && !su_map_get(&after, pre->symbols[i].name))
			add_name(arena, pre->symbols[i].name, false, true, names);
	for (size_t i = 1; i < post->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &post->symbols[i];
		const size_t *bind = is_kept(diff->post, symbol) ? su_map_get(&before, symbol->name) : NULL;

		if (is_kept(diff->post, symbol) && (!bind || is_in_question(diff->post, symbol, *bind)))
			add_name(arena, symbol->name, !bind, !bind, names);
	}
	su_map_fini(&before);
	su_map_fini(&after);
}

/* ---- all that is known of the names in question ---- */

static const char *key_of(struct linking *l, const char *target, const char *name)
{
	return su_arena_format(&l->e->arena, "%s:%s", target, name);
}

static struct linked *find(struct linking *l, const char *target, const char *name)
{
	const size_t *idx = su_map_get(&l->idx, key_of(l, target, name));

	return idx ? &l->names.data[*idx] : NULL;
}

static void ask(struct linking *l, const struct su_emit_unit *unit)
{
	struct su_asked_names names = { 0 };

	su_emit_ask_names(unit->diff, &l->e->arena, &names);
	for (size_t i = 0; i < names.nr; i++) {
		if (find(l, unit->target, names.data[i].name))
			continue;
		*su_map_put(&l->idx, key_of(l, unit->target, names.data[i].name), NULL) = l->names.nr;
		*su_vec_add(&l->names) = (struct linked){ .name = names.data[i].name, .unit = unit };
	}
	su_vec_fini(&names);
}

static void define(struct side *side, bool is_weak, const char *unit)
{
	const char **who = is_weak ? &side->weak : &side->strong;

	*who = *who ? several : unit;
}

/* A module may be linked to what others export, be it only with the patch. */
static bool is_others(struct su_emitter *e, const struct su_emit_unit *unit, const char *name)
{
	const char *exporter;

	if (!unit->plain->is_module)
		return false;
	for (size_t u = 0; u < e->request->unit_nr; u++)
		if (su_emit_is_new_export(e->request->units[u].diff, name))
			return true;
	exporter = su_emit_exporter(e, name);
	return exporter && strcmp(exporter, unit->target) != 0;
}

static void take_unit(struct linking *l, const struct su_emit_unit *unit, const struct su_object *object)
{
	bool is_post = object == unit->diff->post;

	for (size_t i = 1; i < object->elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &object->elf->symbols[i];
		struct linked *linked = symbol->bind != STB_LOCAL ? find(l, unit->target, symbol->name) : NULL;

		if (linked && is_defined(symbol))
			define(is_post ? &linked->post : &linked->pre, symbol->bind == STB_WEAK, unit->name);
		else if (linked && is_post && !is_others(l->e, unit, symbol->name))
			linked->post_user = unit->name;
	}
}

static void take_namesake(struct linking *l, const struct su_namesake *namesake)
{
	struct linked *linked = find(l, namesake->target, namesake->name);

	if (linked && namesake->kind == SU_NAMESAKE_USE) {
		linked->user = namesake->object;
	} else if (linked) {
		define(&linked->pre, namesake->kind == SU_NAMESAKE_WEAK, namesake->object);
		define(&linked->post, namesake->kind == SU_NAMESAKE_WEAK, namesake->object);
	}
}

/* ---- what the linker makes of it ---- */

static const char *winner(const struct side *side)
{
	return side->strong ? side->strong : side->weak;
}

static int refuse_change(struct su_emitter *e, const struct linked *linked, const char *pre, const char *post)
{
	return su_fail(e->diags,
		       SU_AT(MOVED, .object = linked->unit->name, .symbol = linked->name,
			     .hint = "give what is new a name of its own, and use it where it is needed; or change what the name stands for now"),
		       "other units are linked to that of %s, and would be to that of %s: those that the patch leaves alone go on with the former",
		       pre, post);
}

static int check_name(struct su_emitter *e, const struct linked *linked)
{
	const char *pre = winner(&linked->pre), *post = winner(&linked->post);
	const char *user = linked->user ? linked->user : linked->post_user;

	if (pre && !post)
		return user ? su_emit_check_gone(e, linked->unit, linked->name, user) : 0;
	if (!pre && post && linked->user)
		return su_fail(e->diags,
			       SU_AT(MOVED, .object = linked->unit->name, .symbol = linked->name,
				     .hint = "give what is new a name of its own"),
			       "it is new here, and %s uses the name already: it goes on with what that stood for",
			       linked->user);
	if (!pre)
		return 0;
	if (strcmp(pre, post) != 0)
		return refuse_change(e, linked, pre, post);
	if (pre != several)
		return 0;
	return su_fail(e->diags,
		       SU_AT(AMBIGUOUS, .object = linked->unit->name, .symbol = linked->name,
			     .hint = "change a caller of the function instead"),
		       "more than one unit defines it, and which of them the kernel uses is not known");
}

/* ---- definitions that give way ---- */

static const char *unit_key(struct su_emitter *e, const char *unit, const char *name)
{
	return su_arena_format(&e->arena, "%s:%s", unit, name);
}

bool su_emit_is_overridden(struct su_emitter *e, uint32_t unit, const char *name)
{
	return su_map_get(&e->overridden, unit_key(e, e->request->units[unit].name, name));
}

/* Has it no name but this one? */
static bool is_only_name(const struct su_object *object, const struct su_elf_symbol *symbol)
{
	for (size_t i = 1; i < object->elf->symbol_nr; i++) {
		const struct su_elf_symbol *other = &object->elf->symbols[i];

		if (other != symbol && other->section == symbol->section && other->value == symbol->value &&
		    other->type != STT_SECTION && other->bind != STB_LOCAL)
			return false;
	}
	return true;
}

/* Who refers to it by its name means the other unit's. The tables' entries of its own code stay with it. */
static void cut_edges(struct su_object *post, const struct su_elf_symbol *symbol)
{
	for (size_t i = 0; i < post->atom_nr; i++) {
		for (size_t k = 0; k < post->atoms[i]->edge_nr; k++) {
			struct su_edge *edge = &post->atoms[i]->edges[k];

			if (edge->kind != SU_EDGE_ATOM || edge->symbol != symbol || edge->is_implied ||
			    edge->atom == post->atoms[i]->owner)
				continue;
			edge->addend += (int64_t)edge->atom->off - (int64_t)symbol->value;
			edge->kind = SU_EDGE_UNDEFINED;
			edge->atom = NULL;
		}
	}
}

static void give_way(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_elf_symbol *symbol,
		     const char *to)
{
	struct su_object *post = unit->diff->post;
	struct su_atom *atom = atom_of(post, symbol);

	su_map_put(&e->overridden, unit_key(e, unit->name, symbol->name), NULL);
	cut_edges(post, symbol);
	if (!atom || atom->off != symbol->value || !is_only_name(post, symbol))
		return;
	atom->is_overridden = true;
	if (atom->partner && atom->is_changed)
		su_report(e->diags, SU_WARNING, SU_AT(NO_CHANGE, .object = unit->name, .symbol = atom->name),
			  "the kernel has that of %s in its place: what the patch changes in this one is left out", to);
}

static void give_way_all(struct linking *l, const struct su_emit_unit *unit)
{
	const struct su_elf *elf = unit->diff->post->elf;

	for (size_t i = 1; i < elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &elf->symbols[i];
		const struct linked *linked = NULL;

		if (symbol->bind == STB_WEAK && is_defined(symbol))
			linked = find(l, unit->target, symbol->name);
		if (linked && strcmp(winner(&linked->post), unit->name) != 0)
			give_way(l->e, unit, symbol, winner(&linked->post));
	}
}

int su_emit_link_names(struct su_emitter *e)
{
	const struct su_emit_request *request = e->request;
	struct linking l = { .e = e };
	int ret = 0;

	for (size_t u = 0; u < request->unit_nr; u++)
		ask(&l, &request->units[u]);
	for (size_t u = 0; u < request->unit_nr; u++) {
		take_unit(&l, &request->units[u], request->units[u].diff->pre);
		take_unit(&l, &request->units[u], request->units[u].diff->post);
	}
	for (size_t i = 0; i < request->namesake_nr; i++)
		take_namesake(&l, &request->namesakes[i]);
	for (size_t i = 0; i < l.names.nr; i++) {
		int err = check_name(e, &l.names.data[i]);

		if (!ret)
			ret = err;
	}
	for (size_t u = 0; !ret && u < request->unit_nr; u++)
		give_way_all(&l, &request->units[u]);
	su_vec_fini(&l.names);
	su_map_fini(&l.idx);
	return ret;
}
