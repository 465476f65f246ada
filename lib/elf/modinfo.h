/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of a kernel module's .modinfo section: `name=value` strings, in the file's order. */
#ifndef SU_ELF_MODINFO_H
#define SU_ELF_MODINFO_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

struct su_modinfo {
	struct su_buf file;  /* the module, decompressed */
	const char *strings; /* in file; sz bytes that end in NUL */
	size_t sz;
};

/**
 * su_modinfo_read - read a module's fields
 * @path: .ko, or .ko.xz and the like
 * @info: written only on success; su_modinfo_fini() frees it
 * Return: 0; FILE_READ; ELF where it is no module.
 */
int su_modinfo_read(struct su_diags *diags, const char *path, struct su_modinfo *info) SU_MUST_CHECK;
void su_modinfo_fini(struct su_modinfo *info);
#define SU_CLEANUP_MODINFO __attribute__((cleanup(su_modinfo_fini)))

/* The value of the next field called @name behind @after (NULL: the first); NULL where there is none. */
const char *su_modinfo_next(const struct su_modinfo *info, const char *name, const char *after);

/* The first one, NULL where there is none. */
static inline const char *su_modinfo_get(const struct su_modinfo *info, const char *name)
{
	return su_modinfo_next(info, name, NULL);
}

/* The kernel release that the module was made for: the first word of its vermagic; heap, NULL where there is none. */
char *su_modinfo_release(const struct su_modinfo *info);

/* The whole content of a module's file, decompressed where it is .ko.xz, .ko.zst or .ko.gz. FILE_READ. */
int su_module_file_read(struct su_diags *diags, const char *path, struct su_buf *buf) SU_MUST_CHECK;

#endif
