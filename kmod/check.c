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

int su_read_through(unsigned long addr, void *buf, size_t len)
{
	const struct su_live *live;
	u32 i;

	lockdep_assert_held(&su_mutex);
	if (copy_from_kernel_nofault(buf, (const void *)addr, len))
		return -EFAULT;
	list_for_each_entry(live, &su_lives, list) {
		if (live->state != SU_STATE_APPLIED)
			continue;
		for (i = 0; i < live->redirect_nr; i++)
			see_through(&live->redirects[i], addr, buf, len);
	}
	return 0;
}

static int read_running(void *ctx, u64 addr, void *buf, size_t len)
{
	return su_read_through(addr, buf, len);
}

static u32 get_candidates(void *ctx, u32 symbol, const u64 **addrs)
{
	const struct su_load *load = ctx;

	return su_names_get(load->names, symbol, addrs);
}

/* find.c has checked that areas lie in the module. */
static const u8 *area_bytes(void *ctx, u32 area)
{
	const struct su_load *load = ctx;

	return (const u8 *)(unsigned long)load->update.areas[area].addr;
}

static void relax(void *ctx)
{
	cond_resched();
}

static const struct su_match_ops ops = {
	.read = read_running,
	.candidates = get_candidates,
	.bytes = area_bytes,
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

static void name_section(const struct su_load *load, char *buf, size_t sz)
{
	const struct su_mismatch *mismatch = &load->match.mismatch;
	const struct su_update *update = &load->update;
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

static const char *symbol_name(const struct su_load *load)
{
	u32 symbol = load->match.mismatch.symbol;
	const char *name = "";

	if (symbol < load->update.header->symbols.nr)
		name = su_update_string(&load->update, load->update.symbols[symbol].name);
	return *name ? name : "(no name)";
}

static int refuse_match(const struct su_load *load, int status)
{
	const struct su_mismatch *mismatch = &load->match.mismatch;
	u32 nr = min_t(u32, mismatch->byte_nr, SHOWN_BYTES);
	const char *what = mismatch->what ? mismatch->what : su_match_status_text(status);
	char where[224];

	name_section(load, where, sizeof(where));
	switch (status) {
	case SU_MATCH_BYTES:
		return su_refuse(load->id, -ESTALE, "bytes-differ", "%s: %s: the update has %*ph, the kernel %*ph: %s",
				 where, what, nr, mismatch->pre, nr, mismatch->run, guess_reason(mismatch));
	case SU_MATCH_VALUE:
		return su_refuse(load->id, -ESTALE, "value-disagrees", "%s: %s: '%s' would need two values: %s", where,
				 what, symbol_name(load), guess_reason(mismatch));
	case SU_MATCH_SYMBOL:
		return su_refuse(load->id, -EADDRNOTAVAIL, "symbol-unmatched",
				 "%s: %s: '%s' is not in the running kernel", where, what, symbol_name(load));
	case SU_MATCH_AMBIGUOUS:
		return su_refuse(load->id, -ENOTUNIQ, "symbol-ambiguous",
				 "%s: %s: '%s' has several candidates in the running kernel", where, what,
				 symbol_name(load));
	case SU_MATCH_READ:
		return su_refuse(load->id, -EFAULT, "bytes-differ", "%s: %s: the kernel's memory cannot be read", where,
				 what);
	case SU_MATCH_FORMAT:
		return su_refuse(load->id, -EBADMSG, "update-damaged", "%s: %s", where, what);
	default:
		return su_refuse(load->id, -EINVAL, "internal", "%s: %s: %s", where, what,
				 su_match_status_text(status));
	}
}

static int allocate(struct su_load *load)
{
	const struct su_header *header = load->update.header;
	struct su_match *match = &load->match;

	match->scratch_sz = su_match_scratch_sz(&load->update);
	match->bases = kvcalloc(header->sections.nr + 1, sizeof(*match->bases), GFP_KERNEL);
	match->values = kvcalloc(header->symbols.nr + 1, sizeof(*match->values), GFP_KERNEL);
	match->trail = kvcalloc((size_t)header->sections.nr + header->symbols.nr + 1, sizeof(u32), GFP_KERNEL);
	match->matched = kvzalloc(header->sections.nr + 1, GFP_KERNEL);
	match->scratch = kvmalloc(match->scratch_sz + 1, GFP_KERNEL);
	if (!match->bases || !match->values || !match->trail || !match->matched || !match->scratch)
		return su_refuse(load->id, -ENOMEM, "system", "no memory to match");
	return 0;
}

int su_check(struct su_load *load)
{
	struct su_match *match = &load->match;
	int ret, status;

	lockdep_assert_held(&su_mutex);
	ret = su_names_create(&load->update, &load->names);
	if (ret)
		return su_refuse(load->id, ret, "system", "the kernel's symbols cannot be read (%d)", ret);
	ret = allocate(load);
	if (ret)
		goto fail;
	match->update = &load->update;
	match->ops = &ops;
	match->ctx = load;
	match->mode = SU_MATCH_LIVE;
	match->target = SU_NONE;
	status = su_match_run(match);
	if (status == SU_MATCH_OK)
		return 0;
	ret = refuse_match(load, status);
fail:
	su_check_end(load);
	return ret;
}

void su_check_end(struct su_load *load)
{
	struct su_match *match = &load->match;

	kvfree(match->scratch);
	kvfree(match->matched);
	kvfree(match->trail);
	kvfree(match->values);
	kvfree(match->bases);
	su_names_destroy(load->names);
}
