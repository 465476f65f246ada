// SPDX-License-Identifier: GPL-2.0-or-later
/* What a unit's compile command says of its #includes: folders, files that are included first, names that are defined. */
#include <string.h>

#include "graphing.h"
#include "lib/base/file.h"

const char *su_graph_dir_path(struct su_graph *graph, const char *dir)
{
	SU_CLEANUP_FREE char *joined = *dir == '/' ? su_strdup(dir) : su_format("%s/%s", graph->tree->objects, dir);
	SU_CLEANUP_FREE char *clean = su_path_clean(joined);

	return su_arena_strdup(&graph->arena, clean);
}

static bool begins_standard(const struct su_graph *graph, const struct su_graph_dirs *dirs)
{
	size_t i;

	if (dirs->dirs.nr < graph->standard_nr)
		return false;
	for (i = 0; i < graph->standard_nr; i++)
		if (strcmp(dirs->dirs.data[i], graph->standard_dirs[i]))
			return false;
	return true;
}

/* Lists of folders are few: units of one folder share theirs. */
static uint32_t share_dirs(struct su_graph *graph, const struct su_name_list *dirs)
{
	SU_CLEANUP_BUF struct su_buf key = { 0 };
	struct su_graph_dirs made = { 0 };
	size_t i, *slot;
	int is_new;

	su_buf_puts(&key, "");
	for (i = 0; i < dirs->nr; i++)
		su_buf_format(&key, "%s:", su_names_text(&graph->names, dirs->data[i]));
	slot = su_map_put(&graph->dirs_index, key.data, &is_new);
	if (is_new) {
		*slot = graph->dirs.nr;
		for (i = 0; i < dirs->nr; i++)
			*su_vec_add(&made.dirs) = su_graph_dir_path(graph, su_names_text(&graph->names, dirs->data[i]));
		made.is_standard = begins_standard(graph, &made);
		*su_vec_add(&graph->dirs) = made;
	}
	return (uint32_t)*slot;
}

/* The argument of an option, glued to it or the next word; NULL: this is another option. */
static const char *option_value(const char **words, size_t *i, const char *option)
{
	size_t len = strlen(option);

	if (strncmp(words[*i], option, len))
		return NULL;
	if (words[*i][len])
		return words[*i] + len;
	return words[*i + 1] ? words[++*i] : NULL;
}

static void add_forced(struct su_graph *graph, struct su_graph_unit *unit, const char *path)
{
	const char *clean = su_graph_dir_path(graph, path);

	*su_vec_add(&unit->forced) = su_graph_add_file(graph, su_graph_known_path(graph, clean));
}

static void add_name(struct su_graph *graph, struct su_name_list *list, const char *text, size_t len)
{
	*su_vec_add(list) = su_names_add(&graph->names, text, len);
}

static void read_command(struct su_graph *graph, struct su_graph_unit *unit)
{
	struct su_arena arena = { 0 };
	struct su_name_list quoted = { 0 }, dirs = { 0 };
	size_t i, nr;
	const char **words = su_database_words(&graph->tree->db, unit->command->compile, &arena, &nr);

	for (i = 0; i < nr; i++) {
		const char *value;

		if ((value = option_value(words, &i, "-include")))
			add_forced(graph, unit, value);
		else if ((value = option_value(words, &i, "-iquote")))
			add_name(graph, &quoted, value, strlen(value));
		else if ((value = option_value(words, &i, "-isystem")) || (value = option_value(words, &i, "-I")))
			add_name(graph, &dirs, value, strlen(value));
		else if ((value = option_value(words, &i, "-D")))
			add_name(graph, &unit->defines, value, strcspn(value, "=("));
	}
	for (i = 0; i < quoted.nr; i++)
		*su_vec_add(&dirs) = quoted.data[i];
	unit->dirs = share_dirs(graph, &dirs);
	su_vec_fini(&quoted);
	su_vec_fini(&dirs);
	su_arena_fini(&arena);
}

void su_graph_add_unit(struct su_graph *graph, const struct su_command *command)
{
	struct su_graph_unit unit = { .command = command };
	SU_CLEANUP_FREE char *generated = su_format("%s/%s", graph->tree->objects, command->source);
	SU_CLEANUP_FREE char *clean = su_path_clean(generated);

	if ((command->role == SU_ROLE_OTHER && !su_command_is_vdso(command)) || su_command_is_vdso_image(command))
		return;
	unit.file = su_graph_add_file(graph, command->is_generated ? clean : command->source);
	read_command(graph, &unit);
	*su_vec_add(&graph->units) = unit;
}
