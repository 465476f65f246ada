/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: an update's only C code, the same for all updates of a kernel. */
#ifndef SU_KERNEL_SHIM_H
#define SU_KERNEL_SHIM_H

#include "lib/base/diag.h"

/* Write shim.c, and core.symvers, which tells modpost of the core's symbol. @objects: the tree's objects folder. */
int su_shim_write(struct su_diags *diags, const char *objects, const char *dir) SU_MUST_CHECK;

#endif
