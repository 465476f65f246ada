/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: which folders have files that include others by way of "..". */
#ifndef SU_KERNEL_UPWARD_H
#define SU_KERNEL_UPWARD_H

#include "lib/base/diag.h"

/**
 * su_includes_upward - has a file in folder @dir, or below, a directive with ".." in a path?
 * Return: 0 and the answer in @found, or FILE_READ.
 */
int su_includes_upward(struct su_diags *diags, const char *dir, bool *found) SU_MUST_CHECK;

#endif
