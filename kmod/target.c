// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Targets that come and go: which modules an update changes are there, what happens to it when one is loaded or
 * unloaded. An update holds no module that it changes; docs/core.md says when it holds one for another's sake.
 */
#define pr_fmt(fmt) "suture: " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "suture.h"

enum su_on_mismatch su_on_mismatch = SU_ON_MISMATCH_REFUSE;

/*
 * Updates with their targets' names, from before they look for the modules: a module that is not found by an update
 * then finds the update here, as its state is set before its notifiers are called. Never held for long.
 */
static DEFINE_SPINLOCK(wants_lock);
static LIST_HEAD(wants);

static bool is_present(const struct su_live_target *target)
{
	return target->is_vmlinux || target->mod;
}

/* The update's target that this module is, SU_NONE: none. */
static u32 find_target(const struct su_live *live, const struct module *mod)
{
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		if (!live->targets[i].is_vmlinux && !strcmp(live->targets[i].name, mod->name))
			return i;
	}
	return SU_NONE;
}

bool su_target_is_wanted(const struct module *mod)
{
	const struct su_live *live;
	bool is_wanted = false;

	spin_lock(&wants_lock);
	list_for_each_entry(live, &wants, wants)
		is_wanted |= live->mod == mod || find_target(live, mod) != SU_NONE;
	spin_unlock(&wants_lock);
	return is_wanted;
}

static bool is_found(const struct su_live *live, const struct module *mod)
{
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		if (READ_ONCE(live->targets[i].mod) == mod)
			return true;
	}
	return false;
}

/* No update finds one that is going, so that the answer does not become yes. */
bool su_target_is_used(const struct module *mod)
{
	const struct su_live *live;
	bool is_used = false;

	spin_lock(&wants_lock);
	list_for_each_entry(live, &wants, wants)
		is_used |= live->mod == mod || is_found(live, mod);
	spin_unlock(&wants_lock);
	return is_used;
}

/* ---- modules that have to stay for a while ---- */

/*
 * One on its way out runs its exit before its GOING, in code that is redirected, so it is there like any other. It cannot
 * be held, and need not be: its GOING waits for su_mutex, and its memory stays until then.
 */
void su_targets_get(struct su_live *live)
{
	u32 i;

	lockdep_assert_held(&su_mutex);
	for (i = 0; i < live->target_nr; i++) {
		struct su_live_target *target = &live->targets[i];

		target->is_held = target->mod && try_module_get(target->mod);
	}
}

void su_targets_put(struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		if (live->targets[i].is_held)
			module_put(live->targets[i].mod);
		live->targets[i].is_held = false;
	}
}

static void release_holds(struct su_live *live, struct su_live_target *target)
{
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		if (target->holds & (1U << i))
			module_put(live->targets[i].mod);
	}
	target->holds = 0;
}

void su_targets_release(struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->target_nr; i++)
		release_holds(live, &live->targets[i]);
}

void su_targets_end(struct su_live *live)
{
	u32 i;

	spin_lock(&wants_lock);
	list_del_init(&live->wants);
	spin_unlock(&wants_lock);
	su_targets_release(live);
	for (i = 0; i < live->target_nr; i++) {
		if (live->targets[i].is_pinned)
			module_put(live->targets[i].mod);
		live->targets[i].is_pinned = false;
	}
}

/*
 * New code may use modules that the module it belongs to did not depend on until now: nobody else holds them for it.
 */
static int hold_needs(struct su_live *live, u32 idx)
{
	u32 i, needs = live->update.targets[idx].needs & ~(1U << idx);

	for (i = 0; i < live->target_nr; i++) {
		struct su_live_target *target = &live->targets[i];

		if (!(needs & (1U << i)) || target->is_vmlinux)
			continue;
		/* Before it is live its load can fail, and then it goes, held or not. */
		if (!target->is_matched || target->mod->state != MODULE_STATE_LIVE ||
		    !SU_STEP(try_module_get(target->mod), false))
			return su_refuse(live->id, -EOPNOTSUPP, "target-absent",
					 "the new code of %s uses module %s, which is not loaded: load it first",
					 live->targets[idx].name, target->name);
		live->targets[idx].holds |= 1U << i;
	}
	return 0;
}

/* ---- tables that the kernel itself follows ---- */

/* Entries of static keys and static calls: the kernel chains them to their key for as long as the update is loaded. */
static bool is_kernel_table(const char *name)
{
	return !strcmp(name, "__jump_table") || !strcmp(name, ".static_call_sites");
}

/* Does such an entry lead there, or wait for it? The kernel would follow what is not filled in yet, or not any more. */
static bool needs_pin(const struct su_live *live, u32 idx)
{
	const struct su_update *update = &live->update;
	u32 i;

	for (i = 0; i < update->header->relocs.nr; i++) {
		const struct su_reloc *reloc = &update->relocs[i];

		if ((update->symbols[reloc->symbol].target == idx || reloc->target == idx) &&
		    is_kernel_table(su_update_string(update, update->areas[reloc->area].name)))
			return true;
	}
	return false;
}

/* The reference of su_targets_begin() is there, so another one cannot fail. */
static int pin(struct su_live *live, u32 idx)
{
	struct su_live_target *target = &live->targets[idx];

	if (target->is_vmlinux || !needs_pin(live, idx))
		return 0;
	/* Before it is live its own keys and calls are not registered, and ours could not be chained to them. */
	if (!target->mod || target->mod->state != MODULE_STATE_LIVE)
		return su_refuse(live->id, -EOPNOTSUPP, "target-absent",
				 "static keys or static calls of module %s are used, which is not loaded: load it first",
				 target->name);
	__module_get(target->mod);
	target->is_pinned = true;
	return 0;
}

/* ---- at the update's COMING ---- */

int su_targets_begin(struct su_live *live)
{
	const struct su_update *update = &live->update;
	u32 i, nr = update->header->targets.nr;

	lockdep_assert_held(&su_mutex);
	live->targets = kcalloc(nr + 1, sizeof(*live->targets), GFP_KERNEL);
	if (!live->targets)
		return su_refuse(live->id, -ENOMEM, "system", "no memory for the update");
	for (i = 0; i < nr; i++) {
		live->targets[i].name = su_update_string(update, update->targets[i].name);
		live->targets[i].is_vmlinux = !strcmp(live->targets[i].name, SU_VMLINUX);
	}
	live->target_nr = nr;
	spin_lock(&wants_lock);
	list_add_tail(&live->wants, &wants);
	for (i = 0; i < nr; i++) {
		if (!live->targets[i].is_vmlinux)
			live->targets[i].mod = su_module_get(live->targets[i].name);
		live->targets[i].is_held = live->targets[i].mod;
	}
	spin_unlock(&wants_lock);
	return 0;
}

static int match_target(struct su_live *live, u32 idx)
{
	struct su_live_target *target = &live->targets[idx];
	int ret;

	ret = su_check(live, idx);
	if (!ret)
		ret = su_plan(live, idx);
	if (!ret)
		target->is_matched = true;
	return ret;
}

static int link_target(struct su_live *live, u32 idx)
{
	int ret;

	ret = hold_needs(live, idx);
	if (!ret)
		ret = su_link(live, idx);
	if (!ret)
		live->targets[idx].is_linked = true;
	return ret;
}

/* vmlinux first: what its code says of symbols is checked by the code of modules. */
static int match_all(struct su_live *live)
{
	int pass, ret;
	u32 i;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < live->target_nr; i++) {
			if (live->targets[i].is_vmlinux != !pass || !is_present(&live->targets[i]))
				continue;
			ret = match_target(live, i);
			if (ret)
				return ret;
		}
	}
	return 0;
}

int su_targets_link(struct su_live *live)
{
	int ret;
	u32 i;

	for (i = 0; i < live->target_nr; i++) {
		ret = pin(live, i);
		if (ret)
			return ret;
	}
	ret = match_all(live);
	for (i = 0; !ret && i < live->target_nr; i++) {
		if (is_present(&live->targets[i]))
			ret = link_target(live, i);
	}
	return ret;
}

/* ---- at a module's COMING and GOING ---- */

/* Nothing is written to the module: its memory is about to go, or was never touched. */
static void forget(struct su_live *live, u32 idx)
{
	struct su_live_target *target = &live->targets[idx];

	su_plan_forget(live, idx);
	if (live->match.update)
		su_match_forget(&live->match, idx);
	if (target->is_linked)
		su_link_clear(live, idx);
	release_holds(live, target);
	target->is_matched = false;
	target->is_linked = false;
}

/* Nobody is in the module's code yet. */
static int redirect(struct su_live *live, u32 idx, bool on)
{
	su_change_begin();
	su_change_mark(live, idx, on);
	return su_change_make(live, su_switch_unused);
}

/* The module cannot be patched. What leads to this update from an earlier one's code does so no longer. */
static int detach(struct su_live *live, u32 idx)
{
	int ret = redirect(live, idx, false);

	if (!ret)
		forget(live, idx);
	return ret;
}

static int attach(struct su_live *live, u32 idx, struct module *mod)
{
	int ret;

	WRITE_ONCE(live->targets[idx].mod, mod);
	ret = match_target(live, idx);
	if (!ret && live->state != SU_STATE_SUPERSEDED)
		ret = su_update_conflict(live);
	if (!ret) {
		/* a failure half way leaves fields to be cleared */
		live->targets[idx].is_linked = true;
		ret = link_target(live, idx);
	}
	if (!ret && live->state == SU_STATE_APPLIED)
		ret = redirect(live, idx, true);
	return ret;
}

static int take_in_target(struct su_live *live, u32 idx, struct module *mod)
{
	bool refuse = su_on_mismatch == SU_ON_MISMATCH_REFUSE;
	int ret;

	ret = attach(live, idx, mod);
	if (ret && detach(live, idx))
		refuse = true;
	if (ret)
		pr_err("%s: module %s %s (on_mismatch)\n", live->id, mod->name,
		       refuse ? "is not loaded" : "is loaded unpatched");
	else
		pr_info("%s: module %s has come and is %s\n", live->id, mod->name,
			live->state == SU_STATE_APPLIED ? "patched" : "matched");
	return refuse ? ret : 0;
}

int su_target_coming(struct module *mod)
{
	struct su_live *live;
	int ret = 0;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(live, &su_lives, list) {
		u32 idx = find_target(live, mod);

		/* An update that came in between has found the module by itself. */
		if (idx == SU_NONE || live->state == SU_STATE_UNDONE || live->targets[idx].mod == mod)
			continue;
		ret = take_in_target(live, idx, mod);
		if (ret)
			break;
	}
	/* No GOING follows for us where we make the load fail. */
	if (ret)
		su_target_going(mod);
	return ret;
}

void su_target_going(struct module *mod)
{
	struct su_live *live;
	u32 i;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->target_nr; i++) {
			if (live->targets[i].mod != mod)
				continue;
			forget(live, i);
			WRITE_ONCE(live->targets[i].mod, NULL);
		}
	}
}
