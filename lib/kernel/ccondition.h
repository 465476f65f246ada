/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: what is known of the conditions of #if without a compiler. The configuration is known exactly; all
 * else is unknown, and unknown conditions are followed on both sides.
 */
#ifndef SU_KERNEL_CCONDITION_H
#define SU_KERNEL_CCONDITION_H

#include <stdint.h>

#include "ctoken.h"
#include "names.h"

enum su_truth { SU_FALSE, SU_TRUE, SU_UNKNOWN };

/* The kernel's configuration as its code sees it: the macros of autoconf.h. */
struct su_cfacts {
	struct su_map config; /* name -> value; 0 where it is no number */
};
void su_cfacts_read(struct su_cfacts *facts, const char *text, size_t sz);
void su_cfacts_fini(struct su_cfacts *facts);

SU_VEC_TYPE(su_ctokens, struct su_ctoken);

/* The value of an #if's expression, its tokens given without the directive's name. @is_asm: for an assembler unit. */
enum su_truth su_condition_eval(const struct su_cfacts *facts, const struct su_ctoken *tokens, size_t nr, bool is_asm);
enum su_truth su_condition_defined(const struct su_cfacts *facts, const struct su_ctoken *name, bool is_asm);

static inline enum su_truth su_truth_not(enum su_truth a)
{
	return a == SU_UNKNOWN ? a : a == SU_TRUE ? SU_FALSE : SU_TRUE;
}

static inline enum su_truth su_truth_and(enum su_truth a, enum su_truth b)
{
	if (a == SU_FALSE || b == SU_FALSE)
		return SU_FALSE;
	return a == SU_TRUE && b == SU_TRUE ? SU_TRUE : SU_UNKNOWN;
}

#endif
