// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proves that nothing is missed: compiles *every* unit that includes a patched header before and after the patch, and compares
 * those that differ with those that lib/kernel/headers.h finds. Slow for headers that half of the kernel includes.
 *
 * headers --release R [--every N] PATCH...
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/diff/diff.h"
#include "lib/kernel/compile.h"
#include "lib/kernel/headers.h"
#include "lib/kernel/layout.h"

#define BATCH 64 /* units compiled at a time: their objects are removed before the next */

struct proof {
	struct su_diags *diags;
	struct su_tree tree;
	struct su_plan plan; /* all including units */
	struct su_headers headers;
	bool *is_found; /* [unit of the plan]: the header's change is said to reach it */
	size_t every;	/* compile each N-th of the units that are not reached */
	size_t differ_nr, missed_nr, compiled_nr, uncompiled_nr, same_nr; /* same_nr: to the byte */
};

static void show(const struct su_diags *diags)
{
	size_t i;

	for (i = 0; i < su_diags_count(diags); i++) {
		const struct su_diag *d = su_diags_at(diags, i);

		fprintf(stderr, "%s: %s\n", d->object ? d->object : "", d->text);
	}
}

static bool is_patched(const struct proof *p, const char *source)
{
	size_t i;

	for (i = 0; i < p->plan.patch.files.nr; i++)
		if (!strcmp(p->plan.patch.files.data[i].path, source))
			return true;
	return false;
}

static void add_units(struct proof *p)
{
	const struct su_reach *reach = &p->headers.reach;
	size_t i, k = 0, skipped = 0;

	p->is_found = su_alloc(reach->including.nr + 1);
	for (i = 0; i < reach->including.nr; i++) {
		const struct su_command *command = p->headers.graph.units.data[reach->including.data[i]].command;
		struct su_plan_unit unit = {
			.command = command, .object = command->object, .source = command->source, .by_header = true
		};
		bool found;

		while (k < reach->units.nr && reach->units.data[k] < reach->including.data[i])
			k++;
		found = k < reach->units.nr && reach->units.data[k] == reach->including.data[i];
		if (is_patched(p, command->source) || command->is_asm || (!found && skipped++ % p->every))
			continue;
		unit.module = command->role == SU_ROLE_MODULE ? command->modfile : NULL;
		p->is_found[p->plan.units.nr] = found;
		*su_vec_add(&p->plan.units) = unit;
	}
}

static bool is_same_file(struct proof *p, const struct su_unit_objects *objects)
{
	SU_CLEANUP_BUF struct su_buf pre = { 0 };
	SU_CLEANUP_BUF struct su_buf post = { 0 };

	return !su_file_read(p->diags, objects->levels[0], &pre) && !su_file_read(p->diags, objects->levels[1], &post) &&
	       pre.nr == post.nr && pre.nr && !memcmp(pre.data, post.data, pre.nr);
}

/* An object that cannot be taken apart but is not the same to the byte counts as one that differs. */
static void compare(struct proof *p, const struct su_unit_objects *objects, bool is_found)
{
	struct su_object *pre = NULL, *post = NULL;
	struct su_diff *diff = NULL;
	bool differs = true;

	p->compiled_nr++;
	if (is_same_file(p, objects)) {
		p->same_nr++;
		return;
	}
	if (!su_object_open(p->diags, objects->levels[0], objects->unit->module != NULL, &pre) &&
	    !su_object_open(p->diags, objects->levels[1], objects->unit->module != NULL, &post)) {
		diff = su_diff_create(objects->unit->object, pre, post);
		differs = !su_diff_is_empty(diff);
		su_diff_destroy(diff);
	} else {
		su_object_destroy(pre);
	}
	p->differ_nr += differs;
	p->missed_nr += differs && !is_found;
	if (differs)
		printf("%s %s\n", is_found ? "found " : "MISSED", objects->unit->object);
}

static int run_batch(struct proof *p, size_t first, size_t nr, const char *dir)
{
	SU_CLEANUP_FREE char *scratch = su_format("%s/batch", dir);
	struct su_plan plan = p->plan;
	struct su_objects objects = { 0 };
	size_t i;
	int err = su_dir_make(p->diags, scratch);

	plan.units.data = p->plan.units.data + first;
	plan.units.nr = nr;
	if (!err)
		err = su_compile(p->diags, &p->tree, &plan, scratch, &objects);
	for (i = 0; !err && i < nr; i++)
		compare(p, &objects.units.data[i], p->is_found[first + i]);
	su_objects_fini(&objects);
	su_dir_remove(p->diags, scratch);
	return err;
}

/* What does not compile, before or after, is left out one by one. */
static void run_units(struct proof *p, size_t first, size_t nr, const char *dir)
{
	size_t i;

	if (!run_batch(p, first, nr, dir))
		return;
	for (i = 0; nr > 1 && i < nr; i++)
		run_units(p, first + i, 1, dir);
	p->uncompiled_nr += nr == 1;
}

static int find(struct proof *p, const char *patch, const char *dir)
{
	int err = su_patch_read(p->diags, patch, &p->plan.patch);

	p->plan.patch_path = su_path_absolute(patch);
	if (!err)
		err = su_plan_make_trees(p->diags, &p->tree, dir, &p->plan);
	if (err)
		return err;
	return su_headers_find(p->diags, &p->tree, &p->plan.patch, su_plan_last(&p->plan)->root, &p->headers);
}

static int prove(struct proof *p, const char *patch)
{
	SU_CLEANUP_FREE char *parent = su_format("%s/work", p->tree.cache);
	SU_CLEANUP_FREE char *dir = NULL;
	size_t i;
	int err = su_dir_make(p->diags, parent);

	if (!err)
		err = su_dir_temp(p->diags, parent, "proof-", &dir);
	if (!err)
		err = find(p, patch, dir);
	if (!err && su_layout_check(p->diags, &p->tree, &p->plan, &p->headers, dir))
		printf("%s: a layout changes: create refuses it, whatever follows\n", patch);
	if (!err)
		add_units(p);
	for (i = 0; !err && i < p->plan.units.nr; i += BATCH)
		run_units(p, i, p->plan.units.nr - i < BATCH ? p->plan.units.nr - i : BATCH, dir);
	if (!err)
		printf("%s: including %zu, reachable %zu, compiled %zu (%zu the same to the byte; %zu do not compile), differ %zu, missed %zu\n",
		       patch, p->headers.reach.including.nr, p->headers.reach.units.nr, p->compiled_nr, p->same_nr,
		       p->uncompiled_nr, p->differ_nr, p->missed_nr);
	if (dir)
		su_dir_remove(p->diags, dir);
	su_headers_fini(&p->headers);
	su_plan_fini(&p->plan);
	free(p->is_found);
	return err;
}

int main(int argc, char **argv)
{
	SU_CLEANUP_FREE char *cache = su_cache_default();
	struct su_tree_request req = { .cache = cache };
	struct su_diags *diags = su_diags_create();
	struct proof p = { .diags = diags, .every = 1 };
	int i = 1, failed = 0;

	for (; i + 1 < argc && su_has_prefix(argv[i], "--"); i += 2) {
		if (!strcmp(argv[i], "--release"))
			req.release = argv[i + 1];
		else if (!strcmp(argv[i], "--every"))
			p.every = strtoul(argv[i + 1], NULL, 10);
	}
	if (i >= argc || !req.release || !p.every) {
		fprintf(stderr, "usage: headers --release R [--every N] PATCH...\n");
		return 2;
	}
	failed = su_tree_open(diags, &req, &p.tree) != 0;
	for (; !failed && i < argc; i++) {
		struct proof one = p;

		failed = prove(&one, argv[i]) || one.missed_nr;
	}
	show(diags);
	su_tree_fini(&p.tree);
	su_diags_destroy(diags);
	return failed;
}
