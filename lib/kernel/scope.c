// SPDX-License-Identifier: GPL-2.0-or-later
/* The definitions of structs and unions in a source file, by their tokens. */
#include "records.h"
#include "ctoken.h"
#include "lib/base/mem.h"

/* FNV-1a: equal definitions must have equal numbers, and a collision among a file's few is no danger worth more. */
#define HASH_START 14695981039346656037u
#define HASH_FACTOR 1099511628211u

static size_t hash_token(size_t hash, const struct su_ctoken *token)
{
	for (size_t i = 0; i < token->len; i++)
		hash = (hash ^ (unsigned char)token->text[i]) * HASH_FACTOR;
	return (hash ^ ' ') * HASH_FACTOR;
}

/* From behind the opening brace to the one that closes it. An inner named struct is part of the outer one. */
static size_t hash_body(struct su_clexer *lexer)
{
	size_t hash = HASH_START, depth = 1;
	struct su_ctoken token;

	for (su_clexer_next(lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(lexer, &token)) {
		if (su_ctoken_is(&token, "{"))
			depth++;
		else if (su_ctoken_is(&token, "}") && !--depth)
			break;
		hash = hash_token(hash, &token);
	}
	return hash;
}

static void collect(const char *text, size_t sz, struct su_map *records)
{
	struct su_ctoken before[2] = { 0 }, token;
	struct su_clexer lexer;

	su_clexer_init(&lexer, text, sz);
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&lexer, &token)) {
		bool is_record = su_ctoken_is(&token, "{") && before[1].kind == SU_CTOKEN_WORD &&
				 before[0].kind == SU_CTOKEN_WORD &&
				 (su_ctoken_is(&before[0], "struct") || su_ctoken_is(&before[0], "union"));

		if (is_record) {
			SU_CLEANUP_FREE char *name = su_format("%.*s", (int)before[1].len, before[1].text);
			size_t *slot = su_map_put(records, name, NULL);

			/* one under #if and one under #else: both count */
			*slot = *slot * HASH_FACTOR ^ hash_body(&lexer);
		}
		before[0] = before[1];
		before[1] = token;
	}
}

/* The maps' slots cannot be walked: the second text is read again, each name looked up in both. */
static bool has_other(const struct su_map *pre, const struct su_map *post, const char *text, size_t sz)
{
	struct su_ctoken token;
	struct su_clexer lexer;
	bool differs = false;

	su_clexer_init(&lexer, text, sz);
	for (su_clexer_next(&lexer, &token); !differs && token.kind != SU_CTOKEN_END; su_clexer_next(&lexer, &token)) {
		if (token.kind == SU_CTOKEN_WORD) {
			SU_CLEANUP_FREE char *name = su_format("%.*s", (int)token.len, token.text);
			const size_t *a = su_map_get(pre, name), *b = su_map_get(post, name);

			differs = a && b && *a != *b;
		}
	}
	return differs;
}

bool su_records_differ(const char *pre, size_t pre_sz, const char *post, size_t post_sz)
{
	struct su_map before = { 0 }, after = { 0 };
	bool differs;

	collect(pre, pre_sz, &before);
	collect(post, post_sz, &after);
	differs = has_other(&before, &after, post, post_sz);
	su_map_fini(&before);
	su_map_fini(&after);
	return differs;
}
