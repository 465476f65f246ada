// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the two compilers side by side, again where a patched tree turned out to have been left. */
#include "command.h"
#include "pair.h"

static const char **make_command(const struct su_pair *pair, size_t side, struct su_arena *arena)
{
	const struct su_command_request req = {
		.tree = pair->tree,
		.command = pair->command,
		.variant = side ? SU_VARIANT_POST : SU_VARIANT_PRE,
		.root = su_overlay_root(pair->sides[side], pair->tree),
		.object = pair->outputs[side],
		.deps = su_arena_format(arena, "%s.d", pair->outputs[side]),
	};

	return su_command_more(su_command_compile(&req, arena), pair->more, arena);
}

static int take_unit(struct su_diags *diags, const struct su_pair *pair)
{
	int err = 0;

	for (size_t side = 0; !err && side < 2; side++)
		if (pair->sides[side])
			err = su_overlay_take(diags, pair->sides[side], pair->command);
	return err;
}

static int follow(struct su_diags *diags, const struct su_pair *pair, bool *is_new)
{
	int err = 0;

	*is_new = false;
	for (size_t side = 0; !err && side < 2; side++) {
		SU_CLEANUP_FREE char *deps = su_format("%s.d", pair->outputs[side]);
		bool here = false;

		if (pair->sides[side])
			err = su_overlay_follow(diags, pair->sides[side], pair->patch, deps, &here);
		*is_new |= here;
	}
	return err;
}

static int run(struct su_diags *diags, const struct su_pair *pair, struct su_process processes[2])
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct su_arena arena = { 0 };
	int err;

	for (size_t side = 0; side < 2; side++) {
		su_process_fini(&processes[side]);
		processes[side] = (struct su_process){ .argv = make_command(pair, side, &arena),
						       .dir = pair->tree->objects,
						       .env = env };
	}
	err = su_process_run_all(diags, processes, 2, pair->tree->jobs);
	su_arena_fini(&arena);
	return err;
}

int su_pair_compile(struct su_diags *diags, const struct su_pair *pair, struct su_process processes[2])
{
	bool is_new = true;
	int err = take_unit(diags, pair);

	processes[0] = processes[1] = (struct su_process){ 0 };
	while (!err && is_new) {
		err = run(diags, pair, processes);
		if (!err)
			err = follow(diags, pair, &is_new);
	}
	return err;
}
