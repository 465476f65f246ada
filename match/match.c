// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of a match: code whose place is known or elected by its names; then read-only data that it reaches;
 * then code whose names fit in several places, with all that is known by then to tell them apart; then the
 * symbols that nothing has named yet. Each step can make the place of another section known, so steps are
 * repeated until nothing moves.
 */
#include "internal.h"

static bool section_is_ours(const struct su_match *m, u32 section)
{
	u32 unit = m->update->sections[section].unit;

	if (m->update->sections[section].origin != SU_ORIGIN_TARGET && !m->ops->latest)
		return false;
	return m->target == SU_NONE || m->update->units[unit].target == m->target;
}

bool su_symbol_is_ours(const struct su_match *m, u32 symbol)
{
	const struct su_symbol *s = &m->update->symbols[symbol];

	if (s->section != SU_NONE)
		return section_is_ours(m, s->section);
	if ((s->flags & SU_SYMBOL_EARLIER) && !m->ops->latest)
		return false;
	return m->target == SU_NONE || s->target == SU_NONE || s->target == m->target;
}

static bool is_open(const struct su_match *m, u32 section, u32 kind)
{
	const struct su_section *s = &m->update->sections[section];

	return s->kind == kind && s->size && !m->matched[section] && section_is_ours(m, section);
}

/* ---- sections whose place is known ---- */

static int compare_known(struct su_match *m, u32 kind, bool *progress)
{
	u32 i;

	for (i = 0; i < m->update->header->sections.nr; i++) {
		int err;

		if (!is_open(m, i, kind) || !m->bases[i].known)
			continue;
		err = su_section_compare(m, i);
		if (err)
			return err;
		*progress = true;
	}
	return SU_MATCH_OK;
}

/* Compare at @base; on failure nothing of the trial is left but the report. */
static int try_base(struct su_match *m, u32 section, u64 base)
{
	u32 mark = m->trail_nr;
	int err = su_base_set(m, section, base, SU_VALUE_VOTED, section, 0);

	if (!err)
		err = su_section_compare(m, section);
	if (err)
		su_trail_rollback(m, mark);
	return err;
}

/* ---- the latest replacements of functions ---- */

static bool is_latest(const struct su_match *m, u32 section)
{
	return su_section_latest(&m->update->sections[section]) != SU_NONE;
}

static int place_latest_one(struct su_match *m, u32 section, u64 original)
{
	u64 addr = m->ops->latest(m->ctx, original);

	if (!addr)
		return su_mismatch_at(m, SU_MATCH_BASE, section, su_section_latest(&m->update->sections[section]), 0,
				      "replacement by an earlier update");
	return try_base(m, section, addr);
}

static int place_latest(struct su_match *m, bool *progress)
{
	u32 i;

	for (i = 0; i < m->update->header->sections.nr; i++) {
		u64 original;
		int err;

		if (!is_open(m, i, SU_SECTION_TEXT) || !is_latest(m, i) || m->bases[i].known ||
		    su_match_value(m, su_section_latest(&m->update->sections[i]), &original))
			continue;
		err = place_latest_one(m, i, original);
		if (err)
			return err;
		*progress = true;
	}
	return SU_MATCH_OK;
}

/* ---- sections that their names put in one place ---- */

static int place_elected(struct su_match *m, bool *progress)
{
	u32 i;

	for (i = 0; i < m->update->header->sections.nr; i++) {
		struct su_election e;
		int err;

		if (!is_open(m, i, SU_SECTION_TEXT) || m->bases[i].known || is_latest(m, i))
			continue;
		su_section_elect(m, i, true, &e);
		if (e.base_nr != 1)
			continue;
		/* the report of this failure is what a person needs: no hunting for other places */
		err = try_base(m, i, e.bases[0]);
		if (err)
			return err;
		*progress = true;
	}
	return SU_MATCH_OK;
}

/* ---- sections whose names fit in several places ---- */

/* Like try_base(), and what it says of other symbols must agree with their names too. Leaves nothing behind. */
static int try_and_forget(struct su_match *m, u32 section, u64 base)
{
	u32 mark = m->trail_nr;
	int err = try_base(m, section, base);

	if (!err)
		err = su_names_check(m);
	m->matched[section] = 0;
	su_trail_rollback(m, mark);
	return err;
}

/* The report is that of the place which agrees longest. */
static int try_tied(struct su_match *m, u32 section, const struct su_election *e, bool *progress)
{
	struct su_mismatch longest = { .section = SU_NONE };
	int longest_err = SU_MATCH_OK;
	u64 fitting = 0;
	u32 fit_nr = 0;
	u32 i;

	if (e->base_nr == 0 || e->base_nr > SU_ELECTED_MAX)
		return SU_MATCH_OK;
	for (i = 0; i < e->base_nr; i++) {
		int err = try_and_forget(m, section, e->bases[i]);

		if (!err) {
			fitting = e->bases[i];
			fit_nr++;
		} else if (!longest_err || (m->mismatch.section == section && m->mismatch.off > longest.off)) {
			longest = m->mismatch;
			longest_err = err;
		}
	}
	if (fit_nr == 0) {
		m->mismatch = longest;
		return longest_err;
	}
	if (fit_nr > 1)
		return SU_MATCH_OK;
	*progress = true;
	return try_base(m, section, fitting);
}

static int place_tied(struct su_match *m, bool *progress)
{
	u32 i;

	for (i = 0; i < m->update->header->sections.nr && !*progress; i++) {
		struct su_election e;
		int err;

		if (!is_open(m, i, SU_SECTION_TEXT) || is_latest(m, i))
			continue;
		su_section_elect(m, i, true, &e);
		err = try_tied(m, i, &e, progress);
		if (err)
			return err;
	}
	return SU_MATCH_OK;
}

/* ---- all sections ---- */

static int place_some(struct su_match *m, bool *progress)
{
	int err = compare_known(m, SU_SECTION_TEXT, progress);

	if (!err)
		err = place_elected(m, progress);
	if (!err)
		err = place_latest(m, progress);
	if (err || *progress)
		return err;
	err = compare_known(m, SU_SECTION_RODATA, progress);
	if (err || *progress)
		return err;
	return place_tied(m, progress);
}

/* The first section of code that has found no place. */
static int report_unplaced(struct su_match *m)
{
	u32 i;

	for (i = 0; i < m->update->header->sections.nr; i++) {
		struct su_election e;

		if (!is_open(m, i, SU_SECTION_TEXT))
			continue;
		su_section_elect(m, i, true, &e);
		if (!e.base_nr && m->update->sections[i].origin != SU_ORIGIN_TARGET)
			return su_mismatch_at(m, SU_MATCH_BASE, i, su_symbol_at(m->update, i, 0), 0,
					      "code of an earlier update");
		if (e.base_nr)
			return su_mismatch_at(m, SU_MATCH_AMBIGUOUS, i, SU_NONE, 0, "code that fits in several places");
		return su_mismatch_at(m, SU_MATCH_SYMBOL, i, SU_NONE, 0, "code whose functions have no known name");
	}
	return SU_MATCH_OK;
}

static int place_all(struct su_match *m)
{
	bool progress;
	int err;

	do {
		progress = false;
		err = place_some(m, &progress);
	} while (!err && progress);
	return err ? err : report_unplaced(m);
}

/* ---- symbols that no code has named ---- */

static bool is_missing(const struct su_match *m, u32 symbol)
{
	u64 value;

	return (m->update->symbols[symbol].flags & SU_SYMBOL_WANTED) && su_symbol_is_ours(m, symbol) &&
	       su_match_value(m, symbol, &value);
}

/* All names of a data section must agree on one place: there may be no bytes to decide. */
static int want_section(struct su_match *m, u32 symbol)
{
	u32 section = m->update->symbols[symbol].section;
	u64 off = m->update->symbols[symbol].off;
	struct su_election e;

	su_section_elect(m, section, false, &e);
	if (e.base_nr == 0)
		return su_mismatch_at(m, SU_MATCH_SYMBOL, section, symbol, off,
				      "data that no code and no name gives away");
	if (e.base_nr > 1)
		return su_mismatch_at(m, SU_MATCH_AMBIGUOUS, section, symbol, off, "data that fits in several places");
	if (e.votes != e.voters)
		return su_mismatch_value(m, section, symbol, off, e.voters, e.votes,
					 "names of a section that agree on a place");
	if (m->update->sections[section].kind == SU_SECTION_RODATA)
		return try_base(m, section, e.bases[0]);
	return su_base_set(m, section, e.bases[0], SU_VALUE_VOTED, section, off);
}

/* No matched code has the constant: read what its variable holds, as the kernel did at boot. */
static int want_content(struct su_match *m, u32 symbol, u64 addr)
{
	u8 bytes[sizeof(u64)] = { 0 };

	if (m->ops->read(m->ctx, addr, bytes, (size_t)m->update->symbols[symbol].size))
		return su_mismatch_at(m, SU_MATCH_SYMBOL, SU_NONE, symbol, 0, "variable");
	return su_value_set(m, symbol, su_get64(bytes), SU_VALUE_NAME, SU_NONE, 0);
}

static int want_name(struct su_match *m, u32 symbol)
{
	const u64 *addrs = NULL;
	u32 nr = m->ops->candidates(m->ctx, symbol, &addrs);

	if (nr == 0)
		return su_mismatch_at(m, SU_MATCH_SYMBOL, SU_NONE, symbol, 0, "symbol");
	/* the code of another target may refer to it, and then says which one is meant */
	if (nr > 1 && m->target != SU_NONE && m->update->header->targets.nr > 1)
		return SU_MATCH_OK;
	if (nr > 1)
		return su_mismatch_at(m, SU_MATCH_AMBIGUOUS, SU_NONE, symbol, 0, "symbol of several addresses");
	if (m->update->symbols[symbol].flags & SU_SYMBOL_CONTENT)
		return want_content(m, symbol, addrs[0]);
	return su_value_set(m, symbol, addrs[0], SU_VALUE_NAME, SU_NONE, 0);
}

static int want_one(struct su_match *m, u32 symbol)
{
	const struct su_symbol *s = &m->update->symbols[symbol];

	if (s->kind == SU_SYMBOL_PIECE)
		return su_mismatch_at(m, SU_MATCH_SYMBOL, s->section, symbol, s->off, "string that no code refers to");
	return s->section == SU_NONE ? want_name(m, symbol) : want_section(m, symbol);
}

static int want_all(struct su_match *m, bool in_sections)
{
	u32 i;

	for (i = 0; i < m->update->header->symbols.nr; i++) {
		int err;

		if ((m->update->symbols[i].section != SU_NONE) != in_sections || !is_missing(m, i))
			continue;
		err = want_one(m, i);
		if (err)
			return err;
	}
	return SU_MATCH_OK;
}

static int compare_rodata(struct su_match *m)
{
	bool progress;
	int err;

	do {
		progress = false;
		err = compare_known(m, SU_SECTION_RODATA, &progress);
	} while (!err && progress);
	return err;
}

int su_match_run(struct su_match *m)
{
	int err;

	m->mismatch = (struct su_mismatch){ .section = SU_NONE, .symbol = SU_NONE };
	m->trail_nr = 0;
	err = place_all(m);
	/* sections first: the read-only data in them may prove what otherwise rests on a name */
	if (!err)
		err = want_all(m, true);
	if (!err)
		err = compare_rodata(m);
	if (!err)
		err = want_all(m, false);
	return err ? err : su_names_check(m);
}

void su_match_roll_back(struct su_match *m)
{
	u32 i;

	su_trail_rollback(m, 0);
	for (i = 0; i < m->update->header->sections.nr; i++)
		if (!m->bases[i].known)
			m->matched[i] = 0;
}

void su_match_forget(struct su_match *m, u32 target)
{
	const struct su_update *u = m->update;
	u32 i;

	for (i = 0; i < u->header->sections.nr; i++) {
		if (u->units[u->sections[i].unit].target != target)
			continue;
		memset(&m->bases[i], 0, sizeof(m->bases[i]));
		m->matched[i] = 0;
	}
	for (i = 0; i < u->header->symbols.nr; i++)
		if (u->symbols[i].target == target)
			memset(&m->values[i], 0, sizeof(m->values[i]));
}

size_t su_match_scratch_sz(const struct su_update *update)
{
	size_t max = 0;
	u32 i;

	for (i = 0; i < update->header->sections.nr; i++) {
		const struct su_section *s = &update->sections[i];

		if ((s->kind == SU_SECTION_TEXT || s->kind == SU_SECTION_RODATA) && s->size > max)
			max = (size_t)s->size;
	}
	return max;
}
