// SPDX-License-Identifier: GPL-2.0-or-later
/* Folders and paths: make, remove, temporary ones, absolute paths. File contents are left to file.c. */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int su_dir_make(struct su_diags *diags, const char *path)
{
	SU_CLEANUP_FREE char *part = su_strdup(path);
	char *slash = part;

	while (slash) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(part, 0777) && !is_dir(part))
			return su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot make the folder: %s",
				       strerror(errno));
		if (slash)
			*slash = '/';
	}
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int su_dir_remove(struct su_diags *diags, const char *path)
{
	struct stat st;

	if (lstat(path, &st) && errno == ENOENT)
		return 0;
	if (nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS))
		return su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot remove the folder: %s", strerror(errno));
	return 0;
}

int su_dir_temp(struct su_diags *diags, const char *parent, const char *prefix, char **path)
{
	char *made = su_format("%s/%s.XXXXXX", parent, prefix);

	if (!mkdtemp(made)) {
		int err = errno;

		free(made);
		return su_fail(diags, SU_AT(FILE_WRITE, .object = parent), "cannot make a temporary folder: %s",
			       strerror(err));
	}
	*path = made;
	return 0;
}

/* Resolve "." and ".." by text alone, for paths that do not exist (yet). */
static char *clean_path(const char *path)
{
	struct su_buf out = { 0 };

	su_buf_puts(&out, "");
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && !memcmp(path, "..", 2)) {
			char *slash = strrchr(out.data, '/');

			if (slash) {
				out.nr = (size_t)(slash - out.data);
				*slash = '\0';
			}
		} else if (len && !(len == 1 && *path == '.')) {
			su_buf_puts(&out, "/");
			su_buf_add(&out, path, len);
		}
		path += len + (path[len] == '/');
	}
	if (!out.nr)
		su_buf_puts(&out, "/");
	return out.data;
}

char *su_path_absolute(const char *path)
{
	SU_CLEANUP_FREE char *joined = NULL;
	SU_CLEANUP_FREE char *cwd = NULL;
	char *real = realpath(path, NULL);

	if (real)
		return real;
	if (*path == '/')
		return clean_path(path);
	cwd = getcwd(NULL, 0);
	joined = su_format("%s/%s", cwd ? cwd : "", path);
	return clean_path(joined);
}

char *su_path_clean(const char *path)
{
	SU_CLEANUP_FREE char *copy = su_strdup(path);
	char *rest = copy, *part, *clean = su_alloc(strlen(path) + 2);
	size_t len = 0;

	while ((part = strsep(&rest, "/"))) {
		if (!*part || !strcmp(part, "."))
			continue;
		if (!strcmp(part, "..")) {
			while (len && clean[--len] != '/')
				;
			continue;
		}
		clean[len++] = '/';
		memcpy(clean + len, part, strlen(part));
		len += strlen(part);
	}
	clean[len] = '\0';
	return clean;
}
