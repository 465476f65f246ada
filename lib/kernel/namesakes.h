/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else has a global name: units that a patch leaves alone, and that the kernel's link has joined with those that it changes. Candidates are
 * found in the text of the sources; what the name is to them their objects say.
 */
#ifndef SU_KERNEL_NAMESAKES_H
#define SU_KERNEL_NAMESAKES_H

#include "plan.h"

enum su_namesake_kind {
	SU_NAMESAKE_USE, /* the unit refers to it, and does not define it */
	SU_NAMESAKE_WEAK,
	SU_NAMESAKE_STRONG,
};

struct su_namesake {
	const char *target; /* "vmlinux" or a module's name */
	const char *name;
	const char *object; /* the unit's path in the build tree */
	enum su_namesake_kind kind;
};

struct su_namesakes {
	struct su_arena arena; /* owns the strings */
	SU_VEC(struct su_namesake) list;
};

struct su_asked_name {
	const char *name;
	bool is_new;	 /* the patch adds it */
	bool wants_uses; /* of units that only use it too; else they may be found, or not */
};
SU_VEC_TYPE(su_asked_names, struct su_asked_name);

struct su_namesakes_request {
	const struct su_tree *tree;
	const char *target; /* "vmlinux" or a module's name: whose units are searched */
	const struct su_asked_names *names;
	const struct su_map *without; /* objects of units that are left out */
	const char *scratch;	      /* a folder of the caller's; objects are made below it */
};

/**
 * su_namesakes_find - add those of one target
 * A name that a macro puts together (by ##) is not found where its text does not stand in the source.
 * Return: 0; PREPARE where a unit does not compile; FILE_*, ELF, INTERRUPTED.
 */
int su_namesakes_find(struct su_diags *diags, const struct su_namesakes_request *req,
		      struct su_namesakes *namesakes) SU_MUST_CHECK;
void su_namesakes_fini(struct su_namesakes *namesakes);

#endif
