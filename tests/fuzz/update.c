// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arbitrary tables against an arbitrary kernel, through su_update_open() and su_match_run(). The input is the
 * kernel's memory (its first KERNEL_SZ bytes, which also serve as the pre code and as the candidates), then the
 * blob.
 */
#include <stdlib.h>

#include "match/match.h"

#define KERNEL_SZ 256u
#define KERNEL_ADDR 0xffffffff81000000ull

struct fuzz {
	struct su_update update;
	u8 kernel[KERNEL_SZ];
	u64 addrs[4];
};

static int read_kernel(void *ctx, u64 addr, void *buf, size_t len)
{
	struct fuzz *f = ctx;

	if (len > KERNEL_SZ || addr < KERNEL_ADDR || addr - KERNEL_ADDR > KERNEL_SZ - len)
		return -1;
	memcpy(buf, f->kernel + (addr - KERNEL_ADDR), len);
	return 0;
}

static u32 candidates(void *ctx, u32 symbol, const u64 **addrs)
{
	struct fuzz *f = ctx;

	*addrs = f->addrs;
	return symbol % 5;
}

static const u8 *area_bytes(void *ctx, u32 area)
{
	struct fuzz *f = ctx;

	return f->update.areas[area].size <= KERNEL_SZ ? f->kernel : NULL;
}

static u64 latest(void *ctx, u64 addr)
{
	(void)ctx;
	return addr % 3 ? KERNEL_ADDR + addr % KERNEL_SZ : 0;
}

static void match(struct fuzz *f)
{
	static const struct su_match_ops ops = {
		.read = read_kernel,
		.candidates = candidates,
		.bytes = area_bytes,
		.latest = latest,
	};
	const struct su_header *h = f->update.header;
	struct su_match m = {
		.update = &f->update,
		.ops = &ops,
		.ctx = f,
		.mode = (enum su_match_mode)(f->kernel[0] % 3),
		.target = SU_NONE,
		.bases = calloc(h->sections.nr + 1u, sizeof(struct su_value)),
		.values = calloc(h->symbols.nr + 1u, sizeof(struct su_value)),
		.trail = calloc((size_t)h->sections.nr + h->symbols.nr + 1, sizeof(u32)),
		.matched = calloc(h->sections.nr + 1u, 1),
		.scratch = malloc(KERNEL_SZ),
		.scratch_sz = KERNEL_SZ,
	};

	if (su_match_run(&m) == SU_MATCH_OK) {
		for (u32 i = 0; i < h->relocs.nr; i++) {
			u64 value;

			/* what a successful match promises */
			if (su_match_value(&m, f->update.relocs[i].symbol, &value))
				abort();
		}
	}
	free(m.bases);
	free(m.values);
	free(m.trail);
	free(m.matched);
	free(m.scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { .addrs = { KERNEL_ADDR, KERNEL_ADDR + 32, KERNEL_ADDR, 64 } };
	const char *where = NULL;
	u8 *blob;

	if (size < KERNEL_SZ || size > 65536)
		return 0;
	memcpy(f.kernel, data, KERNEL_SZ);
	blob = malloc(size - KERNEL_SZ + 1);
	memcpy(blob, data + KERNEL_SZ, size - KERNEL_SZ);
	/* a checksum of sorts: the fuzzer need not guess these */
	if (size - KERNEL_SZ >= sizeof(struct su_header)) {
		memcpy(blob, SU_MAGIC, SU_MAGIC_SZ);
		((struct su_header *)blob)->format = SU_FORMAT;
		((struct su_header *)blob)->blob_sz = (u32)(size - KERNEL_SZ);
	}
	if (!su_update_open(blob, size - KERNEL_SZ, &f.update, &where))
		match(&f);
	else if (!where)
		abort();
	free(blob);
	return 0;
}
