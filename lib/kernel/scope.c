// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cuts a source file into what it declares: a hash for each directive, each definition of a type, wherever it stands, and each other
 * declaration at file scope. Bodies of functions and initial values are passed over.
 */
#include "scope.h"
#include "ctoken.h"
#include "lib/base/mem.h"

/* FNV-1a: equal declarations must have equal numbers, and a collision among a file's few is no danger worth more. */
#define HASH_START 14695981039346656037u
#define HASH_FACTOR 1099511628211u

struct scanner {
	struct su_clexer lexer;
	enum su_scope scope;
	SU_VEC(size_t) hashes;
	/* the declaration at hand */
	size_t hash;
	size_t parens;
	bool is_type, is_typedef, has_value;
	struct su_ctoken before; /* the token before this one */
	bool is_tag;		 /* struct, union or enum stands one or two tokens back */
};

static size_t hash_token(size_t hash, const struct su_ctoken *token)
{
	for (size_t i = 0; i < token->len; i++)
		hash = (hash ^ (unsigned char)token->text[i]) * HASH_FACTOR;
	return (hash ^ ' ') * HASH_FACTOR;
}

static void begin(struct scanner *s)
{
	s->hash = HASH_START;
	s->parens = 0;
	s->is_type = false;
	s->is_typedef = false;
	s->has_value = false;
	s->is_tag = false;
	s->before = (struct su_ctoken){ 0 };
}

static void end(struct scanner *s)
{
	if (s->is_type || s->is_typedef || s->scope == SU_SCOPE_DECLARATIONS)
		*su_vec_add(&s->hashes) = s->hash;
	begin(s);
}

static bool is_tag_word(const struct su_ctoken *token)
{
	return su_ctoken_is(token, "struct") || su_ctoken_is(token, "union") || su_ctoken_is(token, "enum");
}

/* From behind a '#' to the end of its line. */
static void take_directive(struct scanner *s)
{
	size_t hash = HASH_START;
	struct su_ctoken token;

	for (su_clexer_next(&s->lexer, &token); token.kind != SU_CTOKEN_EOL && token.kind != SU_CTOKEN_END;
	     su_clexer_next(&s->lexer, &token))
		hash = hash_token(hash, &token);
	*su_vec_add(&s->hashes) = hash;
}

/* From behind an opening brace to the one that closes it. Return: a hash of what lies between. */
static size_t take_braces(struct scanner *s)
{
	size_t hash = HASH_START, depth = 1;
	struct su_ctoken token;

	for (su_clexer_next(&s->lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&s->lexer, &token)) {
		if (token.kind == SU_CTOKEN_DIRECTIVE)
			take_directive(s);
		else if (su_ctoken_is(&token, "{"))
			depth++;
		else if (su_ctoken_is(&token, "}") && !--depth)
			break;
		hash = hash_token(hash, &token);
	}
	return hash;
}

/* A function's body: only types that it defines are of interest. */
static void take_body(struct scanner *s)
{
	struct su_ctoken before[2] = { 0 }, token;
	size_t depth = 1;

	for (su_clexer_next(&s->lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&s->lexer, &token)) {
		if (su_ctoken_is(&token, "{") && (is_tag_word(&before[0]) || is_tag_word(&before[1])))
			*su_vec_add(&s->hashes) = take_braces(s);
		else if (su_ctoken_is(&token, "{"))
			depth++;
		else if (su_ctoken_is(&token, "}") && !--depth)
			break;
		before[1] = before[0];
		before[0] = token;
	}
}

/* Return: whether the declaration ends with the brace. */
static bool take_brace(struct scanner *s)
{
	if (!s->has_value && !s->is_tag && su_ctoken_is(&s->before, ")")) {
		take_body(s);
		return true;
	}
	if (s->has_value) {
		take_braces(s);
		return false;
	}
	s->is_type |= s->is_tag;
	s->hash ^= take_braces(s);
	return false;
}

static void take(struct scanner *s, const struct su_ctoken *token)
{
	if (su_ctoken_is(token, "{") && !s->parens) {
		if (take_brace(s))
			end(s);
		return;
	}
	if (su_ctoken_is(token, ";") && !s->parens) {
		end(s);
		return;
	}
	if (su_ctoken_is(token, "("))
		s->parens++;
	else if (su_ctoken_is(token, ")") && s->parens)
		s->parens--;
	else if (su_ctoken_is(token, "=") && !s->parens)
		s->has_value = true;
	s->is_typedef |= su_ctoken_is(token, "typedef");
	s->is_tag = is_tag_word(token) || (is_tag_word(&s->before) && token->kind == SU_CTOKEN_WORD);
	if (!s->has_value)
		s->hash = hash_token(s->hash, token);
	s->before = *token;
}

static void scan(struct scanner *s, const char *text, size_t sz)
{
	struct su_ctoken token;

	su_clexer_init(&s->lexer, text, sz);
	begin(s);
	for (su_clexer_next(&s->lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&s->lexer, &token)) {
		if (token.kind == SU_CTOKEN_DIRECTIVE)
			take_directive(s);
		else
			take(s, &token);
	}
	/* a text that ends early must not look like one that has all */
	if (s->hash != HASH_START)
		end(s);
}

static void put_key(char key[20], size_t hash)
{
	for (int i = 0; i < 16; i++)
		key[i] = "0123456789abcdef"[hash >> (4 * i) & 15];
	key[16] = '\0';
}

bool su_scope_differs(enum su_scope scope, const char *pre, size_t pre_sz, const char *post, size_t post_sz)
{
	struct scanner before = { .scope = scope }, after = { .scope = scope };
	struct su_map map = { 0 };
	bool differs = false;
	char key[20];

	scan(&before, pre, pre_sz);
	scan(&after, post, post_sz);
	for (size_t i = 0; i < after.hashes.nr; i++) {
		put_key(key, after.hashes.data[i]);
		su_map_put(&map, key, NULL);
	}
	for (size_t i = 0; i < before.hashes.nr; i++) {
		put_key(key, before.hashes.data[i]);
		differs |= !su_map_get(&map, key);
	}
	su_map_fini(&map);
	su_vec_fini(&before.hashes);
	su_vec_fini(&after.hashes);
	return differs;
}
