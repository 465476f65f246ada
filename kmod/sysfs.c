// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /sys/kernel/suture: the state of the core and of each update, and the switch that undoes one. docs/abi.md describes
 * every file; what is here is ABI. Reading never waits for a switch.
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "suture.h"

static struct kobject *root, *updates;

/* ---- the core ---- */

static ssize_t abi_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", SU_ABI);
}

static ssize_t last_error_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return su_report_show(buf);
}

static ssize_t timeout_ms_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(su_timeout_ms));
}

int su_timeout_ms_set(const char *text)
{
	unsigned int value;
	int ret = kstrtouint(text, 0, &value);

	if (ret)
		return ret;
	if (value > SU_TIMEOUT_MAX_MS)
		return -ERANGE;
	WRITE_ONCE(su_timeout_ms, value);
	return 0;
}

static ssize_t timeout_ms_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf, size_t len)
{
	int ret = su_timeout_ms_set(buf);

	return ret ? ret : len;
}

static ssize_t max_pause_us_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(su_max_pause_us));
}

static ssize_t max_pause_us_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf, size_t len)
{
	unsigned int value;
	int ret = kstrtouint(buf, 0, &value);

	if (ret)
		return ret;
	WRITE_ONCE(su_max_pause_us, value);
	return len;
}

static const char *const on_mismatch_names[] = {
	[SU_ON_MISMATCH_REFUSE] = "refuse",
	[SU_ON_MISMATCH_IGNORE] = "ignore",
};

static ssize_t on_mismatch_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", on_mismatch_names[READ_ONCE(su_on_mismatch)]);
}

int su_on_mismatch_set(const char *text)
{
	int value = sysfs_match_string(on_mismatch_names, text);

	if (value < 0)
		return value;
	WRITE_ONCE(su_on_mismatch, value);
	return 0;
}

static ssize_t on_mismatch_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf, size_t len)
{
	int ret = su_on_mismatch_set(buf);

	return ret ? ret : len;
}

static struct kobj_attribute abi_attr = __ATTR_RO(abi);
static struct kobj_attribute last_error_attr = __ATTR_RO_MODE(last_error, 0400);
static struct kobj_attribute timeout_ms_attr = __ATTR_RW_MODE(timeout_ms, 0600);
static struct kobj_attribute max_pause_us_attr = __ATTR_RW_MODE(max_pause_us, 0600);
static struct kobj_attribute on_mismatch_attr = __ATTR_RW_MODE(on_mismatch, 0600);

static struct attribute *core_attrs[] = {
	&abi_attr.attr,
	&last_error_attr.attr,
	&timeout_ms_attr.attr,
	&max_pause_us_attr.attr,
	&on_mismatch_attr.attr,
	NULL,
};

static const struct attribute_group core_group = { .attrs = core_attrs };

/* ---- an update ---- */

struct live_attr {
	struct attribute attr;
	ssize_t (*show)(struct su_live *live, char *buf);
	ssize_t (*store)(struct su_live *live, const char *buf, size_t len);
};

static const char *const state_names[] = {
	[SU_STATE_LINKED] = "linked",
	[SU_STATE_APPLIED] = "applied",
	[SU_STATE_SUPERSEDED] = "superseded",
	[SU_STATE_UNDONE] = "undone",
};

static ssize_t show_state(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%s\n", state_names[READ_ONCE(live->state)]);
}

static ssize_t show_superseded_by(struct su_live *live, char *buf)
{
	const struct su_live *by;
	ssize_t len;

	/* It may be undone and unloaded meanwhile: su_sysfs_put() waits for us. */
	rcu_read_lock();
	by = READ_ONCE(live->superseded_by);
	len = by ? sysfs_emit(buf, "%s\n", by->id) : 0;
	rcu_read_unlock();
	return len;
}

static ssize_t show_module(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%s\n", live->mod->name);
}

static ssize_t show_targets(struct su_live *live, char *buf)
{
	ssize_t len = 0;
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		const struct su_live_target *target = &live->targets[i];
		bool is_present = target->is_vmlinux || READ_ONCE(target->mod);
		bool is_on = READ_ONCE(live->state) == SU_STATE_APPLIED && READ_ONCE(target->is_linked);

		len += sysfs_emit_at(buf, len, "%s %s %s\n", target->name, is_present ? "present" : "absent",
				     is_on ? "applied" : is_present ? "unpatched" : "waiting");
	}
	return len;
}

/* A sysfs file is a page at most: what does not fit is left out, in whole lines. modinfo has them all. */
static ssize_t show_functions(struct su_live *live, char *buf)
{
	ssize_t len = 0;
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		const struct su_redirect *redirect = &live->redirects[i];
		size_t room = PAGE_SIZE - len;
		int nr = scnprintf(buf + len, room, "%s %s %s %u\n", redirect->name,
				   live->targets[redirect->target].name, redirect->unit, redirect->size);

		if (nr + 1 >= room)
			break;
		len += nr;
	}
	return len;
}

static ssize_t show_stays(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%d\n", live->stays);
}

static ssize_t show_pause_ns(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(live->pause_ns));
}

static ssize_t show_stop_tasks(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(live->stop_tasks));
}

static ssize_t show_stop_words(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(live->stop_words));
}

static ssize_t show_tries(struct su_live *live, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(live->tries));
}

static ssize_t show_blockers(struct su_live *live, char *buf)
{
	return su_blockers_show(live, buf);
}

/*
 * Files that take a 1, and what else is asked, and do one thing. Root that may not load modules must not switch their code
 * either: there is such a root in containers.
 */
static ssize_t store_switch(struct su_live *live, const char *buf, size_t len,
			    int (*act)(struct su_live *live, const struct su_request *request))
{
	struct su_request request;
	char text[128];
	int ret;

	if (!capable(CAP_SYS_MODULE))
		return -EACCES;
	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, buf, len);
	text[len] = '\0';
	ret = su_request_take(text, &request);
	if (!ret && strcmp(strim(text), "1"))
		ret = -EINVAL;
	if (!ret)
		ret = act(live, &request);
	return ret ? ret : len;
}

static ssize_t store_undo(struct su_live *live, const char *buf, size_t len)
{
	return store_switch(live, buf, len, su_update_undo);
}

static ssize_t store_apply(struct su_live *live, const char *buf, size_t len)
{
	return store_switch(live, buf, len, su_update_reapply);
}

#define SHOW(_name, _mode) \
	static struct live_attr _name##_attr = { { .name = #_name, .mode = (_mode) }, .show = show_##_name }

SHOW(state, 0444);
SHOW(superseded_by, 0444);
SHOW(module, 0444);
SHOW(targets, 0444);
SHOW(functions, 0444);
SHOW(stays, 0444);
SHOW(pause_ns, 0444);
SHOW(stop_tasks, 0444);
SHOW(stop_words, 0444);
SHOW(tries, 0444);
SHOW(blockers, 0400);
static struct live_attr undo_attr = { { .name = "undo", .mode = 0200 }, .store = store_undo };

static struct live_attr apply_attr = { { .name = "apply", .mode = 0200 }, .store = store_apply };

static struct attribute *live_attrs[] = {
	&state_attr.attr,
	&superseded_by_attr.attr,
	&module_attr.attr,
	&targets_attr.attr,
	&functions_attr.attr,
	&stays_attr.attr,
	&pause_ns_attr.attr,
	&stop_tasks_attr.attr,
	&stop_words_attr.attr,
	&tries_attr.attr,
	&blockers_attr.attr,
	&undo_attr.attr,
	&apply_attr.attr,
	NULL,
};

ATTRIBUTE_GROUPS(live);

static ssize_t show_live(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct live_attr *live_attr = container_of(attr, struct live_attr, attr);

	return live_attr->show ? live_attr->show(container_of(kobj, struct su_live, kobj), buf) : -EIO;
}

static ssize_t store_live(struct kobject *kobj, struct attribute *attr, const char *buf, size_t len)
{
	struct live_attr *live_attr = container_of(attr, struct live_attr, attr);

	return live_attr->store ? live_attr->store(container_of(kobj, struct su_live, kobj), buf, len) : -EIO;
}

static const struct sysfs_ops live_ops = {
	.show = show_live,
	.store = store_live,
};

static void release_live(struct kobject *kobj)
{
	su_live_free(container_of(kobj, struct su_live, kobj));
}

static struct kobj_type live_type = {
	.release = release_live,
	.sysfs_ops = &live_ops,
	.default_groups = live_groups,
};

int su_sysfs_add(struct su_live *live)
{
	const char *id = live->id;
	int ret;

	ret = kobject_init_and_add(&live->kobj, &live_type, updates, "%s", id);
	if (!ret)
		return 0;
	return su_refuse(id, ret, "system", "no place in sysfs (%d)", ret);
}

void su_sysfs_remove(struct su_live *live)
{
	/* where su_sysfs_add() has failed there is nothing */
	if (live->kobj.state_in_sysfs)
		kobject_del(&live->kobj);
}

void su_sysfs_put(struct su_live *live)
{
	/* pairs with show_superseded_by() of another update */
	synchronize_rcu();
	kobject_put(&live->kobj);
}

int su_sysfs_init(void)
{
	int ret = -ENOMEM;

	root = kobject_create_and_add("suture", kernel_kobj);
	updates = root ? kobject_create_and_add("updates", root) : NULL;
	if (updates)
		ret = sysfs_create_group(root, &core_group);
	if (!ret)
		return 0;
	su_sysfs_fini();
	return su_refuse(NULL, ret, "system", "no place in sysfs (%d)", ret);
}

void su_sysfs_fini(void)
{
	kobject_put(updates);
	kobject_put(root);
}
