/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: names that are put together by ##. A use of such a name does not show it: "__free(fput)" uses
 * __free_fput. What does show is the macro that pastes and the part that it is given.
 */
#ifndef SU_KERNEL_PASTE_H
#define SU_KERNEL_PASTE_H

#include "graph.h"

/* @name is mentioned where @part is, together with @other or with a macro that leads to @macro. */
struct su_paste_use {
	uint32_t name;
	uint32_t part;
	uint32_t other; /* 0: the macro decides */
	uint32_t macro; /* index in macros */
};

struct su_paste_pattern {
	uint32_t macro;		     /* index in macros */
	const char *prefix, *suffix; /* the fixed ends; what is between them is given */
	size_t prefix_len, suffix_len;
};

/* A macro that pastes, with all those whose text leads to it. */
struct su_paste_macro {
	uint32_t name;
	bool is_closed;
	struct su_name_list names;
};

struct su_pastes {
	SU_VEC(struct su_paste_pattern) patterns;
	SU_VEC(struct su_paste_macro) macros;
};

/* Find the macros of all headers that paste. */
void su_pastes_find(struct su_graph *graph, struct su_pastes *pastes);
void su_pastes_fini(struct su_pastes *pastes);

SU_VEC_TYPE(su_paste_uses, struct su_paste_use);
/* Add the ways in which @name may come about. */
void su_pastes_uses(struct su_graph *graph, const struct su_pastes *pastes, uint32_t name, struct su_paste_uses *uses);

#endif
