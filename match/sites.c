// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The forms of places that the kernel rewrites at boot or at run time, one predicate a form. Each is handed the
 * bytes of the site, exactly its length, and says whether this is one of the things that the kernel writes
 * there. Run code is never decoded beyond that: what no predicate knows does not match.
 */
#include "internal.h"

static bool starts_with(const u8 *b, u32 len, const u8 *form, u32 form_len)
{
	return len >= form_len && !memcmp(b, form, form_len);
}

#define STARTS_WITH(b, len, ...) starts_with(b, len, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))
#define IS(b, len, ...) ((len) == sizeof((const u8[]){ __VA_ARGS__ }) && STARTS_WITH(b, len, __VA_ARGS__))

static bool is_call32(const u8 *b, u32 len)
{
	return len >= 5 && b[0] == 0xe8;
}

static bool is_jmp32(const u8 *b, u32 len)
{
	return len >= 5 && b[0] == 0xe9;
}

static bool is_jcc32(const u8 *b, u32 len)
{
	return len >= 6 && b[0] == 0x0f && (b[1] & 0xf0) == 0x80;
}

static bool is_nop5(const u8 *b, u32 len)
{
	return IS(b, len, 0x0f, 0x1f, 0x44, 0x00, 0x00);
}

/* Nothing but no-ops and int3: what fills a site up behind a shorter instruction. */
static bool is_padding(const u8 *b, u32 len)
{
	while (len) {
		u32 n;

		if (b[0] == 0x90 || b[0] == 0xcc || b[0] == 0x2e || b[0] == 0x66)
			n = 1;
		else if (STARTS_WITH(b, len, 0x0f, 0x1f, 0x00))
			n = 3;
		else if (STARTS_WITH(b, len, 0x0f, 0x1f, 0x40, 0x00))
			n = 4;
		else if (STARTS_WITH(b, len, 0x0f, 0x1f, 0x44, 0x00, 0x00))
			n = 5;
		else
			return false;
		b += n;
		len -= n;
	}
	return true;
}

/* ---- fentry, lock prefix, endbr ---- */

static bool is_fentry_form(const u8 *b, u32 len)
{
	return len == 5 && (is_call32(b, len) || is_nop5(b, len));
}

static bool is_lock_form(const u8 *b, u32 len)
{
	return len == 1 && (b[0] == 0xf0 || b[0] == 0x3e);
}

/* The two no-ops are what apply_seal_endbr() writes: v5.18 and, with another poison, v6.16. */
static bool is_endbr_form(const u8 *b, u32 len)
{
	return IS(b, len, 0xf3, 0x0f, 0x1e, 0xfa) || IS(b, len, 0x66, 0x0f, 0x1f, 0x00) ||
	       IS(b, len, 0x0f, 0x1f, 0x40, 0xd6);
}

/* ---- returns ---- */

/*
 * A return, or a jump to whichever return thunk the CPU needs; which of the two can hang on the site's address
 * (ITS).
 */
static bool is_return_form(const u8 *b, u32 len)
{
	return IS(b, len, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc) || (len == 5 && is_jmp32(b, len));
}

static bool return_fits(const u8 *pre, const u8 *run, u32 len)
{
	if (is_jcc32(pre, len))
		return len == 6 && is_jcc32(run, len) && pre[1] == run[1];
	return is_return_form(pre, len) && is_return_form(run, len);
}

/* ---- retpolines ---- */

/* What a branch does, whatever form it has: 0 for no branch, the condition in the low bits of a conditional one. */
enum branch {
	BRANCH_NONE = 0,
	BRANCH_CALL = 1,
	BRANCH_JMP = 2,
	BRANCH_JCC = 0x80,
};

/* [lfence] [41] ff /2 or /4 of the register, then padding. */
static u32 indirect_branch(const u8 *b, u32 len, u32 reg)
{
	bool is_high = false;
	u32 modrm;

	if (STARTS_WITH(b, len, 0x0f, 0xae, 0xe8)) {
		b += 3;
		len -= 3;
	}
	if (len && b[0] == 0x41) {
		is_high = true;
		b++;
		len--;
	}
	if (len < 2 || b[0] != 0xff || !is_padding(b + 2, len - 2))
		return BRANCH_NONE;
	modrm = b[1] & 0xf8;
	if (reg != SU_NONE && reg != (b[1] & 7u) + (is_high ? 8u : 0u))
		return BRANCH_NONE;
	return modrm == 0xd0 ? BRANCH_CALL : modrm == 0xe0 ? BRANCH_JMP : BRANCH_NONE;
}

/* A conditional tail call is made inline as the opposite short jump over an indirect one that fills the site. */
static u32 indirect_jcc(const u8 *b, u32 len, u32 reg)
{
	if (len < 2 || (b[0] & 0xf0) != 0x70 || b[1] != len - 2)
		return BRANCH_NONE;
	if (indirect_branch(b + 2, len - 2, reg) != BRANCH_JMP)
		return BRANCH_NONE;
	return BRANCH_JCC | ((b[0] ^ 1) & 0x0f);
}

static u32 direct_branch(const u8 *b, u32 len)
{
	if (is_call32(b, len) && is_padding(b + 5, len - 5))
		return BRANCH_CALL;
	if (is_jmp32(b, len) && is_padding(b + 5, len - 5))
		return BRANCH_JMP;
	if (is_jcc32(b, len) && is_padding(b + 6, len - 6))
		return BRANCH_JCC | (b[1] & 0x0f);
	return BRANCH_NONE;
}

static u32 retpoline_branch(const u8 *b, u32 len, u32 reg)
{
	u32 branch;

	while (len && b[0] == 0x2e) {
		b++;
		len--;
	}
	branch = direct_branch(b, len);
	if (branch == BRANCH_NONE)
		branch = indirect_branch(b, len, reg);
	if (branch == BRANCH_NONE)
		branch = indirect_jcc(b, len, reg);
	return branch;
}

static bool retpoline_fits(const u8 *pre, const u8 *run, u32 len, u32 reg)
{
	u32 branch = retpoline_branch(pre, len, reg);

	return branch != BRANCH_NONE && branch == retpoline_branch(run, len, reg);
}

/* ---- static keys and static calls ---- */

enum jump_label_form {
	LABEL_NONE,
	LABEL_NOP,
	LABEL_JMP, /* and *target is the offset in the section that it leads to */
};

static enum jump_label_form jump_label_form(const u8 *b, const struct su_site *site, s64 *target)
{
	if (site->len == 2 && b[0] == 0xeb)
		*target = (s64)site->off + 2 + (s8)b[1];
	else if (site->len == 5 && b[0] == 0xe9)
		*target = (s64)site->off + 5 + (s32)su_get32(b + 1);
	else
		return IS(b, site->len, 0x66, 0x90) || is_nop5(b, site->len) ? LABEL_NOP : LABEL_NONE;
	return LABEL_JMP;
}

/* The pre form's own target is not looked at: where it lies in another section the field is not filled in. */
static bool jump_label_fits(const u8 *pre, const u8 *run, const struct su_site *site)
{
	s64 target;

	if (jump_label_form(pre, site, &target) == LABEL_NONE)
		return false;
	switch (jump_label_form(run, site, &target)) {
	case LABEL_NOP:
		return true;
	case LABEL_JMP:
		return site->arg == SU_NONE || target == (s64)site->arg;
	default:
		return false;
	}
}

/* A call of a static call whose function is absent, returns 0, or must not be called. Forms of v5.10 to v6.12. */
static bool is_absent_call_form(const u8 *b, u32 len)
{
	return is_nop5(b, len) || IS(b, len, 0x66, 0x66, 0x48, 0x31, 0xc0) ||
	       IS(b, len, 0x2e, 0x2e, 0x2e, 0x31, 0xc0) || IS(b, len, 0x67, 0x48, 0x0f, 0xb9, 0x3a);
}

/* A jump, or a return where the function is absent: as which the compiler's assembler already makes a trampoline. */
static bool is_tail_call_form(const u8 *b, u32 len)
{
	return len == 5 && (is_jmp32(b, len) || (b[0] == 0xc3 && is_padding(b + 1, len - 1)));
}

static bool static_call_fits(const u8 *pre, const u8 *run, u32 len)
{
	if (len == 5 && is_call32(pre, len))
		return is_call32(run, len) || is_absent_call_form(run, len);
	if (is_tail_call_form(pre, len))
		return is_tail_call_form(run, len) || IS(run, len, 0x67, 0x48, 0x0f, 0xb9, 0x3a);
	return len == 6 && is_jcc32(pre, len) && is_jcc32(run, len) && pre[1] == run[1];
}

/* ---- the same places, found in the kernel's own tables: these say where one begins, and not how long it is ---- */

static u32 label_len(const u8 *b)
{
	static const struct su_site sites[] = { { .len = 2 }, { .len = 5 } };
	u32 i;
	s64 target;

	for (i = 0; i < sizeof(sites) / sizeof(sites[0]); i++)
		if (jump_label_form(b, &sites[i], &target) != LABEL_NONE)
			return sites[i].len;
	return 0;
}

static u32 call_len(const u8 *b)
{
	return is_call32(b, 5) || is_tail_call_form(b, 5) || is_absent_call_form(b, 5) ? 5 : 0;
}

int su_place_overlap(s32 off, const u8 bytes[SU_PLACE_MAX], bool is_call, u32 *len)
{
	u32 sz = is_call ? call_len(bytes) : label_len(bytes);

	if (off >= SU_JMP_SZ || (sz && off + (s32)sz <= 0))
		return 0;
	if (!sz || off < 0)
		return -1;
	*len = sz;
	return 1;
}

bool su_site_fits(const struct su_pair *pair, const struct su_site *site)
{
	const u8 *pre = pair->pre + site->off;
	const u8 *run = pair->run + site->off;
	u32 len = site->len;

	switch (site->kind) {
	case SU_SITE_FENTRY:
		return is_fentry_form(pre, len) && is_fentry_form(run, len);
	case SU_SITE_RETURN:
		return return_fits(pre, run, len);
	case SU_SITE_RETPOLINE:
		return retpoline_fits(pre, run, len, site->arg);
	case SU_SITE_LOCK:
		return is_lock_form(pre, len) && is_lock_form(run, len);
	case SU_SITE_JUMP_LABEL:
		return jump_label_fits(pre, run, site);
	case SU_SITE_STATIC_CALL:
		return static_call_fits(pre, run, len);
	case SU_SITE_ENDBR:
		return is_endbr_form(pre, len) && is_endbr_form(run, len);
	case SU_SITE_OPAQUE:
		return true;
	default:
		return false;
	}
}
