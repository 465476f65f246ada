// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is an update's blob still what `suture create` wrote? A signature says more, but updates may be unsigned, and a field that
 * is wrong within its range is seen by nobody else.
 */
#include "update.h"

/* FNV-1a. */
#define HASH_FIRST 0xcbf29ce484222325ull
#define HASH_PRIME 0x100000001b3ull

static u64 hash(u64 sum, const void *bytes, size_t sz)
{
	const u8 *at = bytes;

	while (sz--)
		sum = (sum ^ *at++) * HASH_PRIME;
	return sum;
}

/* What the module loader fills in counts as empty. Areas are the first table. */
u64 su_update_sum(const struct su_header *header)
{
	const u8 *blob = (const u8 *)header;
	const struct su_area *areas = (const struct su_area *)(blob + header->areas.off);
	size_t off = header->areas.off + (size_t)header->areas.nr * sizeof(*areas);
	struct su_header head = *header;
	u64 sum;
	u32 i;

	head.core = 0;
	sum = hash(HASH_FIRST, &head, sizeof(head));
	for (i = 0; i < header->areas.nr; i++) {
		struct su_area area = areas[i];

		area.addr = 0;
		sum = hash(sum, &area, sizeof(area));
	}
	return hash(sum, blob + off, header->blob_sz - SU_SUM_SZ - off);
}

bool su_update_is_whole(const struct su_update *u)
{
	u64 sum, room = (const u8 *)(u->areas + u->header->areas.nr) - (const u8 *)u->header;

	if (room + SU_SUM_SZ > u->header->blob_sz)
		return false;
	sum = su_update_sum(u->header);
	return !memcmp((const u8 *)u->header + u->header->blob_sz - SU_SUM_SZ, &sum, SU_SUM_SZ);
}
