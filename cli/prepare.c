// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture prepare`: have a kernel's tree in the cache, so that create need not wait for it. */
#include "cli.h"
#include "lib/kernel/tree.h"

static void report_tree(struct su_cli *cli, const struct su_tree *tree)
{
	char hex[65];

	su_hash_hex(&tree->key, hex);
	json_object_object_add(cli->json, "release", json_object_new_string(tree->release));
	json_object_object_add(cli->json, "tree", json_object_new_string(tree->dir));
	json_object_object_add(cli->json, "source", json_object_new_string(tree->source));
	json_object_object_add(cli->json, "objects", json_object_new_string(tree->objects));
	json_object_object_add(cli->json, "key", json_object_new_string(hex));
	json_object_object_add(cli->json, "compiler", json_object_new_string(tree->compiler));
	json_object_object_add(cli->json, "units", json_object_new_int64((int64_t)tree->db.commands.nr));
	su_cli_say(cli, "%s is prepared in %s (%zu units)", tree->release, tree->dir, tree->db.commands.nr);
}

int su_cmd_prepare(struct su_cli *cli, int argc, char **argv)
{
	struct su_kernel_options kernel = { 0 };
	const struct su_option options[] = {
		SU_KERNEL_OPTIONS(&kernel),
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "",
		.about = "Fetches and prepares a kernel's tree into the cache; with no option, the running kernel's.\n"
			 "What is there already is not made again.",
		.options = options,
	};
	struct su_tree_request req;
	struct su_tree tree = { 0 };
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	su_cli_tree_request(cli, &kernel, &req);
	err = su_tree_prepare(cli->diags, &req, &tree);
	if (err)
		return err;
	report_tree(cli, &tree);
	su_tree_fini(&tree);
	return 0;
}
