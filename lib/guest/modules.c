// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Modules into a guest: finds a module and what it depends on in a folder of modules on the host and loads them one by
 * one. Reads the modules themselves: an unpacked package has no modules.dep, and a guest needs but a handful. What a
 * module would have modprobe load before it ("softdep") is loaded too: no modprobe in a guest answers its request.
 */
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/elf/moddir.h"
#include "lib/elf/modinfo.h"
#include "internal.h"

/* Another name of a module; several modules may go by the same. */
struct alias {
	const char *name, *path;
};

/* Where each module's file is, and which are in the guest. */
struct su_module_index {
	struct su_moddir *dir;
	struct su_map loaded;
	bool has_aliases; /* read when the first is asked for */
	SU_VEC(struct alias) aliases;
	struct su_arena arena;
};

static struct su_module_index *index_create(const char *folder)
{
	struct su_module_index *index = su_alloc(sizeof(*index));

	index->dir = su_moddir_open(folder);
	return index;
}

void su_module_index_destroy(struct su_module_index *index)
{
	if (!index)
		return;
	su_moddir_close(index->dir);
	su_map_fini(&index->loaded);
	su_vec_fini(&index->aliases);
	su_arena_fini(&index->arena);
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

static void aliases_read(struct su_diags *diags, struct su_module_index *index)
{
	for (size_t i = 0; i < index->dir->paths.nr; i++) {
		SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
		const char *path = index->dir->paths.data[i], *alias = NULL;

		if (su_modinfo_read(diags, path, &info))
			continue;
		while ((alias = su_modinfo_next(&info, "alias", alias)))
			*su_vec_add(&index->aliases) = (struct alias){ su_arena_strdup(&index->arena, alias), path };
	}
	index->has_aliases = true;
}

static bool is_built_in_alias(struct su_diags *diags, const struct su_guest *guest, const char *name)
{
	SU_CLEANUP_FREE char *path = su_format("%s/modules.builtin.modinfo", guest->modules);
	SU_CLEANUP_FREE char *field = su_format(".alias=%s", name);
	SU_CLEANUP_BUF struct su_buf buf = { 0 };

	if (su_file_read(diags, path, &buf))
		return false;
	for (const char *p = buf.data; p && p < buf.data + buf.nr; p += strlen(p) + 1)
		if (su_has_suffix(p, field))
			return true;
	return false;
}

static void load_by_alias(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	struct su_module_index *index = guest->index;

	if (is_built_in_alias(diags, guest, name))
		return;
	if (!index->has_aliases)
		aliases_read(diags, index);
	for (size_t i = 0; i < index->aliases.nr; i++)
		if (!strcmp(index->aliases.data[i].name, name)) {
			SU_CLEANUP_FREE char *path = su_strdup(index->aliases.data[i].path);
			SU_CLEANUP_FREE char *module = su_module_name(basename(path));

			(void)load(diags, guest, module);
		}
}

static void load_any(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	if (su_moddir_find(guest->index->dir, name))
		(void)load(diags, guest, name);
	else
		load_by_alias(diags, guest, name);
}

/* "pre: NAME... post: NAME...". One that is not there or does not load is no failure: another may do, or none is needed. */
static void soft_dependencies_load(struct su_guest *guest, const struct su_modinfo *info)
{
	struct su_diags *unheard = su_diags_create();
	const char *softdep = NULL;

	while ((softdep = su_modinfo_next(info, "softdep", softdep))) {
		SU_CLEANUP_FREE char *copy = su_strdup(softdep);
		char *save = NULL;
		bool is_pre = false;

		for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
			if (su_has_suffix(p, ":"))
				is_pre = !strcmp(p, "pre:");
			else if (is_pre)
				load_any(unheard, guest, p);
	}
	su_diags_destroy(unheard);
}

static int needs_load(struct su_diags *diags, struct su_guest *guest, const struct su_modinfo *info)
{
	int ret = dependencies_load(diags, guest, info);

	if (!ret)
		soft_dependencies_load(guest, info);
	return ret;
}

/* Recurses as deep as modules depend on each other; marking a module first ends a circle. */
static int load(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const char *path = su_moddir_find(guest->index->dir, name);
	int is_new, ret;

	if (!path) /* built in, or the guest will say that it is missing */
		return 0;
	su_map_put(&guest->index->loaded, name, &is_new);
	if (!is_new)
		return 0;
	ret = su_modinfo_read(diags, path, &info);
	if (!ret)
		ret = needs_load(diags, guest, &info);
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
		built_in = su_module_name(slash ? slash + 1 : line);
		found = built_in && !strcmp(built_in, name);
	}
	if (f)
		fclose(f);
	return found;
}

/* *name: heap, as in /proc/modules. */
static int module_find(struct su_diags *diags, struct su_guest *guest, const char *wanted, char **name)
{
	SU_CLEANUP_FREE char *file = su_format("%s.ko", wanted);
	SU_CLEANUP_FREE char *normal = su_module_name(file);

	if (!guest->modules || !normal)
		return su_fail(diags, SU_AT(GUEST, .object = wanted), "the guest was booted without a folder of modules");
	if (!guest->index)
		guest->index = index_create(guest->modules);
	if (!su_moddir_find(guest->index->dir, normal) && !is_built_in(guest, normal))
		return su_fail(diags, SU_AT(GUEST, .object = wanted), "this kernel has no such module");
	*name = normal;
	normal = NULL;
	return 0;
}

int su_guest_modprobe(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	SU_CLEANUP_FREE char *normal = NULL;
	int ret = module_find(diags, guest, name, &normal);

	return ret ? ret : load(diags, guest, normal);
}

int su_guest_modprobe_needs(struct su_diags *diags, struct su_guest *guest, const char *name)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	SU_CLEANUP_FREE char *normal = NULL;
	int ret = module_find(diags, guest, name, &normal);
	const char *path = ret ? NULL : su_moddir_find(guest->index->dir, normal);

	if (!path)
		return ret;
	ret = su_modinfo_read(diags, path, &info);
	return ret ? ret : needs_load(diags, guest, &info);
}
