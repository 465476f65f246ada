// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An update's life in the kernel: linked at COMING, applied by its init, undone through sysfs, freed at GOING. Each
 * step is another file's; the order and the states are here. What comes and goes with its targets is target.c's.
 */
#define pr_fmt(fmt) "suture: " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "suture.h"

DEFINE_MUTEX(su_mutex);
LIST_HEAD(su_lives);
/* Those that the kernel has not forgotten yet. Under su_mutex too. */
static LIST_HEAD(leaving);

static struct su_live *find_in(struct list_head *lives, const struct module *mod)
{
	struct su_live *live;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(live, lives, list) {
		if (live->mod == mod)
			return live;
	}
	return NULL;
}

static struct su_live *find_live(const struct module *mod)
{
	return find_in(&su_lives, mod);
}

/* Other operations can take long. Who is killed while it waits for them does not begin its own. */
static int begin(const char *id)
{
	if (SU_STEP(mutex_lock_killable(&su_mutex), -EINTR))
		return su_refuse(id, -EINTR, "interrupted", "stopped by a signal, before it began");
	su_report_clear();
	return 0;
}

/*
 * Is @mod's load on its way to fail? Its loader will say so in a moment. Until then an update could find it by its name, and
 * no GOING would come for that.
 */
static bool fail_load(struct module *mod)
{
	if (mod->state != MODULE_STATE_COMING)
		return false;
	WRITE_ONCE(mod->state, MODULE_STATE_GOING);
	return true;
}

/* ---- from load to link ---- */

static int refuse_twice(const char *id)
{
	const struct su_live *live;

	list_for_each_entry(live, &su_lives, list) {
		if (!strcmp(live->id, id))
			return su_refuse(id, -EALREADY, "already-applied", "is in the kernel already, as module %s",
					 live->mod->name);
	}
	return 0;
}

static struct su_live *create_live(struct module *mod, const struct su_update *update, const struct su_request *request)
{
	struct su_live *live = kzalloc(sizeof(*live), GFP_KERNEL);

	if (!live)
		return NULL;
	live->update = *update;
	live->id = su_update_string(update, update->header->id);
	live->mod = mod;
	live->state = SU_STATE_LINKED;
	live->request = *request;
	live->stays = update->header->flags & SU_UPDATE_STAYS;
	INIT_LIST_HEAD(&live->list);
	INIT_LIST_HEAD(&live->wants);
	return live;
}

void su_live_free(struct su_live *live)
{
	su_blockers_forget(live);
	su_targets_end(live);
	su_bases_end(live);
	su_link_end(live);
	su_check_end(live);
	su_plan_end(live);
	kfree(live->targets);
	kfree(live);
}

static bool has_modules(const struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		if (!live->targets[i].is_vmlinux)
			return true;
	}
	return false;
}

static int match_and_link(struct su_live *live)
{
	int ret;

	ret = su_link_begin(live);
	if (!ret)
		ret = su_check_begin(live);
	if (!ret)
		ret = su_plan_begin(live);
	if (!ret)
		ret = su_targets_begin(live);
	if (!ret)
		ret = su_targets_link(live);
	if (!ret)
		ret = su_update_conflict(live);
	if (!ret && !has_modules(live))
		su_check_end(live);
	return ret;
}

static int take_in(struct module *mod, const struct su_update *update)
{
	const char *id = su_update_string(update, update->header->id);
	struct su_request request;
	struct su_live *live;
	int ret;

	ret = refuse_twice(id);
	if (ret)
		return ret;
	/* The loader warns of options that neither it nor we have taken. */
	if (su_request_take(mod->args, &request))
		return su_refuse(id, -EINVAL, "usage", "an option of the load is not a number, or too large");
	live = create_live(mod, update, &request);
	if (!live)
		return su_refuse(id, -ENOMEM, "system", "no memory for the update");
	ret = match_and_link(live);
	su_targets_put(live);
	if (ret)
		su_live_free(live);
	else
		list_add_tail(&live->list, &su_lives);
	return ret;
}

/* Where one of its files cannot be made, those that are there wait for their writers: not under su_mutex. */
static int publish(struct module *mod, struct su_live *live)
{
	int ret = su_sysfs_add(live);

	if (ret)
		su_update_going(mod);
	return ret;
}

int su_update_coming(struct module *mod)
{
	struct su_update update;
	struct su_live *live;
	bool is_update;
	int ret;

	ret = su_find(mod, &update);
	if (ret && ret != -ENOENT)
		return ret;
	is_update = !ret;
	/* The load of a module that is no business of ours does not wait for a switch. */
	if (!is_update && !su_target_is_wanted(mod))
		return 0;
	ret = begin(mod->name);
	if (ret) {
		/* an update may have found it as a target */
		su_update_going(mod);
		return ret;
	}
	if (is_update)
		ret = take_in(mod, &update);
	else
		ret = su_target_coming(mod);
	if (ret)
		fail_load(mod);
	live = find_live(mod);
	mutex_unlock(&su_mutex);
	return live ? publish(mod, live) : ret;
}

/* ---- apply and undo ---- */

/* One that replaces all others takes their place when it is applied, and gives it back when it is undone. */
static bool is_replaced(const struct su_live *live, const struct su_live *other, bool undo)
{
	if (undo)
		return other->superseded_by == live;
	return live->request.replaces && other != live && other->state == SU_STATE_APPLIED;
}

/* Is @other applied once @live is applied, or undone? */
static bool will_apply(const struct su_live *live, const struct su_live *other, bool undo)
{
	if (other == live)
		return !undo;
	return is_replaced(live, other, undo) ? undo : other->state == SU_STATE_APPLIED;
}

/* No function is redirected by two, or by a livepatch module too. */
int su_update_conflict(const struct su_live *live)
{
	const char *name = su_plan_livepatched(live);
	const struct su_live *other;

	lockdep_assert_held(&su_mutex);
	if (name)
		return su_refuse(live->id, -EALREADY, "already-redirected",
				 "%s: a livepatch module has replaced it, and would go on doing so: disable that one first",
				 name);
	list_for_each_entry(other, &su_lives, list) {
		if (other == live || !will_apply(live, other, false))
			continue;
		name = su_plan_conflict(live, other);
		if (name)
			return su_refuse(live->id, -EALREADY, "already-redirected",
					 "%s: update %s has replaced it, and this one was not made on it", name,
					 other->id);
	}
	return 0;
}

static int check_apply(const struct su_live *live)
{
	const struct su_live *base = su_bases_missing(live);

	if (base)
		return su_refuse(live->id, -EOPNOTSUPP, "base-absent", "update %s, on which it stands, %s", base->id,
				 live->request.replaces ? "cannot be replaced by it" : "is not applied");
	return su_update_conflict(live);
}

/* Nothing may stand on it; and what comes back must not meet what was applied since. */
static int check_undo(struct su_live *live)
{
	const struct su_live *back, *other = su_bases_top(live);
	const char *name;

	if (other)
		return su_refuse(live->id, -EBUSY, "undo-first", "update %s stands on it: undo that one first",
				 other->id);
	list_for_each_entry(back, &su_lives, list) {
		if (!is_replaced(live, back, true))
			continue;
		list_for_each_entry(other, &su_lives, list) {
			if (other == live || other->state != SU_STATE_APPLIED)
				continue;
			name = su_plan_conflict(other, back);
			if (name)
				return su_refuse(live->id, -EBUSY, "undo-first",
						 "update %s stands in the way (%s): undo that one first", other->id,
						 name);
		}
	}
	return 0;
}

static void hold_targets(struct su_live *live, bool undo, void (*fn)(struct su_live *live))
{
	struct su_live *other;

	list_for_each_entry(other, &su_lives, list) {
		if (other == live || is_replaced(live, other, undo))
			fn(other);
	}
}

static int make_change(struct su_live *live, bool undo)
{
	struct su_live *other;

	su_change_begin();
	list_for_each_entry(other, &su_lives, list) {
		if (other == live || is_replaced(live, other, undo))
			su_change_mark(other, SU_NONE, will_apply(live, other, undo));
	}
	return su_change_make(live, su_switch);
}

static int switch_over(struct su_live *live, bool undo)
{
	int ret;

	hold_targets(live, undo, su_targets_get);
	/* Others may have been applied or undone since the match. */
	ret = undo ? check_undo(live) : check_apply(live);
	if (!ret)
		ret = make_change(live, undo);
	hold_targets(live, undo, su_targets_put);
	return ret;
}

static void set_superseded(struct su_live *live)
{
	struct su_live *other;

	list_for_each_entry(other, &su_lives, list) {
		if (!is_replaced(live, other, false))
			continue;
		WRITE_ONCE(other->superseded_by, live);
		WRITE_ONCE(other->state, SU_STATE_SUPERSEDED);
		pr_info("%s: superseded by %s\n", other->id, live->id);
	}
}

static void clear_superseded(struct su_live *live)
{
	struct su_live *other;

	list_for_each_entry(other, &su_lives, list) {
		if (!is_replaced(live, other, true))
			continue;
		WRITE_ONCE(other->superseded_by, NULL);
		WRITE_ONCE(other->state, SU_STATE_APPLIED);
		pr_info("%s: applied again\n", other->id);
	}
}

static int apply(struct su_live *live)
{
	int ret;

	/* The order of the list: it goes on top of all that are applied. */
	list_move_tail(&live->list, &su_lives);
	ret = switch_over(live, false);
	if (ret)
		return ret;
	set_superseded(live);
	live->request.replaces = false;
	WRITE_ONCE(live->state, SU_STATE_APPLIED);
	/* Running code refers to the update: it stays until it is undone. */
	if (!live->is_pinned)
		__module_get(live->mod);
	live->is_pinned = true;
	add_taint(TAINT_LIVEPATCH, LOCKDEP_STILL_OK);
	pr_info("%s: applied: %u functions, %llu ns pause, %u tries\n", live->id, live->redirect_nr, live->pause_ns,
		live->tries);
	return 0;
}

int su_update_apply(struct module *mod)
{
	struct su_live *live;
	int ret;

	ret = begin(mod->name);
	if (ret)
		return ret;
	live = find_live(mod);
	if (live && live->state == SU_STATE_LINKED)
		ret = apply(live);
	else
		ret = su_refuse(mod->name, -EINVAL, "internal", "is not an update that waits to be applied");
	mutex_unlock(&su_mutex);
	return ret;
}

static int undo(struct su_live *live, const struct su_request *request)
{
	int ret;

	live->request = *request;
	ret = switch_over(live, true);
	if (ret)
		return ret;
	clear_superseded(live);
	WRITE_ONCE(live->state, SU_STATE_UNDONE);
	/* Of one that stays something may still be called. */
	if (!live->stays)
		su_targets_release(live);
	pr_info("%s: undone: %llu ns pause, %u tries\n", live->id, live->pause_ns, live->tries);
	if (live->stays)
		return 0;
	live->is_pinned = false;
	module_put(live->mod);
	return 0;
}

static int reapply(struct su_live *live, const struct su_request *request)
{
	live->request = *request;
	return apply(live);
}

/* An update that stays, or that another one holds, cannot be loaded once more, so it can be applied once more as it is. */
int su_update_reapply(struct su_live *live, const struct su_request *request)
{
	int ret;

	ret = begin(live->id);
	if (ret)
		return ret;
	if (live->state != SU_STATE_UNDONE)
		ret = su_refuse(live->id, -EINVAL, "already-applied", "is applied");
	else if ((!live->stays && !su_base_is_held(live)) || has_modules(live))
		ret = su_refuse(live->id, -EOPNOTSUPP, "not-applied", "has to be unloaded and loaded again");
	else
		ret = reapply(live, request);
	mutex_unlock(&su_mutex);
	return ret;
}

int su_update_undo(struct su_live *live, const struct su_request *request)
{
	int ret;

	if (request->replaces)
		return -EINVAL;
	ret = begin(live->id);
	if (ret)
		return ret;
	if (live->state == SU_STATE_APPLIED)
		ret = undo(live, request);
	else if (live->state == SU_STATE_SUPERSEDED)
		ret = su_refuse(live->id, -EBUSY, "undo-first", "update %s has replaced it: undo that one first",
				live->superseded_by->id);
	else
		ret = su_refuse(live->id, -EINVAL, "not-applied", "is not applied");
	mutex_unlock(&su_mutex);
	return ret;
}

void su_update_going(struct module *mod)
{
	bool is_failing = fail_load(mod);
	struct su_live *live;

	if (!su_target_is_used(mod))
		return;
	mutex_lock(&su_mutex);
	su_target_going(mod);
	live = find_live(mod);
	if (live) {
		WARN_ON_ONCE(live->state == SU_STATE_APPLIED || live->state == SU_STATE_SUPERSEDED);
		list_move(&live->list, &leaving);
	}
	mutex_unlock(&su_mutex);
	if (live)
		su_sysfs_remove(live);
	if (is_failing)
		su_update_gone(mod);
}

/* What its tables point to was held until now. */
void su_update_gone(struct module *mod)
{
	struct su_live *live;

	if (!su_target_is_used(mod))
		return;
	mutex_lock(&su_mutex);
	live = find_in(&leaving, mod);
	if (live)
		list_del(&live->list);
	mutex_unlock(&su_mutex);
	if (live)
		su_sysfs_put(live);
}
