// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Updates that stand on earlier ones: which of these may be seen, which are used and therefore held, and which update
 * has to be undone before another one.
 */
#include <linux/slab.h>

#include "suture.h"

static bool is_before(const struct su_live *live, const struct su_live *other)
{
	list_for_each_entry_continue(live, &su_lives, list) {
		if (live == other)
			return true;
	}
	return false;
}

/*
 * Updates are in the order in which they were applied; one that is being loaded is in no list yet, and behind all. A
 * superseded one goes on being seen by those that were superseded with it.
 */
bool su_base_is_below(const struct su_live *live, const struct su_live *other)
{
	bool is_loading = list_empty(&live->list);

	if (live->request.replaces || other == live || (!is_loading && !is_before(other, live)))
		return false;
	if (other->state == SU_STATE_SUPERSEDED)
		return !is_loading && is_before(live, other->superseded_by);
	return other->state == SU_STATE_APPLIED;
}

unsigned long su_base_latest(const struct su_live *live, unsigned long addr)
{
	unsigned long latest = 0;
	const struct su_live *other;
	u32 i;

	lockdep_assert_held(&su_mutex);
	/* What replaces a replacement was applied later, and stands later in the list. */
	list_for_each_entry(other, &su_lives, list) {
		if (!su_base_is_below(live, other))
			continue;
		for (i = 0; i < other->redirect_nr; i++) {
			if (other->redirects[i].ready && other->redirects[i].entry == addr)
				latest = addr = other->redirects[i].to;
		}
	}
	return latest;
}

static struct su_live *find_base(const struct su_live *live, unsigned long addr)
{
	struct su_live *other;

	list_for_each_entry(other, &su_lives, list) {
		if (su_base_is_below(live, other) && within_module_core(addr, other->mod))
			return other;
	}
	return NULL;
}

const struct module *su_base_module(const struct su_live *live, unsigned long addr)
{
	const struct su_live *base = find_base(live, addr);

	return base ? base->mod : NULL;
}

static bool stands_on(const struct su_live *live, const struct su_live *base)
{
	u32 i;

	for (i = 0; i < live->base_nr; i++) {
		if (live->bases[i] == base)
			return true;
	}
	return false;
}

static int hold(struct su_live *live, struct su_live *base)
{
	struct su_live **bases;

	if (stands_on(live, base))
		return 0;
	bases = krealloc(live->bases, (live->base_nr + 1) * sizeof(*bases), GFP_KERNEL);
	if (!bases)
		return su_refuse(live->id, -ENOMEM, "system", "no memory for the update");
	live->bases = bases;
	/* It is applied or superseded, and so pinned: this is one more reference. */
	__module_get(base->mod);
	live->bases[live->base_nr++] = base;
	return 0;
}

/* What is not in an update's memory is not an update's, whatever the fields said. */
int su_bases_hold(struct su_live *live, u32 target)
{
	const struct su_update *update = &live->update;
	u32 i;

	for (i = 0; i < update->header->sections.nr; i++) {
		const struct su_section *section = &update->sections[i];
		struct su_live *base;
		int ret;

		if (section->origin == SU_ORIGIN_TARGET || section->kind == SU_SECTION_MERGE ||
		    update->units[section->unit].target != target || !live->match.bases[i].known)
			continue;
		base = find_base(live, live->match.bases[i].value);
		if (!base)
			return su_refuse(live->id, -ESTALE, "value-disagrees", "%s: %s would lie outside of all updates",
					 su_update_string(update, update->units[section->unit].name),
					 su_update_string(update, section->name));
		ret = hold(live, base);
		if (ret)
			return ret;
	}
	return 0;
}

bool su_base_is_held(const struct su_live *live)
{
	const struct su_live *other;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(other, &su_lives, list) {
		if (stands_on(other, live))
			return true;
	}
	return false;
}

void su_bases_end(struct su_live *live)
{
	while (live->base_nr)
		module_put(live->bases[--live->base_nr]->mod);
	kfree(live->bases);
	live->bases = NULL;
}

const struct su_live *su_bases_missing(const struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->base_nr; i++) {
		if (live->request.replaces || live->bases[i]->state != SU_STATE_APPLIED)
			return live->bases[i];
	}
	return NULL;
}

static bool stands_on_marked(const struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->base_nr; i++) {
		if (live->bases[i]->is_above)
			return true;
	}
	return false;
}

const struct su_live *su_bases_top(struct su_live *live)
{
	const struct su_live *top = NULL;
	struct su_live *other;

	lockdep_assert_held(&su_mutex);
	/* What an update stands on was applied before it: one pass will do. */
	list_for_each_entry(other, &su_lives, list) {
		other->is_above = other == live || (other->state == SU_STATE_APPLIED && stands_on_marked(other));
		if (other->is_above && other != live)
			top = other;
	}
	return top;
}
