// SPDX-License-Identifier: GPL-2.0-or-later
/* Which module a unit is part of: its compile command says so, or for assembler, which has no such option, the lists of objects. */
#include <string.h>

#include "lib/base/str.h"
#include "planner.h"

/* KBUILD_MODNAME on a command line; NULL: assembler's have none. */
static const char *name_on_command(const struct su_tree *tree, struct su_arena *arena, const struct su_command *command)
{
	static const char option[] = "-DKBUILD_MODNAME=";
	size_t i, nr;
	const char **words = su_database_words(&tree->db, command->compile, arena, &nr);

	for (i = 0; i < nr; i++) {
		const char *name = words[i] + sizeof(option) - 1;

		if (!su_has_prefix(words[i], option))
			continue;
		name += strspn(name, "\"");
		return su_arena_format(arena, "%.*s", (int)strcspn(name, "\""), name);
	}
	return NULL;
}

static bool has_member(const struct su_group *group, const char *object)
{
	size_t len = strlen(object);
	const char *at = group->members;

	while (at) {
		if (!strncmp(at, object, len) && (at[len] == ' ' || !at[len]))
			return true;
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return false;
}

/* "drivers/net/foo-bar.o" -> "foo_bar", as the kernel names modules. */
static const char *name_of_object(struct su_arena *arena, const char *object)
{
	const char *slash = strrchr(object, '/');
	const char *base = slash ? slash + 1 : object;
	char *name = su_arena_format(arena, "%.*s", (int)strcspn(base, "."), base);

	su_module_name_normalise(name);
	return name;
}

static const char *name_by_groups(const struct su_tree *tree, struct su_arena *arena, const char *object)
{
	const struct su_database *db = &tree->db;
	const char *names = NULL;
	size_t i;

	for (i = 0; i < db->groups.nr; i++) {
		const struct su_group *group = &db->groups.data[i];

		if (has_member(group, object))
			names = su_arena_format(arena, "%s%s%s", names ? names : "", names ? ":" : "",
						name_of_object(arena, group->object));
	}
	return names;
}

const char *su_unit_module(const struct su_tree *tree, struct su_arena *arena, const struct su_command *command)
{
	return command->is_asm ? name_by_groups(tree, arena, command->object) : name_on_command(tree, arena, command);
}
