// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Maps a patch's files to units through the compile database. What is not supported yet is refused here, each kind by
 * one check, so that lifting a limit is taking a check out.
 */
#include <string.h>

#include "layout.h"
#include "lib/base/str.h"
#include "makefile.h"
#include "overlay.h"
#include "plan.h"

struct planner {
	struct su_diags *diags;
	const struct su_tree *tree;
	struct su_plan *plan;
	bool has_header; /* a file that others include is among the patched ones */
	bool has_makefile;
	int err; /* of the first refusal */
};

static void note_refusal(struct planner *p, int err)
{
	if (!p->err)
		p->err = err;
}

/* Files that no code of the kernel is made of. */
static bool is_beside_kernel(const char *path)
{
	static const char *const dirs[] = { "Documentation/", "tools/", "samples/", "LICENSES/", "debian/", "scripts/" };
	static const char *const suffixes[] = { ".rst", ".txt", ".md", ".yaml", ".gitignore" };
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(dirs); i++)
		if (su_has_prefix(path, dirs[i]))
			return true;
	for (i = 0; i < SU_ARRAY_SIZE(suffixes); i++)
		if (su_has_suffix(path, suffixes[i]))
			return true;
	return !strcmp(path, "MAINTAINERS") || !strcmp(path, "CREDITS");
}

/* KBUILD_MODNAME on a command line; NULL: assembler's have none. */
static const char *name_on_command(const struct planner *p, const struct su_command *command)
{
	static const char option[] = "-DKBUILD_MODNAME=";
	struct su_arena *arena = &p->plan->arena;
	size_t i, nr;
	const char **words = su_database_words(&p->tree->db, command->compile, arena, &nr);

	for (i = 0; i < nr; i++) {
		const char *name = words[i] + sizeof(option) - 1;

		if (!su_has_prefix(words[i], option))
			continue;
		name += strspn(name, "\"");
		return su_arena_format(arena, "%.*s", (int)strcspn(name, "\""), name);
	}
	return NULL;
}

static bool has_member(const struct su_group *group, const char *object)
{
	size_t len = strlen(object);
	const char *at = group->members;

	while (at) {
		if (!strncmp(at, object, len) && (at[len] == ' ' || !at[len]))
			return true;
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return false;
}

/* "drivers/net/foo-bar.o" -> "foo_bar", as the kernel names modules. */
static const char *name_of_object(struct su_arena *arena, const char *object)
{
	const char *slash = strrchr(object, '/');
	const char *base = slash ? slash + 1 : object;
	char *name = su_arena_format(arena, "%.*s", (int)strcspn(base, "."), base);

	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
}

static const char *name_by_groups(const struct planner *p, const char *object)
{
	const struct su_database *db = &p->tree->db;
	struct su_arena *arena = &p->plan->arena;
	const char *names = NULL;
	size_t i;

	for (i = 0; i < db->groups.nr; i++) {
		const struct su_group *group = &db->groups.data[i];

		if (has_member(group, object))
			names = su_arena_format(arena, "%s%s%s", names ? names : "", names ? ":" : "",
						name_of_object(arena, group->object));
	}
	return names;
}

/*
 * The module that a unit is part of, as the kernel names it ("snd_hda_codec"). Where the unit is compiled once for several modules
 * their names are joined with colons, as Kbuild does.
 */
static const char *module_name(const struct planner *p, const struct su_command *command)
{
	return command->is_asm ? name_by_groups(p, command->object) : name_on_command(p, command);
}

static void refuse_module(struct planner *p, const struct su_command *command, const char *module)
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

static void refuse_other(struct planner *p, const struct su_command *command)
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

static void add_unit(struct planner *p, const struct su_command *command)
{
	struct su_plan_unit unit = { .command = command, .object = command->object, .source = command->source };

	if (command->role == SU_ROLE_MODULE) {
		unit.module = module_name(p, command);
		if (!unit.module || strchr(unit.module, ':')) {
			refuse_module(p, command, unit.module);
			return;
		}
	}
	*su_vec_add(&p->plan->units) = unit;
}

/* Take all units that are compiled from a source file. Return: how many there are. */
static size_t take_units(struct planner *p, const char *path)
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

static void warn_not_built(struct planner *p, const char *path)
{
	su_report(p->diags, SU_WARNING, SU_AT(NOT_BUILT, .object = path),
		  "this kernel's configuration does not build the file: its changes are left out");
}

static bool is_other_arch(const char *path)
{
	return su_has_prefix(path, "arch/") && !su_has_prefix(path, "arch/x86/");
}

/* A source that is no unit's may be a part of others, as headers are. */
static void plan_source(struct planner *p, const struct su_patch_file *file)
{
	if (!take_units(p, file->path))
		p->has_header = true;
}

static bool is_built(const struct planner *p, const char *path)
{
	const struct su_database *db = &p->tree->db;

	for (size_t i = 0; i < db->commands.nr; i++)
		if (!strcmp(db->commands.data[i].source, path))
			return true;
	return false;
}

/* Is anything built from the sources of the folder that a path is in, or @is_deep: of those below it? */
static bool is_folder_built(const struct planner *p, const char *path, bool is_deep)
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
static void plan_moved(struct planner *p, const struct su_patch_file *file)
{
	static const char *const verbs[] = {
		[SU_PATCH_CREATED] = "adds", [SU_PATCH_DELETED] = "deletes", [SU_PATCH_RENAMED] = "renames"
	};
	bool is_gone_header = file->kind == SU_PATCH_DELETED && su_has_suffix(file->path, ".h");
	const char *was = file->old_path ? file->old_path : file->path;
	bool matters = file->kind == SU_PATCH_CREATED ? is_folder_built(p, file->path, false) :
		       is_source(was)		      ? is_built(p, was) :
							!is_gone_header;

	if (matters)
		note_refusal(p, su_fail(p->diags,
					SU_AT(UNIT_OTHER, .object = file->path,
					      .hint = "leave the file out if the fix does not need it"),
					"the patch %s the file: units that come or go cannot be carried yet",
					verbs[file->kind]));
	else if (!is_gone_header)
		warn_not_built(p, file->path);
}

/* The running kernel's configuration is what it is. A makefile is looked into when its patched version is there. */
static bool is_build_file(const char *path)
{
	static const char *const names[] = { "Kconfig", "Makefile", "Kbuild" };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (su_has_prefix(slash ? slash + 1 : path, names[i]))
			return true;
	return false;
}

static void note_left_out(struct planner *p, const char *path, const char *what)
{
	su_report(p->diags, SU_NOTE, SU_AT(UNIT_OTHER, .object = path), "%s: its changes are left out", what);
}

static void plan_file(struct planner *p, const struct su_patch_file *file)
{
	const char *path = file->path;
	bool is_build = is_build_file(path);

	p->has_makefile |= is_build;
	if (is_beside_kernel(path) && !(is_build && su_has_prefix(path, "scripts/")))
		note_left_out(p, path, "no code of the kernel is made of this file");
	else if (is_other_arch(path))
		warn_not_built(p, path);
	else if (is_build)
		note_left_out(p, path, "the running kernel is configured and built");
	else if (file->kind != SU_PATCH_MODIFIED && !(file->kind == SU_PATCH_CREATED && su_has_suffix(path, ".h")))
		plan_moved(p, file);
	else if (su_has_suffix(path, ".h"))
		p->has_header = true;
	else if (is_source(path))
		plan_source(p, file);
	else
		note_refusal(p, su_fail(p->diags,
					SU_AT(UNIT_OTHER, .object = path,
					      .hint = "leave the file out if the fix does not need it"),
					"changes of the build or of generated code cannot be followed"));
}

static int compare_units(const void *a, const void *b)
{
	return strcmp(((const struct su_plan_unit *)a)->object, ((const struct su_plan_unit *)b)->object);
}

/* ---- headers ---- */

static bool has_unit(const struct su_plan *plan, const struct su_command *command)
{
	size_t i;

	for (i = 0; i < plan->units.nr; i++)
		if (plan->units.data[i].command == command)
			return true;
	return false;
}

/* A header that few units include is a template as often as not; they are compiled, all, rather than reasoned about. */
#define FEW_UNITS 16

/* Whether these can be changed at all is asked only when they turn out to differ. */
static void add_reached(struct planner *p, const struct su_headers *headers)
{
	bool is_few = headers->reach.including.nr <= FEW_UNITS;
	const uint32_t *units = is_few ? headers->reach.including.data : headers->reach.units.data;
	size_t i, nr = is_few ? headers->reach.including.nr : headers->reach.units.nr;

	p->plan->including_nr = headers->reach.including.nr;
	p->plan->reachable_nr = headers->reach.units.nr;
	for (i = 0; i < nr; i++) {
		const struct su_command *command = headers->graph.units.data[units[i]].command;
		struct su_plan_unit unit = {
			.command = command, .object = command->object, .source = command->source, .by_header = true
		};

		if (command->role == SU_ROLE_MODULE)
			unit.module = module_name(p, command);
		if (!has_unit(p->plan, command))
			*su_vec_add(&p->plan->units) = unit;
	}
}

static void warn_unused(struct planner *p, const struct su_headers *headers)
{
	size_t i;

	for (i = 0; i < headers->unused.nr; i++)
		if (!is_beside_kernel(headers->unused.data[i]) && !is_other_arch(headers->unused.data[i]) &&
		    !is_build_file(headers->unused.data[i]))
			warn_not_built(p, headers->unused.data[i]);
}

static int check_makefile(struct planner *p, const struct su_patch_file *file, const char *overlay)
{
	SU_CLEANUP_FREE char *before = su_format("%s/%s", p->tree->source, file->path);
	SU_CLEANUP_FREE char *after = su_format("%s/%s", overlay, file->path);
	SU_CLEANUP_BUF struct su_buf pre = { 0 };
	SU_CLEANUP_BUF struct su_buf post = { 0 };
	int err = file->kind == SU_PATCH_CREATED ? 0 : su_file_read(p->diags, before, &pre);

	if (!err && file->kind != SU_PATCH_DELETED)
		err = su_file_read(p->diags, after, &post);
	if (err || su_makefile_lists_only(pre.data ? pre.data : "", post.data ? post.data : ""))
		return err;
	return su_fail(p->diags,
		       SU_AT(UNIT_OTHER, .object = file->path, .hint = "leave the file out if the fix does not need it"),
		       "the makefile changes in more than its lists of objects: how units are compiled cannot be changed");
}

/* What makefiles say of units that this kernel has must stay as it was. */
static int check_makefiles(struct planner *p, const char *overlay)
{
	int first = 0;

	for (size_t i = 0; i < p->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &p->plan->patch.files.data[i];
		bool matters = is_build_file(file->path) && !strstr(file->path, "Kconfig") &&
			       (su_has_prefix(file->path, "scripts/") || is_folder_built(p, file->path, true));
		int err = matters ? check_makefile(p, file, overlay) : 0;

		if (!first)
			first = err;
	}
	return first;
}

static int follow_headers(struct planner *p, const char *scratch)
{
	SU_CLEANUP_FREE char *overlay = su_format("%s/headers", scratch);
	struct su_headers headers = { 0 };
	int err = su_overlay_create(p->diags, p->tree, p->plan, su_overlay_last(p->plan), overlay);

	if (!err)
		err = su_headers_find(p->diags, p->tree, &p->plan->patch, overlay, &headers);
	if (err)
		return err;
	warn_unused(p, &headers);
	err = su_layout_check(p->diags, p->tree, p->plan, &headers, scratch);
	if (!err)
		add_reached(p, &headers);
	su_headers_fini(&headers);
	return err;
}

/* What needs a folder to work in: headers' units, and the layouts of types. */
static int plan_deeply(struct planner *p)
{
	SU_CLEANUP_FREE char *parent = su_format("%s/work", p->tree->cache);
	SU_CLEANUP_FREE char *scratch = NULL;
	SU_CLEANUP_FREE char *sources = NULL;
	SU_CLEANUP_FREE char *overlay = NULL;
	int err = su_dir_make(p->diags, parent);

	if (!err)
		err = su_dir_temp(p->diags, parent, "plan-", &scratch);
	if (!err) {
		sources = su_format("%s/sources", scratch);
		err = su_dir_make(p->diags, sources);
	}
	if (!err)
		err = su_layout_check_sources(p->diags, p->tree, p->plan, sources);
	if (!err) {
		overlay = su_format("%s/overlay", sources);
		err = check_makefiles(p, overlay);
	}
	if (!err && p->has_header)
		err = follow_headers(p, scratch);
	if (scratch)
		su_dir_remove(p->diags, scratch);
	return err;
}

static int fail_empty(struct planner *p)
{
	const char *path = p->plan->patch_path;

	if (p->plan->including_nr)
		return su_fail(p->diags, SU_AT(NO_CHANGE, .object = path),
			       "no unit of this kernel uses what the patch changes in headers (%zu include them)",
			       p->plan->including_nr);
	return su_fail(p->diags, SU_AT(NOT_BUILT, .object = path),
		       "this kernel is not affected: no unit of it is built from the patched files");
}

static int plan_files(struct planner *p)
{
	struct su_plan *plan = p->plan;
	size_t i;
	int err = 0;

	for (i = 0; i < plan->patch.files.nr; i++)
		plan_file(p, &plan->patch.files.data[i]);
	if (p->err)
		return p->err;
	if (p->has_header || p->has_makefile || plan->units.nr)
		err = plan_deeply(p);
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
static void add_files(struct planner *p, const struct su_patch *patch)
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

static int add_base(struct planner *p, const char *path)
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

static int add_bases(struct planner *p, const char *const *bases)
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

int su_plan_create(struct su_diags *diags, const struct su_tree *tree, const char *const *bases, const char *patch_path,
		   struct su_plan *plan)
{
	struct su_plan made = { 0 };
	struct planner p = { .diags = diags, .tree = tree, .plan = &made };
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

int su_plan_refuse_vdso(struct su_diags *diags, const struct su_command *command)
{
	return su_fail(diags,
		       SU_AT(VDSO, .object = command->source, .symbol = command->object,
			     .hint = "leave the change out if the fix does not need it; otherwise install the fixed kernel and reboot"),
		       "the file is part of the vDSO, which processes have mapped and run as their own code");
}

void su_plan_fini(struct su_plan *plan)
{
	su_vec_fini(&plan->units);
	su_patch_fini(&plan->patch);
	su_arena_fini(&plan->arena);
	free(plan->patch_path);
	*plan = (struct su_plan){ 0 };
}
