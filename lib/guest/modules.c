// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Modules into a guest: finds a module and what it depends on in a folder of modules on the host and loads them one by
 * one. Reads the modules themselves: an unpacked package has no modules.dep, and a guest needs but a handful.
 */
#include <fts.h>
#include <stdio.h>
#include <string.h>

#include "lib/elf/modinfo.h"
#include "internal.h"

/* Where each module's file is, and which are in the guest. */
struct su_module_index {
	struct su_map by_name;
	SU_VEC(char *) paths;
	struct su_map loaded;
};

/* "kernel/net/foo-bar.ko.xz" is module foo_bar. NULL where it is no module. */
static char *module_name(const char *file)
{
	const char *dot = strstr(file, ".ko");
	char *name;

	if (!dot || (dot[3] && dot[3] != '.'))
		return NULL;
	name = su_format("%.*s", (int)(dot - file), file);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static void index_add(struct su_module_index *index, const FTSENT *e)
{
	SU_CLEANUP_FREE char *name = module_name(e->fts_name);

	if (!name)
		return;
	*su_map_put(&index->by_name, name, NULL) = index->paths.nr;
	*su_vec_add(&index->paths) = su_strdup(e->fts_path);
}

static struct su_module_index *index_create(const char *folder)
{
	struct su_module_index *index = su_alloc(sizeof(*index));
	char *const roots[] = { (char *)folder, NULL };
	/* Symbolic links are not followed: `build` and `source` lead out of the folder. */
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	while (fts && (e = fts_read(fts)))
		if (e->fts_info == FTS_F)
			index_add(index, e);
	if (fts)
		fts_close(fts);
	return index;
}

void su_module_index_destroy(struct su_module_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->paths.nr; i++)
		free(index->paths.data[i]);
	su_vec_fini(&index->paths);
	su_map_fini(&index->by_name);
	su_map_fini(&index->loaded);
	free(index);
}

static int insmod(struct su_diags *diags, struct su_guest *guest, const struct su_modinfo *info, const char *name)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	SU_CLEANUP_FREE char *path = su_format("/tmp/%s.ko", name);
	/* 17: it is loaded already */
	SU_CLEANUP_FREE char *command = su_format("insmod %s; e=$?; rm %s; [ $e = 17 ] || exit $e", path, path);
	int ret = su_guest_put(diags, guest, info->file.data, info->file.nr, path, 0600);

	if (!ret)
		ret = su_guest_run(diags, guest, command, 60, &result);
	if (!ret && result.exit_code)
		ret = su_fail(diags, SU_AT(GUEST, .object = name), "the guest does not load the module: %s",
			      result.output.data ? result.output.data : "no reason given");
	return ret;
}

static int load(struct su_diags *diags, struct su_guest *guest, const char *name);

static int dependencies_load(struct su_diags *diags, struct su_guest *guest, const struct su_modinfo *info)
{
	const char *depends = su_modinfo_get(info, "depends");
	SU_CLEANUP_FREE char *copy = su_strdup(depends ? depends : "");
	char *save = NULL;

	for (char *p = strtok_r(copy, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
		int ret = load(diags, guest, p);

		if (ret)
			return ret;
	}
	return 0;
}

/* Recurses as deep as modules depend on each other; marking a module first ends a circle. */
static int load(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const size_t *at = su_map_get(&guest->index->by_name, name);
	int is_new, ret;

	if (!at) /* built in, or the guest will say that it is missing */
		return 0;
	su_map_put(&guest->index->loaded, name, &is_new);
	if (!is_new)
		return 0;
	ret = su_modinfo_read(diags, guest->index->paths.data[*at], &info);
	if (!ret)
		ret = dependencies_load(diags, guest, &info);
	return ret ? ret : insmod(diags, guest, &info, name);
}

static bool is_built_in(const struct su_guest *guest, const char *name)
{
	SU_CLEANUP_FREE char *path = su_format("%s/modules.builtin", guest->modules);
	FILE *f = fopen(path, "re");
	bool found = false;
	char line[512];

	while (f && !found && fgets(line, sizeof(line), f)) {
		char *slash = strrchr(line, '/');
		SU_CLEANUP_FREE char *built_in = NULL;

		line[strcspn(line, "\n")] = 0;
		built_in = module_name(slash ? slash + 1 : line);
		found = built_in && !strcmp(built_in, name);
	}
	if (f)
		fclose(f);
	return found;
}

int su_guest_modprobe(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	SU_CLEANUP_FREE char *file = su_format("%s.ko", name);
	SU_CLEANUP_FREE char *normal = module_name(file);

	if (!guest->modules || !normal)
		return su_fail(diags, SU_AT(GUEST, .object = name), "the guest was booted without a folder of modules");
	if (!guest->index)
		guest->index = index_create(guest->modules);
	if (!su_map_get(&guest->index->by_name, normal) && !is_built_in(guest, normal))
		return su_fail(diags, SU_AT(GUEST, .object = name), "this kernel has no such module");
	return load(diags, guest, normal);
}
