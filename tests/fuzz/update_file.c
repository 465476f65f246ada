// SPDX-License-Identifier: GPL-2.0-or-later
/* Update files of any content, read and then matched with a kernel that has no memory and one symbol. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/live/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verify(struct su_diags *diags, const struct su_update_file *file)
{
	static char name[] = "fuzz";
	struct su_image image = { .path = name, .release = name, .fd = -1, .mode = SU_MATCH_IMAGE };
	struct su_verification v = { 0 };

	su_addresses_add(&image.names, "foo", 0xffffffff81000000ull);
	su_addresses_sort(&image.names);
	(void)!su_verify(diags, &image, NULL, file, true, &v);
	su_verification_fini(&v);
	su_addresses_fini(&image.names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct su_diags *diags = su_diags_create();
	struct su_update_file *file;
	int fd = memfd_create("update", 0);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!su_update_file_open(diags, path, &file)) {
		verify(diags, file);
		su_update_file_close(file);
	} else if (!su_diags_count(diags)) {
		abort();
	}
	close(fd);
	su_diags_destroy(diags);
	return 0;
}
