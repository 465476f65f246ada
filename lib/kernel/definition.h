/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a function change because the patch changes it, or only because the compiler inlines something else into it? */
#ifndef SU_KERNEL_DEFINITION_H
#define SU_KERNEL_DEFINITION_H

#include "plan.h"

/*
 * Is the function @name defined in both texts, and by the same tokens? Lines that only #line names count for nothing; under conditions all its
 * definitions have to be the same.
 */
bool su_definition_is_kept(const char *name, const struct su_buf *pre, const struct su_buf *post);

/**
 * su_plan_keeps_macros - does the patch leave alone all macros and types that its files define?
 * @keeps: receives the answer. What is only added does not count.
 * Return: 0, FILE_*.
 */
int su_plan_keeps_macros(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
			 bool *keeps) SU_MUST_CHECK;

#endif
