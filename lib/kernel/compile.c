// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compiles a plan's units: builds each command from the database's words, runs all compilers side by side, then all
 * objtools, and takes from the cache what is there. How commands are put together is command.c's.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "compile.h"
#include "complaint.h"
#include "lib/base/str.h"
#include "objcache.h"
#include "tool.h"

struct job {
	const struct su_plan_unit *unit;
	enum su_variant variant;
	struct su_overlay *overlay; /* the tree that it is compiled in; NULL: the source itself */
	const char *object, *deps;
	const char **compile, **objtool; /* objtool: NULL where it is not run */
	struct su_hash key;
	bool is_cached;
	bool is_due; /* to be compiled */
};

struct compiling {
	struct su_diags *diags;
	const struct su_tree *tree;
	const struct su_plan *plan;
	struct su_objects *objects; /* its arena holds all strings */
	struct su_objcache cache;
	SU_VEC(struct job) list; /* of each unit: plain, then all levels */
};

static const char *add_job(struct compiling *c, const struct su_plan_unit *unit, enum su_variant variant,
			   struct su_overlay *overlay, const char *prefix, const char *name)
{
	struct su_arena *arena = &c->objects->arena;
	struct job job = {
		.unit = unit,
		.variant = variant,
		.overlay = overlay,
		.object = su_arena_format(arena, "%s.%s.o", prefix, name),
		.deps = su_arena_format(arena, "%s.%s.d", prefix, name),
	};
	const struct su_command_request req = {
		.tree = c->tree,
		.command = unit->command,
		.variant = variant,
		.root = su_overlay_root(overlay, c->tree),
		.object = job.object,
		.deps = job.deps,
	};

	job.compile = su_command_compile(&req, arena);
	job.objtool = su_command_objtool(&req, arena);
	su_command_key(&req, &job.key);
	*su_vec_add(&c->list) = job;
	return job.object;
}

static const char *add_plain(struct compiling *c, const struct su_plan_unit *unit, const char *prefix)
{
	return add_job(c, unit, SU_VARIANT_PLAIN, NULL, prefix, "plain");
}

static void add_unit(struct compiling *c, size_t i, const char *scratch)
{
	const struct su_plan_unit *unit = &c->plan->units.data[i];
	struct su_arena *arena = &c->objects->arena;
	const char *prefix = su_arena_format(arena, "%s/%zu", scratch, i);
	struct su_unit_objects objects = {
		.unit = unit,
		.plain = unit->by_header ? NULL : add_plain(c, unit, prefix),
		.levels = su_arena_alloc(arena, (c->plan->base_nr + 2) * sizeof(*objects.levels)),
	};

	objects.levels[objects.level_nr++] = add_job(c, unit, SU_VARIANT_PRE, NULL, prefix, "0");
	for (size_t k = 0; k <= c->plan->base_nr; k++)
		objects.levels[objects.level_nr++] = add_job(c, unit, SU_VARIANT_POST, &c->plan->overlays[k], prefix,
							     su_arena_format(arena, "%zu", k + 1));
	*su_vec_add(&c->objects->units) = objects;
}

static int fail_job(const struct compiling *c, const struct job *job, const struct su_process *process)
{
	SU_CLEANUP_FREE char *message = su_complaint(&process->err, su_overlay_root(job->overlay, c->tree));
	int err = su_tool_check_system(c->diags, job->unit->source, process);

	if (err)
		return err;
	if (job->variant == SU_VARIANT_POST)
		return su_fail(c->diags, SU_AT(COMPILE, .object = job->unit->source),
			       "the patched file does not compile:\n%s", message);
	return su_fail(c->diags,
		       SU_AT(PREPARE, .object = job->unit->source,
			     .hint = "the source or the configuration is not the kernel's own, or a tool is missing"),
		       "the unpatched file does not compile:\n%s", message);
}

/* One message a unit is enough: where plain does not compile, pre and post do not either. */
static int check_exits(const struct compiling *c, const struct su_process *processes, const size_t *which, size_t nr)
{
	const struct su_plan_unit *failed = NULL;
	size_t i;
	int first = 0;

	for (i = 0; i < nr; i++) {
		const struct job *job = &c->list.data[which[i]];
		int err;

		if (!processes[i].exit_code || job->unit == failed || job->is_due)
			continue;
		failed = job->unit;
		err = fail_job(c, job, &processes[i]);
		if (!first)
			first = err;
	}
	return first;
}

/*
 * Has a compiler read an unpatched file? Then it is to run again, as the way by which that came about is mended now. Who left by the
 * same way is told first.
 */
static int follow_jobs(struct compiling *c)
{
	bool is_any_new = false;
	int err = 0;

	for (size_t i = 0; i < c->list.nr; i++) {
		struct job *job = &c->list.data[i];

		job->is_due = job->is_due && job->overlay && su_overlay_is_left(job->overlay, &c->plan->patch, job->deps);
	}
	for (size_t i = 0; !err && i < c->list.nr; i++) {
		const struct job *job = &c->list.data[i];
		bool is_new = false;

		if (job->is_due)
			err = su_overlay_follow(c->diags, job->overlay, &c->plan->patch, job->deps, &is_new);
		is_any_new |= is_new;
	}
	for (size_t i = 0; !err && !is_any_new && i < c->list.nr; i++)
		if (c->list.data[i].is_due)
			err = su_fail(c->diags, SU_AT(INTERNAL, .object = c->list.data[i].unit->source),
				      "the patched unit was compiled from an unpatched file");
	return err;
}

/* Run one step of all jobs for which it is due. */
static int run_step(struct compiling *c, bool is_objtool)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct su_process *processes = su_alloc(c->list.nr * sizeof(*processes));
	size_t *which = su_alloc(c->list.nr * sizeof(*which));
	size_t i, nr = 0;
	int err;

	for (i = 0; i < c->list.nr; i++) {
		const struct job *job = &c->list.data[i];
		const char **argv = is_objtool ? job->objtool : job->compile;

		if (!argv || !(is_objtool ? !job->is_cached : job->is_due))
			continue;
		which[nr] = i;
		processes[nr++] = (struct su_process){ .argv = argv, .dir = c->tree->objects, .env = env };
	}
	err = su_process_run_all(c->diags, processes, nr, c->tree->jobs);
	if (!err && !is_objtool)
		err = follow_jobs(c);
	if (!err)
		err = check_exits(c, processes, which, nr);
	for (i = 0; i < nr; i++)
		su_process_fini(&processes[i]);
	free(processes);
	free(which);
	return err;
}

static int keep_objects(struct compiling *c)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < c->list.nr; i++) {
		struct job *job = &c->list.data[i];

		if (job->is_cached)
			continue;
		err = su_signals_check(c->diags);
		if (!err)
			err = su_objcache_put(&c->cache, &job->key, su_overlay_root(job->overlay, c->tree), job->deps,
					      job->object);
	}
	return err;
}

static bool is_any_due(const struct compiling *c)
{
	for (size_t i = 0; i < c->list.nr; i++)
		if (c->list.data[i].is_due)
			return true;
	return false;
}

static int run_jobs(struct compiling *c)
{
	size_t i;
	int err = 0;

	for (i = 0; i < c->list.nr; i++) {
		struct job *job = &c->list.data[i];

		job->is_cached = su_objcache_get(&c->cache, &job->key, su_overlay_root(job->overlay, c->tree),
						 job->object);
		job->is_due = !job->is_cached;
	}
	while (!err && is_any_due(c))
		err = run_step(c, false);
	if (!err)
		err = run_step(c, true);
	return err ? err : keep_objects(c);
}

static int take_units(struct compiling *c)
{
	int err = 0;

	for (size_t i = 0; i < c->plan->units.nr; i++)
		for (size_t k = 0; !err && k <= c->plan->base_nr; k++)
			err = su_overlay_take(c->diags, &c->plan->overlays[k], c->plan->units.data[i].command);
	return err;
}

int su_compile(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, const char *scratch,
	       struct su_objects *objects)
{
	SU_CLEANUP_FREE char *root = su_path_absolute(scratch);
	struct su_objects made = { 0 };
	struct compiling c = {
		.diags = diags,
		.tree = tree,
		.plan = plan,
		.objects = &made,
	};
	int err = take_units(&c);

	su_objcache_init(diags, tree, &c.cache);
	for (size_t i = 0; !err && i < plan->units.nr; i++)
		add_unit(&c, i, root);
	if (!err)
		err = run_jobs(&c);
	su_objcache_fini(&c.cache);
	su_vec_fini(&c.list);
	if (err)
		su_objects_fini(&made);
	else
		*objects = made;
	return err;
}

int su_compile_plain(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		     const char *scratch, const bool *is_wanted, struct su_objects *objects)
{
	SU_CLEANUP_FREE char *root = su_path_absolute(scratch);
	struct compiling c = {
		.diags = diags,
		.tree = tree,
		.plan = plan,
		.objects = objects,
	};
	size_t i;
	int err;

	su_objcache_init(diags, tree, &c.cache);
	for (i = 0; i < plan->units.nr; i++) {
		const char *prefix = su_arena_format(&objects->arena, "%s/%zu", root, i);

		if (is_wanted[i] && !objects->units.data[i].plain)
			objects->units.data[i].plain = add_plain(&c, &plan->units.data[i], prefix);
	}
	err = run_jobs(&c);
	su_objcache_fini(&c.cache);
	su_vec_fini(&c.list);
	return err;
}

void su_objects_fini(struct su_objects *objects)
{
	su_vec_fini(&objects->units);
	su_arena_fini(&objects->arena);
}
