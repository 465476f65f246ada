// SPDX-License-Identifier: GPL-2.0-or-later
/* Puts arguments in place, pastes with ##. Strings made by # become empty ones: no name comes out of them. */
#include <string.h>

#include "ccondition.h"
#include "cexpand.h"

struct argument {
	size_t first, nr; /* tokens */
};

struct expansion {
	struct su_ctokens macro, call;
	SU_VEC(struct argument) arguments;
	size_t first_param, param_nr, body;
	bool is_variadic;
	bool is_named_variadic; /* "args..." */
};

static bool is_sign(const struct su_ctoken *token, char sign)
{
	return token->kind == SU_CTOKEN_SIGN && token->len == 1 && *token->text == sign;
}

/* Text is lexed as a part of a directive would be: its '#' are signs. */
static void take_tokens(const char *text, size_t sz, struct su_ctokens *tokens)
{
	struct su_clexer lexer;
	struct su_ctoken token;

	su_clexer_init(&lexer, text, sz);
	lexer.in_directive = tokens->nr == 0 && sz >= 6 && !memcmp(text, "define", 6);
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END && token.kind != SU_CTOKEN_EOL;
	     su_clexer_next(&lexer, &token))
		*su_vec_add(tokens) = token;
}

static bool find_parameters(struct expansion *e)
{
	size_t i = 3;

	if (e->macro.nr < 4 || !is_sign(&e->macro.data[2], '(') || !e->macro.data[2].is_glued)
		return false;
	e->first_param = i;
	for (; i < e->macro.nr && !is_sign(&e->macro.data[i], ')'); i++) {
		e->param_nr += e->macro.data[i].kind == SU_CTOKEN_WORD;
		if (is_sign(&e->macro.data[i], '.')) {
			e->is_variadic = true;
			e->is_named_variadic |= e->macro.data[i - 1].kind == SU_CTOKEN_WORD;
		}
	}
	e->body = i + 1;
	return i < e->macro.nr;
}

static void find_arguments(struct expansion *e)
{
	size_t i, depth = 0, begin = 2, wanted = e->param_nr - (e->is_named_variadic && e->param_nr);

	for (i = 1; i < e->call.nr; i++) {
		const struct su_ctoken *t = &e->call.data[i];
		bool opens = is_sign(t, '(') || is_sign(t, '{') || is_sign(t, '[');
		bool closes = is_sign(t, ')') || is_sign(t, '}') || is_sign(t, ']');

		depth += opens;
		if (closes && !--depth)
			break;
		/* Behind the named ones, all is one: the variable part. */
		if (depth == 1 && is_sign(t, ',') && (!e->is_variadic || e->arguments.nr < wanted)) {
			*su_vec_add(&e->arguments) = (struct argument){ .first = begin, .nr = i - begin };
			begin = i + 1;
		}
	}
	*su_vec_add(&e->arguments) = (struct argument){ .first = begin, .nr = i > begin ? i - begin : 0 };
}

/* The argument that a word of the body stands for; NULL: none. */
static const struct argument *find_argument(const struct expansion *e, const struct su_ctoken *word)
{
	size_t i, index = 0;

	if (word->kind != SU_CTOKEN_WORD)
		return NULL;
	for (i = e->first_param; i < e->body - 1; i++) {
		const struct su_ctoken *param = &e->macro.data[i];

		if (param->kind != SU_CTOKEN_WORD)
			continue;
		if (param->len == word->len && !memcmp(param->text, word->text, word->len))
			return index < e->arguments.nr ? &e->arguments.data[index] : NULL;
		index++;
	}
	return su_ctoken_is(word, "__VA_ARGS__") && index < e->arguments.nr ? &e->arguments.data[index] : NULL;
}

static void put_token(struct su_buf *out, const struct su_ctoken *t, bool is_glued)
{
	if (!is_glued)
		su_buf_puts(out, " ");
	su_buf_add(out, t->text, t->len);
}

static void put_argument(const struct expansion *e, const struct argument *argument, bool is_glued, struct su_buf *out)
{
	size_t i;

	for (i = 0; i < argument->nr; i++)
		put_token(out, &e->call.data[argument->first + i], is_glued && !i);
	if (!argument->nr && !is_glued)
		su_buf_puts(out, " ");
}

static void put_body(const struct expansion *e, struct su_buf *out)
{
	bool is_glued = false;
	size_t i;

	for (i = e->body; i < e->macro.nr; i++) {
		const struct su_ctoken *t = &e->macro.data[i];
		const struct argument *argument = find_argument(e, t);

		if (su_ctoken_is(t, "##")) {
			is_glued = true;
			continue;
		}
		if (is_sign(t, '#') && i + 1 < e->macro.nr) {
			su_buf_puts(out, " \"\"");
			i++;
		} else if (argument) {
			put_argument(e, argument, is_glued, out);
		} else {
			put_token(out, t, is_glued);
		}
		is_glued = false;
	}
}

bool su_macro_expand(const char *macro, size_t macro_sz, const char *call, size_t call_sz, struct su_buf *out)
{
	struct expansion e = { 0 };
	bool fits;

	take_tokens(macro, macro_sz, &e.macro);
	take_tokens(call, call_sz, &e.call);
	fits = find_parameters(&e) && e.call.nr >= 3;
	if (fits) {
		find_arguments(&e);
		fits = e.arguments.nr >= e.param_nr - (e.is_named_variadic && e.param_nr) || e.param_nr == 0;
	}
	if (fits)
		put_body(&e, out);
	su_vec_fini(&e.macro);
	su_vec_fini(&e.call);
	su_vec_fini(&e.arguments);
	return fits;
}
