/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How strings and paths begin and end. */
#ifndef SU_BASE_STR_H
#define SU_BASE_STR_H

#include <stdbool.h>
#include <string.h>

static inline bool su_has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static inline bool su_has_suffix(const char *s, const char *suffix)
{
	size_t nr = strlen(s), suffix_nr = strlen(suffix);

	return nr >= suffix_nr && !strcmp(s + nr - suffix_nr, suffix);
}

/* "foo-bar" is "foo_bar": the kernel's names of modules have no dashes, nor commas (name-fix-token in scripts/Makefile.lib). */
static inline void su_module_name_normalise(char *name)
{
	for (; *name; name++)
		if (*name == '-' || *name == ',')
			*name = '_';
}

/* "dir/x" below "dir" is "x"; NULL where @path is not below @dir. */
static inline const char *su_path_below(const char *path, const char *dir)
{
	size_t nr = strlen(dir);

	return su_has_prefix(path, dir) && path[nr] == '/' ? path + nr + 1 : NULL;
}

#endif
