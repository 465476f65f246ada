// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the redirects that are in force to those that will be: which bytes have to be exchanged, and which code no thread
 * may be in meanwhile. Apply, undo, replacing and what comes and goes with a module are all this, with other marks.
 * A replacement may have been replaced itself: each JMP leads to the last one at once, so that there are no chains.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "suture.h"

static bool is_in_force(const struct su_redirect *redirect, bool next)
{
	return next ? redirect->next : redirect->on;
}

/* The redirect in force of the function at @addr; NULL: there is none. */
static const struct su_redirect *find_entry(unsigned long addr, bool next)
{
	const struct su_live *live;
	u32 i;

	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->redirect_nr; i++) {
			if (live->redirects[i].entry == addr && is_in_force(&live->redirects[i], next))
				return &live->redirects[i];
		}
	}
	return NULL;
}

/* Follow replacements of replacements: each is of an update that was applied later, and stands later in the list. */
static unsigned long last_replacement(const struct su_redirect *redirect, bool next)
{
	unsigned long last = redirect->to;
	const struct su_live *live;
	u32 i;

	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->redirect_nr; i++) {
			if (live->redirects[i].entry == last && is_in_force(&live->redirects[i], next))
				last = live->redirects[i].to;
		}
	}
	return last;
}

/* What stands at the window of @redirect. */
static void bytes_at(const struct su_redirect *redirect, bool next, u8 bytes[SU_JMP_SZ], bool *is_jmp)
{
	const struct su_redirect *first = find_entry(redirect->entry, next);
	s32 distance;

	/* Whatever can be written to (su_page_at()) is in reach of a JMP. */
	static_assert(MODULES_END - __START_KERNEL_map <= S32_MAX);
	*is_jmp = first;
	if (!first) {
		memcpy(bytes, redirect->run, SU_JMP_SZ);
		return;
	}
	distance = last_replacement(first, next) - (redirect->window + SU_JMP_SZ);
	bytes[0] = 0xe9;
	memcpy(&bytes[1], &distance, sizeof(distance));
}

static bool has_write(const struct su_change *change, unsigned long window)
{
	u32 i;

	for (i = 0; i < change->write_nr; i++) {
		if (change->writes[i].window == window)
			return true;
	}
	return false;
}

/* A window may have been one update's and become another's: it is looked at once. */
static void add_write(struct su_change *change, struct su_redirect *redirect)
{
	struct su_write *write = &change->writes[change->write_nr];

	if ((!redirect->on && !redirect->next) || has_write(change, redirect->window))
		return;
	*write = (struct su_write){ .name = redirect->name, .redirect = redirect, .window = redirect->window };
	bytes_at(redirect, false, write->before, &write->was_jmp);
	bytes_at(redirect, true, write->after, &write->is_jmp);
	if (memcmp(write->before, write->after, SU_JMP_SZ))
		change->write_nr++;
}

static void add_writes(struct su_change *change)
{
	const struct su_live *live;
	u32 i;

	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->redirect_nr; i++)
			add_write(change, &live->redirects[i]);
	}
}

/* ---- code that nobody may be in ---- */

/* What is replaced from now on. */
static void add_old(struct su_spans *spans, const struct su_live *live, u32 idx)
{
	const struct su_function *function = &live->update.functions[idx];

	memcpy(&spans->spans[spans->nr], &live->old[function->first_range], function->range_nr * sizeof(*live->old));
	spans->nr += function->range_nr;
}

static void add_spans(struct su_spans *spans, const struct su_live *live)
{
	bool ends = false;
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		if (live->redirects[i].next && !live->redirects[i].on)
			add_old(spans, live, i);
		ends |= live->redirects[i].on && !live->redirects[i].next;
	}
	if (!ends)
		return;
	memcpy(&spans->spans[spans->nr], live->new.spans, live->new.nr * sizeof(*live->new.spans));
	spans->nr += live->new.nr;
}

/*
 * register_kprobe() asks whether a static key or static call is there, and then takes the mutex. Under the JMP none was:
 * who has that answer must not go on where there is one again.
 */
static void add_probers(struct su_change *change)
{
	u32 i;

	for (i = 0; i < change->write_nr; i++) {
		if (su_retire_ends(&change->writes[i])) {
			change->busy.spans[change->busy.nr++] = su_register_kprobe_code();
			return;
		}
	}
}

/* ---- marks ---- */

void su_change_begin(void)
{
	struct su_live *live;
	u32 i;

	lockdep_assert_held(&su_mutex);
	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->redirect_nr; i++)
			live->redirects[i].next = live->redirects[i].on;
	}
}

void su_change_mark(struct su_live *live, u32 target, bool on)
{
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		if (target == SU_NONE || live->redirects[i].target == target)
			live->redirects[i].next = on && live->redirects[i].ready;
	}
}

static void commit(void)
{
	struct su_live *live;
	u32 i;

	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->redirect_nr; i++)
			live->redirects[i].on = live->redirects[i].next;
	}
}

/* ---- the whole ---- */

static int allocate(struct su_change *change)
{
	const struct su_live *live;
	size_t write_nr = 0, span_nr = 1; /* add_probers() */
	u32 i;

	list_for_each_entry(live, &su_lives, list) {
		write_nr += live->redirect_nr;
		span_nr += live->new.nr;
		for (i = 0; i < live->redirect_nr; i++)
			span_nr += live->update.functions[i].range_nr;
	}
	change->writes = kvcalloc(write_nr + 1, sizeof(*change->writes), GFP_KERNEL);
	change->busy.spans = kvcalloc(span_nr, sizeof(*change->busy.spans), GFP_KERNEL);
	if (!change->writes || !change->busy.spans)
		return su_refuse(change->live->id, -ENOMEM, "system", "no memory for the change");
	return 0;
}

static void work_out(struct su_change *change)
{
	const struct su_live *live;

	add_writes(change);
	list_for_each_entry(live, &su_lives, list)
		add_spans(&change->busy, live);
	add_probers(change);
	su_spans_settle(&change->busy);
}

int su_change_make(struct su_live *live, int (*make)(const struct su_change *change))
{
	struct su_change change = { .live = live };
	int ret;

	lockdep_assert_held(&su_mutex);
	ret = allocate(&change);
	if (!ret) {
		work_out(&change);
		ret = make(&change);
	}
	if (!ret)
		commit();
	kvfree(change.writes);
	kvfree(change.busy.spans);
	return ret;
}
