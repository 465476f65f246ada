/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's symbol table for look-ups by name, where one name may have many addresses. */
#ifndef SU_LIVE_ADDRESSES_H
#define SU_LIVE_ADDRESSES_H

#include "lib/base/mem.h"

struct su_name {
	const char *name;
	uint64_t addr;
};

struct su_addresses {
	struct su_arena arena;
	SU_VEC(struct su_name) entries; /* by name, then address, once sorted */
	uint64_t *addrs;		/* of the entries, in their order */
};

void su_addresses_add(struct su_addresses *names, const char *name, uint64_t addr); /* copies @name */
void su_addresses_sort(struct su_addresses *names); /* after the last one was added; drops doubles */
/* How many addresses @name has; *@addrs is ascending and stays valid. */
uint32_t su_addresses_find(const struct su_addresses *names, const char *name, const uint64_t **addrs);
void su_addresses_fini(struct su_addresses *names);

#endif
