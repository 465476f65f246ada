// SPDX-License-Identifier: GPL-2.0-or-later
/* Module files of any content: their fields, and their sections laid out and relocated in an image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/elf/modinfo.h"
#include "lib/live/module.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every failure must have said why. */
static void read_fields(const char *path)
{
	struct su_diags *diags = su_diags_create();
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const char *value = NULL;

	if (su_modinfo_read(diags, path, &info)) {
		if (!su_diags_count(diags))
			abort();
	} else {
		while ((value = su_modinfo_next(&info, "alias", value)))
			if (strlen(value) >= info.sz)
				abort();
		free(su_modinfo_release(&info));
	}
	su_diags_destroy(diags);
}

/* In an image of one symbol; the folder's only module is the file. */
static void add_to_image(char *path)
{
	static char name[] = "fuzz";
	struct su_image image = { .path = name, .release = name, .fd = -1, .mode = SU_MATCH_IMAGE };
	struct su_diags *diags = su_diags_create();
	struct su_moddir dir = { .folder = name };

	*su_map_put(&dir.by_name, "fuzz", NULL) = 0;
	*su_vec_add(&dir.paths) = path;
	su_addresses_add(&image.names, "printk", 0xffffffff81000000ull);
	su_addresses_sort(&image.names);
	if (su_image_add_module(diags, &image, &dir, "fuzz") && !su_diags_count(diags))
		abort();
	for (size_t i = 0; i < image.modules.nr; i++)
		su_addresses_fini(&image.modules.data[i]->names);
	su_vec_fini(&image.modules);
	su_vec_fini(&image.segments);
	su_addresses_fini(&image.names);
	su_arena_fini(&image.arena);
	su_vec_fini(&dir.paths);
	su_map_fini(&dir.by_name);
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("module", 0);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_fields(path);
	add_to_image(path);
	close(fd);
	return 0;
}
