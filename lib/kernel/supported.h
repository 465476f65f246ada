/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: which kernels suture can serve at all, by their configuration. */
#ifndef SU_KERNEL_SUPPORTED_H
#define SU_KERNEL_SUPPORTED_H

#include "config.h"

/* Return: 0, or KERNEL for a kernel that cannot be served; each reason is one diagnostic. */
int su_config_check(struct su_diags *diags, const struct su_config *config) SU_MUST_CHECK;

#endif
