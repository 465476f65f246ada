/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: which units of this kernel a patch changes, and a refusal by name of what cannot be done yet. The patch may stand on
 * others, which earlier updates were made of: the plan has the units of all.
 */
#ifndef SU_KERNEL_PLAN_H
#define SU_KERNEL_PLAN_H

#include "lib/base/file.h"
#include "overlay.h"

struct su_plan_unit {
	const struct su_command *command; /* the tree's database's */
	const char *object;		  /* "fs/proc/version.o" */
	const char *source;		  /* relative to the source tree */
	const char *module;		  /* as in /proc/modules; NULL: vmlinux */
	bool by_header;			  /* its own source is not patched: it may turn out to be the same */
};

struct su_plan {
	struct su_arena arena;
	struct su_patch patch;	   /* files of all patches; hunks of the first one that has the file */
	char *patch_path;	   /* absolute */
	struct su_hash patch_hash; /* of the patch file */
	const char **base_paths;   /* absolute: the patches that it stands on, in their order */
	struct su_hash *base_hashes;
	size_t base_nr;
	struct su_overlay *overlays;	   /* the patched trees: with one patch, with two, ...; base_nr + 1 */
	SU_VEC(struct su_plan_unit) units; /* ascending by object */
	size_t including_nr;		   /* units that include a patched header */
	size_t reachable_nr;		   /* those of them whose text can see the change */
};

/**
 * su_plan_create - find the units that a patch changes
 * @tree: must outlive the plan
 * @scratch: a folder of the caller's, empty; gets the patched trees
 * @bases: patches that it stands on, in their order; ends in NULL, may be NULL
 * All refusals are reported in one run. Files that no kernel code is made of (documentation, tools) and files that
 * this configuration does not build are passed over with a warning.
 * A patched header leads to every unit whose code it can change: they are marked, and compiling them decides.
 * Return: 0; FILE_READ, PATCH_READ, PATCH_APPLY; LAYOUT where a patched struct's layout changes; NO_CHANGE where no unit can
 * see the change of a header; VDSO, INIT_CODE, UNIT_MODULE, UNIT_OTHER; NOT_BUILT where no unit is left.
 */
int su_plan_create(struct su_diags *diags, const struct su_tree *tree, const char *scratch, const char *const *bases,
		   const char *patch_path, struct su_plan *plan) SU_MUST_CHECK;
/* Make the patched trees below @scratch; su_plan_create() has done it where there is a unit. PATCH_APPLY, FILE_*, TOOL_MISSING. */
int su_plan_make_trees(struct su_diags *diags, const struct su_tree *tree, const char *scratch,
		       struct su_plan *plan) SU_MUST_CHECK;
/* A source or header of the plan before its own patch and after it; nothing where it is not there. Return: 0, FILE_*. */
int su_plan_read_texts(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, const char *path,
		       struct su_buf texts[2]) SU_MUST_CHECK;
/* What is said of a unit of the vDSO that changes. Return: VDSO. */
int su_plan_refuse_vdso(struct su_diags *diags, const struct su_command *command);
void su_plan_fini(struct su_plan *plan);

/* The tree with all patches. */
static inline struct su_overlay *su_plan_last(const struct su_plan *plan)
{
	return &plan->overlays[plan->base_nr];
}

/* The tree that the plan's own patch is applied to; NULL: the source itself. */
static inline struct su_overlay *su_plan_base(const struct su_plan *plan)
{
	return plan->base_nr ? &plan->overlays[plan->base_nr - 1] : NULL;
}

#endif
