// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz: any bytes as an object file, read, cut into atoms, and compared with itself. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/diff/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct su_object *open_bytes(struct su_diags *diags, const uint8_t *data, size_t size)
{
	struct su_object *object = NULL;
	int fd = memfd_create("object", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (su_object_open(diags, path, size % 2, &object))
		object = NULL;
	close(fd);
	return object;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct su_diags *diags = su_diags_create();
	struct su_object *pre = open_bytes(diags, data, size);
	struct su_object *post = open_bytes(diags, data, size);

	if (!pre != !post)
		abort();
	if (pre) {
		struct su_diff *diff = su_diff_create("fuzz.o", pre, post);

		/* named functions are their own partners; nothing may differ from itself by its bytes */
		for (size_t i = 0; i < diff->post->atom_nr; i++)
			if (diff->post->atoms[i]->partner &&
			    diff->post->atoms[i]->partner->partner != diff->post->atoms[i])
				abort();
		su_diff_destroy(diff);
	}
	su_diags_destroy(diags);
	return 0;
}
