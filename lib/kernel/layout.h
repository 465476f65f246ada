/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: do the structs of a patched header keep their layout? Objects of them are in use, so a member that
 * moves cannot be had. One small unit compiled before and after the patch with debug information tells, long before
 * hundreds of units are compiled.
 */
#ifndef SU_KERNEL_LAYOUT_H
#define SU_KERNEL_LAYOUT_H

#include "headers.h"
#include "plan.h"

struct su_layout_member {
	const char *name;   /* "a.b" for members of named inner structs is not resolved: only "a" */
	uint64_t bit, bits; /* from the struct's start */
};

struct su_layout {
	const char *name;			 /* of the tag; of the typedef or the object of a struct without one */
	uint64_t size;				 /* bytes */
	SU_VEC(struct su_layout_member) members; /* those of nameless inner structs too */
};

struct su_layouts {
	struct su_arena arena;
	struct su_map index; /* name -> in list */
	SU_VEC(struct su_layout) list;
};

/* All complete structs and unions that an object's debug information describes. Return: 0, ELF. */
int su_layouts_read(struct su_diags *diags, const char *object, struct su_layouts *layouts) SU_MUST_CHECK;
void su_layouts_fini(struct su_layouts *layouts);
const struct su_layout *su_layouts_find(const struct su_layouts *layouts, const char *name);
const struct su_layout_member *su_layout_member_find(const struct su_layout *layout, const char *name);

/**
 * su_layout_compare - may objects made with one layout be used with the other?
 * @object: the header, for messages
 * New members where there was nothing are told as a warning.
 * Return: 0 or LAYOUT.
 */
int su_layout_compare(struct su_diags *diags, const char *object, const struct su_layout *pre,
		      const struct su_layout *post) SU_MUST_CHECK;

/**
 * su_layout_check - compile a probe for each patched header in which a struct changes, and compare
 * @plan: whose patch it is, with the patched tree
 * @scratch: a folder for the probes' objects
 * Return: 0; LAYOUT, where it changes and where it cannot be told; COMPILE, ELF, FILE_*.
 */
int su_layout_check(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		    struct su_headers *headers, const char *scratch) SU_MUST_CHECK;

/**
 * su_layout_check_sources - the same for the structs that patched sources define themselves
 * Only units in which such a definition changes are compiled.
 * Return: as su_layout_check().
 */
int su_layout_check_sources(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
			    const char *scratch) SU_MUST_CHECK;

#endif
