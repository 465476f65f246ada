// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture create`: from a patch to an update module. */
#include <string.h>

#include "creation.h"

/* An ID becomes part of a module's name and of paths in sysfs. */
static int check_id(struct su_cli *cli, const char *id)
{
	size_t nr = strlen(id);

	if (nr && nr <= 40 && strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == nr)
		return 0;
	return su_fail(cli->diags, SU_AT(USAGE, .object = "--id", .hint = "use up to 40 letters, digits, '-' and '_'"),
		       "'%s' cannot be an update's ID", id);
}

/* ---- report ---- */

static struct json_object *function_json(const struct su_emit_function *f)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", json_object_new_string(f->name));
	json_object_object_add(o, "unit", json_object_new_string(f->unit));
	json_object_object_add(o, "bytes", json_object_new_int64((int64_t)f->new_sz));
	if (f->why) {
		json_object_object_add(o, "why", json_object_new_string(f->why));
		json_object_object_add(o, "why_offset", json_object_new_int64((int64_t)f->why_off));
	}
	return o;
}

static void report(struct creation *c)
{
	struct json_object *changed = json_object_new_array(), *new = json_object_new_array();
	const struct su_emit_result *r = &c->result;

	for (size_t i = 0; i < r->functions.nr; i++) {
		const struct su_emit_function *f = &r->functions.data[i];

		json_object_array_add(f->is_new ? new : changed, function_json(f));
		su_cli_say(c->cli, "  %-8s %s (%s)", f->is_new ? "new" : "replaced", f->name, f->unit);
	}
	json_object_object_add(c->cli->json, "id", json_object_new_string(c->id));
	json_object_object_add(c->cli->json, "file", json_object_new_string(c->output));
	json_object_object_add(c->cli->json, "release", json_object_new_string(c->tree.release));
	json_object_object_add(c->cli->json, "changed", changed);
	json_object_object_add(c->cli->json, "new", new);
	json_object_object_add(c->cli->json, "bytes", json_object_new_int64((int64_t)r->new_code_sz));
	json_object_object_add(c->cli->json, "matched_bytes", json_object_new_int64((int64_t)r->pre_code_sz));
	json_object_object_add(c->cli->json, "stays", json_object_new_boolean(r->stays));
	if (r->stays)
		su_cli_say(c->cli,
			   "  it stays in memory when undone: the kernel may keep addresses of its new code or data");
	su_cli_say(c->cli, "%s: %zu replaced, %zu new, %llu bytes of new code, %llu bytes to be matched", c->output,
		   r->changed_nr, r->new_nr, (unsigned long long)r->new_code_sz, (unsigned long long)r->pre_code_sz);
}

/* ---- the verb ---- */

static int run(struct creation *c, const struct su_tree_request *req, const char *const *bases, const char *patch,
	       const char *id, bool explains)
{
	int err = creation_difference(c, req, bases, patch, id);

	if (err)
		return err;
	err = creation_emit(c);
	if (explains)
		creation_explain(c, false);
	if (!err)
		err = creation_link(c);
	if (!err)
		report(c);
	return err;
}

int su_cmd_create(struct su_cli *cli, int argc, char **argv)
{
	struct su_kernel_options kernel = { 0 };
	const char *output = NULL, *id = NULL, *bases[SU_OPTION_LIST_MAX + 1] = { NULL };
	bool explains = false;
	const struct su_option options[] = {
		SU_KERNEL_OPTIONS(&kernel),
		CREATION_ON(bases),
		{ 'o', "output", "FILE", "where to write the update; suture-ID.ko here by default", &output, NULL, NULL },
		{ 0, "id", "ID", "the update's ID; by default a hash of all it is made of", &id, NULL, NULL },
		{ 0, "explain", NULL, "say what is in the update and why, as suture explain does", NULL, &explains, NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "PATCH",
		.about = "Makes an update from a unified diff against the kernel's source.",
		.options = options,
		.min_args = 1,
		.max_args = 1,
	};
	struct creation c;
	struct su_tree_request req;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	if (id) {
		err = check_id(cli, id);
		if (err)
			return err;
	}
	su_cli_tree_request(cli, &kernel, &req);
	creation_begin(&c, cli, output);
	err = run(&c, &req, bases, cli->args[0], id, explains);
	creation_fini(&c);
	return err;
}
