// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture create`: from a patch to an update module. The steps are lib/'s; here they are put in a row and reported. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cli.h"
#include "lib/emit/emit.h"
#include "lib/kernel/compile.h"
#include "lib/kernel/plan.h"
#include "lib/kernel/tree.h"

struct creation {
	struct su_cli *cli;
	struct su_tree tree;
	struct su_plan plan;
	struct su_objects objects;
	struct su_symvers symvers;
	char *scratch;
	char *id;
	char *output;
	SU_VEC(struct su_emit_unit) units;
	struct su_emit_result result;
	struct json_object *seconds, *cpu_seconds;
	uint64_t step_ns, step_cpu_ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t usage_ns(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) * 1000000000u +
	       ((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) * 1000u;
}

/* CPU time of this process and of all programs that it has run. */
static uint64_t cpu_ns(void)
{
	return usage_ns(RUSAGE_SELF) + usage_ns(RUSAGE_CHILDREN);
}

/* Ends a step: its time goes into the report. */
static void step_done(struct creation *c, const char *name)
{
	uint64_t now = now_ns(), cpu = cpu_ns();

	json_object_object_add(c->seconds, name, json_object_new_double((double)(now - c->step_ns) / 1e9));
	json_object_object_add(c->cpu_seconds, name, json_object_new_double((double)(cpu - c->step_cpu_ns) / 1e9));
	c->step_ns = now;
	c->step_cpu_ns = cpu;
}

/* The ID says what the update was made of: the same input has the same ID wherever and whenever it is made. */
static char *make_id(const struct creation *c)
{
	struct su_hasher *h = su_hasher_create();
	struct su_hash hash;
	char hex[65];

	su_hasher_add_string(h, SU_VERSION);
	su_hasher_add_string(h, c->tree.release);
	su_hasher_add_string(h, c->tree.compiler_version);
	su_hasher_add(h, c->tree.source_hash.bytes, sizeof(c->tree.source_hash.bytes));
	su_hasher_add(h, c->tree.config_hash.bytes, sizeof(c->tree.config_hash.bytes));
	su_hasher_add(h, c->plan.patch_hash.bytes, sizeof(c->plan.patch_hash.bytes));
	su_hasher_finish(h, &hash);
	su_hash_hex(&hash, hex);
	return su_format("%.12s", hex);
}

/* An ID becomes part of a module's name and of paths in sysfs. */
static int check_id(struct su_cli *cli, const char *id)
{
	size_t nr = strlen(id);

	if (nr && nr <= 40 && strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == nr)
		return 0;
	return su_fail(cli->diags, SU_AT(USAGE, .object = "--id", .hint = "use up to 40 letters, digits, '-' and '_'"),
		       "'%s' cannot be an update's ID", id);
}

/* ---- difference ---- */

static int diff_unit(struct creation *c, size_t i)
{
	const struct su_plan_unit *unit = &c->plan.units.data[i];
	const struct su_unit_objects *objects = &c->objects.units.data[i];
	struct su_object *pre = NULL, *post = NULL, *plain = NULL;
	bool is_module = unit->module != NULL;
	int err = su_object_open(c->cli->diags, objects->pre, is_module, &pre);

	if (!err)
		err = su_object_open(c->cli->diags, objects->post, is_module, &post);
	if (!err)
		err = su_object_open(c->cli->diags, objects->plain, is_module, &plain);
	if (err) {
		su_object_destroy(pre);
		su_object_destroy(post);
		su_object_destroy(plain);
		return err;
	}
	*su_vec_add(&c->units) = (struct su_emit_unit){
		.name = unit->object,
		.target = unit->module ? unit->module : "vmlinux",
		.diff = su_diff_create(unit->object, pre, post),
		.plain = plain,
	};
	return 0;
}

static int diff_all(struct creation *c)
{
	for (size_t i = 0; i < c->plan.units.nr; i++) {
		int err = diff_unit(c, i);

		if (err)
			return err;
	}
	return 0;
}

/* ---- the module ---- */

static void add_hash(struct su_arena *arena, const char **line, const char *key, const struct su_hash *hash)
{
	char hex[65];

	su_hash_hex(hash, hex);
	*line = su_arena_format(arena, "%s=sha256:%s", key, hex);
}

/* modinfo lines: what the update is, for which kernel, made of what. */
static const char **make_modinfo(const struct creation *c, struct su_arena *arena)
{
	size_t max = 8 + c->units.nr + c->result.functions.nr;
	const char **lines = su_arena_alloc(arena, (max + 1) * sizeof(*lines));
	size_t nr = 0;

	lines[nr++] = su_arena_format(arena, "description=suture update %s", c->id);
	lines[nr++] = su_arena_format(arena, "suture_id=%s", c->id);
	lines[nr++] = "suture_version=" SU_VERSION;
	for (size_t i = 0; i < c->units.nr; i++) {
		bool is_new = true;

		for (size_t k = 0; k < i; k++)
			is_new &= strcmp(c->units.data[k].target, c->units.data[i].target) != 0;
		if (is_new)
			lines[nr++] = su_arena_format(arena, "suture_target=%s", c->units.data[i].target);
	}
	for (size_t i = 0; i < c->result.functions.nr; i++)
		lines[nr++] = su_arena_format(arena, "suture_%s=%s:%s",
					      c->result.functions.data[i].is_new ? "new" : "function",
					      c->result.functions.data[i].unit, c->result.functions.data[i].name);
	add_hash(arena, &lines[nr++], "suture_source", &c->tree.source_hash);
	add_hash(arena, &lines[nr++], "suture_config", &c->tree.config_hash);
	add_hash(arena, &lines[nr++], "suture_patch", &c->plan.patch_hash);
	lines[nr++] = su_arena_format(arena, "suture_compiler=%.*s", (int)strcspn(c->tree.compiler_version, "\n"),
				      c->tree.compiler_version);
	return lines;
}

static int link_module(struct creation *c)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/link", c->scratch);
	struct su_arena arena = { 0 };
	struct su_link_request request = {
		.id = c->id,
		.dir = dir,
		.objects = c->tree.objects,
		.compiler = c->tree.compiler,
		.modinfo = make_modinfo(c, &arena),
		.output = c->output,
	};
	int err = su_emit_link(c->cli->diags, &request);

	su_arena_fini(&arena);
	return err;
}

static int emit_object(struct creation *c)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/link", c->scratch);
	SU_CLEANUP_FREE char *path = su_format("%s/code.o", dir);
	struct su_emit_request request = {
		.id = c->id,
		.units = c->units.data,
		.unit_nr = c->units.nr,
		.symvers = &c->symvers,
	};
	int err = su_dir_make(c->cli->diags, dir);

	return err ? err : su_emit_object(c->cli->diags, &request, path, &c->result);
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
	su_cli_say(c->cli, "%s: %zu replaced, %zu new, %llu bytes of new code, %llu bytes to be matched", c->output,
		   r->changed_nr, r->new_nr, (unsigned long long)r->new_code_sz, (unsigned long long)r->pre_code_sz);
}

/* ---- the verb ---- */

/* The tree, the plan, and from them the names of what is to be made. */
static int plan(struct creation *c, const struct su_tree_request *req, const char *patch, const char *id)
{
	struct su_cli *cli = c->cli;
	int err = su_tree_prepare(cli->diags, req, &c->tree);

	if (err)
		return err;
	step_done(c, "tree");
	if (!c->tree.symvers)
		return su_fail(cli->diags,
			       SU_AT(USAGE, .object = "--symvers",
				     .hint = "give the kernel's own Module.symvers (its headers package has it)"),
			       "an update cannot be linked without the kernel's Module.symvers");
	err = su_plan_create(cli->diags, &c->tree, patch, &c->plan);
	if (err)
		return err;
	c->id = id ? su_strdup(id) : make_id(c);
	if (!c->output)
		c->output = su_format("suture-%s.ko", c->id);
	return 0;
}

static int compile(struct creation *c)
{
	struct su_cli *cli = c->cli;
	SU_CLEANUP_FREE char *parent = su_format("%s/work", cli->cache);
	int err = su_dir_make(cli->diags, parent);

	if (!err)
		err = su_dir_temp(cli->diags, parent, "create-", &c->scratch);
	if (err)
		return err;
	su_progress_step(&cli->progress, "compiling %zu unit%s", c->plan.units.nr, c->plan.units.nr == 1 ? "" : "s");
	err = su_compile(cli->diags, &c->tree, &c->plan, c->scratch, cli->jobs, &c->objects);
	step_done(c, "compile");
	return err;
}

static int compare(struct creation *c)
{
	int err;

	su_progress_step(&c->cli->progress, "comparing");
	err = su_symvers_read(c->cli->diags, c->tree.symvers, &c->symvers);
	if (!err)
		err = diff_all(c);
	if (!err)
		err = emit_object(c);
	step_done(c, "compare");
	return err;
}

static int run(struct creation *c, const struct su_tree_request *req, const char *patch, const char *id)
{
	int err = plan(c, req, patch, id);

	if (!err)
		err = compile(c);
	if (!err)
		err = compare(c);
	if (err)
		return err;
	su_progress_step(&c->cli->progress, "linking");
	err = link_module(c);
	step_done(c, "link");
	if (!err)
		report(c);
	return err;
}

static void fini(struct creation *c)
{
	if (c->scratch)
		su_dir_remove(c->cli->diags, c->scratch);
	for (size_t i = 0; i < c->units.nr; i++) {
		su_diff_destroy(c->units.data[i].diff);
		su_object_destroy(c->units.data[i].plain);
	}
	su_vec_fini(&c->units);
	su_emit_result_fini(&c->result);
	su_symvers_fini(&c->symvers);
	su_objects_fini(&c->objects);
	su_plan_fini(&c->plan);
	su_tree_fini(&c->tree);
	free(c->scratch);
	free(c->id);
	free(c->output);
}

int su_cmd_create(struct su_cli *cli, int argc, char **argv)
{
	struct su_kernel_options kernel = { 0 };
	const char *output = NULL, *id = NULL;
	const struct su_option options[] = {
		SU_KERNEL_OPTIONS(&kernel),
		{ 'o', "output", "FILE", "where to write the update; suture-ID.ko here by default", &output, NULL },
		{ 0, "id", "ID", "the update's ID; by default a hash of all it is made of", &id, NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "PATCH",
		.about = "Makes an update from a unified diff against the kernel's source.",
		.options = options,
		.min_args = 1,
		.max_args = 1,
	};
	struct creation c = { .cli = cli, .step_ns = now_ns(), .step_cpu_ns = cpu_ns() };
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
	c.seconds = json_object_new_object();
	json_object_object_add(cli->json, "seconds", c.seconds);
	c.cpu_seconds = json_object_new_object();
	json_object_object_add(cli->json, "cpu_seconds", c.cpu_seconds);
	c.output = output ? su_strdup(output) : NULL;
	err = run(&c, &req, cli->args[0], id);
	fini(&c);
	return err;
}
