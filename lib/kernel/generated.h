/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: sources and headers that the build makes on its way, after `make prepare`. */
#ifndef SU_KERNEL_GENERATED_H
#define SU_KERNEL_GENERATED_H

#include "lib/base/diag.h"

/**
 * su_generated_make - make the sources and headers that units are compiled from and that are not there yet
 * @output: what `make -n --trace V=1 vmlinux modules` printed
 * @objects: the O= folder
 * One that cannot be made is a warning: only the units that need it cannot be compiled then.
 * Return: 0; SYSTEM, INTERRUPTED.
 */
int su_generated_make(struct su_diags *diags, const char *output, size_t sz, const char *objects) SU_MUST_CHECK;

#endif
