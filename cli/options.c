// SPDX-License-Identifier: GPL-2.0-or-later
/* Command lines: a verb's option table and the common options become one getopt_long() table and one help text. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli.h"
#include "lib/base/file.h"
#include "lib/kernel/tree.h"

#define FIRST_CODE 256 /* behind all letters */

struct common {
	const char *cache, *jobs;
	bool is_json, is_quiet, is_verbose, wants_help;
};

/* The verb's options and the common ones, in one array; getopt's codes are indices into it. */
struct table {
	SU_VEC(const struct su_option *) options;
	SU_VEC(struct option) longs;
	struct su_buf letters;
};

static void add_options(struct table *t, const struct su_option *options)
{
	for (; options && options->name; options++) {
		struct option entry = {
			.name = options->name,
			.has_arg = options->arg ? required_argument : no_argument,
			.val = FIRST_CODE + (int)t->options.nr,
		};

		*su_vec_add(&t->longs) = entry;
		*su_vec_add(&t->options) = options;
		if (options->letter)
			su_buf_format(&t->letters, options->arg ? "%c:" : "%c", options->letter);
	}
}

static const struct su_option *find_option(const struct table *t, int code)
{
	size_t i;

	if (code >= FIRST_CODE)
		return t->options.data[code - FIRST_CODE];
	for (i = 0; i < t->options.nr; i++)
		if (t->options.data[i]->letter == code)
			return t->options.data[i];
	return NULL;
}

static int fail_option(struct su_cli *cli, char **argv, int code)
{
	SU_CLEANUP_FREE char *hint = su_format("'suture help %s' lists the options", cli->verb);
	SU_CLEANUP_FREE char *letter = su_format("-%c", optopt);
	/* optopt is 0 for an unknown long option, and a code of ours for a long one that lacks its argument. */
	const char *object = optopt && optopt < FIRST_CODE ? letter : argv[optind - 1];

	return su_fail(cli->diags, SU_AT(USAGE, .object = object, .hint = hint),
		       code == ':' ? "the option needs an argument" : "there is no such option");
}

static int add_to_list(struct su_cli *cli, const struct su_option *option)
{
	size_t nr = 0;

	while (option->list[nr])
		nr++;
	if (nr == SU_OPTION_LIST_MAX)
		return su_fail(cli->diags, SU_AT(USAGE, .object = optarg), "--%s is given more than %d times",
			       option->name, SU_OPTION_LIST_MAX);
	option->list[nr] = optarg;
	option->list[nr + 1] = NULL;
	return 0;
}

static int read_options(struct su_cli *cli, struct table *t, int argc, char **argv)
{
	int code, err = 0;

	optind = 0;
	opterr = 0;
	while (!err && (code = getopt_long(argc, argv, t->letters.data, t->longs.data, NULL)) != -1) {
		const struct su_option *option = find_option(t, code);

		if (!option)
			return fail_option(cli, argv, code);
		if (option->value)
			*option->value = optarg;
		if (option->flag)
			*option->flag = true;
		if (option->list)
			err = add_to_list(cli, option);
	}
	cli->args = argv + optind;
	cli->arg_nr = argc - optind;
	return err;
}

static void print_options(const struct su_option *options)
{
	for (; options && options->name; options++) {
		SU_CLEANUP_FREE char *name = su_format("--%s%s%s", options->name, options->arg ? " " : "",
						       options->arg ? options->arg : "");

		if (options->letter)
			printf("  -%c, %-20s %s\n", options->letter, name, options->help);
		else
			printf("      %-20s %s\n", name, options->help);
	}
}

static void print_usage(const struct su_cli *cli, const struct su_usage *usage, const struct su_option *common)
{
	printf("usage: suture %s [OPTIONS]%s%s\n\n%s\n", cli->verb, *usage->args ? " " : "", usage->args, usage->about);
	if (usage->options)
		printf("\noptions:\n");
	print_options(usage->options);
	printf("\ncommon options:\n");
	print_options(common);
}

static int apply_common(struct su_cli *cli, const struct common *common)
{
	char *end;

	cli->is_json = common->is_json;
	cli->is_quiet = common->is_quiet;
	cli->is_verbose = common->is_verbose;
	if (common->cache) {
		free(cli->cache);
		cli->cache = su_path_absolute(common->cache);
	}
	if (!common->jobs)
		return 0;
	cli->jobs = (unsigned int)strtoul(common->jobs, &end, 10);
	if (*end || end == common->jobs || cli->jobs == 0 || cli->jobs > 4096)
		return su_fail(cli->diags, SU_AT(USAGE, .object = "-j"), "'%s' is not a number of jobs", common->jobs);
	return 0;
}

static int check_args(struct su_cli *cli, const struct su_usage *usage)
{
	SU_CLEANUP_FREE char *hint = su_format("usage: suture %s [OPTIONS] %s", cli->verb, usage->args);

	if (cli->arg_nr < usage->min_args)
		return su_fail(cli->diags, SU_AT(USAGE, .hint = hint), "an argument is missing");
	if (usage->max_args >= 0 && cli->arg_nr > usage->max_args)
		return su_fail(cli->diags, SU_AT(USAGE, .object = cli->args[usage->max_args], .hint = hint),
			       "there is an argument too many");
	return 0;
}

int su_cli_parse(struct su_cli *cli, int argc, char **argv, const struct su_usage *usage)
{
	struct common common = { 0 };
	const struct su_option common_options[] = {
		{ 0, "cache", "DIR", "where fetched and prepared things are kept", &common.cache, NULL, NULL },
		{ 'j', "jobs", "N", "so many processes side by side", &common.jobs, NULL, NULL },
		{ 0, "json", NULL, "print one JSON object instead of text", NULL, &common.is_json, NULL },
		{ 'q', "quiet", NULL, "print errors only", NULL, &common.is_quiet, NULL },
		{ 'v', "verbose", NULL, "say more", NULL, &common.is_verbose, NULL },
		{ 'h', "help", NULL, "show this", NULL, &common.wants_help, NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	struct table t = { 0 };
	int err;

	/* The colon tells getopt to tell a missing argument from an unknown option. */
	su_buf_puts(&t.letters, ":");
	add_options(&t, usage->options);
	add_options(&t, common_options);
	*su_vec_add(&t.longs) = (struct option){ 0 };
	err = read_options(cli, &t, argc, argv);
	su_vec_fini(&t.options);
	su_vec_fini(&t.longs);
	su_buf_fini(&t.letters);
	/* Before all else, so that a mistake beside it is reported as the caller asked for. */
	if (apply_common(cli, &common) && !err)
		err = -SU_USAGE;
	if (!err && common.wants_help) {
		print_usage(cli, usage, common_options);
		return SU_HELP_SHOWN;
	}
	return err ? err : check_args(cli, usage);
}

int su_cli_number(struct su_cli *cli, const char *option, const char *text, unsigned int max, unsigned int *value)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number > max)
		return su_fail(cli->diags, SU_AT(USAGE, .object = option), "'%s' is not a number from 0 to %u", text,
			       max);
	*value = (unsigned int)number;
	return 0;
}

void su_cli_tree_request(struct su_cli *cli, const struct su_kernel_options *options, struct su_tree_request *req)
{
	static struct utsname running;

	*req = (struct su_tree_request){
		.release = options->release,
		.source = options->source,
		.config = options->config,
		.symvers = options->symvers,
		.cc = options->cc ? options->cc : getenv("SUTURE_CC"),
		.cache = cli->cache,
		.jobs = cli->jobs,
		.progress = &cli->progress,
	};
	if (!req->release && !req->source && !uname(&running))
		req->release = running.release;
}
