// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of struct layouts, on objects with any debug information; layouts are compared with themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/kernel/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_layouts(const char *path)
{
	struct su_diags *diags = su_diags_create();
	struct su_layouts layouts = { 0 };

	if (su_layouts_read(diags, path, &layouts)) {
		if (!su_diags_count(diags))
			abort();
	} else {
		for (size_t i = 0; i < layouts.list.nr; i++)
			if (su_layout_compare(diags, "fuzz.h", &layouts.list.data[i], &layouts.list.data[i]))
				abort();
		su_layouts_fini(&layouts);
	}
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("object", 0);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_layouts(path);
	close(fd);
	return 0;
}
