// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps from a patch to an update, in a row. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "creation.h"
#include "lib/base/process.h"
#include "lib/kernel/exports.h"

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
	for (size_t i = 0; i < c->plan.base_nr; i++)
		su_hasher_add(h, c->plan.base_hashes[i].bytes, sizeof(c->plan.base_hashes[i].bytes));
	su_hasher_add(h, c->plan.patch_hash.bytes, sizeof(c->plan.patch_hash.bytes));
	su_hasher_finish(h, &hash);
	su_hash_hex(&hash, hex);
	return su_format("%.12s", hex);
}

/* ---- difference ---- */

/* The difference from one level to the next; takes over @pre, also on failure. */
static int open_step(struct creation *c, size_t i, size_t level, struct su_object *pre, struct su_diff **diff)
{
	const struct su_plan_unit *unit = &c->plan.units.data[i];
	struct su_object *post = NULL;
	int err = su_object_open(c->cli->diags, c->objects.units.data[i].levels[level], unit->module != NULL, &post);

	if (err)
		su_object_destroy(pre);
	else
		*diff = su_diff_create(unit->object, pre, post);
	return err;
}

/* What an earlier update has brought: the object with its patch, to be the next one's pre. Takes over @pre. */
static int open_base(struct creation *c, size_t i, size_t level, struct su_object *pre, struct su_object **next)
{
	const struct su_plan_unit *unit = &c->plan.units.data[i];
	struct su_diff *diff = NULL;
	int err = open_step(c, i, level, pre, &diff);

	if (!err)
		err = su_object_open(c->cli->diags, c->objects.units.data[i].levels[level], unit->module != NULL, next);
	if (!err) {
		su_lineage_step(diff->post, (uint32_t)level);
		su_lineage_copy(diff->post, *next);
	}
	su_diff_destroy(diff);
	return err;
}

static int open_pair(struct creation *c, size_t i, struct su_diff **diff)
{
	const struct su_unit_objects *objects = &c->objects.units.data[i];
	bool is_module = c->plan.units.data[i].module != NULL;
	struct su_object *pre = NULL;
	int err = su_object_open(c->cli->diags, objects->levels[0], is_module, &pre);

	for (size_t level = 1; !err && level + 1 < objects->level_nr; level++)
		err = open_base(c, i, level, pre, &pre);
	return err ? err : open_step(c, i, objects->level_nr - 1, pre, diff);
}

/* Has an earlier update brought anything of the unit? */
static bool has_lineage(const struct su_object *pre)
{
	for (size_t i = 0; i < pre->atom_nr; i++)
		if (pre->atoms[i]->line.carried)
			return true;
	return false;
}

/* ---- exports ---- */

/* Does the text of the unit say that it exports something? Macros may do so unseen. */
static bool names_exports(struct creation *c, const struct su_plan_unit *unit)
{
	static const char word[] = "EXPORT_SYMBOL";
	SU_CLEANUP_FREE char *path = su_format("%s/%s", c->tree.source, unit->source);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	struct su_diags *ignored = su_diags_create();
	bool found = !unit->command->is_generated && !su_file_read(ignored, path, &text) && text.nr &&
		     memmem(text.data, text.nr, word, sizeof(word) - 1);

	su_diags_destroy(ignored);
	return found;
}

/* Seen in the text, before a header's change has hundreds of units compiled: of the patched sources. */
static bool is_checked_early(struct creation *c, const struct su_plan_unit *unit)
{
	return !unit->by_header && names_exports(c, unit);
}

static int check_exports(struct creation *c)
{
	int ret = 0;

	for (size_t i = 0; i < c->plan.units.nr; i++) {
		const struct su_plan_unit *unit = &c->plan.units.data[i];
		int err = is_checked_early(c, unit) ?
				  su_exports_check(c->cli->diags, &c->tree, &c->plan, unit, c->scratch) :
				  0;

		if (!ret)
			ret = err;
	}
	step_done(c, "exports");
	return ret;
}

/* ---- units ---- */

/* A unit that only includes a patched header is of interest once its code differs; then it must be one that can be changed. */
static int check_reached(struct creation *c, const struct su_plan_unit *unit)
{
	if (unit->command->role == SU_ROLE_MODULE && (!unit->module || strchr(unit->module, ':')))
		return su_fail(c->cli->diags, SU_AT(UNIT_MODULE, .object = unit->source, .symbol = unit->object),
			       "the patched header changes a file that is compiled once for several modules");
	return 0;
}

/* Most units that only include a patched header come out the same to the byte: these need not be looked into. */
static bool is_same_file(struct creation *c, const char *path, const char *other)
{
	SU_CLEANUP_BUF struct su_buf a = { 0 };
	SU_CLEANUP_BUF struct su_buf b = { 0 };

	return !su_file_read(c->cli->diags, path, &a) && !su_file_read(c->cli->diags, other, &b) && a.nr == b.nr &&
	       a.nr && !memcmp(a.data, b.data, a.nr);
}

static bool is_never_changed(struct creation *c, const struct su_unit_objects *objects)
{
	for (size_t level = 1; level < objects->level_nr; level++)
		if (!is_same_file(c, objects->levels[0], objects->levels[level]))
			return false;
	return true;
}

/* Objects are many times more than differences: one at a time is open until it is known to count. */
static int diff_unit(struct creation *c, size_t i, bool *is_wanted)
{
	const struct su_plan_unit *unit = &c->plan.units.data[i];
	struct su_diff *diff = NULL;
	int err;

	if (unit->by_header && is_never_changed(c, &c->objects.units.data[i]))
		return 0;
	if (su_command_is_vdso(unit->command))
		return su_plan_refuse_vdso(c->cli->diags, unit->command);
	err = open_pair(c, i, &diff);
	if (!diff)
		return err;
	if (unit->by_header && su_diff_is_empty(diff) && !has_lineage(diff->pre)) {
		su_diff_destroy(diff);
		return 0;
	}
	if (diff->pre->exports.nr && !is_checked_early(c, unit))
		err = su_exports_check(c->cli->diags, &c->tree, &c->plan, unit, c->scratch);
	*is_wanted = true;
	*su_vec_add(&c->units) = (struct su_emit_unit){
		.name = unit->object,
		.target = unit->module ? unit->module : "vmlinux",
		.diff = diff,
	};
	return !err && unit->by_header ? check_reached(c, unit) : err;
}

static int open_plain(struct creation *c, const bool *is_wanted)
{
	size_t at = 0;

	for (size_t i = 0; i < c->plan.units.nr; i++) {
		int err;

		if (!is_wanted[i])
			continue;
		err = su_object_open(c->cli->diags, c->objects.units.data[i].plain,
				     c->plan.units.data[i].module != NULL, &c->units.data[at].plain);
		if (err)
			return err;
		at++;
	}
	return 0;
}

static int diff_all(struct creation *c)
{
	SU_CLEANUP_FREE bool *is_wanted = su_alloc(c->plan.units.nr + 1);
	int ret = 0;

	for (size_t i = 0; i < c->plan.units.nr; i++) {
		int err = su_signals_check(c->cli->diags);

		if (err)
			return err;
		err = diff_unit(c, i, &is_wanted[i]);
		if (!ret)
			ret = err;
	}
	if (!ret)
		ret = su_compile_plain(c->cli->diags, &c->tree, &c->plan, c->scratch, c->cli->jobs, is_wanted,
				       &c->objects);
	return ret ? ret : open_plain(c, is_wanted);
}

/* How many units were at each stage on the way from including a patched header to being changed. */
static void count_units(struct creation *c)
{
	struct json_object *units = json_object_new_object();

	json_object_object_add(units, "including", json_object_new_int64((int64_t)c->plan.including_nr));
	json_object_object_add(units, "reachable", json_object_new_int64((int64_t)c->plan.reachable_nr));
	json_object_object_add(units, "compiled", json_object_new_int64((int64_t)c->plan.units.nr));
	json_object_object_add(units, "changed", json_object_new_int64((int64_t)c->units.nr));
	json_object_object_add(c->cli->json, "units", units);
	if (c->plan.including_nr)
		su_cli_say(c->cli, "  headers: %zu units include them, %zu can see the change, %zu compiled, %zu differ",
			   c->plan.including_nr, c->plan.reachable_nr, c->plan.units.nr, c->units.nr);
}

static int fail_same(struct creation *c)
{
	return su_fail(c->cli->diags, SU_AT(NO_CHANGE, .object = c->plan.patch_path),
		       "the object code of no unit changes (%zu were compiled)", c->plan.units.nr);
}

/* Code of vmlinux that has run at boot is gone: where nothing else changes, the running kernel has nothing to change. */
static bool is_boot_only(const struct creation *c)
{
	for (size_t i = 0; i < c->units.nr; i++)
		if (strcmp(c->units.data[i].target, "vmlinux") || !su_diff_is_boot_only(c->units.data[i].diff))
			return false;
	return c->units.nr > 0;
}

static int fail_boot_only(struct creation *c)
{
	return su_fail(c->cli->diags,
		       SU_AT(NO_CHANGE, .object = c->plan.patch_path,
			     .hint = "the next boot of a fixed kernel runs the new code"),
		       "all that changes is code that has run at boot and is gone: a running kernel is not affected");
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
	step_done(c, "link");
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
		.modinfo = make_modinfo(c, &arena),
	};
	int err = su_signals_check(c->cli->diags);

	if (!err)
		err = su_dir_make(c->cli->diags, dir);
	if (!err)
		err = su_emit_object(c->cli->diags, &request, path, &c->result);
	su_arena_fini(&arena);
	step_done(c, "emit");
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
	step_done(c, "tree");
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
	step_done(c, "plan");
	return 0;
}

static int compile_units(struct creation *c)
{
	struct su_cli *cli = c->cli;
	int err;

	su_progress_step(&cli->progress, "compiling %zu unit%s", c->plan.units.nr, c->plan.units.nr == 1 ? "" : "s");
	err = su_compile(cli->diags, &c->tree, &c->plan, c->scratch, cli->jobs, &c->objects);
	step_done(c, "compile");
	return err;
}

static int compare_units(struct creation *c)
{
	int err;

	su_progress_step(&c->cli->progress, "comparing");
	err = su_symvers_read(c->cli->diags, c->tree.symvers, &c->symvers);
	if (!err)
		err = diff_all(c);
	if (!err)
		count_units(c);
	if (!err && !c->units.nr)
		err = fail_same(c);
	if (!err && is_boot_only(c))
		err = fail_boot_only(c);
	step_done(c, "compare");
	return err;
}

int creation_difference(struct creation *c, const struct su_tree_request *req, const char *const *bases,
			const char *patch, const char *id)
{
	int err = plan_units(c, req, bases, patch, id);

	if (!err)
		err = check_exports(c);
	if (!err)
		err = compile_units(c);
	return err ? err : compare_units(c);
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
	su_symvers_fini(&c->symvers);
	su_objects_fini(&c->objects);
	su_plan_fini(&c->plan);
	su_tree_fini(&c->tree);
	free(c->scratch);
	free(c->id);
	free(c->output);
}
