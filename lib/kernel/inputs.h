/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: what a prepared tree is made from, and the key that follows from it. */
#ifndef SU_KERNEL_INPUTS_H
#define SU_KERNEL_INPUTS_H

#include "compiler.h"
#include "tree.h"

/* Where the parts of a kernel are, and their content. */
struct su_inputs {
	char *source, *config, *symvers; /* absolute; symvers may be NULL */
	char *generated;		 /* the header package's include/generated; NULL with a source of the user's */
	char *release;			 /* NULL: the source's own, known only after preparation */
	struct su_config wanted;
	struct su_compiler compiler;
	struct su_hash source_hash, config_hash, key;
};

/**
 * su_inputs_find - find what the request names, fetching it where @may_fetch
 * Return: 0; USAGE, NOT_PREPARED (nothing may be fetched), PACKAGE, COMPILER, FILE_*.
 */
int su_inputs_find(struct su_diags *diags, const struct su_tree_request *req, bool may_fetch,
		   struct su_inputs *inputs) SU_MUST_CHECK;
void su_inputs_fini(struct su_inputs *inputs);

/* SHA-256 over all of a source tree that preparation can read, names and contents, in a defined order. */
int su_source_hash(struct su_diags *diags, const char *source, struct su_hash *hash) SU_MUST_CHECK;

#endif
