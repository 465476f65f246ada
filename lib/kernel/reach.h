/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: from changed names to the units that can see them: through macros, inline functions and types that
 * mention them, first over all headers, then unit by unit with what that unit includes.
 */
#ifndef SU_KERNEL_REACH_H
#define SU_KERNEL_REACH_H

#include "graph.h"
#include "seeds.h"

/* A changed header with what changed in it. */
struct su_reach_source {
	uint32_t file;
	struct su_seeds seeds;
};

struct su_reach_type {
	uint32_t file, construct;
};

struct su_reach {
	struct su_graph *graph;
	SU_VEC(struct su_reach_source) sources; /* set by the caller */
	/* results */
	SU_VEC(uint32_t) including;	    /* units that include a source, in the graph's order */
	SU_VEC(uint32_t) units;		    /* those that can change, the same */
	SU_VEC(struct su_reach_type) types; /* structs whose layout could have changed through what they mention */
};

void su_reach_find(struct su_reach *reach);
void su_reach_fini(struct su_reach *reach);

#endif
