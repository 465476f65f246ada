// SPDX-License-Identifier: GPL-2.0-or-later
/* The command: the table of verbs, help, and the way from a verb's result to the exit code. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "lib/base/process.h"

struct verb {
	const char *name;
	int (*run)(struct su_cli *cli, int argc, char **argv);
	const char *help;
	bool makes_files; /* a signal ends it by way of its own error path, so that nothing half made is left */
};

/* In the order in which a person meets them. */
static const struct verb verbs[] = {
	{ "prepare", su_cmd_prepare, "fetch and prepare a kernel's tree into the cache", true },
	{ "create", su_cmd_create, "make an update from a patch", true },
	{ "explain", su_cmd_explain, "say what an update would carry, and why", true },
	{ "try", su_cmd_try, "apply and undo an update in a guest that runs its kernel", false },
	{ "verify", su_cmd_verify, "compare an update with a kernel without loading it", false },
	{ "apply", su_cmd_apply, "apply an update to the running kernel", false },
	{ "blockers", su_cmd_blockers, "list the tasks that an apply or an undo would wait for", false },
	{ "undo", su_cmd_undo, "undo an update in the running kernel", false },
	{ "status", su_cmd_status, "list the updates in the running kernel", false },
	{ "show", su_cmd_show, "show all about an update", false },
};

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static void print_help(FILE *to)
{
	size_t i;

	fputs("usage: suture VERB [OPTIONS] [ARGUMENTS]\n\n"
	      "Changes the code of a running Linux kernel without a reboot.\n\nverbs:\n",
	      to);
	for (i = 0; i < SU_ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].help);
	fputs("\n'suture help VERB' and 'suture VERB --help' tell more; 'suture help messages' lists what can go wrong.\n",
	      to);
}

static void print_messages(void)
{
	int i;

	puts("Each message ends in a token in brackets; the exit code follows from it.\n\ncode  token");
	for (i = 0; i < SU_TOKEN_NR; i++) {
		enum su_token token = (enum su_token)i;

		printf("%4d  %-24s %s\n", su_token_status(token), su_token_name(token), su_token_meaning(token));
	}
}

static int run_catching(struct su_cli *cli, const struct verb *verb, int argc, char **argv)
{
	int err = su_signals_catch(cli->diags);

	if (err)
		return err;
	err = verb->run(cli, argc, argv);
	su_signals_release();
	return err;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct su_cli cli = {
		.verb = verb->name,
		.diags = su_diags_create(),
		.json = json_object_new_object(),
		.cache = su_cache_default(),
	};
	int err;

	cli.progress = (struct su_progress){ .step = su_cli_show_step, .ctx = &cli };
	err = verb->makes_files ? run_catching(&cli, verb, argc, argv) : verb->run(&cli, argc, argv);
	su_cli_finish(&cli, err);
	json_object_put(cli.json);
	su_diags_destroy(cli.diags);
	free(cli.cache);
	return -err;
}

static int show_help(const char *topic)
{
	char help[] = "--help";
	const struct verb *verb = topic ? find_verb(topic) : NULL;

	if (!topic) {
		print_help(stdout);
	} else if (!strcmp(topic, "messages")) {
		print_messages();
	} else if (verb) {
		char *argv[] = { (char *)(uintptr_t)verb->name, help, NULL };

		return run_verb(verb, 2, argv);
	} else {
		fprintf(stderr, "suture: error: there is no verb '%s' [%s]\n", topic, su_token_name(SU_T_USAGE));
		return SU_USAGE;
	}
	return SU_OK;
}

/* Whoever started us may have closed the standard descriptors: files must not come to stand there. */
static void open_standard_fds(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= 2)
		fd = dup(fd);
	if (fd > 2)
		close(fd);
}

int main(int argc, char **argv)
{
	const struct verb *verb;

	open_standard_fds();
	if (argc < 2) {
		print_help(stderr);
		return SU_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return show_help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(argv[1], "--version")) {
		puts("suture " SU_VERSION);
		return SU_OK;
	}
	verb = find_verb(argv[1]);
	if (!verb)
		return show_help(argv[1]);
	return run_verb(verb, argc - 1, argv + 1);
}
