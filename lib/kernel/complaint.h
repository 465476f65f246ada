/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: what a compiler has to say against a unit, for people to read. */
#ifndef SU_KERNEL_COMPLAINT_H
#define SU_KERNEL_COMPLAINT_H

#include "lib/base/mem.h"

/**
 * su_complaint - the compiler's first errors; heap, without a newline at the end
 * @words: what it wrote to standard error, in English
 * @root: the tree that it read; paths below are told without it
 * Without the excerpts from the source: a #line makes the compiler show other lines than those that it means.
 */
char *su_complaint(const struct su_buf *words, const char *root);

#endif
