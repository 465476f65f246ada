// SPDX-License-Identifier: GPL-2.0-or-later
/* Content hashes: SHA-256 from nettle behind file.h's small interface. */
#include <nettle/sha2.h>
#include <string.h>

#include "file.h"

struct su_hasher {
	struct sha256_ctx ctx;
};

struct su_hasher *su_hasher_create(void)
{
	struct su_hasher *h = su_alloc(sizeof(*h));

	sha256_init(&h->ctx);
	return h;
}

void su_hasher_add(struct su_hasher *h, const void *data, size_t sz)
{
	if (sz)
		sha256_update(&h->ctx, sz, data);
}

void su_hasher_add_string(struct su_hasher *h, const char *s)
{
	su_hasher_add(h, s, strlen(s) + 1);
}

void su_hasher_finish(struct su_hasher *h, struct su_hash *hash)
{
	sha256_digest(&h->ctx, sizeof(hash->bytes), hash->bytes);
	free(h);
}

void su_hash_hex(const struct su_hash *hash, char hex[65])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < sizeof(hash->bytes); i++) {
		hex[2 * i] = digits[hash->bytes[i] >> 4];
		hex[2 * i + 1] = digits[hash->bytes[i] & 15];
	}
	hex[64] = '\0';
}

int su_hash_file(struct su_diags *diags, const char *path, struct su_hash *hash)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	struct su_hasher *h;
	int err = su_file_read(diags, path, &buf);

	if (err)
		return err;
	h = su_hasher_create();
	su_hasher_add(h, buf.data, buf.nr);
	su_hasher_finish(h, hash);
	return 0;
}
