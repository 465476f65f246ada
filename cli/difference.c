// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps that compare: the types of exports, and the objects of every unit. */
#include <string.h>

#include "creation.h"
#include "lib/base/process.h"
#include "lib/kernel/exports.h"

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

int creation_check_exports(struct creation *c)
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
	creation_step_done(c, "exports");
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
		ret = su_compile_plain(c->cli->diags, &c->tree, &c->plan, c->scratch, is_wanted, &c->objects);
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

/*
 * Code of vmlinux that runs only at boot is gone, and what would end it was never there: where nothing else changes, the running kernel
 * has nothing to change.
 */
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
			     .hint = "where the fix is about what it did, only a boot of the fixed kernel brings it"),
		       "all that changes is code that runs only at boot, or never, and is gone: nothing can be replaced, and what it did at boot stays as it is");
}

int creation_compare(struct creation *c)
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
	if (!err)
		err = creation_mark_kept(c);
	if (!err)
		err = creation_look_elsewhere(c);
	creation_step_done(c, "compare");
	return err;
}
