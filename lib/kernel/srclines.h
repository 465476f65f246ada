/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source lines of a unit's code, before and after the patch, for those who explain a difference: the unit is compiled once more, with
 * debug information, and the lines are believed only where that has left the code the same.
 */
#ifndef SU_KERNEL_SRCLINES_H
#define SU_KERNEL_SRCLINES_H

#include "plan.h"

struct su_srclines;

/**
 * su_srclines_create - compile a unit before and after the patch with line tables
 * @pre, @post: the objects whose code is asked for, as su_compile() made them
 * @scratch: a folder to work in
 * @lines: su_srclines_destroy() frees it
 * Return: 0; FILE_*, TOOL_MISSING, ELF; COMPILE where the compiler fails now and did not before.
 */
int su_srclines_create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		       const struct su_plan_unit *unit, const char *pre, const char *post, const char *scratch,
		       struct su_srclines **lines) SU_MUST_CHECK;
void su_srclines_destroy(struct su_srclines *lines);

struct su_srcline {
	char *file; /* in the source tree */
	int line;   /* in the file as it is on that side */
	char *text; /* without the blanks around it; "" where it cannot be read */
};

/* Where the instruction at @off in a section's function comes from. Return: false where that is not known. */
bool su_srclines_find(struct su_srclines *lines, bool is_post, const char *section, const char *function, uint64_t off,
		      struct su_srcline *line);
void su_srcline_fini(struct su_srcline *line);

#endif
