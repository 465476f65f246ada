// SPDX-License-Identifier: GPL-2.0-or-later
/* All that the command prints: diagnostics as text or JSON, progress, result lines. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const char *const severity_names[] = { "error", "warning", "note" };

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* On a terminal the current step stands in one line that is written over; it must go before anything else is printed. */
static void clear_step(struct su_cli *cli)
{
	if (cli->has_open_line)
		fputs("\r\033[K", stderr);
	cli->has_open_line = false;
}

void su_cli_show_step(void *ctx, const char *step)
{
	struct su_cli *cli = ctx;
	double seconds;

	if (cli->is_quiet)
		return;
	if (!cli->start_ns)
		cli->start_ns = now_ns();
	seconds = (double)(now_ns() - cli->start_ns) / 1e9;
	if (isatty(STDERR_FILENO)) {
		clear_step(cli);
		fprintf(stderr, "[%5.1f s] %.100s ...", seconds, step);
		cli->has_open_line = true;
	} else {
		fprintf(stderr, "[%5.1f s] %s\n", seconds, step);
	}
	fflush(stderr);
}

void su_cli_say(struct su_cli *cli, const char *fmt, ...)
{
	va_list args;

	if (cli->is_json || cli->is_quiet)
		return;
	clear_step(cli);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout); /* keeps its place among the steps, where both go into one log */
}

/* A text of several lines, such as a compiler's message, keeps its token in the first line. */
static void print_diag(const struct su_diag *diag)
{
	size_t first = strcspn(diag->text, "\n");
	const char *rest = diag->text + first;

	fprintf(stderr, "suture: %s: ", severity_names[diag->severity]);
	if (diag->object)
		fprintf(stderr, "%s: ", diag->object);
	if (diag->symbol && diag->offset != SU_NO_OFFSET)
		fprintf(stderr, "%s+0x%llx: ", diag->symbol, (unsigned long long)diag->offset);
	else if (diag->symbol)
		fprintf(stderr, "%s: ", diag->symbol);
	fprintf(stderr, "%.*s [%s]%s\n", (int)first, diag->text, su_token_name(diag->token), rest);
	if (diag->hint)
		fprintf(stderr, "hint: %s\n", diag->hint);
}

static void add_string(struct json_object *object, const char *name, const char *value)
{
	if (value)
		json_object_object_add(object, name, json_object_new_string(value));
}

static struct json_object *diag_to_json(const struct su_diag *diag)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "severity", severity_names[diag->severity]);
	add_string(object, "token", su_token_name(diag->token));
	add_string(object, "object", diag->object);
	add_string(object, "symbol", diag->symbol);
	if (diag->offset != SU_NO_OFFSET)
		json_object_object_add(object, "offset", json_object_new_int64((int64_t)diag->offset));
	add_string(object, "text", diag->text);
	add_string(object, "hint", diag->hint);
	return object;
}

static void print_json(struct su_cli *cli, int err)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < su_diags_count(cli->diags); i++)
		json_object_array_add(list, diag_to_json(su_diags_at(cli->diags, i)));
	json_object_object_add(cli->json, "verb", json_object_new_string(cli->verb));
	json_object_object_add(cli->json, "status", json_object_new_int(-err));
	json_object_object_add(cli->json, "diagnostics", list);
	puts(json_object_to_json_string_ext(cli->json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}

void su_cli_finish(struct su_cli *cli, int err)
{
	size_t i;

	clear_step(cli);
	fflush(stdout);
	if (cli->is_json) {
		print_json(cli, err);
		return;
	}
	for (i = 0; i < su_diags_count(cli->diags); i++) {
		const struct su_diag *diag = su_diags_at(cli->diags, i);

		if (diag->severity == SU_ERROR || !cli->is_quiet)
			print_diag(diag);
	}
}
