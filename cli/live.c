// SPDX-License-Identifier: GPL-2.0-or-later
/* An update in the running kernel as text and JSON, and what a command line may call it. */
#include <string.h>

#include "lib/elf/modinfo.h"
#include "live.h"

static struct json_object *function_json(const struct su_core_function *f)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_object_new_string(f->name));
	json_object_object_add(object, "target", json_object_new_string(f->target));
	json_object_object_add(object, "unit", json_object_new_string(f->unit));
	json_object_object_add(object, "size", json_object_new_int64(f->size));
	return object;
}

static struct json_object *lines_json(const char *const *lines, size_t nr)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(array, json_object_new_string(lines[i]));
	return array;
}

static struct json_object *target_json(const struct su_core_target *target)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_object_new_string(target->name));
	json_object_object_add(object, "presence", json_object_new_string(target->presence));
	json_object_object_add(object, "state", json_object_new_string(target->state));
	return object;
}

struct json_object *su_live_json(const struct su_core_update *update)
{
	struct json_object *object = json_object_new_object(), *functions = json_object_new_array();
	struct json_object *targets = json_object_new_array();

	for (size_t i = 0; i < update->target_nr; i++)
		json_object_array_add(targets, target_json(&update->targets[i]));
	for (size_t i = 0; i < update->function_nr; i++)
		json_object_array_add(functions, function_json(&update->functions[i]));
	json_object_object_add(object, "id", json_object_new_string(update->id));
	json_object_object_add(object, "state", json_object_new_string(update->state));
	json_object_object_add(object, "superseded_by", json_object_new_string(update->superseded_by));
	json_object_object_add(object, "module", json_object_new_string(update->module));
	json_object_object_add(object, "targets", targets);
	json_object_object_add(object, "functions", functions);
	json_object_object_add(object, "pause_ns", json_object_new_int64((int64_t)update->pause_ns));
	json_object_object_add(object, "tries", json_object_new_int64(update->tries));
	json_object_object_add(object, "blockers", lines_json(update->blockers, update->blocker_nr));
	return object;
}

char *su_live_pause_text(unsigned long long ns)
{
	return su_format("%llu.%03llu us", ns / 1000, ns % 1000);
}

bool su_live_is_file(const char *word)
{
	size_t n = strlen(word);

	return strchr(word, '/') || (n > 3 && !strcmp(word + n - 3, ".ko"));
}

int su_live_resolve(struct su_cli *cli, const char *word, char **id)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const char *name;
	int err;

	if (!su_live_is_file(word)) {
		*id = su_strdup(word);
		return 0;
	}
	err = su_modinfo_read(cli->diags, word, &info);
	if (err)
		return err;
	name = su_modinfo_get(&info, "suture_id");
	if (!name)
		return su_fail(cli->diags, SU_AT(UPDATE_FORMAT, .object = word), "this module is no update");
	*id = su_strdup(name);
	return 0;
}
