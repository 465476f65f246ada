// SPDX-License-Identifier: GPL-2.0-or-later
/* What a plan needs a patched copy of the sources for: the units that a header reaches, the layouts of types, makefiles. */
#include <string.h>

#include "layout.h"
#include "lib/base/str.h"
#include "makefile.h"
#include "planner.h"

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
static void add_reached(struct su_planner *p, const struct su_headers *headers)
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
			unit.module = su_unit_module(p->tree, &p->plan->arena, command);
		if (!has_unit(p->plan, command))
			*su_vec_add(&p->plan->units) = unit;
	}
}

static void warn_unused(struct su_planner *p, const struct su_headers *headers)
{
	size_t i;

	for (i = 0; i < headers->unused.nr; i++)
		if (!su_path_is_beside_kernel(headers->unused.data[i]) &&
		    !su_path_is_other_arch(headers->unused.data[i]) && !su_path_is_build_file(headers->unused.data[i]))
			su_plan_warn_not_built(p, headers->unused.data[i]);
}

static int check_makefile(struct su_planner *p, const struct su_patch_file *file, const char *overlay)
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
static int check_makefiles(struct su_planner *p, const char *overlay)
{
	int first = 0;

	for (size_t i = 0; i < p->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &p->plan->patch.files.data[i];
		bool matters = su_path_is_build_file(file->path) && !strstr(file->path, "Kconfig") &&
			       (su_has_prefix(file->path, "scripts/") || su_plan_is_folder_built(p, file->path, true));
		int err = matters ? check_makefile(p, file, overlay) : 0;

		if (!first)
			first = err;
	}
	return first;
}

static int follow_headers(struct su_planner *p)
{
	struct su_headers headers = { 0 };
	int err = su_headers_find(p->diags, p->tree, &p->plan->patch, su_plan_last(p->plan)->root, &headers);

	if (err)
		return err;
	warn_unused(p, &headers);
	err = su_layout_check(p->diags, p->tree, p->plan, &headers, p->scratch);
	if (!err)
		add_reached(p, &headers);
	su_headers_fini(&headers);
	return err;
}

int su_plan_make_trees(struct su_diags *diags, const struct su_tree *tree, const char *scratch, struct su_plan *plan)
{
	SU_CLEANUP_FREE char *parent = su_path_absolute(scratch);
	int err = 0;

	plan->overlays = su_arena_alloc(&plan->arena, (plan->base_nr + 1) * sizeof(*plan->overlays));
	for (size_t i = 0; !err && i <= plan->base_nr; i++) {
		SU_CLEANUP_FREE char *root = su_format("%s/overlay-%zu", parent, i + 1);

		err = su_overlay_create(diags, tree, plan, i + 1, root, true, &plan->overlays[i]);
	}
	return err;
}

int su_plan_deeply(struct su_planner *p)
{
	int err = su_plan_make_trees(p->diags, p->tree, p->scratch, p->plan);

	if (!err)
		err = su_layout_check_sources(p->diags, p->tree, p->plan, p->scratch);
	if (!err)
		err = check_makefiles(p, su_plan_last(p->plan)->root);
	if (!err && p->has_header)
		err = follow_headers(p);
	return err;
}
