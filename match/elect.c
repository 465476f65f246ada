// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a section may lie: each of its names that the running kernel knows speaks for the bases that would put
 * it right. Names repeat in a kernel, so the base with most votes is the one to compare first; bytes decide,
 * never the vote alone.
 */
#include "internal.h"

/* So many of a section's names, those with fewest addresses, propose bases; all of them vote. */
#define PROPOSER_NR 4

struct voters {
	const struct su_match *m;
	u32 section;
	u32 first, end; /* symbols of the section lie in this range */
	bool func_only;
};

static bool may_vote(const struct voters *v, u32 symbol)
{
	const struct su_symbol *s = &v->m->update->symbols[symbol];

	return s->section == v->section && s->kind == SU_SYMBOL_NAMED && !(s->flags & SU_SYMBOL_WEAK) &&
	       (!v->func_only || (s->flags & SU_SYMBOL_FUNC));
}

static u32 candidates(const struct voters *v, u32 symbol, const u64 **addrs)
{
	*addrs = NULL;
	return v->m->ops->candidates(v->m->ctx, symbol, addrs);
}

static u32 count_votes(const struct voters *v, u64 base)
{
	u32 votes = 0;
	u32 i, j;

	for (i = v->first; i < v->end; i++) {
		const u64 *addrs;
		u32 nr;

		if (!may_vote(v, i))
			continue;
		nr = candidates(v, i, &addrs);
		for (j = 0; j < nr && addrs[j] != base + v->m->update->symbols[i].off; j++)
			;
		votes += j < nr;
	}
	return votes;
}

static bool is_elected(const struct su_election *e, u64 base)
{
	u32 i;

	for (i = 0; i < e->base_nr && i < SU_ELECTED_MAX; i++)
		if (e->bases[i] == base)
			return true;
	return false;
}

static void propose(const struct voters *v, u64 base, struct su_election *e)
{
	u32 votes;

	if ((base & (v->m->update->sections[v->section].align - 1)) || is_elected(e, base))
		return;
	votes = count_votes(v, base);
	if (votes < e->votes)
		return;
	if (votes > e->votes)
		e->base_nr = 0;
	e->votes = votes;
	if (e->base_nr < SU_ELECTED_MAX)
		e->bases[e->base_nr] = base;
	e->base_nr++;
}

/*
 * The names with fewest addresses, in ascending order of these; unused places stay SU_NONE. Also finds the
 * range of voters.
 */
static void choose_proposers(struct voters *v, u32 proposers[PROPOSER_NR], u32 *voter_nr)
{
	u32 counts[PROPOSER_NR];
	u32 i, j;

	for (i = 0; i < PROPOSER_NR; i++) {
		proposers[i] = SU_NONE;
		counts[i] = SU_NONE;
	}
	for (i = 0; i < v->m->update->header->symbols.nr; i++) {
		const u64 *addrs;
		u32 nr = may_vote(v, i) ? candidates(v, i, &addrs) : 0;

		if (nr == 0)
			continue;
		if ((*voter_nr)++ == 0)
			v->first = i;
		v->end = i + 1;
		for (j = PROPOSER_NR; j > 0 && nr < counts[j - 1]; j--) {
			if (j < PROPOSER_NR) {
				counts[j] = counts[j - 1];
				proposers[j] = proposers[j - 1];
			}
			counts[j - 1] = nr;
			proposers[j - 1] = i;
		}
	}
}

void su_section_elect(const struct su_match *m, u32 section, bool func_only, struct su_election *e)
{
	struct voters v = { .m = m, .section = section, .func_only = func_only };
	u32 proposers[PROPOSER_NR];
	u32 i, j;

	e->base_nr = 0;
	e->votes = 0;
	e->voters = 0;
	choose_proposers(&v, proposers, &e->voters);
	for (i = 0; i < PROPOSER_NR && proposers[i] != SU_NONE; i++) {
		const u64 *addrs;
		u32 nr = candidates(&v, proposers[i], &addrs);

		for (j = 0; j < nr; j++)
			propose(&v, addrs[j] - m->update->symbols[proposers[i]].off, e);
		/* one address only, and all others agree with it: nothing can beat that */
		if (nr == 1 && e->votes == e->voters)
			return;
	}
}
