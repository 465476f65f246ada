/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference between the pre and the post object of one unit: which atom is which (correlation), and which functions and data
 * mean something else (comparison).
 */
#ifndef SU_DIFF_DIFF_H
#define SU_DIFF_DIFF_H

#include "object.h"

struct su_diff {
	const char *unit; /* object path in the kernel's build tree, for messages */
	struct su_object *pre, *post;
};

/**
 * su_diff_create - correlate and compare two objects
 * @unit: for messages; must outlive the diff
 * @pre, @post: split objects (one section a function and datum); owned by the diff from here on
 *
 * Afterwards every atom that exists on both sides has its partner set, and post atoms have is_changed with why and
 * why_off, and the rules by which other differences were discounted. Correlation: by name without the compiler's numbers where that is unique on both sides, else by the functions
 * that refer to it, to a fixed point; nothing is ever paired by order alone. Data that stays ambiguous has no partner and
 * su_is_ambiguous() says so.
 * Return: the diff, never NULL; su_diff_destroy() frees it.
 * Source: Arnold and Kaashoek, EuroSys 2009, section 3 (pre-post differencing).
 */
struct su_diff *su_diff_create(const char *unit, struct su_object *pre, struct su_object *post);
void su_diff_destroy(struct su_diff *diff);
/* Is there nothing that an update would carry or that a review would ask about? */
bool su_diff_is_empty(const struct su_diff *diff);
/* Does the code, with its entries and .cold parts, or the object refer to @to? */
bool su_atom_refers_to(const struct su_atom *from, const struct su_atom *to);
/*
 * Is it on one side only, and could it be on the other side of another unit? A static function is called by its own unit only, and a
 * static constant is a copy as good as any.
 */
bool su_atom_is_lone(const struct su_atom *atom);
/* nameless.c: the section of a table of entries without names that is not the same on both sides; NULL: there is none. */
const char *su_diff_changed_table(const struct su_diff *diff);
/* Does nothing change but functions that are discarded after boot? Not of use where a module is not loaded yet. */
bool su_diff_is_boot_only(const struct su_diff *diff);

/* correlate.c */
void su_correlate(struct su_object *pre, struct su_object *post);
/* A post datum without a partner while pre has unpaired ones of that name: it may be any of them. */
bool su_is_ambiguous(const struct su_object *pre, const struct su_atom *post_atom);
/* Two variables, each on one side only, of the same size and content: the patch may have given @a, of @pre, the name of @b. */
bool su_atoms_may_be_renamed(const struct su_object *pre, const struct su_atom *a, const struct su_object *post,
			     const struct su_atom *b);

/* past.c */
void su_part_from_past(struct su_object *post);

/* compare.c */
struct su_difference {
	const char *what; /* constant text; NULL: the same */
	uint64_t off;
	unsigned int rules; /* what was looked past on the way: bits 1 << enum su_rule */
};
/* Do two atoms mean the same? Partners of what they refer to must be set. Depth-limited recursion over nameless data. */
struct su_difference su_atoms_compare(const struct su_atom *pre, const struct su_atom *post);
/* The same bytes and the same kind of field at the same places, whatever the fields refer to. */
bool su_atoms_same_shape(const struct su_atom *pre, const struct su_atom *post);

/* rules.c: rules by which differences are discounted; each is noted where the comparison or the correlation applies it. */
enum su_rule {
	SU_RULE_LINE,	  /* a table's field that only says where in the source */
	SU_RULE_NAME,	  /* the compiler gave another number */
	SU_RULE_STRING,	  /* a string or constant lies elsewhere */
	SU_RULE_SECTION,  /* .text, .text.unlikely, .text.hot */
	SU_RULE_CONSTANT, /* a nameless or local constant of the same content */
	SU_RULE_PLACE,	  /* the same object, as the same code refers to it at the same place */
	SU_RULE_SCOPE,	  /* the same object, as the only one of its name that its function refers to */
	SU_RULE_RENAMED, /* the same variable, or function of a table, under another name: the same code or table refers to it at the same place */
	SU_RULE_NR
};
/* A stable word ("source-line"), and the same in words. */
const char *su_rule_name(enum su_rule rule);
const char *su_rule_text(enum su_rule rule);

/* flow.c: what a function's instructions say of its control flow, its .cold parts included */
bool su_code_has_loop(const struct su_atom *function); /* a branch backwards */
bool su_code_can_return(const struct su_atom *function);
/* The function whose address is the first argument of the call that @edge is; NULL where it is none, or not plain to see. */
struct su_atom *su_code_first_argument(const struct su_atom *caller, const struct su_edge *edge);

/*
 * code.c: where the first instructions stand that differ in more than how far a jump inside of the function goes. For people:
 * what the comparison found is in why_off. Return: false where there are none (one ends, or cannot be decoded).
 */
bool su_code_first_difference(const struct su_atom *pre, const struct su_atom *post, uint64_t *pre_off,
			      uint64_t *post_off);
/* code.c: the instruction at or around @off as text, with what its field refers to; "" where it cannot be decoded. Heap. */
char *su_code_text(const struct su_atom *atom, uint64_t off);

#endif
