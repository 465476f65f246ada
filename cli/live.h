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

/**
 * su_live_resolve - the ID that a command line means
 * @word: an ID, or the file of an update
 * @id: heap; written only on success
 * Return: 0; FILE_READ, ELF or UPDATE_FORMAT where @word is a file but no update.
 */
int su_live_resolve(struct su_cli *cli, const char *word, char **id) SU_MUST_CHECK;

#endif
