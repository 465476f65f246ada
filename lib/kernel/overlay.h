/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: the patched source tree, made of links into the unpatched one and a few real files. */
#ifndef SU_KERNEL_OVERLAY_H
#define SU_KERNEL_OVERLAY_H

#include "plan.h"

/**
 * su_overlay_create - make the patched tree in @root
 * @patch_nr: how many of the plan's patches are applied, its own being the last
 * @root: absolute; made here
 * Folders on the way to a patched file are real, and those below the one that holds it from which files include by way
 * of "..", so that this stays inside; everything else is a link into the source. Patched sources carry #line directives that keep the numbers of unchanged lines.
 * Return: 0, PATCH_APPLY with patch(1)'s message, FILE_*, TOOL_MISSING.
 */
int su_overlay_create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, size_t patch_nr,
		      const char *root) SU_MUST_CHECK;
/* The same with the patched files as they are, for those who want to know their lines. */
int su_overlay_create_plain(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
			    size_t patch_nr, const char *root) SU_MUST_CHECK;
/* Where in su_compile()'s scratch folder the tree with that many patches is; 0: the source itself. Heap. */
char *su_overlay_path(const struct su_tree *tree, const char *scratch, size_t patch_nr);
/* The last of the patched trees: with all patches. */
static inline size_t su_overlay_last(const struct su_plan *plan)
{
	return plan->base_nr + 1;
}

#endif
