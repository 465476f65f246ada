// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where #line may stand: a lexer of C lines that knows comments, strings, continued lines, parentheses and
 * conditional groups, and no more of the language.
 */
#include <ctype.h>
#include <string.h>

#include "lines.h"

/* What is open at the beginning of a line. */
struct lexer {
	bool in_comment;      /* slash-star */
	bool in_line_comment; /* goes on only where the line is continued */
	bool in_directive;
	bool is_continued; /* the line before ended in a backslash */
	char quote;	   /* the kind of string or character that a backslash carries on, 0: none */
	size_t parens;
	size_t groups; /* #if without #endif so far */
};

enum directive { DIRECTIVE_NONE, DIRECTIVE_IF, DIRECTIVE_ELSE, DIRECTIVE_ENDIF };

static enum directive directive_kind(const char *p, const char *end)
{
	static const struct {
		const char *name;
		enum directive kind;
	} names[] = {
		{ "ifdef", DIRECTIVE_IF },  { "ifndef", DIRECTIVE_IF }, { "if", DIRECTIVE_IF },
		{ "else", DIRECTIVE_ELSE }, { "elif", DIRECTIVE_ELSE }, { "endif", DIRECTIVE_ENDIF },
	};
	size_t i;

	while (p < end && (isblank((unsigned char)*p) || *p == '#'))
		p++;
	for (i = 0; i < SU_ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i].name);

		if ((size_t)(end - p) >= len && !memcmp(p, names[i].name, len) &&
		    (p + len == end || !isalnum((unsigned char)p[len])))
			return names[i].kind;
	}
	return DIRECTIVE_NONE;
}

static bool is_directive(const char *p, const char *end)
{
	while (p < end && isblank((unsigned char)*p))
		p++;
	return p < end && *p == '#';
}

/* Pass over a string or character up to its end or the line's. */
static const char *pass_quoted(struct lexer *lx, const char *p, const char *end)
{
	while (p < end && *p != lx->quote)
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	if (p < end)
		lx->quote = 0;
	return p < end ? p + 1 : end;
}

static const char *pass_comment(struct lexer *lx, const char *p, const char *end)
{
	const char *close = p < end ? memmem(p, (size_t)(end - p), "*/", 2) : NULL;

	lx->in_comment = !close;
	return close ? close + 2 : end;
}

static const char *pass_code(struct lexer *lx, const char *p, const char *end)
{
	if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
		lx->in_comment = true;
		return p + 2;
	}
	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		lx->in_line_comment = true;
		return end;
	}
	if (*p == '"' || *p == '\'')
		lx->quote = *p;
	/* A macro's body may hold any number of them. */
	if (*p == '(' && !lx->in_directive)
		lx->parens++;
	if (*p == ')' && !lx->in_directive && lx->parens)
		lx->parens--;
	return p + 1;
}

/* Pass over one line. Return: the directive that it begins. */
static enum directive pass_line(struct lexer *lx, const char *p, const char *end)
{
	bool begins_fresh = !lx->in_comment && !lx->is_continued;
	enum directive kind = DIRECTIVE_NONE;
	bool is_continued;

	if (begins_fresh && is_directive(p, end)) {
		lx->in_directive = true;
		kind = directive_kind(p, end);
	}
	/*
	 * A brace in the first column begins or ends a function: parentheses that branches of an #if opened twice are
	 * forgotten there.
	 */
	if (begins_fresh && p < end && (*p == '{' || *p == '}'))
		lx->parens = 0;
	is_continued = p < end && end[-1] == '\\';
	while (p < end) {
		if (lx->in_comment)
			p = pass_comment(lx, p, end);
		else if (lx->in_line_comment)
			p = end;
		else if (lx->quote)
			p = pass_quoted(lx, p, end);
		else
			p = pass_code(lx, p, end);
	}
	lx->is_continued = is_continued;
	if (!is_continued) {
		lx->quote = 0;
		lx->in_line_comment = false;
		/* A comment that a directive's line opens carries the directive on. */
		lx->in_directive = lx->in_directive && lx->in_comment;
	}
	return kind;
}

static bool is_safe(const struct lexer *lx)
{
	return !lx->in_comment && !lx->is_continued && !lx->quote && !lx->parens && !lx->in_directive;
}

struct keeper {
	struct lexer lx;
	long wanted;  /* what is to be added to a line's place to get its number */
	long given;   /* what the compiler adds now */
	size_t group; /* groups open at the last directive that we wrote */
	bool is_lost; /* the group of that directive has ended: given may be wrong */
};

/* Follow a conditional directive: in a group that is not compiled our #line was not seen either. */
static void follow_group(struct keeper *k, enum directive kind)
{
	if (kind == DIRECTIVE_IF)
		k->lx.groups++;
	if ((kind == DIRECTIVE_ELSE || kind == DIRECTIVE_ENDIF) && k->group && k->lx.groups == k->group)
		k->is_lost = true;
	if (kind == DIRECTIVE_ENDIF && k->lx.groups)
		k->lx.groups--;
}

static void write_directive(struct keeper *k, size_t line, struct su_buf *out)
{
	if ((k->wanted == k->given && !k->is_lost) || !is_safe(&k->lx))
		return;
	su_buf_format(out, "#line %ld\n", (long)line + k->wanted);
	k->given = k->wanted;
	k->is_lost = false;
	k->group = k->lx.groups;
}

/* The first line behind a hunk, in the new file, and what to add to it to get the old number. */
static size_t line_behind(const struct su_hunk *hunk, long *wanted)
{
	size_t new_line = hunk->new_start + (hunk->new_nr ? hunk->new_nr : 1);
	size_t old_line = hunk->old_start + (hunk->old_nr ? hunk->old_nr : 1);

	*wanted = (long)old_line - (long)new_line;
	return new_line;
}

void su_lines_keep(const char *text, size_t sz, const struct su_hunk *hunks, size_t hunk_nr, struct su_buf *out)
{
	struct keeper k = { .wanted = 0 };
	const char *end = sz ? text + sz : text;
	size_t line, next = 0;

	for (line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;
		long wanted;

		while (next < hunk_nr && line_behind(&hunks[next], &wanted) <= line) {
			k.wanted = wanted;
			next++;
		}
		write_directive(&k, line, out);
		follow_group(&k, pass_line(&k.lx, text, line_end));
		line_end += newline != NULL;
		su_buf_add(out, text, (size_t)(line_end - text));
		text = line_end;
	}
}
