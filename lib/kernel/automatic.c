// SPDX-License-Identifier: GPL-2.0-or-later
/* Looks at every place where a source file names a struct. */
#include <string.h>

#include "automatic.h"
#include "ctoken.h"
#include "lib/base/mem.h"

struct scope {
	bool is_record;
};

struct reading {
	struct su_clexer lexer;
	struct su_ctoken last[2]; /* before the token at hand, the newest first */
	struct su_ctoken token;
	SU_VEC(struct scope) scopes; /* of open braces */
	size_t paren_nr;	     /* open parentheses */
	const char *name;
	struct su_map objects; /* variables and parameters of the type, and pointers to it */
	bool is_defined;
};

static void next(struct reading *r)
{
	r->last[1] = r->last[0];
	r->last[0] = r->token;
	su_clexer_next(&r->lexer, &r->token);
}

static bool is_tag(const struct su_ctoken *token)
{
	return su_ctoken_is(token, "struct") || su_ctoken_is(token, "union");
}

static bool is_in_record(const struct reading *r)
{
	return r->scopes.nr && r->scopes.data[r->scopes.nr - 1].is_record;
}

static void note_scope(struct reading *r)
{
	if (su_ctoken_is(&r->token, "{"))
		*su_vec_add(&r->scopes) = (struct scope){ is_tag(&r->last[0]) || is_tag(&r->last[1]) };
	else if (su_ctoken_is(&r->token, "}") && r->scopes.nr)
		r->scopes.nr--;
	else if (su_ctoken_is(&r->token, "("))
		r->paren_nr++;
	else if (su_ctoken_is(&r->token, ")") && r->paren_nr)
		r->paren_nr--;
}

static void add_object(struct reading *r)
{
	SU_CLEANUP_FREE char *name = su_format("%.*s", (int)r->token.len, r->token.text);

	su_map_put(&r->objects, name, NULL);
}

/* "struct NAME" has been read; @before: the token in front of it. Is what follows a use that ends with its function? */
static bool take_use(struct reading *r, const struct su_ctoken *before)
{
	bool is_inside = r->scopes.nr && !is_in_record(r);

	next(r);
	if (su_ctoken_is(&r->token, "{")) {
		r->is_defined = true;
		return true;
	}
	if (su_ctoken_is(&r->token, ";"))
		return !is_in_record(r);
	if (is_in_record(r) || (!is_inside && !r->paren_nr))
		return false;
	if (su_ctoken_is(&r->token, "*")) {
		next(r);
		if (r->token.kind == SU_CTOKEN_WORD)
			add_object(r);
		return r->token.kind == SU_CTOKEN_WORD;
	}
	if (r->token.kind != SU_CTOKEN_WORD || r->paren_nr || !is_inside ||
	    !(su_ctoken_is(before, ";") || su_ctoken_is(before, "{") || su_ctoken_is(before, "}")))
		return false;
	add_object(r);
	next(r);
	return su_ctoken_is(&r->token, "=");
}

/* All places where the type is named. */
static bool are_uses_automatic(struct reading *r)
{
	bool ok = true;

	for (next(r); ok && r->token.kind != SU_CTOKEN_END; next(r)) {
		struct su_ctoken before = r->last[1];

		if (is_tag(&r->last[0]) && su_ctoken_is(&r->token, r->name))
			ok = take_use(r, &before);
		note_scope(r);
	}
	return ok && r->is_defined;
}

/* "sizeof(*p)", "struct_size(p, ...)": the size is what memory is asked for with. */
static bool is_size_taken(struct reading *r)
{
	size_t near = 0;

	for (next(r); r->token.kind != SU_CTOKEN_END; next(r)) {
		SU_CLEANUP_FREE char *word = su_format("%.*s", (int)r->token.len, r->token.text);

		if (su_ctoken_is(&r->token, "sizeof") || su_ctoken_is(&r->token, "struct_size"))
			near = 4;
		else if (near && near-- && su_map_get(&r->objects, word))
			return true;
	}
	return false;
}

bool su_record_is_automatic(const char *text, size_t sz, const char *name)
{
	struct reading r = { .name = name };
	bool ok;

	su_clexer_init(&r.lexer, text, sz);
	ok = are_uses_automatic(&r);
	su_clexer_init(&r.lexer, text, sz);
	if (ok)
		ok = !is_size_taken(&r);
	su_vec_fini(&r.scopes);
	su_map_fini(&r.objects);
	return ok;
}
