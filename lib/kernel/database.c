// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the compile database. Records stay strings inside the file's text; a command's words are only looked up for the
 * few units that are compiled. Writing one is left to dryrun.c.
 */
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "lib/base/file.h"
#include "lib/base/str.h"

#define UNIT_FIELDS 6

struct reader {
	char *next, *end;
};

/* Cut off and return the next line; NULL at the end of the text. A NUL inside a line ends it early, which is harmless. */
static char *take_line(struct reader *r)
{
	char *line = r->next;
	char *newline = line < r->end ? memchr(line, '\n', (size_t)(r->end - line)) : NULL;

	if (!newline)
		return NULL;
	*newline = '\0';
	r->next = newline + 1;
	return line;
}

static char *take_field(char **line)
{
	return strsep(line, "\t");
}

/* A heading "name N". A count is believed only as far as lines follow. */
static int take_heading(struct reader *r, const char *name, size_t *nr)
{
	char *line = take_line(r);
	size_t len = strlen(name);
	char *end;

	if (!line || strncmp(line, name, len) || line[len] != ' ')
		return -SU_SYSTEM;
	*nr = strtoul(line + len + 1, &end, 10);
	return *end || end == line + len + 1 ? -SU_SYSTEM : 0;
}

static int take_words(struct reader *r, struct su_database *db)
{
	size_t i, nr;
	int err = take_heading(r, "words", &nr);

	for (i = 0; !err && i < nr; i++) {
		const char *word = take_line(r);

		if (word)
			*su_vec_add(&db->words) = word;
		else
			err = -SU_SYSTEM;
	}
	return err;
}

/* Roles are letters: v, m, o; a capital one says that the source is generated. */
static int read_role(const char *field, struct su_command *command)
{
	static const char letters[] = "vmoVMO";
	const char *at = *field && !field[1] ? strchr(letters, *field) : NULL;

	if (!at)
		return -SU_SYSTEM;
	command->role = (enum su_role)((at - letters) % 3);
	command->is_generated = at - letters >= 3;
	return 0;
}

static int read_command(char *line, struct su_command *command)
{
	char *fields[UNIT_FIELDS];
	size_t i;

	for (i = 0; i < UNIT_FIELDS; i++) {
		fields[i] = take_field(&line);
		if (!fields[i])
			return -SU_SYSTEM;
	}
	*command = (struct su_command){
		.object = fields[0],
		.source = fields[1],
		.modfile = fields[3],
		.compile = fields[4],
		.objtool = fields[5],
		.is_asm = su_has_suffix(fields[1], ".S"),
	};
	return read_role(fields[2], command);
}

static int take_units(struct reader *r, struct su_database *db)
{
	size_t i, nr;
	int err = take_heading(r, "units", &nr);

	for (i = 0; !err && i < nr; i++) {
		struct su_command command;
		char *line = take_line(r);

		err = line ? read_command(line, &command) : -SU_SYSTEM;
		/* The order is what su_database_object() relies on. */
		if (!err && i && strcmp(db->commands.data[i - 1].object, command.object) >= 0)
			err = -SU_SYSTEM;
		if (!err)
			*su_vec_add(&db->commands) = command;
	}
	return err;
}

static int take_groups(struct reader *r, struct su_database *db)
{
	size_t i, nr;
	int err = take_heading(r, "groups", &nr);

	for (i = 0; !err && i < nr; i++) {
		char *line = take_line(r);
		const char *object = line ? take_field(&line) : NULL;
		const char *members = line ? take_field(&line) : NULL;

		if (members)
			*su_vec_add(&db->groups) = (struct su_group){ .object = object, .members = members };
		else
			err = -SU_SYSTEM;
	}
	return err;
}

int su_database_parse(char *text, size_t sz, struct su_database *db)
{
	struct reader r = { .next = text, .end = text + sz };
	struct su_database made = { .text = text };
	const char *magic = take_line(&r);
	int err = magic && !strcmp(magic, "suture-database 1") ? 0 : -SU_SYSTEM;

	if (!err)
		err = take_words(&r, &made);
	if (!err)
		err = take_units(&r, &made);
	if (!err)
		err = take_groups(&r, &made);
	if (err)
		su_database_fini(&made);
	else
		*db = made;
	return err;
}

int su_database_read(struct su_diags *diags, const char *path, struct su_database *db)
{
	struct su_buf buf = { 0 };
	int err = su_file_read(diags, path, &buf);

	if (err)
		return err;
	if (!buf.data)
		su_buf_puts(&buf, "");
	if (su_database_parse(buf.data, buf.nr, db))
		return su_fail(diags, SU_AT(NOT_PREPARED, .object = path, .hint = "remove the folder and prepare again"),
			       "the compile database is damaged");
	return 0;
}

void su_database_fini(struct su_database *db)
{
	free(db->text);
	db->text = NULL;
	su_vec_fini(&db->words);
	su_vec_fini(&db->commands);
	su_vec_fini(&db->groups);
}

const char **su_database_words(const struct su_database *db, const char *indices, struct su_arena *arena, size_t *nr)
{
	/* Each index but the last is followed by a blank: this many are enough. */
	const char **words = su_arena_alloc(arena, (strlen(indices) / 2 + 2) * sizeof(*words));
	size_t found = 0;

	while (*indices) {
		char *end;
		size_t index = strtoul(indices, &end, 10);

		if (end == indices)
			break;
		if (index < db->words.nr)
			words[found++] = db->words.data[index];
		indices = end + (*end == ' ');
	}
	*nr = found;
	return words;
}

static int compare_object(const void *key, const void *command)
{
	return strcmp(key, ((const struct su_command *)command)->object);
}

const struct su_command *su_database_object(const struct su_database *db, const char *object)
{
	if (!db->commands.nr)
		return NULL;
	return bsearch(object, db->commands.data, db->commands.nr, sizeof(*db->commands.data), compare_object);
}

bool su_command_is_vdso(const struct su_command *command)
{
	return command->role == SU_ROLE_OTHER && strstr(command->object, "/vdso/");
}

bool su_command_is_vdso_image(const struct su_command *command)
{
	return command->role != SU_ROLE_OTHER && command->is_generated && strstr(command->object, "/vdso/");
}
