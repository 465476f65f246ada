/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of user space: arenas, growable arrays and buffers, string maps. Where memory runs out these print one line
 * and abort: suture's user side holds no state that an orderly return could save. Everything is zeroed when handed out.
 */
#ifndef SU_BASE_MEM_H
#define SU_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "err.h"

void *su_alloc(size_t sz);			 /* zeroed, free() */
void *su_realloc(void *p, size_t nr, size_t sz); /* nr * sz, checked */
char *su_strdup(const char *s);
char *su_format(const char *fmt, ...) SU_PRINTF(1, 2); /* heap */

static inline void su_freep(void *p)
{
	free(*(void **)p);
}
#define SU_CLEANUP_FREE __attribute__((cleanup(su_freep)))

/* An arena: many small allocations, freed in one call. */
struct su_arena {
	struct su_arena_chunk *chunks;
};
void su_arena_fini(struct su_arena *arena);		 /* a zeroed arena is a valid, empty one */
void *su_arena_alloc(struct su_arena *arena, size_t sz); /* zeroed, aligned to 16 */
char *su_arena_strdup(struct su_arena *arena, const char *s);
char *su_arena_format(struct su_arena *arena, const char *fmt, ...) SU_PRINTF(2, 3);
#define su_arena_new(arena, type) ((type *)su_arena_alloc(arena, sizeof(type)))

/* A growable array: SU_VEC(struct foo) v = {0}; *su_vec_add(&v) = foo; v.data[i], v.nr; su_vec_fini(&v). */
#define SU_VEC(type) \
	struct { \
		type *data; \
		size_t nr, cap; \
	}
/* The same as a named struct type, to pass it on: SU_VEC_TYPE(work, struct foo *); struct work w = {0}; */
#define SU_VEC_TYPE(tag, type) \
	struct tag { \
		type *data; \
		size_t nr, cap; \
	}
void *su_vec_grow(void *data, size_t *cap, size_t nr, size_t sz);
#define su_vec_add(v) \
	((v)->data = su_vec_grow((v)->data, &(v)->cap, (v)->nr + 1, sizeof(*(v)->data)), &(v)->data[(v)->nr++])
#define su_vec_fini(v) (free((v)->data), (v)->data = NULL, (v)->nr = (v)->cap = 0)

/* A growable byte buffer; data is always followed by a NUL that nr does not count (data is NULL while empty). */
struct su_buf {
	char *data;
	size_t nr, cap;
};
void su_buf_fini(struct su_buf *buf);
void su_buf_add(struct su_buf *buf, const void *bytes, size_t nr);
void su_buf_zero(struct su_buf *buf, size_t nr);     /* append zeros */
void su_buf_align(struct su_buf *buf, size_t align); /* zeros up to a multiple of align (a power of two) */
void su_buf_puts(struct su_buf *buf, const char *s);
void su_buf_format(struct su_buf *buf, const char *fmt, ...) SU_PRINTF(2, 3);
#define SU_CLEANUP_BUF __attribute__((cleanup(su_buf_fini)))

/* A map from strings to sizes or indices. Keys are copied. A zeroed map is a valid, empty one. */
struct su_map {
	struct su_map_slot *slots;
	size_t nr, cap;
};
void su_map_fini(struct su_map *map);
/* The value for @key, or NULL. Valid until the next su_map_put(). */
size_t *su_map_get(const struct su_map *map, const char *key);
/* The value for @key, added as 0 where there was none; *added (may be NULL) says so. */
size_t *su_map_put(struct su_map *map, const char *key, int *added);

#endif
