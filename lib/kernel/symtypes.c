// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads genksyms' types and writes them the calling convention's way. */
#include <string.h>

#include "symtypes.h"

#define DEPTH_MAX 16 /* of typedefs of typedefs */

void su_symtypes_read(struct su_symtypes *types, const char *text)
{
	char *lines = su_arena_strdup(&types->arena, text), *line;

	while ((line = strsep(&lines, "\n"))) {
		char *blank = strchr(line, ' ');

		if (!blank)
			continue;
		*blank = '\0';
		*su_map_put(&types->index, line, NULL) = types->keys.nr;
		*su_vec_add(&types->keys) = line;
		*su_vec_add(&types->texts) = blank + 1;
	}
}

void su_symtypes_fini(struct su_symtypes *types)
{
	su_map_fini(&types->index);
	su_vec_fini(&types->keys);
	su_vec_fini(&types->texts);
	su_arena_fini(&types->arena);
}

const char *su_symtypes_find(const struct su_symtypes *types, const char *key)
{
	const size_t *at = su_map_get(&types->index, key);

	return at ? types->texts.data[*at] : NULL;
}

/* ---- the ABI's view ---- */

/* The keywords of one integer type, in any order: "long unsigned int". */
struct integer {
	size_t words, longs, shorts, chars, unsigneds;
};

static bool add_keyword(struct integer *integer, const char *word)
{
	static const char *const others[] = { "int", "signed", "__signed__" };
	size_t *const counts[] = { &integer->longs, &integer->shorts, &integer->chars, &integer->unsigneds };
	static const char *const counted[] = { "long", "short", "char", "unsigned" };
	bool is_keyword = false;

	for (size_t i = 0; i < SU_ARRAY_SIZE(others); i++)
		is_keyword = is_keyword || !strcmp(word, others[i]);
	for (size_t i = 0; i < SU_ARRAY_SIZE(counted); i++)
		if (!strcmp(word, counted[i])) {
			++*counts[i];
			is_keyword = true;
		}
	integer->words += is_keyword;
	return is_keyword;
}

static void put_integer(struct su_buf *out, struct integer *integer)
{
	if (integer->words)
		su_buf_format(out, "%s%s ", integer->unsigneds ? "unsigned " : "",
			      integer->longs  ? "long" :
			      integer->shorts ? "short" :
			      integer->chars  ? "char" :
						"int");
	*integer = (struct integer){ 0 };
}

/* What a typedef's name stands for, heap; NULL where it is no other type's name: a function, an array, a struct without a tag. */
static char *typedef_meaning(const struct su_symtypes *types, const char *key)
{
	static const char lead[] = "typedef ";
	const char *text = !strncmp(key, "t#", 2) ? su_symtypes_find(types, key) : NULL;
	const char *meaning = text ? strstr(text, lead) : NULL;
	size_t nr, name_nr = strlen(key) - 2;

	if (!meaning || strpbrk(text, "([{"))
		return NULL;
	meaning += sizeof(lead) - 1;
	nr = strlen(meaning);
	while (nr && meaning[nr - 1] == ' ')
		nr--;
	if (nr <= name_nr || memcmp(meaning + nr - name_nr, key + 2, name_nr) != 0)
		return NULL;
	return su_format("%.*s", (int)(nr - name_nr), meaning);
}

static bool is_qualifier(const char *word)
{
	return !strcmp(word, "const") || !strcmp(word, "volatile");
}

static void put_abi(const struct su_symtypes *types, const char *text, struct integer *integer, struct su_buf *out,
		    int depth)
{
	SU_CLEANUP_FREE char *copy = su_strdup(text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, " "))) {
		SU_CLEANUP_FREE char *meaning = depth < DEPTH_MAX ? typedef_meaning(types, word) : NULL;

		if (meaning) {
			put_abi(types, meaning, integer, out, depth + 1);
		} else if (*word && !is_qualifier(word) && !add_keyword(integer, word)) {
			put_integer(out, integer);
			su_buf_format(out, "%s ", word);
		}
	}
}

char *su_symtypes_abi(const struct su_symtypes *types, const char *text)
{
	SU_CLEANUP_BUF struct su_buf out = { 0 };
	struct integer integer = { 0 };

	su_buf_puts(&out, "");
	put_abi(types, text, &integer, &out, 0);
	put_integer(&out, &integer);
	return su_strdup(out.data);
}
