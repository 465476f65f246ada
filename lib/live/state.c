// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of updates, read from the core's sysfs files. What they hold is in docs/abi.md. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core.h"
#include "lib/base/file.h"

#define UPDATES SU_CORE_SYSFS "/updates"

/* A state file's text in the arena; "" where it cannot be read: some want privilege. */
static char *text_read(struct su_arena *arena, const char *id, const char *name)
{
	SU_CLEANUP_FREE char *path = su_format(UPDATES "/%s/%s", id, name);
	FILE *f = fopen(path, "re");
	char text[4097];
	size_t n;

	if (!f)
		return su_arena_strdup(arena, "");
	n = fread(text, 1, sizeof(text) - 1, f); /* a sysfs file is a page at most */
	fclose(f);
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	return su_arena_strdup(arena, text);
}

/* Cut text into lines. */
static size_t lines_split(struct su_arena *arena, char *text, const char ***lines)
{
	size_t nr = 0, max = 1;
	char *save = NULL;

	for (const char *p = text; *p; p++)
		max += *p == '\n';
	*lines = su_arena_alloc(arena, max * sizeof(**lines));
	for (char *p = strtok_r(text, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
		(*lines)[nr++] = p;
	return nr;
}

/* "name target unit size". The core wrote it: a line of another form is left as a bare name. */
static void function_parse(struct su_arena *arena, const char *line, struct su_core_function *function)
{
	char *save = NULL, *copy = su_arena_strdup(arena, line);
	const char *fields[4] = { 0 };
	size_t nr = 0;

	for (char *p = strtok_r(copy, " ", &save); p && nr < 4; p = strtok_r(NULL, " ", &save))
		fields[nr++] = p;
	function->name = fields[0] ? fields[0] : "";
	function->target = fields[1] ? fields[1] : "";
	function->unit = fields[2] ? fields[2] : "";
	function->size = fields[3] ? (unsigned int)strtoul(fields[3], NULL, 0) : 0;
}

static void functions_read(struct su_core_update *u)
{
	const char **lines;

	u->function_nr = lines_split(&u->arena, text_read(&u->arena, u->id, "functions"), &lines);
	u->functions = su_arena_alloc(&u->arena, (u->function_nr + 1) * sizeof(*u->functions));
	for (size_t i = 0; i < u->function_nr; i++)
		function_parse(&u->arena, lines[i], &u->functions[i]);
}

/* "name presence state" */
static void targets_read(struct su_core_update *u)
{
	const char **lines;

	u->target_nr = lines_split(&u->arena, text_read(&u->arena, u->id, "targets"), &lines);
	u->targets = su_arena_alloc(&u->arena, (u->target_nr + 1) * sizeof(*u->targets));
	for (size_t i = 0; i < u->target_nr; i++) {
		char *save = NULL, *copy = su_arena_strdup(&u->arena, lines[i]);
		const char *name = strtok_r(copy, " ", &save);
		const char *presence = strtok_r(NULL, " ", &save);
		const char *state = strtok_r(NULL, " ", &save);

		u->targets[i] = (struct su_core_target){ name ? name : "", presence ? presence : "", state ? state : "" };
	}
}

static bool is_name(const char *id)
{
	return *id && *id != '.' && !strchr(id, '/');
}

int su_core_read(struct su_diags *diags, const char *id, struct su_core_update *update)
{
	SU_CLEANUP_FREE char *folder = su_format(UPDATES "/%s", id);
	struct su_core_update u = { 0 };

	if (!is_name(id) || !su_file_exists(folder))
		return su_fail(diags, SU_AT(NOT_APPLIED, .object = id, .hint = "suture status lists those there are"),
			       "there is no such update in the running kernel");
	u.id = su_arena_strdup(&u.arena, id);
	u.superseded_by = text_read(&u.arena, id, "superseded_by");
	u.state = text_read(&u.arena, id, "state");
	u.module = text_read(&u.arena, id, "module");
	u.stays = !strcmp(text_read(&u.arena, id, "stays"), "1");
	targets_read(&u);
	functions_read(&u);
	u.pause_ns = strtoull(text_read(&u.arena, id, "pause_ns"), NULL, 10);
	u.tries = (unsigned int)strtoul(text_read(&u.arena, id, "tries"), NULL, 10);
	u.blocker_nr = lines_split(&u.arena, text_read(&u.arena, id, "blockers"), &u.blockers);
	*update = u;
	return 0;
}

void su_core_update_fini(struct su_core_update *update)
{
	su_arena_fini(&update->arena);
	*update = (struct su_core_update){ 0 };
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int su_core_list(struct su_diags *diags, struct su_arena *arena, const char ***ids, size_t *nr)
{
	SU_VEC(const char *) found = { 0 };
	struct dirent *e;
	DIR *d = opendir(UPDATES);

	if (!d && errno != ENOENT)
		return su_fail(diags, SU_AT(FILE_READ, .object = UPDATES), "cannot list the updates: %m");
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			*su_vec_add(&found) = su_arena_strdup(arena, e->d_name);
	if (d)
		closedir(d);
	*ids = su_arena_alloc(arena, (found.nr + 1) * sizeof(**ids));
	for (size_t i = 0; i < found.nr; i++)
		(*ids)[i] = found.data[i];
	*nr = found.nr;
	su_vec_fini(&found);
	qsort(*ids, *nr, sizeof(**ids), compare_names);
	return 0;
}
