/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: the place that detects a problem adds one to the caller's sink; everybody above only passes
 * the code on. Only cli/ prints them. Tokens stand in tokens.def.
 */
#ifndef SU_BASE_DIAG_H
#define SU_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum su_token {
#define SU_TOKEN(id, name, status, meaning) SU_T_##id,
#include "tokens.def"
#undef SU_TOKEN
	SU_TOKEN_NR
};

enum su_severity { SU_ERROR, SU_WARNING, SU_NOTE };

#define SU_NO_OFFSET 0

struct su_diag {
	enum su_token token;
	enum su_severity severity;
	const char *object; /* file, unit or option at fault; may be NULL */
	const char *symbol; /* function, symbol or section; may be NULL */
	uint64_t offset;    /* in the symbol; SU_NO_OFFSET (0): none, not shown */
	const char *hint;   /* what to do; may be NULL */
	const char *text;   /* filled in by su_fail() and su_report() */
};

struct su_diags;

struct su_diags *su_diags_create(void);
void su_diags_destroy(struct su_diags *diags);
size_t su_diags_count(const struct su_diags *diags);
/* The @i-th diagnostic in the order of detection; owned by the sink. */
const struct su_diag *su_diags_at(const struct su_diags *diags, size_t i);

/**
 * su_fail - record an error
 * @diags: the sink; copies all strings
 * @diag: token, and where; severity and text are set here
 * @fmt: what failed: lower case, no full stop
 * Return: the negated status of the token, for `return su_fail(...)`.
 */
int su_fail(struct su_diags *diags, struct su_diag diag, const char *fmt, ...) SU_PRINTF(3, 4);

/* The same with a severity of the caller's choice, for warnings and notes. */
void su_report(struct su_diags *diags, enum su_severity severity, struct su_diag diag, const char *fmt, ...)
	SU_PRINTF(4, 5);

const char *su_token_name(enum su_token token);
enum su_status su_token_status(enum su_token token);
const char *su_token_meaning(enum su_token token);

/* Shorthand for the common case: SU_AT(PATCH_READ, .object = path, .hint = "...") */
#define SU_AT(id, ...) ((struct su_diag){ .token = SU_T_##id, __VA_ARGS__ })

#endif
