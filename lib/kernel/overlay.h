/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: the patched source tree, made of links into the unpatched one and a few real files. */
#ifndef SU_KERNEL_OVERLAY_H
#define SU_KERNEL_OVERLAY_H

#include "patch.h"
#include "tree.h"

struct su_plan;

struct su_overlay {
	const struct su_tree *tree;
	char *root;	    /* absolute */
	struct su_map real; /* folders of its own, relative to the tree; "": the root */
};

/**
 * su_overlay_create - make the patched tree in @root
 * @plan: only its patches count
 * @patch_nr: how many of them are applied, the plan's own being the last
 * @root: absolute; made here
 * @keeps_lines: patched sources get #line directives that keep the numbers of unchanged lines
 * Folders on the way to a patched file are real; everything else is a link into the source.
 * Return: 0, PATCH_APPLY with patch(1)'s message, FILE_*, TOOL_MISSING.
 */
int su_overlay_create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, size_t patch_nr,
		      const char *root, bool keeps_lines, struct su_overlay *overlay) SU_MUST_CHECK;
void su_overlay_fini(struct su_overlay *overlay);

/* What stands for the source tree, where that may be an overlay: NULL is the source itself. */
static inline const char *su_overlay_root(const struct su_overlay *overlay, const struct su_tree *tree)
{
	return overlay ? overlay->root : tree->source;
}

/* Before a unit is compiled: its own folder is made real, as it is there that ".." is used most. */
int su_overlay_take(struct su_diags *diags, struct su_overlay *overlay, const struct su_command *command) SU_MUST_CHECK;
/*
 * After one was, also in vain: did a ".." in a folder that is a link lead out to the unpatched version of a patched file? @deps:
 * the dependency file.
 */
bool su_overlay_is_left(const struct su_overlay *overlay, const struct su_patch *patch, const char *deps);
/* Make the folders real by which that came about. @is_new: there were any, and it is to be compiled again. */
int su_overlay_follow(struct su_diags *diags, struct su_overlay *overlay, const struct su_patch *patch,
		      const char *deps, bool *is_new) SU_MUST_CHECK;

#endif
