/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a patch to an update, step by step: what `suture create` and `suture explain` have in common. The steps are lib/'s; here
 * they are put in a row, timed, and their results kept until the end.
 */
#ifndef SU_CLI_CREATION_H
#define SU_CLI_CREATION_H

#include "cli.h"
#include "lib/emit/emit.h"
#include "lib/kernel/compile.h"
#include "lib/kernel/plan.h"
#include "lib/kernel/tree.h"

struct creation {
	struct su_cli *cli;
	struct su_tree tree;
	struct su_plan plan;
	struct su_objects objects;
	struct su_symvers symvers;
	char *scratch;
	char *id;
	char *output;
	SU_VEC(struct su_emit_unit) units;
	struct su_namesakes namesakes;
	struct su_emit_result result;
	struct json_object *seconds, *cpu_seconds; /* of each step; the CLI's JSON owns them */
	uint64_t step_ns, step_cpu_ns;
};

/* Start the clock and the report of times. @output may be NULL. */
void creation_begin(struct creation *c, struct su_cli *cli, const char *output);
/*
 * Plan, compile and compare: c->units has the differences of all units that have any. @id may be NULL: a hash of all that
 * the update is made of. @bases: patches of the updates that it stands on, ends in NULL.
 */
int creation_difference(struct creation *c, const struct su_tree_request *req, const char *const *bases,
			const char *patch, const char *id) SU_MUST_CHECK;
#define CREATION_ON(list) \
	{ \
		0, "on", "PATCH", "what an update that is applied was made of; once for each, in their order", NULL, \
			NULL, list \
	}
/* Selects what the update carries and writes its object; refuses what cannot be carried. */
int creation_emit(struct creation *c) SU_MUST_CHECK;
/* explanation.c: tells what is in the update and why, also where creation_emit() has refused. @is_all: by name, as text too. */
void creation_explain(struct creation *c, bool is_all);
int creation_link(struct creation *c) SU_MUST_CHECK;
void creation_fini(struct creation *c);

/* For the steps themselves. Ends one: its time goes into the report. */
void creation_step_done(struct creation *c, const char *name);
/* difference.c: are exports' types kept, as far as the text of the patched sources tells? Then the units' differences. */
int creation_check_exports(struct creation *c) SU_MUST_CHECK;
int creation_compare(struct creation *c) SU_MUST_CHECK;
/* elsewhere.c: which units that stay as they are have names that the patch may give another meaning. */
int creation_look_elsewhere(struct creation *c) SU_MUST_CHECK;
/* kept.c: which code of boot the patch itself leaves alone. */
int creation_mark_kept(struct creation *c) SU_MUST_CHECK;

#endif
