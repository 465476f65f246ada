// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture apply`: load the core where it is not there yet, then the update. insmod does the same. */
#include "live.h"

static int report(struct su_cli *cli, const char *id)
{
	SU_CLEANUP_FREE char *pause = NULL;
	struct su_core_update update;
	int err = su_core_read(cli->diags, id, &update);

	if (err)
		return err;
	pause = su_live_pause_text(update.pause_ns);
	json_object_object_add(cli->json, "update", su_live_json(&update));
	su_cli_say(cli, "%s is applied: %zu function%s, pause %s, %u %s", id, update.function_nr,
		   update.function_nr == 1 ? "" : "s", pause, update.tries, update.tries == 1 ? "try" : "tries");
	su_core_update_fini(&update);
	return 0;
}

static int load(struct su_cli *cli, const char *limits, bool replaces, char **id)
{
	SU_CLEANUP_FREE char *options = su_format("%s%s", limits, replaces ? "replace=1" : "");

	return su_core_apply(cli->diags, cli->args[0], options, id);
}

int su_cmd_apply(struct su_cli *cli, int argc, char **argv)
{
	const char *core = NULL;
	struct su_live_limits limits = { 0 };
	bool replace = false;
	const struct su_option options[] = {
		SU_LIMIT_OPTIONS(&limits),
		{ 0, "replace", NULL, "in the place of all updates that are applied, in one switch", NULL, &replace,
		  NULL },
		{ 0, "core", "FILE", "the core to load where none is loaded; default: modprobe suture", &core, NULL,
		  NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "UPDATE",
		.about = "Applies an update (a suture-ID.ko file) to the running kernel.",
		.options = options,
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
		err = su_core_load(cli->diags, core);
	if (!err)
		err = load(cli, words, replace, &id);
	return err ? err : report(cli, id);
}
