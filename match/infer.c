// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of the running kernel: section bases and symbol values. Each is set once, by whatever proves it
 * first, and has to agree ever after. What a trial set can be forgotten (the trail), so that a wrong candidate
 * leaves no trace.
 */
#include "internal.h"

void su_trail_rollback(struct su_match *m, u32 mark)
{
	u32 section_nr = m->update->header->sections.nr;

	while (m->trail_nr > mark) {
		u32 i = m->trail[--m->trail_nr];
		struct su_value *v = i < section_nr ? &m->bases[i] : &m->values[i - section_nr];

		memset(v, 0, sizeof(*v));
	}
}

/* The trail has room for each section and symbol once, and only what is not known yet comes here. */
static void set_value(struct su_match *m, struct su_value *v, u32 trail_idx, u64 value, enum su_value_source source)
{
	v->value = value;
	v->known = 1 + (u32)source;
	m->trail[m->trail_nr++] = trail_idx;
}

int su_base_set(struct su_match *m, u32 section, u64 base, enum su_value_source source, u32 at_section, u64 at_off)
{
	struct su_value *v = &m->bases[section];

	if (v->known && v->value == base)
		return SU_MATCH_OK;
	if (v->known)
		return su_mismatch_value(m, at_section, SU_NONE, at_off, v->value, base,
					 "address of a section, named twice");
	if (base & (m->update->sections[section].align - 1))
		return su_mismatch_value(m, at_section, SU_NONE, at_off, m->update->sections[section].align, base,
					 "alignment of a section");
	set_value(m, v, section, base, source);
	return SU_MATCH_OK;
}

int su_value_set(struct su_match *m, u32 symbol, u64 value, enum su_value_source source, u32 at_section, u64 at_off)
{
	struct su_value *v = &m->values[symbol];

	if (v->known && v->value == value)
		return SU_MATCH_OK;
	if (v->known)
		return su_mismatch_value(m, at_section, symbol, at_off, v->value, value,
					 "value of a symbol, named twice");
	set_value(m, v, m->update->header->sections.nr + symbol, value, source);
	return SU_MATCH_OK;
}

int su_hole_infer(struct su_match *m, const struct su_pair *pair, const struct su_hole *hole)
{
	const struct su_symbol *s = &m->update->symbols[hole->symbol];
	u64 value = su_hole_value(hole, pair->run + hole->off, pair->run_addr + hole->off);
	bool is_new = !m->values[hole->symbol].known;
	int err;

	if (s->section != SU_NONE && s->kind != SU_SYMBOL_PIECE) {
		err = su_base_set(m, s->section, value - s->off, SU_VALUE_INFERRED, pair->idx, hole->off);
		if (err == SU_MATCH_VALUE)
			m->mismatch.symbol = hole->symbol;
		return err;
	}
	err = su_value_set(m, hole->symbol, value, SU_VALUE_INFERRED, pair->idx, hole->off);
	if (!err && is_new && s->kind == SU_SYMBOL_PIECE)
		err = su_piece_compare(m, hole->symbol, value);
	return err;
}

int su_match_value(const struct su_match *m, u32 symbol, u64 *value)
{
	const struct su_symbol *s = &m->update->symbols[symbol];
	bool by_base = s->section != SU_NONE && s->kind != SU_SYMBOL_PIECE;
	const struct su_value *v = by_base ? &m->bases[s->section] : &m->values[symbol];

	if (!v->known)
		return SU_MATCH_SYMBOL;
	*value = v->value + (by_base ? s->off : 0);
	return SU_MATCH_OK;
}

static bool has_address(const u64 *addrs, u32 nr, u64 addr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (addrs[i] == addr)
			return true;
	return false;
}

static int check_name(struct su_match *m, u32 symbol)
{
	const struct su_symbol *s = &m->update->symbols[symbol];
	const u64 *addrs = NULL;
	u64 value;
	u32 nr;

	if (s->kind != SU_SYMBOL_NAMED || (s->flags & (SU_SYMBOL_WEAK | SU_SYMBOL_CONTENT)) ||
	    su_match_value(m, symbol, &value))
		return SU_MATCH_OK;
	nr = m->ops->candidates(m->ctx, symbol, &addrs);
	if (nr == 0 || has_address(addrs, nr, value))
		return SU_MATCH_OK;
	return su_mismatch_value(m, s->section, symbol, s->off, addrs[0], value,
				 "value of a symbol against the running kernel's symbol table");
}

int su_names_check(struct su_match *m)
{
	u32 i;

	for (i = 0; i < m->update->header->symbols.nr; i++) {
		int err = su_symbol_is_ours(m, i) ? check_name(m, i) : SU_MATCH_OK;

		if (err)
			return err;
	}
	return SU_MATCH_OK;
}
