// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares functions, macros and types of the patched files by their tokens. */
#include <string.h>

#include "ctoken.h"
#include "definition.h"
#include "lib/base/str.h"
#include "scope.h"

struct reading {
	struct su_clexer lexer;
	struct su_ctoken token, before;
	const char *name;
	struct su_buf *found; /* the function's definitions */
	struct su_buf text;   /* of the declaration at hand */
	bool is_named;	      /* it declares the function */
};

static bool next(struct reading *r)
{
	r->before = r->token;
	su_clexer_next(&r->lexer, &r->token);
	return r->token.kind != SU_CTOKEN_END;
}

static void add_token(struct reading *r)
{
	su_buf_add(&r->text, r->token.text, r->token.len);
	su_buf_puts(&r->text, " ");
}

/* A #line only says where the rest was before. */
static void take_directive(struct reading *r)
{
	size_t begin = r->text.nr;
	bool is_line = false;

	add_token(r);
	while (next(r) && r->token.kind != SU_CTOKEN_EOL) {
		is_line |= r->before.kind == SU_CTOKEN_DIRECTIVE && su_ctoken_is(&r->token, "line");
		add_token(r);
	}
	if (is_line)
		r->text.nr = begin;
}

/* From the brace that opens to the one that closes. */
static void take_braces(struct reading *r)
{
	size_t depth = 1;

	add_token(r);
	while (depth && next(r)) {
		if (r->token.kind == SU_CTOKEN_DIRECTIVE) {
			take_directive(r);
			continue;
		}
		depth += su_ctoken_is(&r->token, "{");
		depth -= su_ctoken_is(&r->token, "}");
		add_token(r);
	}
}

static void begin(struct reading *r)
{
	r->text.nr = 0;
	r->is_named = false;
}

static void take(struct reading *r, size_t *parens)
{
	if (su_ctoken_is(&r->token, "{") && !*parens) {
		take_braces(r);
		if (r->is_named)
			su_buf_add(r->found, r->text.data, r->text.nr);
		begin(r);
		return;
	}
	r->is_named |= !*parens && su_ctoken_is(&r->token, "(") && su_ctoken_is(&r->before, r->name);
	*parens += su_ctoken_is(&r->token, "(");
	*parens -= su_ctoken_is(&r->token, ")") && *parens;
	add_token(r);
	if (su_ctoken_is(&r->token, ";") && !*parens)
		begin(r);
}

static void read_definitions(const char *name, const struct su_buf *text, struct su_buf *found)
{
	struct reading r = { .name = name, .found = found };
	size_t parens = 0;

	su_clexer_init(&r.lexer, text->data, text->nr);
	while (next(&r)) {
		if (r.token.kind == SU_CTOKEN_DIRECTIVE) {
			while (next(&r) && r.token.kind != SU_CTOKEN_EOL)
				;
			continue;
		}
		take(&r, &parens);
	}
	su_buf_fini(&r.text);
}

bool su_definition_is_kept(const char *name, const struct su_buf *pre, const struct su_buf *post)
{
	SU_CLEANUP_BUF struct su_buf before = { 0 };
	SU_CLEANUP_BUF struct su_buf after = { 0 };

	read_definitions(name, pre, &before);
	read_definitions(name, post, &after);
	return before.nr && before.nr == after.nr && !memcmp(before.data, after.data, before.nr);
}

static int file_keeps_macros(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
			     const char *path, bool *keeps)
{
	struct su_buf texts[2] = { 0 };
	int err = su_plan_read_texts(diags, tree, plan, path, texts);

	if (!err && texts[0].nr)
		*keeps &= texts[1].nr &&
			  !su_scope_differs(SU_SCOPE_TYPES, texts[0].data, texts[0].nr, texts[1].data, texts[1].nr);
	su_buf_fini(&texts[0]);
	su_buf_fini(&texts[1]);
	return err;
}

int su_plan_keeps_macros(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, bool *keeps)
{
	bool all = true;
	int err = 0;

	for (size_t i = 0; !err && all && i < plan->patch.files.nr; i++) {
		const char *path = plan->patch.files.data[i].path;

		if (su_has_suffix(path, ".c") || su_has_suffix(path, ".h"))
			err = file_keeps_macros(diags, tree, plan, path, &all);
	}
	if (!err)
		*keeps = all;
	return err;
}
