/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: one compilation of a unit before and after the patch, to ask something of the two results. */
#ifndef SU_KERNEL_PAIR_H
#define SU_KERNEL_PAIR_H

#include "lib/base/process.h"
#include "overlay.h"

struct su_pair {
	const struct su_tree *tree;
	const struct su_command *command;
	const struct su_patch *patch;
	struct su_overlay *sides[2]; /* the trees before and after; NULL: the source itself */
	const char *outputs[2];
	const char *const *more; /* words behind those of the command; ends in NULL */
};

/**
 * su_pair_compile - run both compilers
 * @processes: receives their exit codes and words; the caller's to end, also on failure
 * Return: 0, also where they fail; FILE_*, TOOL_MISSING, SYSTEM, INTERRUPTED.
 */
int su_pair_compile(struct su_diags *diags, const struct su_pair *pair, struct su_process processes[2]) SU_MUST_CHECK;

#endif
