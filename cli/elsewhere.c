// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A global name that a patch adds, takes away or makes weak may stand for something in units that it leaves alone: these are asked, each target
 * once, and only where there is such a name.
 */
#include <string.h>

#include "creation.h"

/* Of what is new in vmlinux nobody else can have been linked to it; a module may have been linked to what others export. */
static void keep_wanted_uses(const struct creation *c, const char *target, struct su_asked_names *names)
{
	for (size_t i = 0; i < names->nr; i++)
		names->data[i].wants_uses &= !names->data[i].is_new ||
					     (strcmp(target, "vmlinux") != 0 &&
					      su_symvers_find(&c->symvers, names->data[i].name));
}

static void ask_of_target(const struct creation *c, const char *target, struct su_arena *arena,
			  struct su_asked_names *names)
{
	for (size_t i = 0; i < c->units.nr; i++)
		if (!strcmp(c->units.data[i].target, target))
			su_emit_ask_names(c->units.data[i].diff, arena, names);
	keep_wanted_uses(c, target, names);
}

static int look_in_target(struct creation *c, const char *target, const struct su_map *without)
{
	struct su_asked_names names = { 0 };
	struct su_arena arena = { 0 };
	const struct su_namesakes_request req = {
		.tree = &c->tree,
		.target = target,
		.names = &names,
		.without = without,
		.scratch = c->scratch,
	};
	int err;

	ask_of_target(c, target, &arena, &names);
	err = names.nr ? su_namesakes_find(c->cli->diags, &req, &c->namesakes) : 0;
	su_vec_fini(&names);
	su_arena_fini(&arena);
	return err;
}

int creation_look_elsewhere(struct creation *c)
{
	struct su_map units = { 0 }, targets = { 0 };
	int err = 0;

	for (size_t i = 0; i < c->units.nr; i++)
		su_map_put(&units, c->units.data[i].name, NULL);
	for (size_t i = 0; !err && i < c->units.nr; i++) {
		int is_first;

		su_map_put(&targets, c->units.data[i].target, &is_first);
		err = is_first ? look_in_target(c, c->units.data[i].target, &units) : 0;
	}
	su_map_fini(&targets);
	su_map_fini(&units);
	return err;
}
