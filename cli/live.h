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
	unsigned int timeout_ms, max_pause_us;
	unsigned int timeout_ms_before, max_pause_us_before;
	bool is_timeout_changed, is_max_pause_changed;
};
#define SU_LIMIT_OPTIONS(l) \
	{ 0,	      "wait", "SECONDS", "how long to try again while a thread is in the way; default: the core's, 10", \
	  &(l)->wait, NULL,   NULL }, \
	{ \
		0, "max-pause", "US", "do not stop the machine where that would take more microseconds", \
			&(l)->max_pause, NULL, NULL \
	}

/* Read the options' arguments. Return: 0; USAGE. */
int su_live_limits_parse(struct su_cli *cli, struct su_live_limits *limits) SU_MUST_CHECK;
/* Hand them to the core, whose settings they change until su_live_limits_restore(). Return: 0; KERNEL_REFUSED. */
int su_live_limits_set(struct su_cli *cli, struct su_live_limits *limits) SU_MUST_CHECK;
void su_live_limits_restore(struct su_cli *cli, const struct su_live_limits *limits);

#endif
