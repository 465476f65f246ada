// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture show`: all about one update, from its file or from the running kernel. */
#include <string.h>

#include "lib/elf/modinfo.h"
#include "live.h"

/* Fields of an update's modinfo, in the order in which they are shown. */
static const struct {
	const char *field;
	const char *title;
	bool is_list;
} fields[] = {
	{ "suture_id", "id", false },
	{ "suture_target", "targets", true },
	{ "suture_function", "functions", true },
	{ "suture_source", "source", false },
	{ "suture_config", "config", false },
	{ "suture_patch", "patch", false },
	{ "suture_compiler", "compiler", false },
	{ "suture_version", "suture", false },
	{ "vermagic", "vermagic", false },
	{ "depends", "depends", false },
	{ "signer", "signer", false },
};

static void show_list(struct su_cli *cli, const struct su_modinfo *info, const char *field, const char *title)
{
	struct json_object *array = json_object_new_array();
	const char *value = NULL;

	while ((value = su_modinfo_next(info, field, value))) {
		json_object_array_add(array, json_object_new_string(value));
		su_cli_say(cli, "%-10s %s", json_object_array_length(array) == 1 ? title : "", value);
	}
	json_object_object_add(cli->json, title, array);
}

static void show_one(struct su_cli *cli, const struct su_modinfo *info, const char *field, const char *title)
{
	const char *value = su_modinfo_get(info, field);

	if (!value)
		return;
	json_object_object_add(cli->json, title, json_object_new_string(value));
	su_cli_say(cli, "%-10s %s", title, value);
}

static int show_file(struct su_cli *cli, const char *file)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int err = su_modinfo_read(cli->diags, file, &info);

	if (err)
		return err;
	if (!su_modinfo_get(&info, "suture_id"))
		return su_fail(cli->diags, SU_AT(UPDATE_FORMAT, .object = file), "this module is no update");
	for (size_t i = 0; i < SU_ARRAY_SIZE(fields); i++)
		(fields[i].is_list ? show_list : show_one)(cli, &info, fields[i].field, fields[i].title);
	return 0;
}

static void show_lines(struct su_cli *cli, const char *title, const char *const *lines, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		su_cli_say(cli, "%-10s %s", i ? "" : title, lines[i]);
}

static void show_targets(struct su_cli *cli, const struct su_core_update *u)
{
	for (size_t i = 0; i < u->target_nr; i++)
		su_cli_say(cli, "%-10s %s: %s, %s", i ? "" : "targets", u->targets[i].name, u->targets[i].presence,
			   u->targets[i].state);
}

static int show_live(struct su_cli *cli, const char *id)
{
	SU_CLEANUP_FREE char *pause = NULL;
	struct su_core_update u;
	int err = su_core_read(cli->diags, id, &u);

	if (err)
		return err;
	pause = su_live_pause_text(u.pause_ns);
	json_object_object_add(cli->json, "update", su_live_json(&u));
	su_cli_say(cli, "%-10s %s", "id", u.id);
	su_cli_say(cli, "%-10s %s", "state", u.state);
	su_cli_say(cli, "%-10s %s", "module", u.module);
	show_targets(cli, &u);
	for (size_t i = 0; i < u.function_nr; i++)
		su_cli_say(cli, "%-10s %s (%s, %s, %u bytes)", i ? "" : "functions", u.functions[i].name,
			   u.functions[i].target, u.functions[i].unit, u.functions[i].size);
	su_cli_say(cli, "%-10s %s, %u tries", "pause", pause, u.tries);
	show_lines(cli, "blockers", u.blockers, u.blocker_nr);
	su_core_update_fini(&u);
	return 0;
}

int su_cmd_show(struct su_cli *cli, int argc, char **argv)
{
	const struct su_usage usage = {
		.args = "ID|FILE",
		.about = "Shows all about an update: of one in the running kernel, named by its ID, its state;\n"
			 "of a file what it changes, and what it was made from.",
		.min_args = 1,
		.max_args = 1,
	};
	const char *word;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	word = cli->args[0];
	return strchr(word, '/') || strstr(word, ".ko") ? show_file(cli, word) : show_live(cli, word);
}
