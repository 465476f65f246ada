// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture undo`: give the original functions back and unload the update. */
#include "live.h"

int su_cmd_undo(struct su_cli *cli, int argc, char **argv)
{
	struct su_live_limits limits = { 0 };
	const struct su_option options[] = {
		SU_LIMIT_OPTIONS(&limits),
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "ID",
		.options = options,
		.about = "Undoes an update in the running kernel, named by its ID or its file, and unloads it.\n"
			 "Where something stands in the way nothing is done and the update stays.",
		.min_args = 1,
		.max_args = 1,
	};
	SU_CLEANUP_FREE char *id = NULL;
	SU_CLEANUP_FREE char *words = NULL;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	err = su_live_limits_parse(cli, &limits, &words);
	if (!err)
		err = su_live_resolve(cli, cli->args[0], &id);
	if (!err)
		err = su_core_undo(cli->diags, id, words);
	if (err)
		return err;
	json_object_object_add(cli->json, "id", json_object_new_string(id));
	su_cli_say(cli, "%s is undone", id);
	return 0;
}
