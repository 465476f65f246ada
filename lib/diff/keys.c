// SPDX-License-Identifier: GPL-2.0-or-later
/* Names without the numbers that the compiler gave or counted, and names that say that an object has no identity. */
#include <ctype.h>
#include <string.h>

#include "builder.h"
#include "lib/base/str.h"

static bool is_number(const char *s, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return nr > 0;
}

/* __UNIQUE_ID_x123 and __BTF_ID__struct__x__12345 end in a counter, which all that comes before in the unit moves. */
static bool ends_in_counter(const char *key, const char *digits)
{
	return su_has_prefix(key, "__UNIQUE_ID_") ||
	       (su_has_prefix(key, "__BTF_ID__") && digits - key > 2 && digits[-1] == '_' && digits[-2] == '_');
}

char *su_key_make(struct su_arena *arena, const char *name)
{
	char *key = su_arena_alloc(arena, strlen(name) + 1);
	char *to = key;
	const char *from = name;

	while (*from) {
		size_t nr = strcspn(from + 1, ".") + 1;

		if (!(from[0] == '.' && is_number(from + 1, nr - 1))) {
			memcpy(to, from, nr);
			to += nr;
		}
		from += nr;
	}
	*to = '\0';
	while (to > key && isdigit((unsigned char)to[-1]))
		to--;
	if (ends_in_counter(key, to))
		*to = '\0';
	return key;
}

bool su_key_is_private(const char *key, const char *section)
{
	static const char *const names[] = { "__func__", "__FUNCTION__",   "__PRETTY_FUNCTION__", "__key",
					     "__warned", "__already_done", "__already_printed",	  "__print_once",
					     "_rs",	 "_entry",	   "_entry_ptr",	  "descriptor",
					     "CSWTCH",	 "__print_fmt" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(key, names[i]))
			return true;
	return su_has_prefix(key, "__UNIQUE_ID_") || su_has_prefix(key, ".L") || su_has_prefix(section, ".data..once") ||
	       su_has_prefix(section, ".data.once") || !strcmp(section, "__dyndbg");
}
