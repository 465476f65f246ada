/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: which structs of a source file live on stacks only. */
#ifndef SU_KERNEL_AUTOMATIC_H
#define SU_KERNEL_AUTOMATIC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is the struct or union @name, which the text itself defines, only ever a local variable with an initialiser, and handed on
 * by pointers that are parameters and local variables? No object of it outlives the function that declares it then. If its
 * size changes, that function's initialisation does, and the switch waits until no thread is inside.
 * Decided by tokens: whatever might be something else (a cast, sizeof, a member, static) says no.
 */
bool su_record_is_automatic(const char *text, size_t sz, const char *name);

#endif
