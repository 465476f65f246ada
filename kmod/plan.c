// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a matched update to what a change needs to know of it: where its JMPs go and what they replace, the old code that
 * no thread may be in when they are written, and the new code that no thread may be in when they are taken back.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "compat.h"
#include "suture.h"

static int compare_spans(const void *a, const void *b)
{
	const struct su_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void su_spans_settle(struct su_spans *spans)
{
	u32 i, nr = 0;

	sort(spans->spans, spans->nr, sizeof(*spans->spans), compare_spans, NULL);
	for (i = 0; i < spans->nr; i++) {
		struct su_span *span = &spans->spans[i], *last = nr ? &spans->spans[nr - 1] : NULL;

		if (span->start >= span->end)
			continue;
		if (last && span->start <= last->end)
			last->end = max(last->end, span->end);
		else
			spans->spans[nr++] = *span;
	}
	spans->nr = nr;
}

/*
 * A thread at the entry, behind it in the fentry call, or right before the JMP has done nothing yet that the
 * replacement would not do: the body counts from the window's second byte on.
 */
static void plan_old(struct su_live *live, const struct su_function *function)
{
	u32 r;

	for (r = function->first_range; r < function->first_range + function->range_nr; r++) {
		const struct su_range *range = &live->update.ranges[r];
		unsigned long start = live->match.bases[range->section].value + range->off;

		live->old[r] = (struct su_span){ start, start + range->size };
		if (range->section == function->section && range->off == function->off)
			live->old[r].start += function->window_off + 1;
	}
}

static int plan_spans(struct su_live *live)
{
	const struct su_update *update = &live->update;
	u32 i;

	live->old = kvcalloc(update->header->ranges.nr + 1, sizeof(*live->old), GFP_KERNEL);
	live->new.spans = kvmalloc_array(update->header->areas.nr + 1, sizeof(*live->new.spans), GFP_KERNEL);
	if (!live->old || !live->new.spans)
		return su_refuse(live->id, -ENOMEM, "system", "no memory for the plan");
	for (i = 0; i < update->header->areas.nr; i++) {
		const struct su_area *area = &update->areas[i];

		if (area->flags & SU_AREA_EXEC)
			live->new.spans[live->new.nr++] = (struct su_span){ area->addr, area->addr + area->size };
	}
	su_spans_settle(&live->new);
	return 0;
}

/* Where the old function lies; NULL: in vmlinux. */
static const struct module *module_of(const struct su_live *live, const struct su_redirect *redirect)
{
	return redirect->is_stacked ? su_base_module(live, redirect->entry) : live->targets[redirect->target].mod;
}

/*
 * On a machine that started with one CPU the lock prefixes are others, which do nothing. When a second CPU comes the kernel
 * makes them what they were, without a look at what else may be there by then.
 */
static bool is_over_lock(const struct su_live *live, const struct su_function *function, const u8 run[SU_JMP_SZ])
{
	const struct su_section *section = &live->update.sections[function->section];
	u64 window = (u64)function->off + function->window_off;
	u32 i;

	for (i = section->first_site; i < section->first_site + section->site_nr; i++) {
		const struct su_site *site = &live->update.sites[i];

		if (site->kind == SU_SITE_LOCK && site->off - window < SU_JMP_SZ && run[site->off - window] != 0xf0)
			return num_possible_cpus() > 1;
	}
	return false;
}

static int plan_redirect(struct su_live *live, u32 idx, struct su_redirect *redirect)
{
	const struct su_update *update = &live->update;
	const struct su_function *function = &update->functions[idx];
	const char *forbidden;
	u8 run[SU_JMP_SZ];

	redirect->entry = live->match.bases[function->section].value + function->off;
	redirect->window = redirect->entry + function->window_off;
	redirect->to = update->areas[function->new_area].addr + function->new_off;

	if (!su_window_fits(redirect->window))
		return su_refuse(live->id, -EOPNOTSUPP, "not-redirectable",
				 "%s: the redirect would not lie in one aligned 16-byte word", redirect->name);
	forbidden = SU_STEP(su_symbols_forbidden(redirect->entry, redirect->entry + redirect->size), "noinstr");
	if (forbidden)
		return su_refuse(live->id, -EOPNOTSUPP, "not-redirectable", "%s: is %s code", redirect->name, forbidden);
	/* Not read in place: they may be what is presented instead of a JMP that is in force already. */
	if (su_read_through(redirect->window, run, SU_JMP_SZ))
		return su_refuse(live->id, -EFAULT, "bytes-differ", "%s: cannot be read", redirect->name);
	if (SU_STEP(is_over_lock(live, function, run), true))
		return su_refuse(live->id, -EOPNOTSUPP, "redirect-over-site",
				 "%s: a lock prefix, which the kernel will write when a second CPU comes, stands where the redirect must go: start that CPU first",
				 redirect->name);
	memcpy(redirect->run, run, SU_JMP_SZ);
	plan_old(live, function);
	/* One in an earlier update's module that is still in force: what was retired there is. */
	return redirect->on ? 0 : su_retire_find(live->id, redirect, module_of(live, redirect));
}

static void name_redirect(struct su_live *live, u32 idx)
{
	const struct su_update *update = &live->update;
	const struct su_function *function = &update->functions[idx];
	const struct su_section *section = &update->sections[function->section];

	live->redirects[idx] = (struct su_redirect){
		.name = su_update_string(update, function->name),
		.unit = su_update_string(update, update->units[section->unit].name),
		.target = update->units[section->unit].target,
		.size = function->size,
		.is_stacked = section->origin != SU_ORIGIN_TARGET,
	};
}

int su_plan_begin(struct su_live *live)
{
	u32 i, nr = live->update.header->functions.nr;

	live->redirects = kvcalloc(nr + 1, sizeof(*live->redirects), GFP_KERNEL);
	if (!live->redirects)
		return su_refuse(live->id, -ENOMEM, "system", "no memory for the plan");
	live->redirect_nr = nr;
	for (i = 0; i < nr; i++)
		name_redirect(live, i);
	return plan_spans(live);
}

int su_plan(struct su_live *live, u32 target)
{
	u32 i;
	int ret;

	lockdep_assert_held(&su_mutex);
	for (i = 0; i < live->redirect_nr; i++) {
		if (live->redirects[i].target != target)
			continue;
		ret = plan_redirect(live, i, &live->redirects[i]);
		if (ret) {
			su_plan_forget(live, target);
			return ret;
		}
		live->redirects[i].ready = true;
	}
	return 0;
}

/* Redirects in earlier updates' modules lie in memory that stays: those in force are left as they are. */
void su_plan_forget(struct su_live *live, u32 target)
{
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		struct su_redirect *redirect = &live->redirects[i];

		if (redirect->target != target || (redirect->is_stacked && redirect->on))
			continue;
		su_retire_forget(redirect);
		/* sysfs goes on showing its names */
		redirect->ready = redirect->on = redirect->next = false;
	}
}

void su_plan_end(struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->redirect_nr; i++)
		su_retire_forget(&live->redirects[i]);
	kvfree(live->redirects);
	kvfree(live->old);
	kvfree(live->new.spans);
}

/* The same function of a module that is absent: there are no addresses yet that could meet. */
static bool is_same_function(const struct su_live *a, const struct su_redirect *x, const struct su_live *b,
			     const struct su_redirect *y)
{
	return x->is_stacked == y->is_stacked && !x->is_stacked && !strcmp(x->name, y->name) &&
	       !strcmp(x->unit, y->unit) && !strcmp(a->targets[x->target].name, b->targets[y->target].name);
}

static bool windows_meet(const struct su_redirect *a, const struct su_redirect *b)
{
	if (!a->ready || !b->ready)
		return false;
	return a->entry == b->entry || (a->window < b->window + SU_JMP_SZ && b->window < a->window + SU_JMP_SZ);
}

const char *su_plan_livepatched(const struct su_live *live)
{
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		if (live->redirects[i].ready && SU_STEP(su_livepatch_has(live->redirects[i].entry), true))
			return live->redirects[i].name;
	}
	return NULL;
}

const char *su_plan_conflict(const struct su_live *live, const struct su_live *other)
{
	u32 i, k;

	for (i = 0; i < live->redirect_nr; i++) {
		for (k = 0; k < other->redirect_nr; k++) {
			const struct su_redirect *mine = &live->redirects[i], *its = &other->redirects[k];

			if (windows_meet(mine, its) || is_same_function(live, mine, other, its))
				return mine->name;
		}
	}
	return NULL;
}
