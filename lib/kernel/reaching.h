/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to reach*.c: the state of one search from changed names to units. */
#ifndef SU_KERNEL_REACHING_H
#define SU_KERNEL_REACHING_H

#include "paste.h"
#include "reach.h"

#define SU_EXPAND_DEPTH_MAX 6

/* The files of the macros that together make active code: it is active for who includes all of them. */
struct su_reach_path {
	uint32_t files[SU_EXPAND_DEPTH_MAX + 1];
	size_t nr;
};
SU_VEC_TYPE(su_reach_paths, struct su_reach_path);

/* A construct that a changed name reaches. */
struct su_reach_tainted {
	uint32_t file;
	const struct su_construct *construct;
	struct su_name_list causes;
	struct su_definitions defs;   /* what it makes tainted in turn */
	struct su_reach_paths active; /* code that is compiled in each includer */
};

/* Name -> constructs, as one array: those of name n are at [start[n], start[n + 1]). */
struct su_reach_place {
	uint32_t file, construct;
};
struct su_reach_inverted {
	size_t *start;
	struct su_reach_place *places;
	size_t name_nr;
};

struct su_reach_work {
	uint32_t name;
	unsigned int kinds;
};

struct su_reaching {
	struct su_reach *r;
	struct su_graph *graph;
	struct su_reach_inverted mentions, macros;
	SU_VEC(bool) source_macros; /* [name]: a file that is no header defines it */
	size_t *first;		    /* [file]: its first construct's place in tainted_of */
	uint32_t *tainted_of;	    /* tainted + 1; 0: the construct is not */
	SU_VEC(struct su_reach_tainted) tainted;
	SU_VEC(uint8_t) kinds; /* [name]: bits of su_name_kind, over all */
	SU_VEC(struct su_reach_work) queue;
	struct su_pastes pastes;
	struct su_paste_uses uses; /* of all names, those of one name in a row */
	SU_VEC(size_t) first_use;  /* [name]: index in uses + 1; 0: none */
	size_t pasted_nr;
	SU_VEC(uint32_t) seen; /* [name]: stamp of the unit whose own text has the word */
	/* of the unit at hand */
	SU_VEC(uint32_t) unit_stamps; /* [name] */
	struct su_name_list unit_queue;
	uint32_t stamp;
	bool has_taint; /* any */
	const struct su_graph_unit *unit;
	struct su_graph_walk walk, certain, beyond;
	SU_VEC(uint32_t) file_stamps; /* [file] */
	/* calls among the seeds: [source][call] in one row */
	SU_VEC(struct su_reach_tainted) seed_calls;
};

/* reach_tables.c: from words to the constructs that mention them */
void su_reach_make_tables(struct su_reaching *x);
/* reach_expand.c: what invocations of macros make */
void su_reach_make_active(struct su_reach_tainted *t, const struct su_reach_path *path);
void su_reach_expand(struct su_reaching *x, struct su_reach_tainted *t, const char *text, size_t sz);
/* reach_closure.c: the closure over all headers */
void su_reach_taint_name(struct su_reaching *x, uint32_t name, unsigned int kinds);
bool su_reach_is_by_value(const struct su_reaching *x, uint32_t name);
bool su_reach_does_matter(const struct su_construct *construct, unsigned int kinds, bool is_by_value);
const struct su_name_list *su_reach_leading_macros(struct su_reaching *x, uint32_t index);
bool su_reach_has_other(struct su_reaching *x, const struct su_reach_place *place, const struct su_paste_use *use);
void su_reach_close_over(struct su_reaching *x);
/* reach_unit.c: one unit, with what it includes */
bool su_reach_includes_source(const struct su_reaching *x);
bool su_reach_can_change(struct su_reaching *x);
void su_reach_begin_unit(struct su_reaching *x, uint32_t unit);
/* reach.c */
void su_reach_walk_include(struct su_reaching *x, const struct su_graph_unit *unit,
			   const struct su_reach_source *source, const struct su_include *include);

#endif
