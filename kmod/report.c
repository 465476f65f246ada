// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What went wrong: one line in the kernel's log and the same line in sysfs, with a token that is stable. Called where
 * a problem is detected, and only there. docs/abi.md lists tokens and errnos.
 */
#define pr_fmt(fmt) "suture: " fmt

#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/sysfs.h>

#include "suture.h"

#define LINE_SZ 2048	/* the log may cut it */

/* Covers the two texts. Never held for long, so that sysfs can be read during a switch. */
static DEFINE_MUTEX(text_lock);
static char last_error[LINE_SZ];
static struct {
	const struct su_live *live;
	u32 nr;			/* may be more than lines */
	char lines[SU_BLOCKERS_MAX][128];
} blocked;

int su_refuse(const char *id, int err, const char *token, const char *fmt, ...)
{
	va_list args;
	size_t len;

	mutex_lock(&text_lock);
	len = scnprintf(last_error, sizeof(last_error), "%s: ", token);
	va_start(args, fmt);
	vscnprintf(last_error + len, sizeof(last_error) - len, fmt, args);
	va_end(args);
	pr_err("%s: %s [%s]\n", id ? id : "core", last_error + len, token);
	mutex_unlock(&text_lock);
	return err;
}

void su_report_clear(void)
{
	mutex_lock(&text_lock);
	last_error[0] = '\0';
	mutex_unlock(&text_lock);
}

ssize_t su_report_show(char *buf)
{
	ssize_t len;

	mutex_lock(&text_lock);
	len = last_error[0] ? sysfs_emit(buf, "%s\n", last_error) : 0;
	mutex_unlock(&text_lock);
	return len;
}

/* "function+0x12" for an address in the old or new code of @live. */
static void name_place(const struct su_live *live, unsigned long addr, char *buf, size_t sz)
{
	char name[KSYM_SYMBOL_LEN];
	u32 i;

	for (i = 0; i < live->redirect_nr; i++) {
		const struct su_redirect *redirect = &live->redirects[i];

		if (redirect->ready && addr >= redirect->entry && addr - redirect->entry <= redirect->size) {
			scnprintf(buf, sz, "%s+0x%lx", redirect->name, addr - redirect->entry);
			return;
		}
	}
	/* A .cold part or new code. Return addresses may lie just behind a function: look up the call. */
	sprint_symbol(name, addr);
	strscpy(buf, name, sz);
}

void su_blockers_set(const struct su_live *live, const struct su_scan *scan)
{
	char place[96];
	u32 i;

	mutex_lock(&text_lock);
	blocked.live = live;
	blocked.nr = scan->blocker_nr;
	for (i = 0; i < min_t(u32, scan->blocker_nr, SU_BLOCKERS_MAX); i++) {
		const struct su_blocker *blocker = &scan->blockers[i];

		name_place(live, blocker->addr, place, sizeof(place));
		scnprintf(blocked.lines[i], sizeof(blocked.lines[i]), "%s[%d] %s", blocker->comm, blocker->pid, place);
	}
	mutex_unlock(&text_lock);
}

void su_blockers_join(const struct su_live *live, const struct su_scan *scan, char *buf, size_t sz)
{
	u32 i, nr = min_t(u32, scan->blocker_nr, SU_BLOCKERS_MAX);
	size_t len = 0;
	char place[96];

	for (i = 0; i < nr && len + sizeof(place) + 64 < sz; i++) {
		name_place(live, scan->blockers[i].addr, place, sizeof(place));
		len += scnprintf(buf + len, sz - len, i ? ", %s[%d] in %s" : "%s[%d] stays in %s",
				 scan->blockers[i].comm, scan->blockers[i].pid, place);
	}
	if (i < scan->blocker_nr)
		scnprintf(buf + len, sz - len, ", and %u more", scan->blocker_nr - i);
}

void su_blockers_clear(void)
{
	mutex_lock(&text_lock);
	blocked.nr = 0;
	blocked.live = NULL;
	mutex_unlock(&text_lock);
}

/* The next one may get the same memory. */
void su_blockers_forget(const struct su_live *live)
{
	mutex_lock(&text_lock);
	if (blocked.live == live)
		blocked.live = NULL;
	mutex_unlock(&text_lock);
}

/* A page at most, in whole lines: the last one says how many more there are. */
ssize_t su_blockers_show(const struct su_live *live, char *buf)
{
	const size_t room = PAGE_SIZE - sizeof("and 4294967295 more\n");
	ssize_t len = 0;
	u32 i = 0, nr;

	mutex_lock(&text_lock);
	nr = blocked.live == live ? blocked.nr : 0;
	while (i < min_t(u32, nr, SU_BLOCKERS_MAX) && len + strlen(blocked.lines[i]) + 1 < room)
		len += sysfs_emit_at(buf, len, "%s\n", blocked.lines[i++]);
	if (i < nr)
		len += sysfs_emit_at(buf, len, "and %u more\n", nr - i);
	mutex_unlock(&text_lock);
	return len;
}
