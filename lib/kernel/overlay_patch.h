/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to overlay.c: what is done to the copies of the patched files. */
#ifndef SU_KERNEL_OVERLAY_PATCH_H
#define SU_KERNEL_OVERLAY_PATCH_H

#include "overlay.h"

/* Apply the first @nr of the plan's patches, its own being the last. PATCH_APPLY, FILE_*, TOOL_MISSING. */
int su_overlay_patch(struct su_diags *diags, const struct su_overlay *overlay, const struct su_plan *plan,
		     size_t nr) SU_MUST_CHECK;
/* Directives behind each change keep the numbers of the lines that follow. FILE_*, TOOL_MISSING. */
int su_overlay_keep_lines(struct su_diags *diags, const struct su_overlay *overlay,
			  const struct su_plan *plan) SU_MUST_CHECK;

#endif
