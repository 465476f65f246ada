// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Splitting a command line into words as a POSIX shell does, so that Kbuild's commands can be run without a shell. No
 * expansion of any kind: '$', '*' and '~' are ordinary characters.
 */
#include <string.h>

#include "process.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Append a quoted part; @p is behind the opening quote. Return: behind the closing one, or NULL. */
static const char *take_quoted(struct su_buf *word, const char *p, char quote)
{
	const char *stops = quote == '"' ? "\"\\" : "'";

	for (;;) {
		size_t len = strcspn(p, stops);

		su_buf_add(word, p, len);
		p += len;
		if (!*p)
			return NULL;
		if (*p == quote)
			return p + 1;
		/* Inside double quotes a backslash escapes only these; elsewhere it stands for itself. */
		if (p[1] && strchr("\"\\$`", p[1]))
			p++;
		su_buf_add(word, p++, 1);
	}
}

/* Take one word off @p. Return: behind it, or NULL where a quote stays open. */
static const char *take_word(struct su_buf *word, const char *p)
{
	while (p && *p && *p != ';' && !is_blank(*p)) {
		size_t len = strcspn(p, "'\"\\; \t\n");

		su_buf_add(word, p, len);
		p += len;
		if (*p == '\'' || *p == '"') {
			p = take_quoted(word, p + 1, *p);
		} else if (*p == '\\' && p[1] == '\n') {
			p += 2;
		} else if (*p == '\\') {
			p += p[1] != '\0';
			su_buf_add(word, p++, 1);
		}
	}
	return p;
}

int su_words_split(struct su_arena *arena, const char *line, const char ***words, size_t *nr)
{
	SU_CLEANUP_BUF struct su_buf word = { 0 };
	SU_VEC(const char *) list = { 0 };
	size_t i;

	for (;;) {
		while (is_blank(*line) || (*line == '\\' && line[1] == '\n'))
			line += is_blank(*line) ? 1 : 2;
		if (!*line)
			break;
		word.nr = 0;
		su_buf_add(&word, "", 0);
		if (*line == ';') {
			su_buf_add(&word, line++, 1);
		} else {
			line = take_word(&word, line);
			if (!line) {
				su_vec_fini(&list);
				return -SU_SYSTEM;
			}
		}
		*su_vec_add(&list) = su_arena_strdup(arena, word.data);
	}
	*words = su_arena_alloc(arena, (list.nr + 1) * sizeof(**words));
	for (i = 0; i < list.nr; i++)
		(*words)[i] = list.data[i];
	*nr = list.nr;
	su_vec_fini(&list);
	return 0;
}
