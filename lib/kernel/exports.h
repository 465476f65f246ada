/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do exported symbols keep their types? Modules were built against them. The kernel's own genksyms tells, as it makes the CRCs by
 * which the module loader checks this; where the kernel is built without them (CONFIG_MODVERSIONS) nothing is told.
 */
#ifndef SU_KERNEL_EXPORTS_H
#define SU_KERNEL_EXPORTS_H

#include "plan.h"

/**
 * su_exports_check - compare the types of a unit's exported symbols before and after the patch
 * @unit: of the plan
 * @scratch: a folder for what the preprocessor gives
 * A symbol whose type, or a member of a struct that it leads to, changes is refused. What only is added to types changes CRCs too, but
 * nobody who was built before knows of it: a warning. So is an export that goes. A type with another name and the same ABI is neither.
 * Return: 0; EXPORT; FILE_*, TOOL_MISSING.
 */
int su_exports_check(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		     const struct su_plan_unit *unit, const char *scratch) SU_MUST_CHECK;

/* The comparing part, of what `genksyms -T` has written. */
int su_exports_compare(struct su_diags *diags, const char *object, const char *pre, const char *post) SU_MUST_CHECK;

#endif
