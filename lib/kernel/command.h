/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: a unit's commands, with the database's paths exchanged for those of this run. */
#ifndef SU_KERNEL_COMMAND_H
#define SU_KERNEL_COMMAND_H

#include "lib/base/file.h"
#include "tree.h"

enum su_variant { SU_VARIANT_PLAIN, SU_VARIANT_PRE, SU_VARIANT_POST };

struct su_command_request {
	const struct su_tree *tree;
	const struct su_command *command;
	enum su_variant variant;
	const char *root;   /* what stands for the source tree: itself or an overlay */
	const char *object; /* where the object goes */
	const char *deps;   /* where the dependency file goes */
};

/* Words for an argv, ending in NULL, in @arena. */
const char **su_command_compile(const struct su_command_request *req, struct su_arena *arena);
/* A command with more words, a list that ends in NULL, at its end. -E there wins over -c. */
const char **su_command_more(const char **words, const char *const *more, struct su_arena *arena);
/* NULL where the kernel's build does not run objtool on the object. */
const char **su_command_objtool(const struct su_command_request *req, struct su_arena *arena);
/* A hash of what the commands do, without this run's paths. */
void su_command_key(const struct su_command_request *req, struct su_hash *key);

#endif
