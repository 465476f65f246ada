// SPDX-License-Identifier: GPL-2.0-or-later
/* Puts a unit's commands together. Debug information is left out: it is most of an object, and changes no code. */
#include <string.h>

#include "command.h"
#include "lib/base/process.h"
#include "lib/base/str.h"

/* Part of the key: raise it when the same database words come to mean another object. */
#define COMMAND_FORMAT "suture-command 1"

static const char *const split_flags[] = { "-ffunction-sections", "-fdata-sections" };

static bool is_debug_flag(const char *word)
{
	return su_has_prefix(word, "-g") || su_has_prefix(word, "-Wa,-g");
}

static bool is_deps_flag(const char *word)
{
	return su_has_prefix(word, "-Wp,-MD,") || su_has_prefix(word, "-Wp,-MMD,");
}

/* May the source's path end before @c? "/src/include", "-fmacro-prefix-map=/src/=", but not "/src2". */
static bool is_path_end(char c)
{
	return c == '\0' || c == '/' || c == '=' || c == ':' || c == ',';
}

/* Exchange the source tree's path for the root, wherever it stands in the word. */
static const char *move_word(const struct su_command_request *req, const char *word, struct su_arena *arena)
{
	size_t len = strlen(req->tree->source);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	const char *at;

	if (!strcmp(req->root, req->tree->source) || !strstr(word, req->tree->source))
		return word;
	while ((at = strstr(word, req->tree->source))) {
		su_buf_add(&text, word, (size_t)(at - word));
		su_buf_puts(&text, is_path_end(at[len]) ? req->root : req->tree->source);
		word = at + len;
	}
	su_buf_puts(&text, word);
	return su_arena_strdup(arena, text.data);
}

/* The user's words for the compiler; the tree has been opened with them, so they can be split. */
static const char **compiler_words(const struct su_command_request *req, const char *usual, struct su_arena *arena,
				   size_t *nr)
{
	const char **words;

	if (req->tree->cc && !su_words_split(arena, req->tree->cc, &words, nr))
		return words;
	words = su_arena_alloc(arena, sizeof(*words));
	*words = usual;
	*nr = 1;
	return words;
}

const char **su_command_compile(const struct su_command_request *req, struct su_arena *arena)
{
	size_t i, nr, cc_nr, put = 0;
	const char **words = su_database_words(&req->tree->db, req->command->compile, arena, &nr);
	const char **cc = compiler_words(req, words[0], arena, &cc_nr);
	const char **argv = su_arena_alloc(arena, (cc_nr + nr + SU_ARRAY_SIZE(split_flags) + 2) * sizeof(*argv));

	for (; put < cc_nr; put++)
		argv[put] = cc[put];
	for (i = 1; i < nr; i++) {
		if (is_debug_flag(words[i]))
			continue;
		if (is_deps_flag(words[i]))
			argv[put++] = su_arena_format(arena, "-Wp,-MMD,%s", req->deps);
		else if (!strcmp(words[i - 1], "-o"))
			argv[put++] = req->object;
		else
			argv[put++] = move_word(req, words[i], arena);
	}
	for (i = 0; req->variant != SU_VARIANT_PLAIN && i < SU_ARRAY_SIZE(split_flags); i++)
		argv[put++] = split_flags[i];
	argv[put] = NULL;
	return argv;
}

const char **su_command_more(const char **words, const char *const *more, struct su_arena *arena)
{
	size_t nr = 0, more_nr = 0;
	const char **argv;

	while (words[nr])
		nr++;
	while (more[more_nr])
		more_nr++;
	argv = su_arena_alloc(arena, (nr + more_nr + 1) * sizeof(*argv));
	memcpy(argv, words, nr * sizeof(*argv));
	memcpy(argv + nr, more, more_nr * sizeof(*argv));
	return argv;
}

const char **su_command_objtool(const struct su_command_request *req, struct su_arena *arena)
{
	size_t i, nr;
	const char **argv = su_database_words(&req->tree->db, req->command->objtool, arena, &nr);

	for (i = 0; i < nr; i++)
		if (!strcmp(argv[i], req->command->object))
			argv[i] = req->object;
	return nr ? argv : NULL;
}

static void hash_words(struct su_hasher *h, const struct su_database *db, const char *indices)
{
	struct su_arena arena = { 0 };
	size_t i, nr;
	const char **words = su_database_words(db, indices, &arena, &nr);

	for (i = 0; i < nr; i++)
		su_hasher_add_string(h, words[i]);
	su_hasher_add_string(h, "");
	su_arena_fini(&arena);
}

void su_command_key(const struct su_command_request *req, struct su_hash *key)
{
	struct su_hasher *h = su_hasher_create();
	/* Post is compiled just as pre is: an unchanged unit's post may be pre's. */
	const char *split = req->variant == SU_VARIANT_PLAIN ? "plain" : "split";

	su_hasher_add_string(h, COMMAND_FORMAT);
	su_hasher_add(h, req->tree->key.bytes, sizeof(req->tree->key.bytes));
	su_hasher_add_string(h, split);
	hash_words(h, &req->tree->db, req->command->compile);
	hash_words(h, &req->tree->db, req->command->objtool);
	su_hasher_finish(h, key);
}
