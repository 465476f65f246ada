/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the files that make a plan. */
#ifndef SU_KERNEL_PLANNER_H
#define SU_KERNEL_PLANNER_H

#include "plan.h"

struct su_planner {
	struct su_diags *diags;
	const struct su_tree *tree;
	struct su_plan *plan;
	const char *scratch;
	bool has_header; /* a file that others include is among the patched ones */
	bool has_makefile;
	int err; /* of the first refusal */
};

/*
 * The module that a unit is part of, as the kernel names it ("snd_hda_codec"). Where the unit is compiled once for several modules
 * their names are joined with colons, as Kbuild does.
 */
const char *su_unit_module(const struct su_tree *tree, struct su_arena *arena, const struct su_command *command);

/* plan.c */
bool su_path_is_beside_kernel(const char *path);
bool su_path_is_other_arch(const char *path);
bool su_path_is_build_file(const char *path);
bool su_plan_is_folder_built(const struct su_planner *p, const char *path, bool is_deep);
void su_plan_warn_not_built(struct su_planner *p, const char *path);

/* plan_build.c: what the build does with a file that is no unit's; NULL: nothing that is known. */
const char *su_plan_build_use(const struct su_planner *p, const char *path);
/* Does the makefile of its folder name the file? Then it is no prose, whatever its suffix says. */
bool su_plan_is_named_by_makefile(const struct su_planner *p, const char *path);

/* plan_deep.c: what needs a folder to work in: headers' units, the layouts of types, makefiles. */
int su_plan_deeply(struct su_planner *p) SU_MUST_CHECK;

#endif
