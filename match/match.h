/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run-pre matching: proves that the running kernel's code is the pre code of an update, and infers the value of
 * every symbol the update needs. Freestanding: no allocation, no printing, no globals; the caller brings memory and a
 * way to read the running kernel and to look up names. The same code runs in the core and in `suture verify`.
 * Source: Arnold and Kaashoek, "Ksplice: Automatic Rebootless Kernel Updates", EuroSys 2009, section 4.
 */
#ifndef SU_MATCH_MATCH_H
#define SU_MATCH_MATCH_H

#include "update.h"

/* What state the pre code and the run code are in as to the sites that are rewritten at boot. */
enum su_match_mode {
	SU_MATCH_LIVE,	    /* pre was patched by this machine's module loader, run by its boot */
	SU_MATCH_IMAGE,	    /* neither is patched: a kernel image on disk */
	SU_MATCH_CORE_FILE, /* only run is patched (/proc/kcore): boot-time sites are not compared */
};

/* Where and how a match failed. All pointers are into the update or constant. */
struct su_mismatch {
	u32 section;	     /* SU_NONE: none in particular */
	u32 symbol;	     /* SU_NONE: none in particular */
	u64 off;	     /* in the section */
	u64 run_addr;	     /* address of the byte at off, 0 if not known */
	u64 want, have;	     /* SU_MATCH_VALUE: the two values */
	u8 pre[16], run[16]; /* SU_MATCH_BYTES: bytes from off on */
	u32 byte_nr;	     /* of them valid */
	const char *what;    /* constant text: what was being compared */
};

struct su_match;

struct su_match_ops {
	/* Read @len bytes of the running kernel at @addr. Redirects of the caller's own are to be seen through. 0 or
	 * negative. */
	int (*read)(void *ctx, u64 addr, void *buf, size_t len);
	/*
	 * Addresses at which the running kernel has a symbol named like @symbol (index), in the symbol's target or, for
	 * SU_SYMBOL_EARLIER, in the earlier updates; *@addrs stays valid during the match. Return: how many.
	 */
	u32 (*candidates)(void *ctx, u32 symbol, const u64 **addrs);
	/*
	 * The bytes of the update's area @area as they lie in memory now: areas[area].size of them may be read
	 * (the caller has checked that). In the kernel simply the area's address. NULL where they are not
	 * there.
	 */
	const u8 *(*bytes)(void *ctx, u32 area);
	/*
	 * Entry of the latest replacement of the function at @addr by an earlier update; 0: there is none. NULL: the
	 * earlier updates are not there to be looked at, and nothing of them is compared.
	 */
	u64 (*latest)(void *ctx, u64 addr);
	/* May be NULL: called between sections, to yield the CPU. */
	void (*relax)(void *ctx);
};

/* A value the match found. */
struct su_value {
	u64 value;
	u32 known; /* 0, or 1 + enum su_value_source */
	u32 reserved;
};

enum su_value_source {
	SU_VALUE_INFERRED, /* a field of matched code holds it */
	SU_VALUE_VOTED,	   /* section base: the names in it agree, and so do the bytes */
	SU_VALUE_NAME,	   /* rests on a name that is unique in kallsyms */
};

/*
 * One attempt to match. Set up with the caller's buffers:
 * @bases: one value per section; @values: one per symbol; @trail: one u32 per section and symbol;
 * @scratch: scratch_sz bytes, at least as many as the largest compared section.
 */
struct su_match {
	const struct su_update *update;
	const struct su_match_ops *ops;
	void *ctx;
	enum su_match_mode mode;
	u32 target; /* match sections and symbols of this target only; SU_NONE: of all */
	struct su_value *bases;
	struct su_value *values;
	u32 *trail;
	u32 trail_nr;
	u8 *matched; /* one flag per section: its bytes were compared and equal */
	u8 *scratch;
	size_t scratch_sz;
	struct su_mismatch mismatch;
};

/* Bytes that the largest section to be compared needs as scratch. */
size_t su_match_scratch_sz(const struct su_update *update);

/**
 * su_match_run - match every section of the target and infer every value
 * @match: update, ops, ctx, mode, target, the buffers and scratch_sz set by the caller; the buffers zeroed
 *
 * On success bases[] is known for every text section and values[] for every SU_SYMBOL_WANTED symbol of the target.
 * Targets are matched one after the other, vmlinux first, with the same buffers: what is known stays and must agree.
 * A name of several addresses is left open where another target's code may still tell them apart: su_match_value() says.
 * On failure match->mismatch says where.
 * Return: SU_MATCH_*. Context: (kernel) may sleep if ops->relax does.
 */
int su_match_run(struct su_match *match);

/* Forget all that the last su_match_run() found, at whatever target: it failed, and some of it may be wrong. */
void su_match_roll_back(struct su_match *match);
/* Forget what lies in a target: it has gone. */
void su_match_forget(struct su_match *match, u32 target);

/**
 * su_match_value - the value of a symbol after a successful match
 * @value: written only on success
 * Return: SU_MATCH_OK, or SU_MATCH_SYMBOL where the match did not yield it.
 */
int su_match_value(const struct su_match *match, u32 symbol, u64 *value);

#define SU_PLACE_MAX 5 /* bytes of a static key's or static call's place, at most */

/**
 * su_place_overlap - does a place that the kernel rewrites at run time reach into the window of a redirect?
 * @off: of the place, from the window's start; more than -SU_PLACE_MAX
 * @bytes: what is there
 * @is_call: of a static call; else of a static key
 * @len: bytes of the place; written only where it does
 * Return: 1: it begins in there. 0: it does not. -1: it begins before, or its form is not known.
 */
int su_place_overlap(s32 off, const u8 bytes[SU_PLACE_MAX], bool is_call, u32 *len);

/**
 * su_symbol_at - the named symbol that a place in a section belongs to, for messages
 * Return: index of the named symbol with the greatest offset not behind @off, functions preferred at a tie; SU_NONE.
 */
u32 su_symbol_at(const struct su_update *update, u32 section, u64 off);

/**
 * su_match_status_text - the text of an SU_MATCH_* code, for messages
 * Return: a constant string, never NULL.
 */
const char *su_match_status_text(int status);

/**
 * su_reloc_field - compute the bytes of a private relocation
 * @reloc: the relocation
 * @place: run-time address of the field
 * @value: value of its symbol
 * @field: receives up to 8 bytes
 * @len: receives how many
 *
 * Return: SU_MATCH_OK; SU_MATCH_RELOC where the value does not fit (overflow is checked as the module loader does).
 */
int su_reloc_field(const struct su_reloc *reloc, u64 place, u64 value, u8 field[8], u32 *len);

#endif
