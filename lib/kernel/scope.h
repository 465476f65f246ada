/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: does a source file define a struct or union otherwise than before? Asked before any is compiled. */
#ifndef SU_KERNEL_RECORDS_H
#define SU_KERNEL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Is there a named struct or union, defined in both texts, whose definitions differ in more than white space and comments? */
bool su_records_differ(const char *pre, size_t pre_sz, const char *post, size_t post_sz);

#endif
