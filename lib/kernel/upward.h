/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: which folders have files that include others by way of "..". */
#ifndef SU_KERNEL_UPWARD_H
#define SU_KERNEL_UPWARD_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

/**
 * su_includes_upward - has a file in folder @dir, or below, a directive with ".." in a path?
 * @known: what earlier calls have found out, and this one adds to: no folder is read twice. The caller's, empty at first
 * Return: 0 and the answer in @found, or FILE_READ.
 */
int su_includes_upward(struct su_diags *diags, const char *dir, struct su_map *known, bool *found) SU_MUST_CHECK;

#endif
