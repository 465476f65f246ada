// SPDX-License-Identifier: GPL-2.0-or-later
/* Module files by module name. What is in them is for modinfo.c and read.c. */
#include <fts.h>
#include <string.h>

#include "lib/base/str.h"
#include "moddir.h"

char *su_module_name(const char *file)
{
	const char *dot = strstr(file, ".ko");
	char *name;

	if (!dot || dot == file || (dot[3] && dot[3] != '.'))
		return NULL;
	name = su_format("%.*s", (int)(dot - file), file);
	su_module_name_normalise(name);
	return name;
}

static void add_file(struct su_moddir *dir, const FTSENT *e)
{
	SU_CLEANUP_FREE char *name = su_module_name(e->fts_name);

	if (!name)
		return;
	*su_map_put(&dir->by_name, name, NULL) = dir->paths.nr;
	*su_vec_add(&dir->paths) = su_strdup(e->fts_path);
}

struct su_moddir *su_moddir_open(const char *folder)
{
	struct su_moddir *dir = su_alloc(sizeof(*dir));
	char *roots[] = { NULL, NULL };
	FTSENT *e;
	FTS *fts;

	dir->folder = su_strdup(folder);
	roots[0] = dir->folder;
	/* Symbolic links are not followed: `build` and `source` lead out of the folder. */
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW, NULL);
	while (fts && (e = fts_read(fts)))
		if (e->fts_info == FTS_F)
			add_file(dir, e);
	if (fts)
		fts_close(fts);
	return dir;
}

void su_moddir_close(struct su_moddir *dir)
{
	if (!dir)
		return;
	for (size_t i = 0; i < dir->paths.nr; i++)
		free(dir->paths.data[i]);
	su_vec_fini(&dir->paths);
	su_map_fini(&dir->by_name);
	free(dir->folder);
	free(dir);
}

const char *su_moddir_find(const struct su_moddir *dir, const char *name)
{
	SU_CLEANUP_FREE char *normal = su_strdup(name);
	const size_t *at;

	su_module_name_normalise(normal);
	at = su_map_get(&dir->by_name, normal);
	return at ? dir->paths.data[*at] : NULL;
}
