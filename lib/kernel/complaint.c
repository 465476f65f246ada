// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A compiler's complaint. The first error is the one to mend, and those behind it often only follow from it, so it is told from there,
 * with the lines right before it that say in which function and by way of which #include.
 */
#include <string.h>

#include "complaint.h"
#include "lib/base/str.h"

#define LINES_MAX 20

SU_VEC_TYPE(lines, const char *);

/* "   12 |	return x;", "      |        ^" */
static bool is_excerpt(const char *line)
{
	return *line == ' ' && line[strspn(line, " 0123456789")] == '|';
}

/* "kernel/x.c: In function 'f':", "In file included from a.h:1,", "                 from x.c:2:" */
static bool is_place(const char *line)
{
	size_t len = strlen(line);

	return len && (line[len - 1] == ':' || line[len - 1] == ',');
}

static void split(char *text, struct lines *all)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line && !is_excerpt(line))
			*su_vec_add(all) = line;
}

/* Where the first error begins; 0 where none is called so. */
static size_t find_first(const struct lines *all)
{
	size_t first = 0;

	while (first < all->nr && !strstr(all->data[first], "error: "))
		first++;
	if (first == all->nr)
		return 0;
	while (first && is_place(all->data[first - 1]))
		first--;
	return first;
}

static void add_line(struct su_buf *text, const char *line, const char *root)
{
	while (*line) {
		const char *below = su_path_below(line, root);

		if (!below)
			su_buf_add(text, line, 1);
		line = below ? below : line + 1;
	}
}

char *su_complaint(const struct su_buf *words, const char *root)
{
	SU_CLEANUP_FREE char *copy = su_format("%.*s", (int)words->nr, words->nr ? words->data : "");
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	struct lines all = { 0 };
	size_t first;

	split(copy, &all);
	first = find_first(&all);
	su_buf_puts(&text, "");
	for (size_t i = first; i < all.nr && i < first + LINES_MAX; i++) {
		if (i > first)
			su_buf_puts(&text, "\n");
		add_line(&text, all.data[i], root);
	}
	su_vec_fini(&all);
	return su_strdup(text.data);
}
