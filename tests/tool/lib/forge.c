// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules that lie about the kernel they are for: with them the tests reach the core's own checks. */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/elf/elf.h"
#include "lib/elf/modinfo.h"

/* An entry of __versions, of kernels up to 6.14: include/linux/module.h, struct modversion_info. */
struct version_entry {
	uint64_t crc;
	char name[56];
};

/* "0xcrc<tab>name<tab>..." lines. */
static int crcs_read(struct su_kit *kit, const char *release, struct su_map *crcs)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	struct su_release image = { 0 };
	char *dir = NULL, *path = NULL, *save = NULL;
	int err = su_kit_image(kit, release, &image);

	if (!err)
		err = su_headers_prepare(kit->diags, &image, kit->cache, true, NULL, &dir);
	if (!err) {
		path = su_format("%s/Module.symvers", dir);
		err = su_file_read(kit->diags, path, &buf);
	}
	for (char *line = err ? NULL : strtok_r(buf.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char name[128];
		unsigned long crc;

		if (sscanf(line, "%lx\t%127s", &crc, name) == 2)
			*su_map_put(crcs, name, NULL) = crc;
	}
	su_release_fini(&image);
	free(path);
	free(dir);
	return err;
}

static void versions_forge(char *data, size_t sz, const struct su_map *crcs)
{
	for (size_t off = 0; off + sizeof(struct version_entry) <= sz; off += sizeof(struct version_entry)) {
		struct version_entry entry;
		const size_t *crc;

		memcpy(&entry, data + off, sizeof(entry));
		entry.name[sizeof(entry.name) - 1] = 0;
		crc = su_map_get(crcs, entry.name);
		if (crc)
			entry.crc = *crc;
		memcpy(data + off, &entry, sizeof(entry));
	}
}

/* All fields but the patch's hash, which makes room, with another release in vermagic. */
static bool modinfo_forge(char *data, size_t sz, const char *release)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };

	for (const char *p = data; p < data + sz; p += strlen(p) + 1) {
		const char *rest = strchr(p, ' ');

		if (su_has_prefix(p, "vermagic=") && rest)
			su_buf_format(&buf, "vermagic=%s%s%c", release, rest, 0);
		else if (*p && !su_has_prefix(p, "suture_patch="))
			su_buf_add(&buf, p, strlen(p) + 1);
	}
	if (buf.nr > sz)
		return false;
	memset(data, 0, sz);
	memcpy(data, buf.data, buf.nr);
	return true;
}

int su_kit_forge(struct su_kit *kit, const char *module, const char *release, const char *out)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	struct su_elf *elf = NULL;
	struct su_map crcs = { 0 };
	int err = crcs_read(kit, release, &crcs);

	if (!err)
		err = su_file_read(kit->diags, module, &buf);
	if (!err)
		err = su_elf_open(kit->diags, module, &elf);
	if (!err) {
		const struct su_elf_section *info = su_elf_section_find(elf, ".modinfo");
		const struct su_elf_section *versions = su_elf_section_find(elf, "__versions");
		const uint8_t *file = (const uint8_t *)elf->file.data;

		if (versions)
			versions_forge(buf.data + (versions->data - file), versions->size, &crcs);
		if (!info || !modinfo_forge(buf.data + (info->data - file), info->size, release))
			err = su_fail(kit->diags, SU_AT(TRY, .object = module),
				      "no room for another release in .modinfo");
	}
	if (!err)
		err = su_file_write(kit->diags, out, buf.data, buf.nr);
	su_elf_close(elf);
	su_map_fini(&crcs);
	return err;
}
