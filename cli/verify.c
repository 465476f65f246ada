// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture verify`: would this update apply to that kernel? Nothing is loaded and nothing is changed. */
#include <stdio.h>
#include <inttypes.h>

#include "cli.h"
#include "lib/base/file.h"
#include "lib/live/verify.h"

static void say_functions(struct su_cli *cli, const struct su_verification *v)
{
	static const char *const texts[] = {
		[SU_VERDICT_REDIRECT] = "matches: would be redirected",
		[SU_VERDICT_DIFFERS] = "DIFFERS: the update would be refused",
		[SU_VERDICT_OPEN] = "not compared, as the match failed elsewhere",
		[SU_VERDICT_ABSENT] = "its module is not loaded: would wait for it",
		[SU_VERDICT_EARLIER] = "not compared: an earlier update's replacement (--on)",
	};

	for (size_t i = 0; i < v->functions.nr; i++) {
		const struct su_verified_function *f = &v->functions.data[i];

		if (f->addr)
			su_cli_say(cli, "%-32s %-28s 0x%" PRIx64 " %6u bytes  %s", f->name, f->unit, f->addr, f->size,
				   texts[f->verdict]);
		else
			su_cli_say(cli, "%-32s %-28s %-18s %6u bytes  %s", f->name, f->unit, "-", f->size,
				   texts[f->verdict]);
	}
}

static void say_summary(struct su_cli *cli, const struct su_verification *v, const struct su_image *image, int err)
{
	su_cli_say(cli, "%zu of %zu sections, %" PRIu64 " bytes, equal those of %s (%s)", v->section_matched_nr,
		   v->section_nr, v->matched_sz, image->path, image->release);
	if (v->earlier_nr)
		su_cli_say(cli,
			   "%zu functions and objects of earlier updates are compared only with these (--on) or when the update is applied",
			   v->earlier_nr);
	if (!err)
		su_cli_say(cli,
			   "%sit would apply: %zu symbols proved by code, %zu by names that agree, %zu by a unique name",
			   v->earlier_nr ? "as far as it was compared, " : "", v->inferred_nr, v->voted_nr, v->named_nr);
}

static void add_number(struct json_object *object, const char *name, uint64_t value)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)value));
}

static struct json_object *function_to_json(const struct su_verified_function *f)
{
	struct json_object *object = json_object_new_object();
	char addr[32];

	snprintf(addr, sizeof(addr), "0x%" PRIx64, f->addr);
	json_object_object_add(object, "name", json_object_new_string(f->name));
	json_object_object_add(object, "unit", json_object_new_string(f->unit));
	json_object_object_add(object, "target", json_object_new_string(f->target));
	json_object_object_add(object, "address", f->addr ? json_object_new_string(addr) : NULL);
	add_number(object, "size", f->size);
	json_object_object_add(object, "verdict", json_object_new_string(su_verdict_name(f->verdict)));
	return object;
}

static void add_json(struct json_object *json, const struct su_verification *v, const struct su_image *image,
		     const struct su_update_file *file)
{
	const char *id = su_update_file_string(file, file->update.header->id);
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < v->functions.nr; i++)
		json_object_array_add(list, function_to_json(&v->functions.data[i]));
	json_object_object_add(json, "id", json_object_new_string(id));
	json_object_object_add(json, "image", json_object_new_string(image->path));
	json_object_object_add(json, "release", json_object_new_string(image->release));
	json_object_object_add(json, "functions", list);
	add_number(json, "sections", v->section_nr);
	add_number(json, "sections_matched", v->section_matched_nr);
	add_number(json, "earlier", v->earlier_nr);
	add_number(json, "bytes_matched", v->matched_sz);
	add_number(json, "symbols_inferred", v->inferred_nr);
	add_number(json, "symbols_voted", v->voted_nr);
	add_number(json, "symbols_by_name", v->named_nr);
}

/* The modules of an image: those that are installed here, else those in the cache. */
static char *modules_find(struct su_cli *cli, const char *release)
{
	char *installed = su_format("/lib/modules/%s/kernel", release);
	char *cached = su_format("%s/images/%s/modules", cli->cache, release);
	bool is_installed = su_file_exists(installed);

	free(is_installed ? cached : installed);
	return is_installed ? installed : cached;
}

/* Updates that it stands on. */
static int add_bases(struct su_cli *cli, struct su_image *image, const char *modules, const char *const *on,
		     bool any_release)
{
	int err = 0;

	for (; !err && *on; on++) {
		struct su_update_file *file = NULL;

		err = su_update_file_open(cli->diags, *on, &file);
		if (!err)
			err = su_verify_base(cli->diags, image, modules, file, any_release);
		su_update_file_close(file);
	}
	return err;
}

static int verify(struct su_cli *cli, struct su_image *image, const char *modules, const char *const *on,
		  const struct su_update_file *file, bool any_release)
{
	SU_CLEANUP_FREE char *found = modules ? NULL : modules_find(cli, image->release);
	struct su_verification v = { 0 };
	int err = add_bases(cli, image, modules ? modules : found, on, any_release);

	if (!err)
		err = su_verify(cli->diags, image, modules ? modules : found, file, any_release, &v);
	if (v.functions.nr) {
		say_functions(cli, &v);
		say_summary(cli, &v, image, err);
	}
	add_json(cli->json, &v, image, file);
	su_verification_fini(&v);
	return err;
}

int su_cmd_verify(struct su_cli *cli, int argc, char **argv)
{
	const char *path = NULL, *modules = NULL, *on[SU_OPTION_LIST_MAX + 1] = { NULL };
	bool any_release = false;
	const struct su_option options[] = {
		{ 'i', "image", "FILE", "a vmlinuz or vmlinux; else the running kernel, through /proc/kcore", &path,
		  NULL, NULL },
		{ 0, "modules", "DIR", "the image's modules; default: the installed ones, or those in the cache",
		  &modules, NULL, NULL },
		{ 0, "on", "UPDATE", "with --image: as if this one were applied; once for each, in their order", NULL,
		  NULL, on },
		{ 0, "any-release", NULL, "compare even with a kernel of another release", NULL, &any_release, NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "UPDATE",
		.about = "Compares the code that an update was made for with a kernel's, by the same means as the core,\n"
			 "and says function by function what would happen. Nothing is loaded, nothing is changed.",
		.options = options,
		.min_args = 1,
		.max_args = 1,
	};
	struct su_update_file *file = NULL;
	struct su_image *image = NULL;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	if (*on && !path)
		return su_fail(cli->diags, SU_AT(USAGE, .object = "--on", .hint = "name the image with --image"),
			       "only an image on disk can be taken as if updates were applied to it");
	err = su_update_file_open(cli->diags, cli->args[0], &file);
	if (!err)
		err = path ? su_image_open(cli->diags, path, &image) : su_image_open_running(cli->diags, &image);
	if (!err)
		err = verify(cli, image, modules, on, file, any_release);
	su_image_close(image);
	su_update_file_close(file);
	return err;
}
