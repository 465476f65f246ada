/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of kernel modules in any layout: which file is the module of a name. modules.dep is not needed. */
#ifndef SU_ELF_MODDIR_H
#define SU_ELF_MODDIR_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

struct su_moddir {
	char *folder;
	struct su_map by_name;
	SU_VEC(char *) paths;
};

/* "foo-bar.ko.xz" is module foo_bar; heap. NULL where the file is no module. */
char *su_module_name(const char *file);

/* Look through @folder. Never NULL; a folder that cannot be read has no modules. su_moddir_close() frees it. */
struct su_moddir *su_moddir_open(const char *folder);
void su_moddir_close(struct su_moddir *dir);
/* The file of module @name, with '-' or '_' as "depends" and /proc/modules have it; NULL where there is none. */
const char *su_moddir_find(const struct su_moddir *dir, const char *name);

#endif
