/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An update read from its file, without a kernel: its tables checked, its sections at made-up addresses that no
 * kernel uses.
 */
#ifndef SU_LIVE_UPDATE_H
#define SU_LIVE_UPDATE_H

#include "lib/base/diag.h"
#include "lib/elf/elf.h"
#include "match/update.h"

struct su_update_file {
	struct su_update update; /* points into blob */
	struct su_elf *elf;
	char *release; /* the kernel release that it is for */
	uint64_t *blob;
	const uint8_t **area_bytes; /* per area; NULL where it has none in the file */
};

/**
 * su_update_file_open - read an update
 * @path: suture-ID.ko
 * @file: written only on success; su_update_file_close() frees it
 * Return: 0; FILE_READ; ELF; UPDATE_FORMAT where it is no update or its tables are damaged.
 */
int su_update_file_open(struct su_diags *diags, const char *path, struct su_update_file **file) SU_MUST_CHECK;
void su_update_file_close(struct su_update_file *file);

static inline const char *su_update_file_string(const struct su_update_file *file, uint32_t off)
{
	return su_update_string(&file->update, off);
}

#endif
