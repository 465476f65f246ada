// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of Module.symvers, on any bytes. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/emit/symvers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_symvers(const char *path)
{
	struct su_diags *diags = su_diags_create();
	struct su_symvers symvers = { 0 };

	if (su_symvers_read(diags, path, &symvers)) {
		if (!su_diags_count(diags))
			abort();
	} else {
		for (size_t i = 0; i < symvers.exports.nr; i++)
			if (!su_symvers_find(&symvers, symvers.exports.data[i].name))
				abort();
		su_symvers_fini(&symvers);
	}
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("symvers", 0);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_symvers(path);
	close(fd);
	return 0;
}
