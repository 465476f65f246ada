// SPDX-License-Identifier: GPL-2.0-or-later
/* Evaluates the expressions of #if as far as the configuration decides them. */
#include <string.h>

#include "ccondition.h"
#include "lib/base/str.h"

#define DEPTH_MAX 100 /* of parentheses: the text is not ours */

struct value {
	bool is_known;
	long value;
};

struct evaluation {
	const struct su_cfacts *facts;
	const struct su_ctoken *next, *end;
	bool is_asm;
	unsigned int depth;
};

static const struct value unknown = { false, 0 };

static struct value known(long value)
{
	return (struct value){ true, value };
}

/* The text is not ended by a NUL that we could rely on. */
static long to_number(const struct su_ctoken *token)
{
	char text[32] = "";

	memcpy(text, token->text, token->len < sizeof(text) ? token->len : sizeof(text) - 1);
	return strtol(text, NULL, 0);
}

void su_cfacts_read(struct su_cfacts *facts, const char *text, size_t sz)
{
	struct su_clexer lexer;
	struct su_ctoken token, name;

	su_clexer_init(&lexer, text, sz);
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&lexer, &token)) {
		SU_CLEANUP_FREE char *key = NULL;

		if (token.kind != SU_CTOKEN_WORD || !su_ctoken_is(&token, "define"))
			continue;
		su_clexer_next(&lexer, &name);
		su_clexer_next(&lexer, &token);
		key = su_format("%.*s", (int)name.len, name.text);
		*su_map_put(&facts->config, key, NULL) = token.kind == SU_CTOKEN_NUMBER ? (size_t)to_number(&token) : 0;
	}
}

void su_cfacts_fini(struct su_cfacts *facts)
{
	su_map_fini(&facts->config);
}

static const size_t *find_config(const struct su_cfacts *facts, const struct su_ctoken *name, const char *suffix)
{
	SU_CLEANUP_FREE char *key = su_format("%.*s%s", (int)name->len, name->text, suffix);

	return su_map_get(&facts->config, key);
}

static bool is_config(const struct su_ctoken *token)
{
	return token->kind == SU_CTOKEN_WORD && token->len > 7 && su_has_prefix(token->text, "CONFIG_");
}

enum su_truth su_condition_defined(const struct su_cfacts *facts, const struct su_ctoken *name, bool is_asm)
{
	if (is_config(name))
		return find_config(facts, name, "") ? SU_TRUE : SU_FALSE;
	if (su_ctoken_is(name, "__KERNEL__"))
		return SU_TRUE;
	if (su_ctoken_is(name, "__cplusplus"))
		return SU_FALSE;
	if (su_ctoken_is(name, "__ASSEMBLY__") || su_ctoken_is(name, "__ASSEMBLER__"))
		return is_asm ? SU_TRUE : SU_FALSE;
	return SU_UNKNOWN;
}

static bool take(struct evaluation *e, const char *sign)
{
	const struct su_ctoken *token = e->next;
	size_t i, len = strlen(sign);

	/* Signs of two characters are two tokens. */
	for (i = 0; i < len; i++, token++)
		if (token >= e->end || token->kind != SU_CTOKEN_SIGN || token->len != 1 || *token->text != sign[i] ||
		    (i && !token->is_glued))
			return false;
	e->next = token;
	return true;
}

static struct value eval_or(struct evaluation *e);

/* "(NAME)" or "NAME". NULL: neither. */
static const struct su_ctoken *take_name(struct evaluation *e)
{
	bool is_open = take(e, "(");
	const struct su_ctoken *name = e->next;

	if (e->next >= e->end || e->next->kind != SU_CTOKEN_WORD)
		return NULL;
	e->next++;
	if (is_open && !take(e, ")"))
		return NULL;
	return name;
}

static struct value eval_defined(struct evaluation *e)
{
	const struct su_ctoken *name = take_name(e);
	enum su_truth truth = name ? su_condition_defined(e->facts, name, e->is_asm) : SU_UNKNOWN;

	return truth == SU_UNKNOWN ? unknown : known(truth == SU_TRUE);
}

/* IS_ENABLED() and its like, from linux/kconfig.h. */
static struct value eval_enabled(struct evaluation *e, const struct su_ctoken *which)
{
	const struct su_ctoken *name = take_name(e);
	bool is_builtin, is_module;

	if (!name || !is_config(name))
		return unknown;
	is_builtin = find_config(e->facts, name, "") != NULL;
	is_module = find_config(e->facts, name, "_MODULE") != NULL;
	if (su_ctoken_is(which, "IS_BUILTIN"))
		return known(is_builtin);
	if (su_ctoken_is(which, "IS_MODULE"))
		return known(is_module);
	/* Whether a module is reachable depends on who asks. */
	if (su_ctoken_is(which, "IS_REACHABLE") && is_module)
		return unknown;
	return known(is_builtin || is_module);
}

static bool is_enabled_macro(const struct su_ctoken *token)
{
	return su_ctoken_is(token, "IS_ENABLED") || su_ctoken_is(token, "IS_BUILTIN") ||
	       su_ctoken_is(token, "IS_MODULE") || su_ctoken_is(token, "IS_REACHABLE");
}

/* A macro with arguments, whatever it means: skip to the closing parenthesis. */
static struct value skip_call(struct evaluation *e)
{
	size_t depth = 0;

	do {
		if (take(e, "("))
			depth++;
		else if (take(e, ")"))
			depth--;
		else if (e->next < e->end)
			e->next++;
		else
			break;
	} while (depth);
	return unknown;
}

static struct value eval_word(struct evaluation *e, const struct su_ctoken *word)
{
	enum su_truth truth;
	const size_t *value;

	if (su_ctoken_is(word, "defined"))
		return eval_defined(e);
	if (is_enabled_macro(word))
		return eval_enabled(e, word);
	if (e->next < e->end && *e->next->text == '(')
		return skip_call(e);
	if (is_config(word)) {
		value = find_config(e->facts, word, "");
		return known(value ? (long)*value : 0);
	}
	truth = su_condition_defined(e->facts, word, e->is_asm);
	return truth == SU_UNKNOWN ? unknown : known(truth == SU_TRUE);
}

static struct value eval_unary(struct evaluation *e)
{
	const struct su_ctoken *token = e->next;
	struct value v = unknown;

	if (e->depth >= DEPTH_MAX || token >= e->end)
		return unknown;
	e->depth++;
	if (take(e, "!")) {
		v = eval_unary(e);
		v.value = !v.value;
	} else if (take(e, "-")) {
		v = eval_unary(e);
		v.value = (long)(0 - (unsigned long)v.value);
	} else if (take(e, "(")) {
		v = eval_or(e);
		if (!take(e, ")"))
			v = unknown;
	} else {
		e->next++;
		if (token->kind == SU_CTOKEN_WORD)
			v = eval_word(e, token);
		else if (token->kind == SU_CTOKEN_NUMBER)
			v = known(to_number(token));
	}
	e->depth--;
	return v;
}

static struct value eval_compare(struct evaluation *e)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };
	struct value a = eval_unary(e), b;
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(signs); i++) {
		if (!take(e, signs[i]))
			continue;
		b = eval_unary(e);
		if (!a.is_known || !b.is_known)
			return unknown;
		switch (i) {
		case 0:
			return known(a.value == b.value);
		case 1:
			return known(a.value != b.value);
		case 2:
			return known(a.value <= b.value);
		case 3:
			return known(a.value >= b.value);
		case 4:
			return known(a.value < b.value);
		default:
			return known(a.value > b.value);
		}
	}
	return a;
}

static struct value eval_and(struct evaluation *e)
{
	struct value a = eval_compare(e);

	while (take(e, "&&")) {
		struct value b = eval_compare(e);

		if ((a.is_known && !a.value) || (b.is_known && !b.value))
			a = known(0);
		else
			a = a.is_known && b.is_known ? known(1) : unknown;
	}
	return a;
}

static struct value eval_or(struct evaluation *e)
{
	struct value a = eval_and(e);

	while (take(e, "||")) {
		struct value b = eval_and(e);

		if ((a.is_known && a.value) || (b.is_known && b.value))
			a = known(1);
		else
			a = a.is_known && b.is_known ? known(0) : unknown;
	}
	return a;
}

enum su_truth su_condition_eval(const struct su_cfacts *facts, const struct su_ctoken *tokens, size_t nr, bool is_asm)
{
	struct evaluation e = { .facts = facts, .next = tokens, .end = tokens + nr, .is_asm = is_asm };
	struct value v = eval_or(&e);

	/* Arithmetic and the like is left where it stands: then nothing of it is believed. */
	if (e.next != e.end || !v.is_known)
		return SU_UNKNOWN;
	return v.value ? SU_TRUE : SU_FALSE;
}
