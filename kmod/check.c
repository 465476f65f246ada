// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's side of run-pre matching: gives match/ memory, a way to read the running kernel and to look up names,
 * and says what a failed match means. The matching itself is match/'s.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "suture.h"

#define SHOWN_BYTES 8	/* in a message, from the first that differs on */

/* Put the original bytes where an applied update's JMP overlaps what was read. */
static void see_through(const struct su_redirect *redirect, unsigned long addr, u8 *buf, size_t len)
{
	unsigned long i;

	for (i = 0; i < SU_JMP_SZ; i++) {
		unsigned long at = redirect->window + i;

		if (at >= addr && at - addr < len)
			buf[at - addr] = redirect->run[i];
	}
}

/* The kernel's own writers put an int3 in the place of an instruction while they change it. */
static int read_settled(unsigned long addr, void *buf, size_t len)
{
	int ret;

	mutex_lock(su_text_mutex());
	ret = copy_from_kernel_nofault(buf, (const void *)addr, len);
	mutex_unlock(su_text_mutex());
	return ret;
}

int su_read_through(unsigned long addr, void *buf, size_t len)
{
	const struct su_live *live;
	u32 i;

	lockdep_assert_held(&su_mutex);
	if (read_settled(addr, buf, len))
		return -EFAULT;
	list_for_each_entry(live, &su_lives, list) {
		for (i = 0; i < live->redirect_nr; i++) {
			if (live->redirects[i].on)
				see_through(&live->redirects[i], addr, buf, len);
		}
	}
	return 0;
}

static int read_running(void *ctx, u64 addr, void *buf, size_t len)
{
	return su_read_through(addr, buf, len);
}

static u32 get_candidates(void *ctx, u32 symbol, const u64 **addrs)
{
	const struct su_live *live = ctx;
	bool earlier = live->update.symbols[symbol].flags & SU_SYMBOL_EARLIER;

	return su_names_get(earlier ? live->earlier_names : live->names, symbol, addrs);
}

static u64 get_latest(void *ctx, u64 addr)
{
	return su_base_latest(ctx, addr);
}

/* find.c has checked that areas lie in the module. */
static const u8 *area_bytes(void *ctx, u32 area)
{
	const struct su_live *live = ctx;

	return (const u8 *)(unsigned long)live->update.areas[area].addr;
}

static void relax(void *ctx)
{
	cond_resched();
}

static const struct su_match_ops ops = {
	.read = read_running,
	.candidates = get_candidates,
	.bytes = area_bytes,
	.latest = get_latest,
	.relax = relax,
};

/* The nearest named thing at or before an offset of a section: "name+0x12", or the bare offset. */
static void name_place(const struct su_update *update, u32 section, u64 off, char *buf, size_t sz)
{
	const struct su_symbol *best = NULL;
	u32 i;

	for (i = 0; i < update->header->symbols.nr; i++) {
		const struct su_symbol *symbol = &update->symbols[i];

		if (symbol->kind == SU_SYMBOL_NAMED && symbol->section == section && symbol->off <= off &&
		    (!best || symbol->off >= best->off))
			best = symbol;
	}
	scnprintf(buf, sz, "%s+0x%llx", best ? su_update_string(update, best->name) : "", best ? off - best->off : off);
}

static const char *guess_reason(const struct su_mismatch *mismatch)
{
	if (mismatch->byte_nr && (mismatch->run[0] == 0xcc || mismatch->run[0] == 0xe9))
		return "a kprobe or another live patch is there";
	return "the kernel was built from another source, by another compiler or with another configuration";
}

static void name_section(const struct su_live *live, char *buf, size_t sz)
{
	const struct su_mismatch *mismatch = &live->match.mismatch;
	const struct su_update *update = &live->update;
	const struct su_section *section;
	char place[96];

	if (mismatch->section >= update->header->sections.nr) {
		strscpy(buf, "update", sz);
		return;
	}
	section = &update->sections[mismatch->section];
	name_place(update, mismatch->section, mismatch->off, place, sizeof(place));
	scnprintf(buf, sz, "%s: %s (%s+0x%llx)", su_update_string(update, update->units[section->unit].name), place,
		  su_update_string(update, section->name), mismatch->off);
}

static const char *symbol_name(const struct su_live *live)
{
	u32 symbol = live->match.mismatch.symbol;
	const char *name = "";

	if (symbol < live->update.header->symbols.nr)
		name = su_update_string(&live->update, live->update.symbols[symbol].name);
	return *name ? name : "(no name)";
}

static int refuse_match(const struct su_live *live, int status)
{
	const struct su_mismatch *mismatch = &live->match.mismatch;
	u32 nr = min_t(u32, mismatch->byte_nr, SHOWN_BYTES);
	const char *what = mismatch->what ? mismatch->what : su_match_status_text(status);
	char where[224];

	name_section(live, where, sizeof(where));
	switch (status) {
	case SU_MATCH_BYTES:
		return su_refuse(live->id, -ESTALE, "bytes-differ", "%s: %s: the update has %*ph, the kernel %*ph: %s",
				 where, what, nr, mismatch->pre, nr, mismatch->run, guess_reason(mismatch));
	case SU_MATCH_VALUE:
		return su_refuse(live->id, -ESTALE, "value-disagrees", "%s: %s: '%s' would need two values: %s", where,
				 what, symbol_name(live), guess_reason(mismatch));
	case SU_MATCH_SYMBOL:
		return su_refuse(live->id, -EADDRNOTAVAIL, "symbol-unmatched",
				 "%s: %s: '%s' is not in the running kernel", where, what, symbol_name(live));
	case SU_MATCH_AMBIGUOUS:
		return su_refuse(live->id, -ENOTUNIQ, "symbol-ambiguous",
				 "%s: %s: '%s' has several candidates in the running kernel", where, what,
				 symbol_name(live));
	case SU_MATCH_READ:
		return su_refuse(live->id, -EFAULT, "bytes-differ", "%s: %s: the kernel's memory cannot be read", where,
				 what);
	case SU_MATCH_BASE:
		return su_refuse(live->id, -EOPNOTSUPP, "base-absent",
				 "%s: no update that is applied has replaced or brought '%s': the one that this update was made on is missing",
				 where, symbol_name(live));
	case SU_MATCH_FORMAT:
		return su_refuse(live->id, -EBADMSG, "update-damaged", "%s: %s", where, what);
	default:
		return su_refuse(live->id, -EINVAL, "internal", "%s: %s: %s", where, what, su_match_status_text(status));
	}
}

int su_check_begin(struct su_live *live)
{
	const struct su_header *header = live->update.header;
	struct su_match *match = &live->match;

	match->update = &live->update;
	match->ops = &ops;
	match->ctx = live;
	match->mode = SU_MATCH_LIVE;
	match->bases = kvcalloc(header->sections.nr + 1, sizeof(*match->bases), GFP_KERNEL);
	match->values = kvcalloc(header->symbols.nr + 1, sizeof(*match->values), GFP_KERNEL);
	match->trail = kvcalloc((size_t)header->sections.nr + header->symbols.nr + 1, sizeof(u32), GFP_KERNEL);
	match->matched = kvzalloc(header->sections.nr + 1, GFP_KERNEL);
	if (!match->bases || !match->values || !match->trail || !match->matched)
		return su_refuse(live->id, -ENOMEM, "system", "no memory to match");
	return 0;
}

void su_check_end(struct su_live *live)
{
	struct su_match *match = &live->match;

	kvfree(match->matched);
	kvfree(match->trail);
	kvfree(match->values);
	kvfree(match->bases);
	memset(match, 0, sizeof(*match));
}

static bool is_in_core(const struct module *mod, u64 addr, u64 size)
{
	return !size || (within_module_core(addr, mod) && within_module_core(addr + size - 1, mod));
}

/* A module's code is where that module's code is, whatever the names said. */
static int check_places(const struct su_live *live, u32 target)
{
	const struct su_update *update = &live->update;
	const struct module *mod = live->targets[target].mod;
	u32 i;

	for (i = 0; mod && i < update->header->sections.nr; i++) {
		const struct su_section *section = &update->sections[i];

		if (update->units[section->unit].target != target || section->kind != SU_SECTION_TEXT ||
		    section->origin != SU_ORIGIN_TARGET || is_in_core(mod, live->match.bases[i].value, section->size))
			continue;
		return su_refuse(live->id, -ESTALE, "value-disagrees", "%s: %s would lie outside of %s",
				 su_update_string(update, update->units[section->unit].name),
				 su_update_string(update, section->name), mod->name);
	}
	return 0;
}

static int run_match(struct su_live *live, u32 target)
{
	struct su_match *match = &live->match;
	int status, ret;

	match->target = target;
	match->scratch_sz = su_match_scratch_sz(&live->update);
	match->scratch = kvmalloc(match->scratch_sz + 1, GFP_KERNEL);
	if (!match->scratch)
		return su_refuse(live->id, -ENOMEM, "system", "no memory to match");
	status = su_match_run(match);
	kvfree(match->scratch);
	match->scratch = NULL;
	ret = status == SU_MATCH_OK ? check_places(live, target) : refuse_match(live, status);
	if (!ret)
		ret = su_bases_hold(live, target);
	if (ret) {
		su_match_roll_back(match);
		su_match_forget(match, target);
	}
	return ret;
}

static void end_names(struct su_live *live)
{
	su_names_destroy(live->earlier_names);
	su_names_destroy(live->names);
	live->earlier_names = NULL;
	live->names = NULL;
}

int su_check(struct su_live *live, u32 target)
{
	int ret;

	lockdep_assert_held(&su_mutex);
	ret = su_names_create(live, target, &live->names);
	if (!ret)
		ret = su_names_create_earlier(live, target, &live->earlier_names);
	if (ret)
		ret = su_refuse(live->id, ret, "system", "the kernel's symbols cannot be read (%d)", ret);
	else
		ret = run_match(live, target);
	end_names(live);
	return ret;
}
