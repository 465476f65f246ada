// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel's symbols: collected, sorted once, then looked up by name. */
#include <string.h>

#include "addresses.h"

void su_addresses_add(struct su_addresses *names, const char *name, uint64_t addr)
{
	*su_vec_add(&names->entries) = (struct su_name){ .name = su_arena_strdup(&names->arena, name), .addr = addr };
}

static int compare_names(const void *a, const void *b)
{
	const struct su_name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

void su_addresses_sort(struct su_addresses *names)
{
	size_t to = 0;

	if (!names->entries.nr)
		return;
	qsort(names->entries.data, names->entries.nr, sizeof(*names->entries.data), compare_names);
	for (size_t i = 1; i < names->entries.nr; i++)
		if (compare_names(&names->entries.data[to], &names->entries.data[i]))
			names->entries.data[++to] = names->entries.data[i];
	names->entries.nr = to + 1;
	free(names->addrs);
	names->addrs = su_alloc(names->entries.nr * sizeof(*names->addrs));
	for (size_t i = 0; i < names->entries.nr; i++)
		names->addrs[i] = names->entries.data[i].addr;
}

/* The first entry that is not before @name. */
static size_t lower_bound(const struct su_addresses *names, const char *name)
{
	size_t lo = 0, hi = names->entries.nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(names->entries.data[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t su_addresses_find(const struct su_addresses *names, const char *name, const uint64_t **addrs)
{
	size_t first = lower_bound(names, name);
	size_t end = first;

	while (end < names->entries.nr && !strcmp(names->entries.data[end].name, name))
		end++;
	*addrs = end > first ? names->addrs + first : NULL;
	return (uint32_t)(end - first);
}

void su_addresses_fini(struct su_addresses *names)
{
	su_arena_fini(&names->arena);
	su_vec_fini(&names->entries);
	free(names->addrs);
	names->addrs = NULL;
}
