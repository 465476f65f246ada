// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The C lexer. It knows comments, continued lines, strings and directives, and takes assembler and other text that is
 * found in headers without complaint.
 */
#include <string.h>

#include "ctoken.h"

/* Classes of characters, independent of any locale. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void su_clexer_init(struct su_clexer *lexer, const char *text, size_t sz)
{
	*lexer = (struct su_clexer){ .text = text, .next = text, .end = text + sz, .is_first = true };
}

static bool looks_at(const struct su_clexer *lexer, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(lexer->end - lexer->next) >= len && !memcmp(lexer->next, text, len);
}

/* Length of a backslash with a newline behind it; 0: there is none. */
static size_t continuation(const struct su_clexer *lexer)
{
	return looks_at(lexer, "\\\n") ? 2 : looks_at(lexer, "\\\r\n") ? 3 : 0;
}

static void skip_comment(struct su_clexer *lexer)
{
	const char *close = memmem(lexer->next + 2, (size_t)(lexer->end - lexer->next) - 2, "*/", 2);

	lexer->next = close ? close + 2 : lexer->end;
}

static void skip_line(struct su_clexer *lexer)
{
	while (lexer->next < lexer->end && *lexer->next != '\n')
		lexer->next += continuation(lexer) ? continuation(lexer) : 1;
}

/* Skip what is between tokens, but no newline that ends a directive. */
static void skip_blanks(struct su_clexer *lexer)
{
	while (lexer->next < lexer->end) {
		char c = *lexer->next;

		if (c == '\n' && lexer->in_directive)
			return;
		if (c == '\n')
			lexer->is_first = true;
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v')
			lexer->next++;
		else if (continuation(lexer))
			lexer->next += continuation(lexer);
		else if (looks_at(lexer, "/*"))
			skip_comment(lexer);
		else if (looks_at(lexer, "//"))
			skip_line(lexer);
		else
			return;
	}
}

/* A string, or the <name> of an #include. Assembler and prose in headers hold lone quotes: they end with their line. */
static void take_string(struct su_clexer *lexer, char close)
{
	lexer->next++;
	while (lexer->next < lexer->end && *lexer->next != '\n') {
		char c = *lexer->next++;

		if (c == close)
			return;
		if (c == '\\' && lexer->next < lexer->end)
			lexer->next++;
	}
}

static void take_number(struct su_clexer *lexer)
{
	while (lexer->next < lexer->end) {
		char c = *lexer->next;
		bool is_sign = (c == '+' || c == '-') && strchr("eEpP", lexer->next[-1]);

		if (!is_letter(c) && !is_digit(c) && c != '.' && !is_sign)
			return;
		lexer->next++;
	}
}

static void take_word(struct su_clexer *lexer)
{
	while (lexer->next < lexer->end && (is_letter(*lexer->next) || is_digit(*lexer->next)))
		lexer->next++;
}

static enum su_ctoken_kind take_sign(struct su_clexer *lexer, bool is_first)
{
	if (*lexer->next == '#' && is_first && !lexer->in_directive) {
		lexer->next++;
		lexer->in_directive = true;
		lexer->in_include = false;
		return SU_CTOKEN_DIRECTIVE;
	}
	lexer->next += looks_at(lexer, "##") || looks_at(lexer, "->") ? 2 : 1;
	return SU_CTOKEN_SIGN;
}

static enum su_ctoken_kind take_token(struct su_clexer *lexer, bool is_first)
{
	char c = *lexer->next;

	if (is_letter(c)) {
		take_word(lexer);
		return SU_CTOKEN_WORD;
	}
	if (is_digit(c)) {
		take_number(lexer);
		return SU_CTOKEN_NUMBER;
	}
	if (c == '"' || c == '\'' || (c == '<' && lexer->in_include)) {
		take_string(lexer, c == '<' ? '>' : c);
		return SU_CTOKEN_STRING;
	}
	return take_sign(lexer, is_first);
}

void su_clexer_next(struct su_clexer *lexer, struct su_ctoken *token)
{
	const char *before = lexer->next;

	skip_blanks(lexer);
	*token = (struct su_ctoken){ .text = lexer->next, .is_first = lexer->is_first, .is_glued = before == lexer->next };
	if (lexer->in_directive && (lexer->next == lexer->end || *lexer->next == '\n')) {
		token->kind = SU_CTOKEN_EOL;
		lexer->in_directive = lexer->in_include = false;
		lexer->is_first = true;
		return;
	}
	if (lexer->next == lexer->end)
		return;
	token->is_margin = lexer->next == lexer->text || lexer->next[-1] == '\n';
	lexer->is_first = false;
	token->kind = take_token(lexer, token->is_first);
	token->len = (size_t)(lexer->next - token->text);
	if (lexer->in_directive && (su_ctoken_is(token, "include") || su_ctoken_is(token, "include_next")))
		lexer->in_include = true;
}

bool su_ctoken_is(const struct su_ctoken *token, const char *text)
{
	return token->len && !strncmp(token->text, text, token->len) && !text[token->len];
}
