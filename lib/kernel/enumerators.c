// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the enums of a text: of each enumerator the value that was given last, itself or before it, as text, and how far it is behind that.
 * Whether a value is ever stored is not known, so a change is told, and no more.
 */
#include <stdlib.h>
#include <string.h>

#include "ctoken.h"
#include "enumerators.h"

struct enumerator {
	const char *name, *base;
	unsigned long long off;
	size_t list; /* which enum */
};

struct enumerators {
	struct su_arena arena;
	struct su_map index; /* name -> in list */
	SU_VEC(struct enumerator) list;
};

struct scanner {
	struct su_clexer lexer;
	struct su_ctoken token;
	struct enumerators *found;
	size_t enum_nr;
};

static bool is_end(const struct scanner *s)
{
	return s->token.kind == SU_CTOKEN_END;
}

static void next(struct scanner *s)
{
	su_clexer_next(&s->lexer, &s->token);
	while (s->token.kind == SU_CTOKEN_DIRECTIVE) {
		while (s->token.kind != SU_CTOKEN_EOL && !is_end(s))
			su_clexer_next(&s->lexer, &s->token);
		su_clexer_next(&s->lexer, &s->token);
	}
}

static char *token_text(struct scanner *s)
{
	return su_arena_format(&s->found->arena, "%.*s", (int)s->token.len, s->token.text);
}

/* "= 1 << 3", or what stands behind a macro's name, up to the comma or brace; NULL where there is none. */
static const char *take_value(struct scanner *s)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	size_t parens = 0;

	if (su_ctoken_is(&s->token, "="))
		next(s);
	for (; !is_end(s) && (parens || !(su_ctoken_is(&s->token, ",") || su_ctoken_is(&s->token, "}"))); next(s)) {
		parens += su_ctoken_is(&s->token, "(");
		parens -= su_ctoken_is(&s->token, ")") && parens;
		su_buf_add(&text, s->token.text, s->token.len);
	}
	return text.nr ? su_arena_strdup(&s->found->arena, text.data) : NULL;
}

/* From behind the brace that opens to the one that closes. */
static void take_enum(struct scanner *s)
{
	struct enumerator e = { .base = "0", .list = s->enum_nr++ };
	int is_new;

	for (next(s); !is_end(s) && !su_ctoken_is(&s->token, "}"); e.off++) {
		const char *value;
		size_t *slot;

		e.name = token_text(s);
		next(s);
		value = take_value(s);
		if (value) {
			e.base = value;
			e.off = 0;
		}
		slot = su_map_put(&s->found->index, e.name, &is_new);
		if (is_new) {
			*slot = s->found->list.nr;
			*su_vec_add(&s->found->list) = e;
		}
		if (su_ctoken_is(&s->token, ","))
			next(s);
	}
}

static void read_enumerators(const struct su_buf *text, struct enumerators *found)
{
	struct scanner s = { .found = found };
	bool is_tag = false;

	su_clexer_init(&s.lexer, text->data, text->nr);
	for (next(&s); !is_end(&s); next(&s)) {
		if (is_tag && su_ctoken_is(&s.token, "{"))
			take_enum(&s);
		is_tag = su_ctoken_is(&s.token, "enum") || (is_tag && s.token.kind == SU_CTOKEN_WORD);
	}
}

static void enumerators_fini(struct enumerators *e)
{
	su_map_fini(&e->index);
	su_vec_fini(&e->list);
	su_arena_fini(&e->arena);
}

/* The kernel's words for a last enumerator that only says how many there are: it moves whenever one is added. */
static bool is_count(const char *name)
{
	static const char *const words[] = { "MAX", "LAST",  "NR",   "NUM",   "COUNT", "CNT",
					     "END", "NBITS", "SIZE", "TOTAL", "N" };

	for (const char *p = name; *p; p += strcspn(p, "_"), p += strspn(p, "_"))
		for (size_t i = 0; i < SU_ARRAY_SIZE(words); i++)
			if (strcspn(p, "_") == strlen(words[i]) && !strncmp(p, words[i], strlen(words[i])))
				return true;
	return false;
}

static bool is_number(const struct enumerator *e, unsigned long long *value)
{
	char *end;

	*value = strtoull(e->base, &end, 0) + e->off;
	return end != e->base && !end[strspn(end, "uUlL")];
}

static bool is_same_value(const struct enumerator *a, const struct enumerator *b)
{
	unsigned long long x, y;

	if (is_number(a, &x) && is_number(b, &y))
		return x == y;
	return a->off == b->off && !strcmp(a->base, b->base);
}

static void warn(struct su_diags *diags, const char *path, const struct enumerator *was, const struct enumerator *is)
{
	SU_CLEANUP_FREE char *from = NULL;
	unsigned long long x, y;

	if (is_number(was, &x) && is_number(is, &y))
		from = su_format(" from %llu to %llu", x, y);
	su_report(diags, SU_WARNING, SU_AT(LAYOUT, .object = path, .symbol = was->name),
		  "the enumerator's value changes%s: where objects in use hold the old one, the new code takes it for another",
		  from ? from : "");
}

void su_enumerators_compare(struct su_diags *diags, const char *path, const struct su_buf *pre, const struct su_buf *post)
{
	struct enumerators a = { 0 }, b = { 0 };
	size_t told = 0; /* one more than the enum that was told last: the first says it for those behind it */

	read_enumerators(pre, &a);
	read_enumerators(post, &b);
	for (size_t i = 0; i < a.list.nr; i++) {
		const struct enumerator *was = &a.list.data[i];
		const size_t *found = su_map_get(&b.index, was->name);

		if (!found || told == was->list + 1 || is_count(was->name) || is_same_value(was, &b.list.data[*found]))
			continue;
		warn(diags, path, was, &b.list.data[*found]);
		told = was->list + 1;
	}
	enumerators_fini(&a);
	enumerators_fini(&b);
}
