// SPDX-License-Identifier: GPL-2.0-or-later
/* Looks at the lines of a makefile that only one of its versions has. */
#include <ctype.h>
#include <string.h>

#include "makefile.h"
#include "lib/base/mem.h"

static bool ends_in(const char *word, size_t len, const char *suffix)
{
	size_t suffix_len = strlen(suffix);

	return len > suffix_len && !memcmp(word + len - suffix_len, suffix, suffix_len);
}

/* "obj-y", "obj-$(CONFIG_X)", "foo-objs": the name of a list of objects. */
static bool is_list_name(const char *word, size_t len)
{
	const char *config = memmem(word, len, "-$(CONFIG_", 10);

	if (ends_in(word, len, "-y") || ends_in(word, len, "-m") || ends_in(word, len, "-objs"))
		return !memmem(word, len, "flags", 5);
	return config && config != word && word[len - 1] == ')' && !memmem(word, len, "flags", 5);
}

static bool is_list_word(const char *word, size_t len)
{
	static const char *const marks[] = { "+=", ":=", "=", "\\" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(marks); i++)
		if (len == strlen(marks[i]) && !memcmp(word, marks[i], len))
			return true;
	return ends_in(word, len, ".o") || ends_in(word, len, "/") || is_list_name(word, len);
}

static bool is_list_line(const char *line)
{
	const char *end = line + strcspn(line, "#");

	while (line < end) {
		size_t len = strcspn(line, " \t\r#");

		if (len && !is_list_word(line, len))
			return false;
		line += len + (line[len] != '\0' && line + len < end);
	}
	return true;
}

static void add_lines(const char *text, struct su_map *lines)
{
	SU_CLEANUP_FREE char *copy = su_strdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		su_map_put(lines, line, NULL);
}

/* Are all lines of @text that the other version has not about lists? */
static bool lists_beside(const char *text, const struct su_map *other)
{
	SU_CLEANUP_FREE char *copy = su_strdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (!su_map_get(other, line) && !is_list_line(line))
			return false;
	return true;
}

bool su_makefile_lists_only(const char *pre, const char *post)
{
	struct su_map before = { 0 }, after = { 0 };
	bool only;

	add_lines(pre, &before);
	add_lines(post, &after);
	only = lists_beside(pre, &after) && lists_beside(post, &before);
	su_map_fini(&before);
	su_map_fini(&after);
	return only;
}
