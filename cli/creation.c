// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps from a patch to an update, in a row. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "creation.h"
#include "lib/base/process.h"

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

void creation_step_done(struct creation *c, const char *name)
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
	for (size_t i = 0; i < c->plan.base_nr; i++)
		su_hasher_add(h, c->plan.base_hashes[i].bytes, sizeof(c->plan.base_hashes[i].bytes));
	su_hasher_add(h, c->plan.patch_hash.bytes, sizeof(c->plan.patch_hash.bytes));
	su_hasher_finish(h, &hash);
	su_hash_hex(&hash, hex);
	return su_format("%.12s", hex);
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
	size_t max = 8 + c->plan.base_nr;
	const char **lines = su_arena_alloc(arena, (max + 1) * sizeof(*lines));
	size_t nr = 0;

	lines[nr++] = su_arena_format(arena, "description=suture update %s", c->id);
	lines[nr++] = su_arena_format(arena, "suture_id=%s", c->id);
	lines[nr++] = "suture_version=" SU_VERSION;
	add_hash(arena, &lines[nr++], "suture_source", &c->tree.source_hash);
	add_hash(arena, &lines[nr++], "suture_config", &c->tree.config_hash);
	for (size_t i = 0; i < c->plan.base_nr; i++)
		add_hash(arena, &lines[nr++], "suture_on", &c->plan.base_hashes[i]);
	add_hash(arena, &lines[nr++], "suture_patch", &c->plan.patch_hash);
	lines[nr++] = su_arena_format(arena, "suture_compiler=%.*s", (int)strcspn(c->tree.compiler_version, "\n"),
				      c->tree.compiler_version);
	return lines;
}

int creation_link(struct creation *c)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/link", c->scratch);
	const struct su_link_request request = {
		.id = c->id,
		.dir = dir,
		.objects = c->tree.objects,
		.compiler = c->tree.compiler,
		.tree = c->tree.dir,
		.output = c->output,
	};
	int err;

	su_progress_step(&c->cli->progress, "linking");
	err = su_emit_link(c->cli->diags, &request);
	creation_step_done(c, "link");
	return err;
}

int creation_emit(struct creation *c)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/link", c->scratch);
	SU_CLEANUP_FREE char *path = su_format("%s/code.o", dir);
	struct su_arena arena = { 0 };
	const struct su_emit_request request = {
		.id = c->id,
		.units = c->units.data,
		.unit_nr = c->units.nr,
		.symvers = &c->symvers,
		.namesakes = c->namesakes.list.data,
		.namesake_nr = c->namesakes.list.nr,
		.modinfo = make_modinfo(c, &arena),
	};
	int err = su_signals_check(c->cli->diags);

	if (!err)
		err = su_dir_make(c->cli->diags, dir);
	if (!err)
		err = su_emit_object(c->cli->diags, &request, path, &c->result);
	su_arena_fini(&arena);
	creation_step_done(c, "emit");
	return err;
}

static int make_scratch(struct creation *c)
{
	SU_CLEANUP_FREE char *parent = su_format("%s/work", c->cli->cache);
	int err = su_dir_make(c->cli->diags, parent);

	return err ? err : su_dir_temp(c->cli->diags, parent, "create-", &c->scratch);
}

/* The tree, the plan, and from them the names of what is to be made. */
static int plan_units(struct creation *c, const struct su_tree_request *req, const char *const *bases,
		      const char *patch, const char *id)
{
	struct su_cli *cli = c->cli;
	int err = su_tree_prepare(cli->diags, req, &c->tree);

	if (err)
		return err;
	creation_step_done(c, "tree");
	if (!c->tree.symvers)
		return su_fail(cli->diags,
			       SU_AT(USAGE, .object = "--symvers",
				     .hint = "give the kernel's own Module.symvers (its headers package has it)"),
			       "an update cannot be linked without the kernel's Module.symvers");
	err = make_scratch(c);
	if (!err)
		err = su_plan_create(cli->diags, &c->tree, c->scratch, bases, patch, &c->plan);
	if (err)
		return err;
	c->id = id ? su_strdup(id) : make_id(c);
	if (!c->output)
		c->output = su_format("suture-%s.ko", c->id);
	creation_step_done(c, "plan");
	return 0;
}

static int compile_units(struct creation *c)
{
	struct su_cli *cli = c->cli;
	int err;

	su_progress_step(&cli->progress, "compiling %zu unit%s", c->plan.units.nr, c->plan.units.nr == 1 ? "" : "s");
	err = su_compile(cli->diags, &c->tree, &c->plan, c->scratch, &c->objects);
	creation_step_done(c, "compile");
	return err;
}

int creation_difference(struct creation *c, const struct su_tree_request *req, const char *const *bases,
			const char *patch, const char *id)
{
	int err = plan_units(c, req, bases, patch, id);

	if (!err)
		err = creation_check_exports(c);
	if (!err)
		err = compile_units(c);
	return err ? err : creation_compare(c);
}

void creation_begin(struct creation *c, struct su_cli *cli, const char *output)
{
	*c = (struct creation){ .cli = cli, .step_ns = now_ns(), .step_cpu_ns = cpu_ns() };
	c->output = output ? su_strdup(output) : NULL;
	c->seconds = json_object_new_object();
	c->cpu_seconds = json_object_new_object();
	json_object_object_add(cli->json, "seconds", c->seconds);
	json_object_object_add(cli->json, "cpu_seconds", c->cpu_seconds);
}

void creation_fini(struct creation *c)
{
	if (c->scratch)
		su_dir_remove(c->cli->diags, c->scratch);
	for (size_t i = 0; i < c->units.nr; i++) {
		su_diff_destroy(c->units.data[i].diff);
		su_object_destroy(c->units.data[i].plain);
	}
	su_vec_fini(&c->units);
	su_emit_result_fini(&c->result);
	su_namesakes_fini(&c->namesakes);
	su_symvers_fini(&c->symvers);
	su_objects_fini(&c->objects);
	su_plan_fini(&c->plan);
	su_tree_fini(&c->tree);
	free(c->scratch);
	free(c->id);
	free(c->output);
}
