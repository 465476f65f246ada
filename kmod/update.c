// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An update's life in the kernel: linked at COMING, applied by its init, undone through sysfs, freed at GOING. Each
 * step is another file's; the order and the states are here.
 */
#define pr_fmt(fmt) "suture: " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
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
	size_t sz = update->header->strings.nr;

	if (!live)
		return NULL;
	live->strings = kvmalloc(sz, GFP_KERNEL);
	if (!live->strings) {
		kfree(live);
		return NULL;
	}
	memcpy(live->strings, update->strings, sz);
	live->id = live->strings + update->header->id;
	live->mod = mod;
	live->state = SU_STATE_LINKED;
	INIT_LIST_HEAD(&live->list);
	return live;
}

void su_live_free(struct su_live *live)
{
	kvfree(live->new.spans);
	kvfree(live->old.spans);
	kvfree(live->targets);
	kvfree(live->redirects);
	kvfree(live->strings);
	kfree(live);
}

static int match_and_link(struct su_load *load, struct su_live *live)
{
	int ret;

	ret = su_check(load);
	if (ret)
		return ret;
	ret = su_plan(load, live);
	if (!ret)
		ret = su_link(load);
	su_check_end(load);
	return ret;
}

static int take_in(struct su_load *load)
{
	struct su_live *live;
	int ret;

	ret = refuse_twice(load->id);
	if (ret)
		return ret;
	live = create_live(load->mod, &load->update);
	if (!live)
		return su_refuse(load->id, -ENOMEM, "system", "no memory for the update");
	ret = match_and_link(load, live);
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
	struct su_load *load;
	int ret;

	ret = su_find(mod, &update);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	load = kzalloc(sizeof(*load), GFP_KERNEL);
	if (!load)
		return su_refuse(mod->name, -ENOMEM, "system", "no memory for the update");
	load->mod = mod;
	load->update = update;
	load->id = su_update_string(&update, update.header->id);
	mutex_lock(&su_mutex);
	su_report_clear();
	ret = take_in(load);
	mutex_unlock(&su_mutex);
	kfree(load);
	return ret;
}

static int apply(struct su_live *live)
{
	int ret;

	/* Others may have been applied since the match. */
	ret = su_plan_overlap(live);
	if (!ret)
		ret = su_switch(live, false);
	if (ret)
		return ret;
	WRITE_ONCE(live->state, SU_STATE_APPLIED);
	/* Running code refers to the update: it stays until it is undone. */
	__module_get(live->mod);
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

int su_update_undo(struct su_live *live)
{
	int ret;

	mutex_lock(&su_mutex);
	su_report_clear();
	if (live->state == SU_STATE_APPLIED)
		ret = su_switch(live, true);
	else
		ret = su_refuse(live->id, -EINVAL, "not-applied", "is not applied");
	if (!ret) {
		WRITE_ONCE(live->state, SU_STATE_UNDONE);
		pr_info("%s: undone: %llu ns pause, %u tries\n", live->id, live->pause_ns, live->tries);
		module_put(live->mod);
	}
	mutex_unlock(&su_mutex);
	return ret;
}

void su_update_going(struct module *mod)
{
	struct su_live *live;

	mutex_lock(&su_mutex);
	live = find_live(mod);
	if (live) {
		WARN_ON_ONCE(live->state == SU_STATE_APPLIED);
		list_del(&live->list);
	}
	mutex_unlock(&su_mutex);
	if (live)
		su_sysfs_remove(live);
}
