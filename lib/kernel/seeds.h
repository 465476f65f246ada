/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: what a patch changes in a header, as names. Whoever mentions none of them compiles to the same code.
 */
#ifndef SU_KERNEL_SEEDS_H
#define SU_KERNEL_SEEDS_H

#include "cfile.h"

struct su_seed {
	uint32_t name;
	enum su_name_kind kind;
	bool for_asm;
};

/* A macro invocation that changed: what it makes is not known here. */
struct su_seed_call {
	const char *text;
	size_t sz;
};

struct su_seeds {
	SU_VEC(struct su_seed) names;
	SU_VEC(struct su_seed_call) calls;
	SU_VEC(struct su_include) includes; /* added or removed */
	SU_VEC(uint32_t)
	records; /* "=tag" or a typedef's name: changed on both sides, so its layout must be looked at */
	bool is_active, is_asm_active; /* code that every includer compiles has changed */
};

/**
 * su_seeds_find - compare a header before and after the patch
 * @pre, @post: both parsed with their tokens and one table of names; an empty one stands for a file that is not there
 */
void su_seeds_find(struct su_names *names, const struct su_cfile *pre, const struct su_cfile *post,
		   struct su_seeds *seeds);
void su_seeds_fini(struct su_seeds *seeds);

#endif
