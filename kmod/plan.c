// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a matched update to what the switch needs: the JMPs with the bytes they replace, the old code that no thread
 * may be in when they are written, and the new code that no thread may be in when they are taken back.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "suture.h"

static int compare_spans(const void *a, const void *b)
{
	const struct su_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Sort, and join what overlaps. */
static void settle_spans(struct su_spans *spans)
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
static void add_old(struct su_live *live, const struct su_function *function)
{
	u32 r;

	for (r = 0; r < function->range_nr; r++) {
		const struct su_range *range = &live->update.ranges[function->first_range + r];
		unsigned long start = live->match.bases[range->section].value + range->off;
		struct su_span span = { start, start + range->size };

		if (range->section == function->section && range->off == function->off)
			span.start += function->window_off + 1;
		live->old.spans[live->old.nr++] = span;
	}
}

void su_plan_old(struct su_live *live)
{
	u32 i;

	live->old.nr = 0;
	for (i = 0; i < live->redirect_nr; i++) {
		if (live->redirects[i].ready)
			add_old(live, &live->update.functions[i]);
	}
	settle_spans(&live->old);
}

static int plan_spans(struct su_live *live)
{
	const struct su_update *update = &live->update;
	u32 i, nr = 0;

	for (i = 0; i < update->header->functions.nr; i++)
		nr += update->functions[i].range_nr;
	live->old.spans = kvmalloc_array(nr + 1, sizeof(*live->old.spans), GFP_KERNEL);
	live->new.spans = kvmalloc_array(update->header->areas.nr + 1, sizeof(*live->new.spans), GFP_KERNEL);
	if (!live->old.spans || !live->new.spans)
		return su_refuse(live->id, -ENOMEM, "system", "no memory for the plan");
	for (i = 0; i < update->header->areas.nr; i++) {
		const struct su_area *area = &update->areas[i];

		if (area->flags & SU_AREA_EXEC)
			live->new.spans[live->new.nr++] = (struct su_span){ area->addr, area->addr + area->size };
	}
	settle_spans(&live->new);
	return 0;
}

static int plan_jmp(const struct su_live *live, struct su_redirect *redirect)
{
	long distance = (long)(redirect->to - (redirect->window + SU_JMP_SZ));
	s32 field = distance;

	if (field != distance)
		return su_refuse(live->id, -EOVERFLOW, "not-redirectable", "%s: the replacement is too far away",
				 redirect->name);
	redirect->jmp[0] = 0xe9;
	memcpy(&redirect->jmp[1], &field, sizeof(field));
	return 0;
}

static int plan_redirect(const struct su_live *live, u32 idx, struct su_redirect *redirect)
{
	const struct su_update *update = &live->update;
	const struct su_function *function = &update->functions[idx];
	const char *forbidden;

	redirect->entry = live->match.bases[function->section].value + function->off;
	redirect->window = redirect->entry + function->window_off;
	redirect->to = update->areas[function->new_area].addr + function->new_off;

	if (function->window_off + SU_JMP_SZ > function->size + SU_WORD_SZ ||
	    redirect->window % SU_WORD_SZ + SU_JMP_SZ > SU_WORD_SZ)
		return su_refuse(live->id, -EOPNOTSUPP, "not-redirectable", "%s: no room for the redirect",
				 redirect->name);
	forbidden = su_symbols_forbidden(redirect->entry, redirect->entry + redirect->size);
	if (forbidden)
		return su_refuse(live->id, -EOPNOTSUPP, "not-redirectable", "%s: is %s code", redirect->name, forbidden);
	if (su_read_through(redirect->window, redirect->run, SU_JMP_SZ))
		return su_refuse(live->id, -EFAULT, "bytes-differ", "%s: cannot be read", redirect->name);
	return plan_jmp(live, redirect);
}

static u32 function_target(const struct su_update *update, const struct su_function *function)
{
	return update->units[update->sections[function->section].unit].target;
}

static void name_redirect(struct su_live *live, u32 idx)
{
	const struct su_update *update = &live->update;
	const struct su_function *function = &update->functions[idx];

	live->redirects[idx] = (struct su_redirect){
		.name = su_update_string(update, function->name),
		.unit = su_update_string(update, update->units[update->sections[function->section].unit].name),
		.target = function_target(update, function),
		.size = function->size,
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
	su_plan_old(live);
	return 0;
}

void su_plan_forget(struct su_live *live, u32 target)
{
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		if (live->redirects[i].target == target)
			name_redirect(live, i);
	}
	su_plan_old(live);
}

/* The same function of a module that is absent: there are no addresses yet that could meet. */
static bool is_same_function(const struct su_live *a, const struct su_redirect *x, const struct su_live *b,
			     const struct su_redirect *y)
{
	return !strcmp(x->name, y->name) && !strcmp(x->unit, y->unit) &&
	       !strcmp(a->targets[x->target].name, b->targets[y->target].name);
}

static bool windows_meet(const struct su_redirect *a, const struct su_redirect *b)
{
	if (!a->ready || !b->ready)
		return false;
	return a->entry == b->entry || (a->window < b->window + SU_JMP_SZ && b->window < a->window + SU_JMP_SZ);
}

static int refuse_overlap(const struct su_live *live, const struct su_redirect *mine, const struct su_live *other)
{
	u32 i;

	for (i = 0; i < other->redirect_nr; i++) {
		if (windows_meet(mine, &other->redirects[i]) || is_same_function(live, mine, other, &other->redirects[i]))
			return su_refuse(live->id, -EALREADY, "already-redirected",
					 "%s: update %s has replaced it: undo that one first", mine->name, other->id);
	}
	return 0;
}

int su_plan_overlap(const struct su_live *live)
{
	const struct su_live *other;
	int ret;
	u32 i;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(other, &su_lives, list) {
		if (other == live || other->state != SU_STATE_APPLIED)
			continue;
		for (i = 0; i < live->redirect_nr; i++) {
			ret = refuse_overlap(live, &live->redirects[i], other);
			if (ret)
				return ret;
		}
	}
	return 0;
}
