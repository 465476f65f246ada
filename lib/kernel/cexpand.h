/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: one step of macro expansion, to learn what an invocation at the top level of a header makes. */
#ifndef SU_KERNEL_CEXPAND_H
#define SU_KERNEL_CEXPAND_H

#include <stdbool.h>

#include "lib/base/mem.h"

/**
 * su_macro_expand - put an invocation's arguments into a macro's body
 * @macro: the directive from its "define" on
 * @call: "NAME(arguments)"
 * @out: the text is appended; nothing in it is expanded further
 * Return: whether the macro takes arguments as the call gives them.
 */
bool su_macro_expand(const char *macro, size_t macro_sz, const char *call, size_t call_sz, struct su_buf *out);

#endif
