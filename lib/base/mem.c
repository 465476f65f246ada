// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checked allocation, arenas, growable arrays and byte buffers. Every size is checked for overflow here, so that
 * callers may multiply counts that come from files without a check of their own. Maps are in map.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"

#define CHUNK_SZ 65536

struct su_arena_chunk {
	struct su_arena_chunk *next;
	size_t used, sz;
	_Alignas(16) unsigned char data[];
};

static void *out_of_memory(void)
{
	fputs("suture: error: out of memory\n", stderr);
	abort();
}

void *su_alloc(size_t sz)
{
	void *p = calloc(1, sz ? sz : 1);

	return p ? p : out_of_memory();
}

void *su_realloc(void *p, size_t nr, size_t sz)
{
	size_t total;

	if (__builtin_mul_overflow(nr, sz, &total))
		return out_of_memory();
	p = realloc(p, total ? total : 1);
	return p ? p : out_of_memory();
}

char *su_strdup(const char *s)
{
	char *copy = strdup(s);

	return copy ? copy : out_of_memory();
}

char *su_format(const char *fmt, ...)
{
	char *text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	return len < 0 ? out_of_memory() : text;
}

/* ---- arena ---- */

static struct su_arena_chunk *add_chunk(struct su_arena *arena, size_t sz)
{
	struct su_arena_chunk *chunk;
	size_t total;

	if (__builtin_add_overflow(sz, sizeof(*chunk), &total))
		return out_of_memory();
	chunk = su_alloc(total);
	chunk->sz = sz;
	/* A large chunk goes behind the current one, whose rest stays in use. */
	if (sz > CHUNK_SZ && arena->chunks) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	return chunk;
}

void *su_arena_alloc(struct su_arena *arena, size_t sz)
{
	struct su_arena_chunk *chunk = arena->chunks;
	size_t room;

	if (__builtin_add_overflow(sz, 15, &room))
		return out_of_memory();
	room &= ~(size_t)15;
	if (!chunk || chunk->sz - chunk->used < room)
		chunk = add_chunk(arena, room > CHUNK_SZ ? room : CHUNK_SZ);
	chunk->used += room;
	return chunk->data + chunk->used - room;
}

void su_arena_fini(struct su_arena *arena)
{
	while (arena->chunks) {
		struct su_arena_chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		free(chunk);
	}
}

char *su_arena_strdup(struct su_arena *arena, const char *s)
{
	size_t sz = strlen(s) + 1;

	return memcpy(su_arena_alloc(arena, sz), s, sz);
}

char *su_arena_format(struct su_arena *arena, const char *fmt, ...)
{
	char *text, *copy;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		return out_of_memory();
	copy = su_arena_strdup(arena, text);
	free(text);
	return copy;
}

/* ---- growable array ---- */

void *su_vec_grow(void *data, size_t *cap, size_t nr, size_t sz)
{
	size_t new_cap = *cap ? *cap : 8;

	if (nr <= *cap)
		return data;
	while (new_cap < nr)
		if (__builtin_mul_overflow(new_cap, 2, &new_cap))
			return out_of_memory();
	data = su_realloc(data, new_cap, sz);
	memset((char *)data + *cap * sz, 0, (new_cap - *cap) * sz);
	*cap = new_cap;
	return data;
}

/* ---- byte buffer ---- */

void su_buf_fini(struct su_buf *buf)
{
	free(buf->data);
	*buf = (struct su_buf){ 0 };
}

/* Make room for @nr more bytes and the NUL, and return where they go. */
static char *buf_room(struct su_buf *buf, size_t nr)
{
	size_t want;

	if (__builtin_add_overflow(buf->nr, nr, &want) || __builtin_add_overflow(want, 1, &want))
		return out_of_memory();
	if (want > buf->cap) {
		size_t cap = buf->cap ? buf->cap : 64;

		while (cap < want)
			if (__builtin_mul_overflow(cap, 2, &cap))
				return out_of_memory();
		buf->data = su_realloc(buf->data, cap, 1);
		buf->cap = cap;
	}
	return buf->data + buf->nr;
}

void su_buf_add(struct su_buf *buf, const void *bytes, size_t nr)
{
	char *to = buf_room(buf, nr);

	if (nr)
		memcpy(to, bytes, nr);
	to[nr] = '\0';
	buf->nr += nr;
}

void su_buf_zero(struct su_buf *buf, size_t nr)
{
	memset(buf_room(buf, nr), 0, nr + 1);
	buf->nr += nr;
}

void su_buf_align(struct su_buf *buf, size_t align)
{
	su_buf_zero(buf, -buf->nr & (align - 1));
}

void su_buf_puts(struct su_buf *buf, const char *s)
{
	su_buf_add(buf, s, strlen(s));
}

void su_buf_format(struct su_buf *buf, const char *fmt, ...)
{
	char *text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0) {
		out_of_memory();
		return;
	}
	su_buf_add(buf, text, (size_t)len);
	free(text);
}
