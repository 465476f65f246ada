/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: an object file's debug information, as libdwfl gives it. */
#ifndef SU_KERNEL_DEBUGINFO_H
#define SU_KERNEL_DEBUGINFO_H

#include <elfutils/libdwfl.h>

/* Of one relocatable object; dwfl_end() frees it. Return: NULL where it cannot be read. */
Dwfl *su_dwfl_open(const char *path);

#endif
