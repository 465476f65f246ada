/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: enumerators that a patch gives other values. Objects in use may hold the old ones. */
#ifndef SU_KERNEL_ENUMERATORS_H
#define SU_KERNEL_ENUMERATORS_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

/**
 * su_enumerators_compare - warn of each enum of which an enumerator's value changes
 * @path: the file, for messages
 * @pre, @post: its text before and after
 * Told by tokens, conditions not looked at. An enumerator that says how many there are is passed over.
 */
void su_enumerators_compare(struct su_diags *diags, const char *path, const struct su_buf *pre,
			    const struct su_buf *post);

#endif
