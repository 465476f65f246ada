// SPDX-License-Identifier: GPL-2.0-or-later
/* The words' table: open addressing over texts that lie in an arena. Words are never taken out. */
#include <string.h>

#include "names.h"

static uint32_t hash_text(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return (uint32_t)(hash ^ hash >> 32);
}

static bool is_word(const char *known, const char *text, size_t len)
{
	return !strncmp(known, text, len) && !known[len];
}

/* The slot that holds the word, or the free one where it belongs. */
static size_t find_slot(const struct su_names *names, uint32_t hash, const char *text, size_t len)
{
	size_t at = hash & (names->slot_nr - 1);
	uint32_t name;

	while ((name = names->slots[at]) &&
	       (names->hashes.data[name] != hash || !is_word(names->texts.data[name], text, len)))
		at = (at + 1) & (names->slot_nr - 1);
	return at;
}

static void grow(struct su_names *names)
{
	uint32_t i;

	if (!names->texts.nr) {
		*su_vec_add(&names->texts) = "";
		*su_vec_add(&names->hashes) = 0;
	}
	free(names->slots);
	names->slot_nr = names->slot_nr ? names->slot_nr * 2 : 1024;
	names->slots = su_alloc(names->slot_nr * sizeof(*names->slots));
	for (i = 1; i < names->texts.nr; i++) {
		const char *text = names->texts.data[i];

		names->slots[find_slot(names, names->hashes.data[i], text, strlen(text))] = i;
	}
}

uint32_t su_names_add(struct su_names *names, const char *text, size_t len)
{
	uint32_t hash = hash_text(text, len);
	size_t at;
	char *copy;

	if (names->texts.nr * 2 >= names->slot_nr)
		grow(names);
	at = find_slot(names, hash, text, len);
	if (names->slots[at])
		return names->slots[at];
	copy = su_arena_alloc(&names->arena, len + 1);
	memcpy(copy, text, len);
	names->slots[at] = (uint32_t)names->texts.nr;
	*su_vec_add(&names->texts) = copy;
	*su_vec_add(&names->hashes) = hash;
	return names->slots[at];
}

uint32_t su_names_find(const struct su_names *names, const char *text, size_t len)
{
	return names->slot_nr ? names->slots[find_slot(names, hash_text(text, len), text, len)] : 0;
}

const char *su_names_text(const struct su_names *names, uint32_t name)
{
	return names->texts.data[name];
}

void su_names_fini(struct su_names *names)
{
	su_vec_fini(&names->texts);
	su_vec_fini(&names->hashes);
	free(names->slots);
	su_arena_fini(&names->arena);
	*names = (struct su_names){ 0 };
}
