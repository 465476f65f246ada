/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every verb shares: options, the sink of diagnostics, progress, the JSON object. A verb is one file with one
 * function, listed in main.c's table. Only cli/ prints; verbs fill the JSON object always and print through these.
 */
#ifndef SU_CLI_CLI_H
#define SU_CLI_CLI_H

#include <json-c/json.h>

#include "lib/base/diag.h"
#include "lib/base/mem.h"
#include "lib/kernel/cache.h"

struct su_cli {
	const char *verb;
	struct su_diags *diags;
	struct json_object *json;    /* the verb adds its results; main adds status and diagnostics, and frees it */
	struct su_progress progress; /* to be handed down; shows steps on standard error */
	char *cache;		     /* --cache, SUTURE_CACHE or the default; absolute */
	unsigned int jobs;	     /* -j; 0: one per CPU */
	bool is_json, is_quiet, is_verbose;
	/* set by su_cli_parse(): what is left of the command line */
	char **args;
	int arg_nr;
	/* private to print.c */
	bool has_open_line;
	uint64_t start_ns;
};

/* An option of a verb; a table of them ends in an entry without a name. */
struct su_option {
	char letter;	    /* 0: none */
	const char *name;   /* without dashes */
	const char *arg;    /* what it takes, for the help: "FILE"; NULL: nothing */
	const char *help;   /* lower case, no full stop */
	const char **value; /* receives the argument, which is argv's */
	bool *flag;	    /* where arg is NULL: set to true */
	const char **list;  /* receives the arguments of up to SU_OPTION_LIST_MAX such options; NULL behind the last */
};

#define SU_OPTION_LIST_MAX 30

struct su_usage {
	const char *args;		 /* "UPDATE [-- COMMAND...]" */
	const char *about;		 /* one or a few sentences for --help */
	const struct su_option *options; /* may be NULL */
	int min_args, max_args;		 /* max_args < 0: any number */
};

#define SU_HELP_SHOWN 1

/**
 * su_cli_parse - read a verb's command line, common options included
 * Sets cli->args and cli->arg_nr. `--` ends the options.
 * Return: 0; USAGE; SU_HELP_SHOWN where --help was asked for and answered: the verb then returns 0 at once.
 */
int su_cli_parse(struct su_cli *cli, int argc, char **argv, const struct su_usage *usage) SU_MUST_CHECK;

/* The number that an option's argument is, 0 to @max. Return: 0 or USAGE. */
int su_cli_number(struct su_cli *cli, const char *option, const char *text, unsigned int max,
		  unsigned int *value) SU_MUST_CHECK;

/* A line of the verb's result on standard output; nothing with --json or -q. No newline needed in @fmt. */
void su_cli_say(struct su_cli *cli, const char *fmt, ...) SU_PRINTF(2, 3);

/* Print all diagnostics, or put them into the JSON object and print that. Called by main.c. */
void su_cli_finish(struct su_cli *cli, int err);
void su_cli_show_step(void *ctx, const char *step); /* struct su_progress's step; ctx is the cli */

/* The options that name a kernel, the same for every verb that needs its tree: point the table's entries here. */
struct su_kernel_options {
	const char *release, *source, *config, *symvers, *cc;
};
#define SU_KERNEL_OPTIONS(k) \
	{ 'r', "release", "RELEASE", "a Debian kernel, as uname -r says it", &(k)->release, NULL, NULL }, \
		{ 0, "cc", "COMMAND", "how to call the kernel's compiler: \"ccache gcc-12\"", &(k)->cc, NULL, NULL }, \
		{ 's', "source", "DIR", "a kernel source tree; never written to", &(k)->source, NULL, NULL }, \
		{ 'c', "config", "FILE", "with --source: the kernel's .config", &(k)->config, NULL, NULL }, \
	{ \
		0, "symvers", "FILE", "with --source: the kernel's Module.symvers", &(k)->symvers, NULL, NULL \
	}

struct su_tree_request;
/* Fill a request from the options; neither release nor source given: the running kernel's release. Strings are shared. */
void su_cli_tree_request(struct su_cli *cli, const struct su_kernel_options *options, struct su_tree_request *req);

/* The verbs. Return 0 or a negative su_status. */
int su_cmd_prepare(struct su_cli *cli, int argc, char **argv);
int su_cmd_explain(struct su_cli *cli, int argc, char **argv);
int su_cmd_create(struct su_cli *cli, int argc, char **argv);
int su_cmd_apply(struct su_cli *cli, int argc, char **argv);
int su_cmd_blockers(struct su_cli *cli, int argc, char **argv);
int su_cmd_show(struct su_cli *cli, int argc, char **argv);
int su_cmd_status(struct su_cli *cli, int argc, char **argv);
int su_cmd_try(struct su_cli *cli, int argc, char **argv);
int su_cmd_undo(struct su_cli *cli, int argc, char **argv);
int su_cmd_verify(struct su_cli *cli, int argc, char **argv);

#endif
