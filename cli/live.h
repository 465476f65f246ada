/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the verbs for the running kernel (apply, undo, status, show) show an update. */
#ifndef SU_CLI_LIVE_H
#define SU_CLI_LIVE_H

#include "cli.h"
#include "lib/live/core.h"

/* All of an update's state as an object that the caller owns. */
struct json_object *su_live_json(const struct su_core_update *update);

/* "12.345 us" of nanoseconds, heap. */
char *su_live_pause_text(unsigned long long ns);

/* Is a word of the command line a file, and not an ID? */
bool su_live_is_file(const char *word);

/**
 * su_live_resolve - the ID that a command line means
 * @word: an ID, or the file of an update
 * @id: heap; written only on success
 * Return: 0; FILE_READ, ELF or UPDATE_FORMAT where @word is a file but no update.
 */
int su_live_resolve(struct su_cli *cli, const char *word, char **id) SU_MUST_CHECK;

/* Options of verbs that switch: how long to wait for threads, how long to stop the machine. */
struct su_live_limits {
	const char *wait, *max_pause;
};
#define SU_LIMIT_OPTIONS(l) \
	{ 0,	      "wait", "SECONDS", "how long to try again while a thread is in the way; default: the core's, 10", \
	  &(l)->wait, NULL,   NULL }, \
	{ \
		0, "max-pause", "US", "do not stop the machine where that would take more microseconds", \
			&(l)->max_pause, NULL, NULL \
	}

/* Options' arguments in the core's words (docs/abi.md), heap; written only on success. Return: 0; USAGE. */
int su_live_limits_parse(struct su_cli *cli, const struct su_live_limits *limits, char **words) SU_MUST_CHECK;

#endif
