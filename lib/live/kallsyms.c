// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The symbol table that a kernel image carries for itself, found by its structure as nothing points at it from
 * outside. Its parts, each aligned to 8 (scripts/kallsyms.c):
 *
 *   to v6.3   offsets, relative base, number, names, markers, [seqs of names, v6.2], token table, token index
 *   from v6.4 number, names, markers, token table, token index, offsets, relative base, seqs of names
 *
 * A name is a length (one byte, from v6.1 two where it is over 127) and so many tokens; the first character of
 * what these spell is the symbol's type. Every 256th name has its offset in markers. An offset is either all
 * relative to the base, or (per-CPU symbols being absolute) negative ones count from the base, others are
 * values.
 */
#include <string.h>

#include "image.h"

#define TOKEN_NR 256
#define TOKEN_MAX 512u
#define SYMBOL_MIN 1000u
#define SYMBOL_MAX (1u << 23)

struct kallsyms {
	const uint8_t *data; /* the file */
	size_t size;
	size_t token_table, token_index; /* offsets in the file */
	size_t number, names, markers;
	uint32_t nr;
	size_t offsets;
	uint64_t base;
};

static uint16_t get16(const struct kallsyms *k, size_t off)
{
	uint16_t v;

	memcpy(&v, k->data + off, sizeof(v));
	return v;
}

static uint32_t get32(const struct kallsyms *k, size_t off)
{
	uint32_t v;

	memcpy(&v, k->data + off, sizeof(v));
	return v;
}

static uint64_t get64(const struct kallsyms *k, size_t off)
{
	uint64_t v;

	memcpy(&v, k->data + off, sizeof(v));
	return v;
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* ---- tokens ---- */

/* Is there a token table at @start, followed by the index that fits it? */
static bool is_token_table(struct kallsyms *k, size_t start)
{
	uint16_t offs[TOKEN_NR];
	size_t pos = start;

	for (int i = 0; i < TOKEN_NR; i++) {
		size_t left = k->size - pos;
		const uint8_t *end = memchr(k->data + pos, 0, left < TOKEN_MAX ? left : TOKEN_MAX);

		if (!end || pos - start > UINT16_MAX)
			return false;
		offs[i] = (uint16_t)(pos - start);
		pos = (size_t)(end - k->data) + 1;
	}
	pos = align8(pos);
	if (pos > k->size || k->size - pos < sizeof(offs) || memcmp(k->data + pos, offs, sizeof(offs)))
		return false;
	k->token_table = start;
	k->token_index = pos;
	return true;
}

/*
 * Back from the token "0", which is number 0x30, to the second one, which stands behind the NUL of the first. Where that one
 * begins nothing says but the index: the byte before it is another table's last.
 */
static bool find_table_start(struct kallsyms *k, size_t zero)
{
	size_t second = zero;

	for (unsigned int tokens = '0'; second && tokens > 1; tokens--) {
		second--;
		while (second && k->data[second - 1])
			second--;
	}
	if (!second)
		return false;
	for (size_t start = (second - 1) & ~(size_t)7; second - start < TOKEN_MAX; start -= 8) {
		if (is_token_table(k, start))
			return true;
		if (start < 8)
			break;
	}
	return false;
}

/* The digits always stand for themselves, in this order. */
static bool find_tokens(struct kallsyms *k)
{
	static const char digits[] = "0\0"
				     "1\0"
				     "2\0"
				     "3\0"
				     "4\0"
				     "5\0"
				     "6\0"
				     "7\0"
				     "8\0"
				     "9";
	size_t pos = 0;

	while (pos < k->size) {
		const uint8_t *at = memmem(k->data + pos, k->size - pos, digits, sizeof(digits));

		if (!at)
			return false;
		if (find_table_start(k, (size_t)(at - k->data)))
			return true;
		pos = (size_t)(at - k->data) + 1;
	}
	return false;
}

/* ---- names ---- */

/* Step over the length of the name at *@pos. */
static bool name_length(const struct kallsyms *k, size_t *pos, size_t end, size_t *len)
{
	if (*pos >= end)
		return false;
	*len = k->data[(*pos)++];
	if (*len & 0x80) {
		if (*pos >= end)
			return false;
		*len = (*len & 0x7f) | (size_t)k->data[(*pos)++] << 7;
	}
	return *len && *len <= end - *pos;
}

/* Do @nr names from k->names on end before the tokens, with markers behind them that fit? */
static bool are_names(struct kallsyms *k)
{
	size_t pos = k->names;
	size_t len;

	for (uint32_t i = 0; i < k->nr; i++) {
		if (!name_length(k, &pos, k->token_table, &len))
			return false;
		pos += len;
	}
	k->markers = align8(pos);
	if (k->markers + (size_t)(k->nr + 255) / 256 * 4 > k->token_table)
		return false;
	pos = k->names;
	for (uint32_t i = 0; i < k->nr; i++) {
		if (i % 256 == 0 && get32(k, k->markers + i / 256 * 4) != pos - k->names)
			return false;
		(void)name_length(k, &pos, k->token_table, &len);
		pos += len;
	}
	return true;
}

static bool find_names(struct kallsyms *k)
{
	for (size_t pos = k->token_table & ~(size_t)7; pos >= 16; pos -= 8) {
		k->number = pos - 8;
		k->names = pos;
		k->nr = get32(k, k->number);
		if (k->nr < SYMBOL_MIN || k->nr > SYMBOL_MAX || get32(k, k->number + 4) ||
		    (size_t)k->nr * 2 > k->token_table - pos)
			continue;
		if (are_names(k))
			return true;
	}
	return false;
}

/* ---- addresses ---- */

static bool has_negative_offset(const struct kallsyms *k)
{
	for (uint32_t i = 0; i < k->nr; i++)
		if ((int32_t)get32(k, k->offsets + i * 4) < 0)
			return true;
	return false;
}

static uint64_t address(const struct kallsyms *k, uint32_t i, bool is_percpu_absolute)
{
	int32_t offset = (int32_t)get32(k, k->offsets + i * 4);

	if (!is_percpu_absolute)
		return k->base + (uint32_t)offset;
	return offset >= 0 ? (uint64_t)offset : k->base - 1 - (uint64_t)(int64_t)offset;
}

/* A kernel's symbols are sorted by address: so is nothing else that could be taken for them. */
static bool are_offsets(struct kallsyms *k, size_t offsets, size_t base)
{
	bool is_percpu_absolute;
	uint64_t last = 0;

	if (base > k->size - 8 || offsets + (size_t)k->nr * 4 > k->size)
		return false;
	k->offsets = offsets;
	k->base = get64(k, base);
	if (k->base < 0xffffffff80000000ull)
		return false;
	is_percpu_absolute = has_negative_offset(k);
	for (uint32_t i = 0; i < k->nr; i++) {
		uint64_t addr = address(k, i, is_percpu_absolute);

		if (addr < last)
			return false;
		last = addr;
	}
	return last > k->base;
}

static bool find_offsets(struct kallsyms *k)
{
	size_t sz = align8((size_t)k->nr * 4);
	size_t behind = align8(k->token_index + TOKEN_NR * sizeof(uint16_t));

	if (k->number >= 8 + sz && are_offsets(k, k->number - 8 - sz, k->number - 8))
		return true;
	return are_offsets(k, behind, behind + sz);
}

/* ---- symbols ---- */

static bool append_token(const struct kallsyms *k, uint8_t token, char *name, size_t *nr, size_t max)
{
	const char *text = (const char *)k->data + k->token_table + get16(k, k->token_index + token * 2);
	size_t len = strlen(text);

	if (len >= max - *nr)
		return false;
	memcpy(name + *nr, text, len);
	*nr += len;
	return true;
}

static bool add_symbols(const struct kallsyms *k, struct su_addresses *names)
{
	bool is_percpu_absolute = has_negative_offset(k);
	size_t pos = k->names;

	for (uint32_t i = 0; i < k->nr; i++) {
		char name[1024];
		size_t nr = 0, len;

		if (!name_length(k, &pos, k->token_table, &len))
			return false;
		for (; len; len--)
			if (!append_token(k, k->data[pos++], name, &nr, sizeof(name)))
				return false;
		name[nr] = 0;
		if (nr > 1)
			su_addresses_add(names, name + 1, address(k, i, is_percpu_absolute));
	}
	return true;
}

int su_kallsyms_read(struct su_diags *diags, struct su_image *image)
{
	struct kallsyms k = { .data = (const uint8_t *)image->file.data, .size = image->file.nr };

	if (find_tokens(&k) && find_names(&k) && find_offsets(&k) && add_symbols(&k, &image->names))
		return 0;
	return su_fail(diags, SU_AT(IMAGE, .object = image->path, .hint = "give the vmlinux with its symbol table"),
		       "the image has no symbols that can be read (CONFIG_KALLSYMS off, or a layout not known yet)");
}
