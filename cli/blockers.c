// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture blockers`: which tasks are in the code that an apply or an undo would wait for. Nothing is loaded. */
#include <string.h>
#include <time.h>

#include "lib/live/blockers.h"
#include "live.h"

#define SAMPLES 10
#define SAMPLES_MAX 100000
#define INTERVAL_MS 100

static int sample(struct su_cli *cli, const struct su_watch *watch, unsigned int samples, struct su_sightings *seen)
{
	const struct timespec interval = { .tv_nsec = INTERVAL_MS * 1000000L };
	int err = 0;

	for (unsigned int i = 0; !err && i < samples; i++) {
		if (i)
			nanosleep(&interval, NULL);
		err = su_blockers_sample(cli->diags, watch, seen);
	}
	su_sightings_sort(seen);
	return err;
}

static struct json_object *sighting_json(const struct su_sighting *s)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "comm", json_object_new_string(s->comm));
	json_object_object_add(object, "tid", json_object_new_int(s->tid));
	json_object_object_add(object, "place", json_object_new_string(s->place));
	json_object_object_add(object, "samples", json_object_new_int64(s->samples));
	return object;
}

static void report(struct su_cli *cli, unsigned int samples, const struct su_sightings *seen)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(cli->json, "samples", json_object_new_int64(samples));
	json_object_object_add(cli->json, "blockers", list);
	for (size_t i = 0; i < seen->list.nr; i++) {
		const struct su_sighting *s = &seen->list.data[i];

		json_object_array_add(list, sighting_json(s));
		su_cli_say(cli, "%s[%d] %s: in %u of %u samples", s->comm, s->tid, s->place, s->samples, samples);
	}
	if (!seen->list.nr)
		su_cli_say(cli, "no task was seen there in %u samples", samples);
}

static int look(struct su_cli *cli, const struct su_watch *watch, unsigned int samples)
{
	struct su_sightings seen = { 0 };
	int err = sample(cli, watch, samples, &seen);

	if (!err)
		report(cli, samples, &seen);
	su_sightings_fini(&seen);
	return err;
}

/* The old functions, before the update is applied. */
static int look_for_file(struct su_cli *cli, const char *path, unsigned int samples)
{
	struct su_update_file *file;
	struct su_watch watch = { 0 };
	int err = su_update_file_open(cli->diags, path, &file);

	if (err)
		return err;
	su_watch_add_update(&watch, file);
	err = look(cli, &watch, samples);
	su_watch_fini(&watch);
	su_update_file_close(file);
	return err;
}

/* The new code, before the update is undone. */
static int look_for_id(struct su_cli *cli, const char *id, unsigned int samples)
{
	struct su_core_update update;
	struct su_watch watch = { 0 };
	int err = su_core_read(cli->diags, id, &update);

	if (err)
		return err;
	su_watch_add_module(&watch, update.module);
	err = look(cli, &watch, samples);
	su_watch_fini(&watch);
	su_core_update_fini(&update);
	return err;
}

int su_cmd_blockers(struct su_cli *cli, int argc, char **argv)
{
	const char *samples_text = NULL;
	const struct su_option options[] = {
		{ 'n', "samples", "N", "so many samples, a tenth of a second apart; default: 10", &samples_text, NULL,
		  NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "UPDATE|ID",
		.about = "Lists the tasks that are inside the functions that an update replaces, given its file, or inside\n"
			 "the new code of an update in the running kernel, given its ID. Nothing is loaded or changed.",
		.options = options,
		.min_args = 1,
		.max_args = 1,
	};
	unsigned int samples = SAMPLES;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	err = samples_text ? su_cli_number(cli, "--samples", samples_text, SAMPLES_MAX, &samples) : 0;
	if (err)
		return err;
	return su_live_is_file(cli->args[0]) ? look_for_file(cli, cli->args[0], samples) :
					       look_for_id(cli, cli->args[0], samples);
}
