// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Maps a patch's files to units through the compile database. What is not supported yet is refused here, each kind by
 * one check, so that lifting a limit is taking a check out.
 */
#include <string.h>

#include "lib/base/str.h"
#include "planner.h"

static void note_refusal(struct su_planner *p, int err)
{
	if (!p->err)
		p->err = err;
}

static bool is_in_side_folder(const char *path)
{
	static const char *const dirs[] = { "Documentation/", "tools/", "samples/", "LICENSES/", "debian/", "scripts/" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(dirs); i++)
		if (su_has_prefix(path, dirs[i]))
			return true;
	return false;
}

/* Files that no code of the kernel is made of. */
bool su_path_is_beside_kernel(const char *path)
{
	static const char *const suffixes[] = { ".rst", ".txt", ".md", ".yaml", ".gitignore" };

	if (is_in_side_folder(path))
		return true;
	for (size_t i = 0; i < SU_ARRAY_SIZE(suffixes); i++)
		if (su_has_suffix(path, suffixes[i]))
			return true;
	return !strcmp(path, "MAINTAINERS") || !strcmp(path, "CREDITS");
}

static void refuse_module(struct su_planner *p, const struct su_command *command, const char *module)
{
	if (module)
		note_refusal(p, su_fail(p->diags,
					SU_AT(UNIT_MODULE, .object = command->source, .symbol = command->object,
					      .hint = "leave the file out if the fix does not need it"),
					"the file is compiled once for several modules (%s)", module));
	else
		note_refusal(p, su_fail(p->diags,
					SU_AT(UNIT_OTHER, .object = command->source, .symbol = command->object,
					      .hint = "leave the file out if the fix does not need it"),
					"its compile command does not say which module the unit is part of"));
}

/* Is the unit of no role in the running kernel gone by the time an update comes? The EFI stub and its like are. */
static bool is_boot_only(const struct su_command *command)
{
	static const char *const dirs[] = { "arch/x86/boot/", "arch/x86/realmode/", "arch/x86/purgatory/",
					    "drivers/firmware/efi/libstub/" };
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(dirs); i++)
		if (su_has_prefix(command->object, dirs[i]))
			return true;
	return false;
}

static void refuse_other(struct su_planner *p, const struct su_command *command)
{
	int err;

	if (su_command_is_vdso(command))
		err = su_plan_refuse_vdso(p->diags, command);
	else if (is_boot_only(command))
		err = su_fail(p->diags,
			      SU_AT(INIT_CODE, .object = command->source, .symbol = command->object,
				    .hint = "leave the file out if the fix does not need it; otherwise install the fixed kernel and reboot"),
			      "the file is part of what starts the kernel and is gone by now");
	else
		err = su_fail(p->diags,
			      SU_AT(UNIT_OTHER, .object = command->source, .symbol = command->object,
				    .hint = "leave the file out if the fix does not need it"),
			      "the file is part of an image that is not the kernel");
	note_refusal(p, err);
}

static void add_unit(struct su_planner *p, const struct su_command *command)
{
	struct su_plan_unit unit = { .command = command, .object = command->object, .source = command->source };

	if (command->role == SU_ROLE_MODULE) {
		unit.module = su_unit_module(p->tree, &p->plan->arena, command);
		if (!unit.module || strchr(unit.module, ':')) {
			refuse_module(p, command, unit.module);
			return;
		}
	}
	*su_vec_add(&p->plan->units) = unit;
}

/* Take all units that are compiled from a source file. Return: how many there are. */
static size_t take_units(struct su_planner *p, const char *path)
{
	const struct su_database *db = &p->tree->db;
	size_t i, found = 0, others = 0;
	const struct su_command *other = NULL;

	for (i = 0; i < db->commands.nr; i++) {
		const struct su_command *command = &db->commands.data[i];

		if (command->is_generated || strcmp(command->source, path))
			continue;
		found++;
		if (command->role != SU_ROLE_OTHER) {
			add_unit(p, command);
			continue;
		}
		others++;
		/* A copy for boot code is of no interest, as long as there is a unit of the kernel's own too. */
		if (!other || !is_boot_only(command))
			other = command;
	}
	if (other && (others == found || !is_boot_only(other)))
		refuse_other(p, other);
	return found;
}

void su_plan_warn_not_built(struct su_planner *p, const char *path)
{
	su_report(p->diags, SU_WARNING, SU_AT(NOT_BUILT, .object = path),
		  "this kernel's configuration does not build the file: its changes are left out");
}

bool su_path_is_other_arch(const char *path)
{
	return su_has_prefix(path, "arch/") && !su_has_prefix(path, "arch/x86/");
}

/* A source that is no unit's may be a part of others, as headers are. */
static void plan_source(struct su_planner *p, const struct su_patch_file *file)
{
	if (!take_units(p, file->path))
		p->has_header = true;
}

static bool is_built(const struct su_planner *p, const char *path)
{
	const struct su_database *db = &p->tree->db;

	for (size_t i = 0; i < db->commands.nr; i++)
		if (!strcmp(db->commands.data[i].source, path))
			return true;
	return false;
}

/* Is anything built from the sources of the folder that a path is in, or @is_deep: of those below it? */
bool su_plan_is_folder_built(const struct su_planner *p, const char *path, bool is_deep)
{
	const struct su_database *db = &p->tree->db;
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;

	for (size_t i = 0; i < db->commands.nr; i++)
		if (!strncmp(db->commands.data[i].source, path, len) &&
		    (is_deep || !strchr(db->commands.data[i].source + len, '/')))
			return true;
	return false;
}

static bool is_source(const char *path)
{
	return su_has_suffix(path, ".c") || su_has_suffix(path, ".S");
}

/*
 * Files that come or go. Of a header that goes nothing is left to follow: whoever included it is changed too. A source that
 * comes is a unit where the folder's makefile says so.
 */
static void plan_moved(struct su_planner *p, const struct su_patch_file *file)
{
	static const char *const verbs[] = {
		[SU_PATCH_CREATED] = "adds", [SU_PATCH_DELETED] = "deletes", [SU_PATCH_RENAMED] = "renames"
	};
	bool is_gone_header = file->kind == SU_PATCH_DELETED && su_has_suffix(file->path, ".h");
	const char *was = file->old_path ? file->old_path : file->path;
	bool matters = file->kind == SU_PATCH_CREATED ? su_plan_is_folder_built(p, file->path, false) :
		       is_source(was)		      ? is_built(p, was) :
							!is_gone_header;

	if (matters)
		note_refusal(p, su_fail(p->diags,
					SU_AT(UNIT_OTHER, .object = file->path,
					      .hint = "leave the file out if the fix does not need it"),
					"the patch %s the file: units that come or go cannot be carried yet",
					verbs[file->kind]));
	else if (!is_gone_header)
		su_plan_warn_not_built(p, file->path);
}

/* The running kernel's configuration is what it is. A makefile is looked into when its patched version is there. */
bool su_path_is_build_file(const char *path)
{
	static const char *const names[] = { "Kconfig", "Makefile", "Kbuild" };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (su_has_prefix(slash ? slash + 1 : path, names[i]))
			return true;
	return false;
}

static void note_left_out(struct su_planner *p, const char *path, const char *what)
{
	su_report(p->diags, SU_NOTE, SU_AT(UNIT_OTHER, .object = path), "%s: its changes are left out", what);
}

static void refuse_build(struct su_planner *p, const char *path, const char *what)
{
	note_refusal(p,
		     su_fail(p->diags,
			     SU_AT(UNIT_OTHER, .object = path, .hint = "leave the file out if the fix does not need it"),
			     "%s", what));
}

static bool is_beside_kernel(const struct su_planner *p, const char *path)
{
	if (is_in_side_folder(path))
		return !(su_path_is_build_file(path) && su_has_prefix(path, "scripts/"));
	return su_path_is_beside_kernel(path) && !su_plan_is_named_by_makefile(p, path);
}

static void plan_file(struct su_planner *p, const struct su_patch_file *file)
{
	const char *path = file->path;
	bool is_build = su_path_is_build_file(path);
	const char *use = su_plan_build_use(p, path);

	p->has_makefile |= is_build;
	if (is_beside_kernel(p, path))
		note_left_out(p, path, "no code of the kernel is made of this file");
	else if (su_path_is_other_arch(path))
		su_plan_warn_not_built(p, path);
	else if (use)
		refuse_build(p, path, use);
	else if (is_build)
		note_left_out(p, path, "the running kernel is configured and built");
	else if (file->kind != SU_PATCH_MODIFIED && !(file->kind == SU_PATCH_CREATED && su_has_suffix(path, ".h")))
		plan_moved(p, file);
	else if (su_has_suffix(path, ".h"))
		p->has_header = true;
	else if (is_source(path))
		plan_source(p, file);
	else
		refuse_build(p, path, "changes of the build or of generated code cannot be followed");
}

static int compare_units(const void *a, const void *b)
{
	return strcmp(((const struct su_plan_unit *)a)->object, ((const struct su_plan_unit *)b)->object);
}

static int fail_empty(struct su_planner *p)
{
	const char *path = p->plan->patch_path;

	if (p->plan->including_nr)
		return su_fail(p->diags, SU_AT(NO_CHANGE, .object = path),
			       "no unit of this kernel uses what the patch changes in headers (%zu include them)",
			       p->plan->including_nr);
	return su_fail(p->diags, SU_AT(NOT_BUILT, .object = path),
		       "this kernel is not affected: no unit of it is built from the patched files");
}

static int plan_files(struct su_planner *p)
{
	struct su_plan *plan = p->plan;
	size_t i;
	int err = 0;

	for (i = 0; i < plan->patch.files.nr; i++)
		plan_file(p, &plan->patch.files.data[i]);
	if (p->err)
		return p->err;
	if (p->has_header || p->has_makefile || plan->units.nr)
		err = su_plan_deeply(p);
	if (err)
		return err;
	if (!plan->units.nr)
		return fail_empty(p);
	qsort(plan->units.data, plan->units.nr, sizeof(*plan->units.data), compare_units);
	return 0;
}

static bool has_file(const struct su_patch *patch, const char *path)
{
	for (size_t i = 0; i < patch->files.nr; i++)
		if (!strcmp(patch->files.data[i].path, path))
			return true;
	return false;
}

/* One list of all files; what a patch does to a file that an earlier one has changed adds nothing to it. */
static void add_files(struct su_planner *p, const struct su_patch *patch)
{
	struct su_arena *arena = &p->plan->arena;

	for (size_t i = 0; i < patch->files.nr; i++) {
		const struct su_patch_file *file = &patch->files.data[i];

		if (has_file(&p->plan->patch, file->path))
			continue;
		*su_vec_add(&p->plan->patch.files) = (struct su_patch_file){
			.kind = file->kind,
			.path = su_arena_strdup(arena, file->path),
			.old_path = file->old_path ? su_arena_strdup(arena, file->old_path) : NULL,
		};
	}
}

static int add_base(struct su_planner *p, const char *path)
{
	struct su_plan *plan = p->plan;
	SU_CLEANUP_FREE char *absolute = su_path_absolute(path);
	struct su_patch patch = { 0 };
	int err = su_patch_read(p->diags, path, &patch);

	if (!err)
		err = su_hash_file(p->diags, path, &plan->base_hashes[plan->base_nr]);
	if (!err) {
		add_files(p, &patch);
		plan->base_paths[plan->base_nr++] = su_arena_strdup(&plan->arena, absolute);
	}
	su_patch_fini(&patch);
	return err;
}

static int add_bases(struct su_planner *p, const char *const *bases)
{
	size_t nr = 0;
	int err = 0;

	while (bases && bases[nr])
		nr++;
	p->plan->base_paths = su_arena_alloc(&p->plan->arena, (nr + 1) * sizeof(*p->plan->base_paths));
	p->plan->base_hashes = su_arena_alloc(&p->plan->arena, (nr + 1) * sizeof(*p->plan->base_hashes));
	for (size_t i = 0; !err && i < nr; i++)
		err = add_base(p, bases[i]);
	return err;
}

int su_plan_create(struct su_diags *diags, const struct su_tree *tree, const char *scratch, const char *const *bases,
		   const char *patch_path, struct su_plan *plan)
{
	struct su_plan made = { 0 };
	struct su_planner p = { .diags = diags, .tree = tree, .plan = &made, .scratch = scratch };
	int err = su_patch_read(diags, patch_path, &made.patch);

	if (!err)
		err = su_hash_file(diags, patch_path, &made.patch_hash);
	if (!err)
		err = add_bases(&p, bases);
	made.patch_path = su_path_absolute(patch_path);
	if (!err)
		err = plan_files(&p);
	if (err)
		su_plan_fini(&made);
	else
		*plan = made;
	return err;
}

int su_plan_read_texts(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, const char *path,
		       struct su_buf texts[2])
{
	const char *roots[] = { su_overlay_root(su_plan_base(plan), tree), su_plan_last(plan)->root };
	int err = 0;

	for (size_t i = 0; !err && i < 2; i++) {
		SU_CLEANUP_FREE char *full = su_format("%s/%s", roots[i], path);

		if (su_file_exists(full))
			err = su_file_read(diags, full, &texts[i]);
	}
	return err;
}

int su_plan_refuse_vdso(struct su_diags *diags, const struct su_command *command)
{
	return su_fail(diags,
		       SU_AT(VDSO, .object = command->source, .symbol = command->object,
			     .hint = "leave the change out if the fix does not need it; otherwise install the fixed kernel and reboot"),
		       "the file is part of the vDSO, which processes have mapped and run as their own code");
}

void su_plan_fini(struct su_plan *plan)
{
	for (size_t i = 0; plan->overlays && i <= plan->base_nr; i++)
		su_overlay_fini(&plan->overlays[i]);
	su_vec_fini(&plan->units);
	su_patch_fini(&plan->patch);
	su_arena_fini(&plan->arena);
	free(plan->patch_path);
	*plan = (struct su_plan){ 0 };
}
