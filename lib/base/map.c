// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The string map of mem.h: open addressing with linear probing, at most half full. Nothing is ever removed, and no
 * one iterates over it, so output order cannot come to depend on the hash.
 */
#include <string.h>

#include "mem.h"

struct su_map_slot {
	char *key; /* NULL: free */
	uint64_t hash;
	size_t value;
};

/* FNV-1a: short keys, no hostile collisions worth defending against here. */
static uint64_t hash_key(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	return hash;
}

/* The slot that holds @key, or the free one where it belongs. The map has at least one free slot. */
static struct su_map_slot *find_slot(const struct su_map *map, const char *key, uint64_t hash)
{
	size_t i = hash & (map->cap - 1);

	while (map->slots[i].key && (map->slots[i].hash != hash || strcmp(map->slots[i].key, key)))
		i = (i + 1) & (map->cap - 1);
	return &map->slots[i];
}

static void grow_map(struct su_map *map)
{
	struct su_map old = *map;
	size_t i;

	map->cap = old.cap ? old.cap * 2 : 64;
	map->slots = su_alloc(map->cap * sizeof(*map->slots));
	for (i = 0; i < old.cap; i++)
		if (old.slots[i].key)
			*find_slot(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
	free(old.slots);
}

void su_map_fini(struct su_map *map)
{
	size_t i;

	for (i = 0; i < map->cap; i++)
		free(map->slots[i].key);
	free(map->slots);
	*map = (struct su_map){ 0 };
}

size_t *su_map_get(const struct su_map *map, const char *key)
{
	struct su_map_slot *slot;

	if (!map->nr)
		return NULL;
	slot = find_slot(map, key, hash_key(key));
	return slot->key ? &slot->value : NULL;
}

size_t *su_map_put(struct su_map *map, const char *key, int *added)
{
	uint64_t hash = hash_key(key);
	struct su_map_slot *slot;
	int is_new;

	if ((map->nr + 1) * 2 > map->cap)
		grow_map(map);
	slot = find_slot(map, key, hash);
	is_new = !slot->key;
	if (is_new) {
		slot->key = su_strdup(key);
		slot->hash = hash;
		map->nr++;
	}
	if (added)
		*added = is_new;
	return &slot->value;
}
