// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One section against the running kernel, byte by byte: plain bytes must be equal, holes say what their
 * symbols' values are, sites have forms. Where the section lies has been decided before.
 */
#include "internal.h"

static int compare_plain(struct su_match *m, const struct su_pair *pair, u64 from, u64 to)
{
	u64 i;

	if (!memcmp(pair->pre + from, pair->run + from, to - from))
		return SU_MATCH_OK;
	for (i = from; pair->pre[i] == pair->run[i]; i++)
		;
	return su_mismatch_bytes(m, pair, i, pair->section->kind == SU_SECTION_TEXT ? "code" : "read-only data");
}

/* ---- alternatives: pre is patched by this machine's loader ---- */

/* Do two branches go to the same place? A place in pre's own copy stands for the place in the running kernel's. */
static bool is_same_target(struct su_match *m, const struct su_pair *pair, u64 off, u64 pre_target, u64 run_target)
{
	const struct su_update *u = m->update;
	u32 i;

	if (pre_target == run_target)
		return true;
	for (i = 0; i < u->header->sections.nr; i++) {
		const struct su_section *s = &u->sections[i];
		u64 start;

		if (s->area == SU_NONE)
			continue;
		start = u->areas[s->area].addr + s->area_off;
		if (pre_target - start >= s->size)
			continue;
		return !su_base_set(m, i, run_target - (pre_target - start), SU_VALUE_INFERRED, pair->idx, off);
	}
	return false;
}

/*
 * The bytes at @off differ. They may belong to a PC-relative field of an instruction that the loader moved to
 * the site; it does not say where, so try each place of four bytes that covers this one. *@end is the field's
 * end.
 */
static bool is_moved_field(struct su_match *m, const struct su_pair *pair, const struct su_site *site, u32 off, u32 *end)
{
	u32 site_end = site->off + site->len;
	u32 j = off >= site->off + 3 ? off - 3 : site->off;

	for (; j <= off && j + 4 <= site_end; j++) {
		u64 pre_target = su_target32(pair->pre + j, pair->pre_addr + j);
		u64 run_target = su_target32(pair->run + j, pair->run_addr + j);

		if (is_same_target(m, pair, j, pre_target, run_target)) {
			*end = j + 4;
			return true;
		}
	}
	return false;
}

/* On a machine with one CPU the kernel's lock prefixes become ds; those of a module's .init.text do not. */
static bool is_unlocked(u8 pre, u8 run)
{
	return pre == 0xf0 && run == 0x3e;
}

static const struct su_hole *private_hole_at(const struct su_match *m, const struct su_section *s, u32 off)
{
	u32 lo = s->first_hole, hi = s->first_hole + s->hole_nr;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (m->update->holes[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < s->first_hole + s->hole_nr && m->update->holes[lo].off == off &&
	    !(m->update->holes[lo].flags & SU_HOLE_NATIVE))
		return &m->update->holes[lo];
	return NULL;
}

/*
 * The module loader does not know of the field of a private hole. It is zero while the loader has left the site alone,
 * and then holds in the running kernel what the linker put there. Where an alternative was taken, its bytes stand there on
 * both sides and there is no field any more: static_cpu_has() is a jmp into .altinstr_aux that no CPU ever keeps.
 */
static bool is_field_left_alone(const struct su_pair *pair, const struct su_hole *hole)
{
	u32 sz = su_hole_size(hole->type);
	bool is_linked = false;
	u32 i;

	for (i = 0; i < sz; i++) {
		if (pair->pre[hole->off + i])
			return false;
		is_linked |= pair->run[hole->off + i] != 0;
	}
	return is_linked;
}

static int compare_patched(struct su_match *m, const struct su_pair *pair, const struct su_site *site)
{
	u32 end = site->off + site->len;
	u32 i = site->off;

	while (i < end) {
		const struct su_hole *hole = private_hole_at(m, pair->section, i);
		u32 next = i + 1;

		if (hole && is_field_left_alone(pair, hole)) {
			int err = su_hole_infer(m, pair, hole);

			if (err)
				return err;
			next = i + su_hole_size(hole->type);
		} else if (pair->pre[i] != pair->run[i] && !is_unlocked(pair->pre[i], pair->run[i]) &&
			   !is_moved_field(m, pair, site, i, &next)) {
			return su_mismatch_bytes(m, pair, i, "code that the kernel patches at boot");
		}
		i = next;
	}
	return SU_MATCH_OK;
}

/* ---- sites ---- */

static const char *site_text(u32 kind)
{
	switch (kind) {
	case SU_SITE_FENTRY:
		return "call of the function tracer";
	case SU_SITE_RETURN:
		return "return";
	case SU_SITE_RETPOLINE:
		return "indirect branch";
	case SU_SITE_LOCK:
		return "lock prefix";
	case SU_SITE_JUMP_LABEL:
		return "static key's branch";
	case SU_SITE_STATIC_CALL:
		return "static call";
	case SU_SITE_ENDBR:
		return "endbr64";
	default:
		return "code that the kernel patches";
	}
}

/* An image on disk is as the compiler left it: what is patched at boot is plain code there. */
static bool is_plain_here(const struct su_match *m, const struct su_site *site)
{
	return site->kind == SU_SITE_ALTERNATIVE && m->mode == SU_MATCH_IMAGE;
}

static int compare_site(struct su_match *m, const struct su_pair *pair, const struct su_site *site)
{
	if (site->kind == SU_SITE_ALTERNATIVE)
		return m->mode == SU_MATCH_CORE_FILE ? SU_MATCH_OK : compare_patched(m, pair, site);
	if (su_site_fits(pair, site))
		return SU_MATCH_OK;
	return su_mismatch_bytes(m, pair, site->off, site_text(site->kind));
}

/* ---- the walk ---- */

/* Sites and holes that are still ahead. */
struct cursor {
	const struct su_hole *hole, *hole_end;
	const struct su_site *site, *site_end;
	u64 pos;
};

static int step_site(struct su_match *m, const struct su_pair *pair, struct cursor *c)
{
	const struct su_site *site = c->site++;

	if (is_plain_here(m, site))
		return SU_MATCH_OK;
	c->pos = site->off + site->len;
	while (c->hole < c->hole_end && c->hole->off < c->pos)
		c->hole++;
	return compare_site(m, pair, site);
}

static int step_hole(struct su_match *m, const struct su_pair *pair, struct cursor *c)
{
	const struct su_hole *hole = c->hole++;

	c->pos = hole->off + su_hole_size(hole->type);
	return su_hole_infer(m, pair, hole);
}

static int step(struct su_match *m, const struct su_pair *pair, struct cursor *c)
{
	u64 size = pair->section->size;
	u64 hole_off = c->hole < c->hole_end ? c->hole->off : size;
	u64 site_off = c->site < c->site_end ? c->site->off : size;
	u64 next = hole_off < site_off ? hole_off : site_off;
	int err;

	if (next > c->pos) {
		err = compare_plain(m, pair, c->pos, next);
		if (err)
			return err;
		c->pos = next;
	}
	if (next == size)
		return SU_MATCH_OK;
	/* where both begin, the site decides about the hole in it */
	return site_off <= hole_off ? step_site(m, pair, c) : step_hole(m, pair, c);
}

static int compare_pair(struct su_match *m, const struct su_pair *pair)
{
	const struct su_section *s = pair->section;
	struct cursor c = {
		.hole = m->update->holes + s->first_hole,
		.hole_end = m->update->holes + s->first_hole + s->hole_nr,
		.site = m->update->sites + s->first_site,
		.site_end = m->update->sites + s->first_site + s->site_nr,
	};

	while (c.pos < s->size || c.site < c.site_end) {
		int err = step(m, pair, &c);

		if (err)
			return err;
	}
	return SU_MATCH_OK;
}

int su_section_compare(struct su_match *m, u32 idx)
{
	const struct su_section *s = &m->update->sections[idx];
	const u8 *area = m->ops->bytes(m->ctx, s->area);
	struct su_pair pair = { .idx = idx, .section = s, .run = m->scratch, .run_addr = m->bases[idx].value };
	int err;

	if (m->ops->relax)
		m->ops->relax(m->ctx);
	if (!area || s->size > m->scratch_sz)
		return su_mismatch_at(m, SU_MATCH_MEMORY, idx, SU_NONE, 0, "pre code");
	pair.pre = area + s->area_off;
	pair.pre_addr = m->update->areas[s->area].addr + s->area_off;
	if (s->size && m->ops->read(m->ctx, pair.run_addr, m->scratch, s->size))
		return su_mismatch_at(m, SU_MATCH_READ, idx, SU_NONE, 0, "running kernel");
	err = compare_pair(m, &pair);
	if (!err)
		m->matched[idx] = 1;
	return err;
}

/* ---- strings and constants that the linker merges ---- */

static int compare_chunk(struct su_match *m, u32 symbol, u64 done, u64 addr, const u8 *pre, u32 len)
{
	const struct su_symbol *sym = &m->update->symbols[symbol];
	struct su_mismatch *mm = &m->mismatch;
	u8 run[64];
	u32 i;

	if (m->ops->read(m->ctx, addr, run, len)) {
		(void)su_mismatch_at(m, SU_MATCH_READ, sym->section, symbol, sym->off + done, "string or constant");
		mm->run_addr = addr;
		return SU_MATCH_READ;
	}
	for (i = 0; i < len && pre[i] == run[i]; i++)
		;
	if (i == len)
		return SU_MATCH_OK;
	(void)su_mismatch_at(m, SU_MATCH_BYTES, sym->section, symbol, sym->off + done + i, "string or constant");
	mm->run_addr = addr + i;
	mm->byte_nr = len - i < sizeof(mm->pre) ? len - i : (u32)sizeof(mm->pre);
	memcpy(mm->pre, pre + i, mm->byte_nr);
	memcpy(mm->run, run + i, mm->byte_nr);
	return SU_MATCH_BYTES;
}

int su_piece_compare(struct su_match *m, u32 symbol, u64 addr)
{
	const struct su_symbol *sym = &m->update->symbols[symbol];
	const struct su_section *s = &m->update->sections[sym->section];
	const u8 *pre = m->ops->bytes(m->ctx, s->area);
	u64 done = 0;

	if (!pre)
		return su_mismatch_at(m, SU_MATCH_MEMORY, sym->section, symbol, sym->off, "string or constant");
	pre += s->area_off + sym->off;
	while (done < sym->size) {
		u32 len = sym->size - done < 64 ? (u32)(sym->size - done) : 64;
		int err = compare_chunk(m, symbol, done, addr + done, pre + done, len);

		if (err)
			return err;
		done += len;
	}
	return SU_MATCH_OK;
}
