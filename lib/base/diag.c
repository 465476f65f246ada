// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sink of diagnostics: a list in the order of detection, strings copied into one arena. Worker threads do not
 * exist, so there is no lock. Printing is left to cli/.
 */
#include <stdarg.h>
#include <stdio.h>

#include "diag.h"
#include "mem.h"

struct su_diags {
	struct su_arena arena;
	SU_VEC(struct su_diag) list;
};

static const struct {
	const char *name;
	const char *meaning;
	enum su_status status;
} tokens[SU_TOKEN_NR] = {
#define SU_TOKEN(id, token_name, token_status, token_meaning) \
	[SU_T_##id] = { .name = token_name, .meaning = token_meaning, .status = token_status },
#include "tokens.def"
#undef SU_TOKEN
};

struct su_diags *su_diags_create(void)
{
	return su_alloc(sizeof(struct su_diags));
}

void su_diags_destroy(struct su_diags *diags)
{
	if (!diags)
		return;
	su_vec_fini(&diags->list);
	su_arena_fini(&diags->arena);
	free(diags);
}

size_t su_diags_count(const struct su_diags *diags)
{
	return diags->list.nr;
}

const struct su_diag *su_diags_at(const struct su_diags *diags, size_t i)
{
	return &diags->list.data[i];
}

static const char *copy_string(struct su_arena *arena, const char *s)
{
	return s ? su_arena_strdup(arena, s) : NULL;
}

SU_PRINTF(4, 0)
static void add_diag(struct su_diags *diags, enum su_severity severity, const struct su_diag *diag, const char *fmt,
		     va_list args)
{
	struct su_diag copy = *diag;
	char *text = NULL;

	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	copy.severity = severity;
	copy.object = copy_string(&diags->arena, diag->object);
	copy.symbol = copy_string(&diags->arena, diag->symbol);
	copy.hint = copy_string(&diags->arena, diag->hint);
	copy.text = su_arena_strdup(&diags->arena, text ? text : fmt);
	free(text);
	*su_vec_add(&diags->list) = copy;
}

int su_fail(struct su_diags *diags, struct su_diag diag, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_diag(diags, SU_ERROR, &diag, fmt, args);
	va_end(args);
	return -(int)su_token_status(diag.token);
}

void su_report(struct su_diags *diags, enum su_severity severity, struct su_diag diag, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_diag(diags, severity, &diag, fmt, args);
	va_end(args);
}

const char *su_token_name(enum su_token token)
{
	return tokens[token].name;
}

enum su_status su_token_status(enum su_token token)
{
	return tokens[token].status;
}

const char *su_token_meaning(enum su_token token)
{
	return tokens[token].meaning;
}
