/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiles the units of a plan, calling the compiler directly with the command lines that Kbuild would use. Neither the
 * source nor the prepared tree is written to.
 */
#ifndef SU_KERNEL_COMPILE_H
#define SU_KERNEL_COMPILE_H

#include "plan.h"

/* Absolute paths of a unit's objects, in the scratch folder; objtool has run on each where the kernel's build runs it. */
struct su_unit_objects {
	const struct su_plan_unit *unit;
	const char *plain; /* before the patch, with exactly the kernel's flags: the bytes that run */
	/*
	 * One section a function and datum, line numbers kept, to be compared: [0] before all patches, [1] with the first, ...; the
	 * last two are before and after the plan's own patch.
	 */
	const char **levels;
	size_t level_nr;
};

struct su_objects {
	struct su_arena arena;
	SU_VEC(struct su_unit_objects) units; /* in the plan's order */
};

/**
 * su_compile - make the objects of every unit, the plain one only where the unit's own source is patched
 * @plan: must outlive the objects, as the tree must
 * @scratch: a folder for the objects, which may be the plan's; must outlive the use of the objects
 * Objects carry no debug information. What was compiled before from the same content is taken from the cache.
 * Return: 0; PATCH_APPLY; COMPILE with the compiler's own message; PREPARE where the unpatched source does not
 * compile; INTERNAL where a post object was made from an unpatched file; FILE_*, INTERRUPTED.
 */
int su_compile(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, const char *scratch,
	       struct su_objects *objects) SU_MUST_CHECK;
/**
 * su_compile_plain - make the plain objects that su_compile() has left out
 * @is_wanted: of each unit, in the plan's order
 * Return: as su_compile().
 */
int su_compile_plain(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		     const char *scratch, const bool *is_wanted, struct su_objects *objects) SU_MUST_CHECK;
void su_objects_fini(struct su_objects *objects);

#endif
