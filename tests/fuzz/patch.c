// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of unified diffs, and the placing of #line with whatever hunks came out of it, on any bytes. */
#include <stdint.h>

#include "lib/kernel/lines.h"
#include "lib/kernel/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz)
{
	struct su_diags *diags = su_diags_create();
	struct su_buf out = { 0 };
	struct su_patch patch;
	size_t i;

	if (!su_patch_parse(diags, "fuzz", (const char *)data, sz, &patch)) {
		for (i = 0; i < patch.files.nr; i++) {
			const struct su_patch_file *file = &patch.files.data[i];

			su_lines_keep((const char *)data, sz, file->hunks.data, file->hunks.nr, &out);
		}
		su_patch_fini(&patch);
	} else if (su_diags_count(diags) != 1) {
		__builtin_trap();
	}
	su_buf_fini(&out);
	su_diags_destroy(diags);
	return 0;
}
