/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: what a change of a makefile is about. */
#ifndef SU_KERNEL_MAKEFILE_H
#define SU_KERNEL_MAKEFILE_H

#include <stdbool.h>

/*
 * Do two versions of a makefile differ in comments and lists of objects only ("obj-$(CONFIG_X) += x.o")? Then no unit that
 * is in both is compiled in another way; units that come or go show by their own files.
 */
bool su_makefile_lists_only(const char *pre, const char *post);

#endif
