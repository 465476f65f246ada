// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel images of any content: ELF files, compressed payloads, symbol tables. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/live/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every failure must have said why. */
static void open_image(const char *path)
{
	struct su_diags *diags = su_diags_create();
	struct su_image *image;
	char bytes[64];

	if (su_image_open(diags, path, &image)) {
		if (!su_diags_count(diags))
			abort();
	} else {
		for (size_t i = 0; i < image->segments.nr; i++)
			if (su_image_read(image, image->segments.data[i].addr, bytes, 1))
				abort();
		(void)!su_image_read(image, 0xffffffff81000000ull, bytes, sizeof(bytes));
		su_image_close(image);
	}
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("image", 0);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	open_image(path);
	close(fd);
	return 0;
}
