/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the matcher's own files share. order: match.c (what is matched when) -> elect.c (where may a section lie) ->
 * compare.c (is it there) -> sites.c, reloc.c (forms and fields) -> infer.c (what the values must be).
 */
#ifndef SU_MATCH_INTERNAL_H
#define SU_MATCH_INTERNAL_H

#include "match.h"

/* A section of pre and the place in the running kernel that it is compared with. */
struct su_pair {
	u32 idx; /* of the section */
	const struct su_section *section;
	const u8 *pre; /* section->size bytes each */
	const u8 *run;
	u64 pre_addr; /* where pre lies, for which the module loader patched it */
	u64 run_addr;
};

/* Integers leave bytes by copy, as neither side is aligned. */

static inline u32 su_get32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline u64 su_get64(const u8 *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The absolute target of a PC-relative 4-byte field at @addr, whose instruction ends with it. */
static inline u64 su_target32(const u8 *field, u64 addr)
{
	return addr + 4 + (u64)(s64)(s32)su_get32(field);
}

/* ---- reloc.c ---- */

/* The value of the symbol of @hole, given the field's bytes in the running kernel and the field's address there. */
u64 su_hole_value(const struct su_hole *hole, const u8 *field, u64 place);

/* ---- infer.c ---- */

/* Forget every base and value that became known since the trail was so long. */
void su_trail_rollback(struct su_match *m, u32 mark);
/*
 * Fix a section's base, or check it against the one known. @hole says where from: its section and offset, for
 * the report.
 */
int su_base_set(struct su_match *m, u32 section, u64 base, enum su_value_source source, u32 at_section, u64 at_off);
int su_value_set(struct su_match *m, u32 symbol, u64 value, enum su_value_source source, u32 at_section, u64 at_off);
/* What a hole of matched code says about its symbol. Compares a string or constant when its address becomes known. */
int su_hole_infer(struct su_match *m, const struct su_pair *pair, const struct su_hole *hole);
/* Every known value of a named symbol must be one that kallsyms has for the name. */
int su_names_check(struct su_match *m);

/* ---- sites.c ---- */

/* Is the site's run form one that the kernel makes of its pre form? All kinds but ALTERNATIVE. */
bool su_site_fits(const struct su_pair *pair, const struct su_site *site);

/* ---- compare.c ---- */

/* Compare a section whose base is known; infers what its holes say. Sets matched[] on success only. */
int su_section_compare(struct su_match *m, u32 section);
/* Compare @len bytes of the pre area at @pre with the running kernel's at @addr. */
int su_piece_compare(struct su_match *m, u32 symbol, u64 addr);

/* ---- elect.c ---- */

#define SU_ELECTED_MAX 32

/* The bases for which most names of a section speak. */
struct su_election {
	u64 bases[SU_ELECTED_MAX];
	u32 base_nr; /* more than SU_ELECTED_MAX are counted, not kept */
	u32 votes;   /* for each of them */
	u32 voters;  /* names of the section that the running kernel knows at all */
};

/* @func_only: functions vote, not data. */
void su_section_elect(const struct su_match *m, u32 section, bool func_only, struct su_election *election);

/* ---- match.c ---- */

bool su_symbol_is_ours(const struct su_match *m, u32 symbol);

/* ---- mismatch.c ---- */

/* Each fills m->mismatch and returns its code. */
int su_mismatch_at(struct su_match *m, int status, u32 section, u32 symbol, u64 off, const char *what);
int su_mismatch_bytes(struct su_match *m, const struct su_pair *pair, u64 off, const char *what);
int su_mismatch_value(struct su_match *m, u32 section, u32 symbol, u64 off, u64 want, u64 have, const char *what);

#endif
