/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: what does a patched file declare otherwise than before? Asked by its tokens, before any is compiled. */
#ifndef SU_KERNEL_SCOPE_H
#define SU_KERNEL_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

enum su_scope {
	SU_SCOPE_TYPES,	       /* definitions of types, typedefs, and macros, which may be in them */
	SU_SCOPE_DECLARATIONS, /* these, and functions and objects, without bodies and initial values */
};

/*
 * Has @pre anything of the kind that @post has not, but for white space and comments? What is only added does not count: it
 * cannot have been in use.
 */
bool su_scope_differs(enum su_scope scope, const char *pre, size_t pre_sz, const char *post, size_t post_sz);

#endif
