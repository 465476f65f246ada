// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture status`: the updates in the running kernel, one line each. */
#include <string.h>

#include "live.h"

static void say_line(struct su_cli *cli, const struct su_core_update *u)
{
	SU_CLEANUP_FREE char *pause = su_live_pause_text(u->pause_ns);

	su_cli_say(cli, "%-10s %4zu function%s  pause %-12s %s", u->state, u->function_nr,
		   u->function_nr == 1 ? " " : "s", pause, u->id);
	if (*u->superseded_by)
		su_cli_say(cli, "         superseded by %s", u->superseded_by);
	for (size_t i = 0; i < u->target_nr && !strcmp(u->state, "applied"); i++)
		if (strcmp(u->targets[i].state, "applied") != 0)
			su_cli_say(cli, "         module %s is %s: %s", u->targets[i].name, u->targets[i].presence,
				   u->targets[i].state);
	for (size_t i = 0; i < u->blocker_nr; i++)
		su_cli_say(cli, "         blocked by %s", u->blockers[i]);
}

static int report_one(struct su_cli *cli, const char *id, struct json_object *list)
{
	struct su_core_update update;
	int err = su_core_read(cli->diags, id, &update);

	if (err)
		return err;
	json_object_array_add(list, su_live_json(&update));
	say_line(cli, &update);
	su_core_update_fini(&update);
	return 0;
}

static int report_all(struct su_cli *cli, struct json_object *list)
{
	struct su_arena arena = { 0 };
	const char **ids;
	size_t nr;
	int err = su_core_list(cli->diags, &arena, &ids, &nr);

	for (size_t i = 0; !err && i < nr; i++)
		err = report_one(cli, ids[i], list);
	if (!err && !nr)
		su_cli_say(cli, su_core_is_loaded() ? "no updates" : "no updates: the core is not loaded");
	su_arena_fini(&arena);
	return err;
}

int su_cmd_status(struct su_cli *cli, int argc, char **argv)
{
	const struct su_usage usage = {
		.args = "[ID]",
		.about = "Lists the updates in the running kernel, or one of them, named by its ID or its file.",
		.max_args = 1,
	};
	struct json_object *list;
	SU_CLEANUP_FREE char *id = NULL;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	list = json_object_new_array();
	json_object_object_add(cli->json, "is_core_loaded", json_object_new_boolean(su_core_is_loaded()));
	json_object_object_add(cli->json, "updates", list);
	if (!cli->arg_nr)
		return report_all(cli, list);
	err = su_live_resolve(cli, cli->args[0], &id);
	return err ? err : report_one(cli, id, list);
}
