// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds .c files that are compiled as a part of another unit. Kbuild does not tell, and the dependency files of a build
 * are not there, so the units' own sources are searched; headers that include .c files are not.
 */
#include <string.h>

#include "plan.h"

/* Resolve @name, as an #include in a file of the folder of @from says it, to a path in the tree. Heap, or NULL. */
static char *resolve_include(const char *from, const char *name, size_t len)
{
	SU_CLEANUP_FREE char *joined = NULL;
	SU_CLEANUP_FREE char *absolute = NULL;
	const char *slash = strrchr(from, '/');

	/* A root of our own: ".." must not leave the tree, and no link of this machine's matters. */
	joined = su_format("/suture-none/%.*s/%.*s", slash ? (int)(slash - from) : 0, from, (int)len, name);
	absolute = su_path_absolute(joined);
	return strncmp(absolute, "/suture-none/", 13) ? NULL : su_strdup(absolute + 13);
}

/* Is the quoted name that ends at @end, a pointer into @text, that of an #include of @path? */
static bool is_include_of(const char *text, const char *end, const char *from, const char *path)
{
	SU_CLEANUP_FREE char *resolved = NULL;
	const char *begin = end, *p;

	while (begin > text && begin[-1] != '"' && begin[-1] != '\n')
		begin--;
	if (begin == text || begin[-1] != '"')
		return false;
	for (p = begin - 1; p > text && (p[-1] == ' ' || p[-1] == '\t'); p--)
		;
	if (p - text < 7 || memcmp(p - 7, "include", 7))
		return false;
	resolved = resolve_include(from, begin, (size_t)(end - begin));
	return resolved && !strcmp(resolved, path);
}

static bool does_include(const struct su_buf *text, const char *from, const char *path)
{
	const char *slash = strrchr(path, '/');
	SU_CLEANUP_FREE char *mark = su_format("%s\"", slash ? slash + 1 : path);
	size_t len = strlen(mark);
	const char *at = text->data, *end = text->data + text->nr;

	while (at && (at = memmem(at, (size_t)(end - at), mark, len))) {
		if (is_include_of(text->data, at + len - 1, from, path))
			return true;
		at += len;
	}
	return false;
}

const char *su_plan_includer(const struct su_tree *tree, const char *path)
{
	/* A source that cannot be read includes nothing as far as we are concerned: compiling it will say more. */
	struct su_diags *ignored = su_diags_create();
	const char *found = NULL;
	size_t i;

	for (i = 0; !found && i < tree->db.commands.nr; i++) {
		const struct su_command *command = &tree->db.commands.data[i];
		SU_CLEANUP_FREE char *file = su_format("%s/%s", tree->source, command->source);
		SU_CLEANUP_BUF struct su_buf text = { 0 };

		if (!command->is_generated && !command->is_asm && !su_file_read(ignored, file, &text) &&
		    does_include(&text, command->source, path))
			found = command->source;
	}
	su_diags_destroy(ignored);
	return found;
}
