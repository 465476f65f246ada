/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: C text cut into tokens, directives included. Nothing is expanded. */
#ifndef SU_KERNEL_CTOKEN_H
#define SU_KERNEL_CTOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum su_ctoken_kind {
	SU_CTOKEN_END,
	SU_CTOKEN_WORD, /* identifier or keyword */
	SU_CTOKEN_NUMBER,
	SU_CTOKEN_STRING,    /* or a character, or the <name> of an #include; quotes included */
	SU_CTOKEN_SIGN,	     /* one character, or "##", or "->" */
	SU_CTOKEN_DIRECTIVE, /* the '#' that begins one */
	SU_CTOKEN_EOL,	     /* the end of a directive */
};

struct su_ctoken {
	enum su_ctoken_kind kind;
	const char *text;
	size_t len;
	bool is_first;	/* of its line */
	bool is_margin; /* at the line's very beginning */
	bool is_glued;	/* nothing stands between it and the token before */
};

struct su_clexer {
	const char *text, *next, *end;
	bool in_directive, in_include;
	bool is_first;
};

void su_clexer_init(struct su_clexer *lexer, const char *text, size_t sz);
/* Take the next token. Ends with END, for ever; an unclosed comment or string ends with the text or the line. */
void su_clexer_next(struct su_clexer *lexer, struct su_ctoken *token);

bool su_ctoken_is(const struct su_ctoken *token, const char *text);

#endif
