/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: words of C text as small numbers, so that what a header mentions can be kept as arrays and
 * compared by value.
 */
#ifndef SU_KERNEL_NAMES_H
#define SU_KERNEL_NAMES_H

#include <stdbool.h>

#include "lib/base/mem.h"

struct su_names {
	struct su_arena arena;
	SU_VEC(const char *) texts; /* [number]; number 0 is no word */
	uint32_t *slots;
	SU_VEC(uint32_t) hashes; /* [number] */
	size_t slot_nr;		 /* a power of two */
};

/* A word's number, given to it now where it had none. */
uint32_t su_names_add(struct su_names *names, const char *text, size_t len);
/* A word's number; 0 where it has none. */
uint32_t su_names_find(const struct su_names *names, const char *text, size_t len);
const char *su_names_text(const struct su_names *names, uint32_t name);
void su_names_fini(struct su_names *names);

/* Text cut out of a buffer, and lists of words. */
SU_VEC_TYPE(su_name_list, uint32_t);

#endif
