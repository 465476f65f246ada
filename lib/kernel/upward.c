// SPDX-License-Identifier: GPL-2.0-or-later
/* Looks for preprocessor directives that lead upwards in the tree of folders. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "lib/base/file.h"
#include "upward.h"

/* A macro's value may become an #include's operand: any directive counts. */
static bool is_in_directive(const char *text, const char *at)
{
	while (at > text && at[-1] != '\n')
		at--;
	return at[strspn(at, " \t")] == '#';
}

static int search_file(struct su_diags *diags, const char *path, bool *found)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	int err = su_file_read(diags, path, &text);
	const char *at = err || !text.nr ? NULL : text.data;

	while (at && !*found) {
		at = memmem(at, text.nr - (size_t)(at - text.data), "../", 3);
		if (at)
			*found = is_in_directive(text.data, at++);
	}
	return err;
}

static int search_dir(struct su_diags *diags, const char *dir, struct su_map *known, bool *found)
{
	DIR *listing = opendir(dir);
	const struct dirent *entry;
	int err = 0;

	if (!listing)
		return su_fail(diags, SU_AT(FILE_READ, .object = dir), "cannot list it: %s", strerror(errno));
	while (!err && !*found && (entry = readdir(listing))) {
		SU_CLEANUP_FREE char *path = su_format("%s/%s", dir, entry->d_name);

		if (entry->d_type == DT_REG)
			err = search_file(diags, path, found);
		else if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			err = su_includes_upward(diags, path, known, found);
	}
	closedir(listing);
	return err;
}

int su_includes_upward(struct su_diags *diags, const char *dir, struct su_map *known, bool *found)
{
	int err = 0;
	size_t *answer = su_map_get(known, dir);

	*found = answer && *answer;
	if (!answer)
		err = search_dir(diags, dir, known, found);
	if (!answer && !err)
		*su_map_put(known, dir, NULL) = *found;
	return err;
}
