/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: one Debian package file in the cache. */
#ifndef SU_KERNEL_PACKAGE_H
#define SU_KERNEL_PACKAGE_H

#include "cache.h"

struct su_package {
	char *path;    /* the .deb; heap */
	char *version; /* heap */
};

/**
 * su_package_fetch - have a package file in cache/downloads
 * @version: the version wanted; NULL: the one that is there, or else the package manager's candidate
 * apt-get checks the signatures of what it fetches. What is there already is not fetched again.
 * Return: 0, PACKAGE, TOOL_MISSING or FILE_*.
 */
int su_package_fetch(struct su_diags *diags, const char *cache, const char *name, const char *version,
		     const struct su_progress *progress, struct su_package *package) SU_MUST_CHECK;
void su_package_fini(struct su_package *package);
int su_package_unpack(struct su_diags *diags, const struct su_package *package, const char *dir) SU_MUST_CHECK;

#endif
