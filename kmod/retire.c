// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places under a redirect that the kernel rewrites at run time: static keys and static calls. While the JMP is there
 * the kernel has to leave them alone, so their entries in its tables are marked as those of code that goes away after
 * boot, which both of its update loops skip. When the JMP goes the place gets what the kernel would have made of it
 * meanwhile. Where such places are is read in the kernel's own tables, not in the update's.
 */
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/static_call.h>

#include "compat.h"
#include "suture.h"

#define SITES_MAX	3	/* the shortest have two bytes */
#define REST_SZ		(SU_PLACE_MAX - 1)
#define INIT_BIT	2	/* of the key, in both kinds of entry: jump_entry_set_init(), STATIC_CALL_SITE_INIT */
#define FLAGS_SZ	4	/* of the key field: in these the bit is */

struct site {
	unsigned long at;
	u32 len;
	struct jump_entry *label;	/* either this */
	struct static_call_site *call;	/* or that */
	struct su_alias flags;		/* the key field's lowest bytes */
};

/* A site can reach beyond the window: those bytes are the rest. Nobody executes them while the JMP is there. */
struct su_retired {
	u32 nr;
	struct site sites[SITES_MAX];
	u32 rest_sz;
	u8 rest[REST_SZ];		/* as they are, as long as nobody else writes there */
	struct su_alias rest_view;
};

/* ---- what is in the kernel's tables ---- */

struct tables {
	struct jump_entry *labels, *labels_end;
	struct static_call_site *calls, *calls_end;
};

static void find_tables(const struct module *mod, struct tables *tables)
{
	if (!mod) {
		su_jump_table(&tables->labels, &tables->labels_end);
		su_static_call_table(&tables->calls, &tables->calls_end);
		return;
	}
	tables->labels = mod->jump_entries;
	tables->labels_end = mod->jump_entries + mod->num_jump_entries;
	tables->calls = mod->static_call_sites;
	tables->calls_end = mod->static_call_sites + mod->num_static_call_sites;
}

static unsigned long call_addr(const struct static_call_site *call)
{
	return (unsigned long)&call->addr + call->addr;
}

static struct static_call_key *call_key(const struct static_call_site *call)
{
	return (void *)(((unsigned long)&call->key + call->key) & ~STATIC_CALL_SITE_FLAGS);
}

static bool is_tail(const struct static_call_site *call)
{
	return ((unsigned long)&call->key + call->key) & STATIC_CALL_SITE_TAIL;
}

/*
 * The match has seen the same place in a form that it knows, if the update's tables say that one is there. They may lie, and
 * a kprobe may have come since. More than fit into the window would overlap each other, in the kernel's own table.
 */
static int add_site(const char *id, const struct su_redirect *redirect, struct su_retired *retired, struct site site)
{
	u8 bytes[SU_PLACE_MAX];
	int overlap;

	if (site.at + SU_PLACE_MAX <= redirect->window || site.at >= redirect->window + SU_JMP_SZ)
		return 0;
	if (su_read_through(site.at, bytes, SU_PLACE_MAX))
		return su_refuse(id, -EFAULT, "bytes-differ", "%s: cannot be read", redirect->name);
	overlap = su_place_overlap(site.at - redirect->window, bytes, site.call, &site.len);
	if (!overlap)
		return 0;
	if (SU_STEP(overlap, -1) < 0 || retired->nr == SITES_MAX)
		return su_refuse(id, -EOPNOTSUPP, "redirect-over-site",
				 "%s: a static key or static call of an unknown form stands where the redirect must go",
				 redirect->name);
	retired->sites[retired->nr++] = site;
	return 0;
}

static int collect(const char *id, const struct su_redirect *redirect, const struct tables *tables,
		   struct su_retired *retired)
{
	struct jump_entry *label;
	struct static_call_site *call;
	int ret = 0;

	for (label = tables->labels; !ret && label < tables->labels_end; label++)
		ret = add_site(id, redirect, retired, (struct site){ .at = jump_entry_code(label), .label = label });
	for (call = tables->calls; !ret && call < tables->calls_end; call++)
		ret = add_site(id, redirect, retired, (struct site){ .at = call_addr(call), .call = call });
	return ret;
}

/* ---- planning ---- */

static int map_sites(const struct su_redirect *redirect, struct su_retired *retired)
{
	unsigned long rest = redirect->window + SU_JMP_SZ;
	u32 i;
	int ret;

	for (i = 0; i < retired->nr; i++) {
		struct site *site = &retired->sites[i];
		void *key = site->label ? (void *)&site->label->key : (void *)&site->call->key;

		ret = su_alias_map((unsigned long)key, FLAGS_SZ, &site->flags);
		if (ret)
			return ret;
		if (site->at + site->len > rest)
			retired->rest_sz = site->at + site->len - rest;
	}
	if (!retired->rest_sz)
		return 0;
	memcpy(retired->rest, (void *)rest, retired->rest_sz);
	return su_alias_map(rest, retired->rest_sz, &retired->rest_view);
}

static int find(const char *id, struct su_redirect *redirect, const struct module *mod)
{
	struct su_retired *retired = redirect->retired;
	/* now: it may be live, and its tables sorted, when these have been searched */
	bool is_live = !mod || READ_ONCE(mod->state) == MODULE_STATE_LIVE;
	struct tables tables;
	int ret;

	/* The tables of a module that is being loaded are sorted under these, and are not whole meanwhile. */
	mutex_lock(su_jump_label_mutex());
	mutex_lock(su_static_call_mutex());
	find_tables(mod, &tables);
	ret = collect(id, redirect, &tables, retired);
	mutex_unlock(su_static_call_mutex());
	mutex_unlock(su_jump_label_mutex());
	if (ret || !retired->nr)
		return ret;
	/* Until it is live the kernel sorts its tables, and writes to all that is in them. */
	if (!is_live)
		return su_refuse(id, -EOPNOTSUPP, "redirect-over-site",
				 "%s: a static key or static call stands where the redirect must go, and module %s is only being loaded: load it before the update",
				 redirect->name, mod->name);
	ret = map_sites(redirect, retired);
	return ret ? su_refuse(id, ret, "system", "%s: no memory for the redirect", redirect->name) : 0;
}

int su_retire_find(const char *id, struct su_redirect *redirect, const struct module *mod)
{
	int ret;

	/* of a redirect that was on when its module went */
	su_retire_forget(redirect);
	redirect->retired = kzalloc(sizeof(*redirect->retired), GFP_KERNEL);
	if (!redirect->retired)
		return su_refuse(id, -ENOMEM, "system", "no memory for the redirect");
	ret = find(id, redirect, mod);
	if (ret || !redirect->retired->nr)
		su_retire_forget(redirect);
	return ret;
}

void su_retire_forget(struct su_redirect *redirect)
{
	struct su_retired *retired = redirect->retired;
	u32 i;

	if (!retired)
		return;
	for (i = 0; i < retired->nr; i++)
		su_alias_unmap(&retired->sites[i].flags);
	su_alias_unmap(&retired->rest_view);
	kfree(retired);
	redirect->retired = NULL;
}

/* ---- what the kernel would have written: its mutexes are held, so that nothing changes meanwhile ---- */

static void branch_bytes(const struct site *site, u8 opcode, unsigned long to, u8 *bytes)
{
	u8 distance[4];

	put_unaligned_le32(to - (site->at + site->len), distance);
	bytes[0] = opcode;
	memcpy(&bytes[1], distance, site->len - 1);
}

static void nop_bytes(const struct site *site, u8 *bytes)
{
	static const u8 nop2[] = { 0x66, 0x90 }, nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

	memcpy(bytes, site->len == 2 ? nop2 : nop5, site->len);
}

static void label_bytes(const struct site *site, u8 *bytes)
{
	bool is_on = static_key_count(jump_entry_key(site->label)) > 0;

	if (is_on == jump_entry_is_branch(site->label))
		nop_bytes(site, bytes);
	else
		branch_bytes(site, site->len == 2 ? 0xeb : 0xe9, jump_entry_target(site->label), bytes);
}

/*
 * Right on every CPU, though not always the form that the kernel prefers there (mitigations of returns, a function that
 * only returns 0): su_retire_settle() has the kernel write its own.
 */
static void call_bytes(const struct site *site, u8 *bytes)
{
	static const u8 ret5[] = { 0xc3, 0xcc, 0xcc, 0xcc, 0xcc };
	unsigned long func = (unsigned long)READ_ONCE(call_key(site->call)->func);

	if (func)
		branch_bytes(site, is_tail(site->call) ? 0xe9 : 0xe8, func, bytes);
	else if (is_tail(site->call))
		memcpy(bytes, ret5, sizeof(ret5));
	else
		nop_bytes(site, bytes);
}

static void site_bytes(const struct site *site, u8 *bytes)
{
	if (site->label)
		label_bytes(site, bytes);
	else
		call_bytes(site, bytes);
}

/* Of a static call the first byte, as the kernel itself looks at no more (__static_call_validate()). */
static bool is_as_written(const struct site *site)
{
	const u8 *have = (const u8 *)site->at;
	u8 bytes[SU_PLACE_MAX];

	site_bytes(site, bytes);
	if (site->label)
		return !memcmp(have, bytes, site->len);
	if (is_tail(site->call))
		return have[0] == 0xe9 || have[0] == 0xc3;
	return have[0] != 0xcc && have[0] != 0xe9;
}

/* ---- at the switch ---- */

/* From code to a JMP: what is there now is what will be seen through it. */
static int look(struct su_write *write, struct su_retired *retired)
{
	u32 i;

	for (i = 0; i < retired->nr; i++) {
		const struct site *site = &retired->sites[i];
		unsigned long off = site->at - write->window;

		if (!SU_STEP(is_as_written(site), false))
			return -ETXTBSY;
		memcpy(&write->before[off], (void *)site->at, min_t(unsigned long, site->len, SU_JMP_SZ - off));
	}
	memcpy(write->redirect->run, write->before, SU_JMP_SZ);
	memcpy(retired->rest, (void *)(write->window + SU_JMP_SZ), retired->rest_sz);
	return 0;
}

/* From a JMP to code. Nobody executes the rest before the JMP has gone. */
static int renew(struct su_write *write, const struct su_retired *retired)
{
	u8 bytes[SU_JMP_SZ + REST_SZ];
	u32 i;

	if (SU_STEP(memcmp(retired->rest, (void *)(write->window + SU_JMP_SZ), retired->rest_sz), 1))
		return -ETXTBSY;
	memcpy(bytes, write->after, SU_JMP_SZ);
	for (i = 0; i < retired->nr; i++)
		site_bytes(&retired->sites[i], bytes + (retired->sites[i].at - write->window));
	memcpy(write->after, bytes, SU_JMP_SZ);
	if (retired->rest_sz)
		memcpy(retired->rest_view.at, bytes + SU_JMP_SZ, retired->rest_sz);
	return 0;
}

/* Of a JMP that becomes another one nothing is to be done. */
static struct su_retired *affected(const struct su_write *write)
{
	return write->was_jmp == write->is_jmp ? NULL : write->redirect->retired;
}

bool su_retire_ends(const struct su_write *write)
{
	return affected(write) && !write->is_jmp;
}

int su_retire_prepare(struct su_write *write)
{
	struct su_retired *retired = affected(write);

	if (!retired)
		return 0;
	return write->is_jmp ? look(write, retired) : renew(write, retired);
}

/*
 * A label's field has the bit itself. That of a call is a distance, and the bit is that of the address which it leads to:
 * the tables of modules are not aligned, so it need not be the same.
 */
static void mark_site(const struct site *site, bool is_retired)
{
	u32 from = site->label ? 0 : (u32)(unsigned long)&site->call->key;
	u32 key = from + get_unaligned_le32(site->flags.at);

	key = is_retired ? key | INIT_BIT : key & ~INIT_BIT;
	put_unaligned_le32(key - from, site->flags.at);
}

static void mark(const struct su_retired *retired, bool is_retired)
{
	u32 i;

	for (i = 0; i < retired->nr; i++)
		mark_site(&retired->sites[i], is_retired);
}

void su_retire_finish(const struct su_write *write, bool is_made)
{
	struct su_retired *retired = affected(write);

	if (!retired)
		return;
	if (is_made)
		mark(retired, write->is_jmp);
	else if (write->was_jmp && retired->rest_sz)
		memcpy(retired->rest_view.at, retired->rest, retired->rest_sz);
}

void su_retire_settle(const struct su_write *write)
{
	const struct su_retired *retired = affected(write);
	u32 i;

	if (!su_retire_ends(write))
		return;
	for (i = 0; i < retired->nr; i++) {
		const struct site *site = &retired->sites[i];

		if (site->call)
			arch_static_call_transform((void *)site->at, NULL, call_key(site->call)->func,
						   is_tail(site->call));
	}
}
