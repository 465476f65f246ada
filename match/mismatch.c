// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report of a match that failed: where, what, and both sides' bytes. Wording for people is left to the
 * callers.
 */
#include "internal.h"

int su_mismatch_at(struct su_match *m, int status, u32 section, u32 symbol, u64 off, const char *what)
{
	struct su_mismatch *mm = &m->mismatch;

	memset(mm, 0, sizeof(*mm));
	mm->section = section;
	mm->symbol = symbol;
	mm->off = off;
	mm->what = what;
	if (section != SU_NONE && m->bases[section].known)
		mm->run_addr = m->bases[section].value + off;
	return status;
}

int su_mismatch_bytes(struct su_match *m, const struct su_pair *pair, u64 off, const char *what)
{
	struct su_mismatch *mm = &m->mismatch;
	u64 left = pair->section->size - off;

	(void)su_mismatch_at(m, SU_MATCH_BYTES, pair->idx, SU_NONE, off, what);
	mm->run_addr = pair->run_addr + off;
	mm->byte_nr = left < sizeof(mm->pre) ? (u32)left : (u32)sizeof(mm->pre);
	memcpy(mm->pre, pair->pre + off, mm->byte_nr);
	memcpy(mm->run, pair->run + off, mm->byte_nr);
	return SU_MATCH_BYTES;
}

int su_mismatch_value(struct su_match *m, u32 section, u32 symbol, u64 off, u64 want, u64 have, const char *what)
{
	(void)su_mismatch_at(m, SU_MATCH_VALUE, section, symbol, off, what);
	m->mismatch.want = want;
	m->mismatch.have = have;
	return SU_MATCH_VALUE;
}

const char *su_match_status_text(int status)
{
	switch (status) {
	case SU_MATCH_OK:
		return "matches";
	case SU_MATCH_FORMAT:
		return "the update's tables are damaged";
	case SU_MATCH_BYTES:
		return "the running code differs from the code that the update was made for";
	case SU_MATCH_VALUE:
		return "a symbol would need two values";
	case SU_MATCH_SYMBOL:
		return "a symbol is not in the running kernel";
	case SU_MATCH_AMBIGUOUS:
		return "more than one place or value fits";
	case SU_MATCH_READ:
		return "the running kernel's memory cannot be read";
	case SU_MATCH_MEMORY:
		return "the buffers are too small";
	case SU_MATCH_BASE:
		return "an earlier update is not applied";
	case SU_MATCH_RELOC:
		return "a private relocation does not fit its field";
	default:
		return "unknown status";
	}
}

static bool is_nearer(const struct su_symbol *a, const struct su_symbol *b)
{
	if (a->off != b->off)
		return a->off > b->off;
	return (a->flags & SU_SYMBOL_FUNC) && !(b->flags & SU_SYMBOL_FUNC);
}

u32 su_symbol_at(const struct su_update *update, u32 section, u64 off)
{
	const struct su_symbol *s = update->symbols;
	u32 best = SU_NONE;
	u32 i;

	for (i = 0; i < update->header->symbols.nr; i++) {
		if (s[i].section != section || s[i].kind != SU_SYMBOL_NAMED || s[i].off > off)
			continue;
		if (best == SU_NONE || is_nearer(&s[i], &s[best]))
			best = i;
	}
	return best;
}
