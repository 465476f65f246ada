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

static struct su_live *find_live(const struct module *mod)
{
	struct su_live *live;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(live, &su_lives, list) {
		if (live->mod == mod)
			return live;
	}
	return NULL;
}

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

static struct su_live *create_live(struct module *mod, const struct su_update *update)
{
	struct su_live *live = kzalloc(sizeof(*live), GFP_KERNEL);

	if (!live)
		return NULL;
	live->update = *update;
	live->id = su_update_string(update, update->header->id);
	live->mod = mod;
	live->state = SU_STATE_LINKED;
	live->stays = update->header->flags & SU_UPDATE_STAYS;
	INIT_LIST_HEAD(&live->list);
	INIT_LIST_HEAD(&live->wants);
	return live;
}

void su_live_free(struct su_live *live)
{
	su_targets_end(live);
	su_link_end(live);
	su_check_end(live);
	kvfree(live->new.spans);
	kvfree(live->old.spans);
	kvfree(live->redirects);
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
		ret = su_plan_overlap(live);
	if (!ret && !has_modules(live))
		su_check_end(live);
	return ret;
}

static int take_in(struct module *mod, const struct su_update *update)
{
	const char *id = su_update_string(update, update->header->id);
	struct su_live *live;
	int ret;

	ret = refuse_twice(id);
	if (ret)
		return ret;
	live = create_live(mod, update);
	if (!live)
		return su_refuse(id, -ENOMEM, "system", "no memory for the update");
	ret = match_and_link(live);
	su_targets_put(live);
	if (ret) {
		su_live_free(live);
		return ret;
	}
	ret = su_sysfs_add(live);
	if (!ret)
		list_add_tail(&live->list, &su_lives);
	return ret;
}

int su_update_coming(struct module *mod)
{
	struct su_update update;
	int ret;

	ret = su_find(mod, &update);
	if (ret && ret != -ENOENT)
		return ret;
	/* The load of a module that is no business of ours does not wait for a switch. */
	if (ret && !su_target_is_wanted(mod))
		return 0;
	mutex_lock(&su_mutex);
	if (ret) {
		ret = su_target_coming(mod);
	} else {
		su_report_clear();
		ret = take_in(mod, &update);
	}
	mutex_unlock(&su_mutex);
	return ret;
}

static int apply(struct su_live *live)
{
	int ret;

	su_targets_get(live);
	/* Others may have been applied since the match. */
	ret = su_plan_overlap(live);
	if (!ret)
		ret = su_switch(live, false);
	su_targets_put(live);
	if (ret)
		return ret;
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

	mutex_lock(&su_mutex);
	su_report_clear();
	live = find_live(mod);
	if (live && live->state == SU_STATE_LINKED)
		ret = apply(live);
	else
		ret = su_refuse(mod->name, -EINVAL, "internal", "is not an update that waits to be applied");
	mutex_unlock(&su_mutex);
	return ret;
}

static int undo(struct su_live *live)
{
	int ret;

	su_targets_get(live);
	ret = su_switch(live, true);
	su_targets_put(live);
	if (ret)
		return ret;
	WRITE_ONCE(live->state, SU_STATE_UNDONE);
	su_targets_release(live);
	pr_info("%s: undone: %llu ns pause, %u tries\n", live->id, live->pause_ns, live->tries);
	if (live->stays)
		return 0;
	live->is_pinned = false;
	module_put(live->mod);
	return 0;
}

/* An update that stays cannot be loaded once more, so it can be applied once more as it is. */
int su_update_reapply(struct su_live *live)
{
	int ret;

	mutex_lock(&su_mutex);
	su_report_clear();
	if (live->state != SU_STATE_UNDONE)
		ret = su_refuse(live->id, -EINVAL, "already-applied", "is applied");
	else if (!live->stays || has_modules(live))
		ret = su_refuse(live->id, -EOPNOTSUPP, "not-applied", "has to be unloaded and loaded again");
	else
		ret = apply(live);
	mutex_unlock(&su_mutex);
	return ret;
}

int su_update_undo(struct su_live *live)
{
	int ret;

	mutex_lock(&su_mutex);
	su_report_clear();
	if (live->state == SU_STATE_APPLIED)
		ret = undo(live);
	else
		ret = su_refuse(live->id, -EINVAL, "not-applied", "is not applied");
	mutex_unlock(&su_mutex);
	return ret;
}

void su_update_going(struct module *mod)
{
	struct su_live *live;

	if (!su_target_is_wanted(mod))
		return;
	mutex_lock(&su_mutex);
	su_target_going(mod);
	live = find_live(mod);
	if (live) {
		WARN_ON_ONCE(live->state == SU_STATE_APPLIED);
		list_del(&live->list);
		su_targets_end(live);
		su_link_end(live);
	}
	mutex_unlock(&su_mutex);
	if (live)
		su_sysfs_remove(live);
}
