/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: the types of exported symbols, as `genksyms -T` (scripts/genksyms/genksyms.c) writes them. */
#ifndef SU_KERNEL_SYMTYPES_H
#define SU_KERNEL_SYMTYPES_H

#include <stdbool.h>

#include "lib/base/mem.h"

/* Lines "key tokens": a symbol by its name, "s#tag", "u#tag", "e#tag", "t#typedef". Tokens are parted by blanks. */
struct su_symtypes {
	struct su_arena arena;
	SU_VEC(const char *) keys;
	SU_VEC(const char *) texts;
	struct su_map index; /* key -> place in both */
};

void su_symtypes_read(struct su_symtypes *types, const char *text);
void su_symtypes_fini(struct su_symtypes *types);
/* The tokens of a key; NULL: it is not there. */
const char *su_symtypes_find(const struct su_symtypes *types, const char *key);

/**
 * su_symtypes_abi - a type as the calling convention sees it: what has one text has one representation
 * @text: tokens
 * Typedefs are replaced by what they stand for, qualifiers left out, integers named by size and sign: on x86-64 long and
 * long long are one (System V ABI, 3.1.2). What pointers point to stays.
 * Return: heap.
 */
char *su_symtypes_abi(const struct su_symtypes *types, const char *text);

#endif
