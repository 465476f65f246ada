/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: the making of a prepared tree. */
#ifndef SU_KERNEL_PREPARE_H
#define SU_KERNEL_PREPARE_H

#include "inputs.h"

/* Make the tree in @dir, whatever is there already. The caller holds the tree's lock. */
int su_tree_make(struct su_diags *diags, const struct su_tree_request *req, const struct su_inputs *inputs,
		 const char *dir) SU_MUST_CHECK;

#endif
