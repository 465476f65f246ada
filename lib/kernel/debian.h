/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Debian kernel's packages: fetched through the system's package manager, unpacked into the cache, never installed. */
#ifndef SU_KERNEL_DEBIAN_H
#define SU_KERNEL_DEBIAN_H

#include "cache.h"

/* A released kernel. All paths are in the cache, absolute and on the heap. */
struct su_release {
	char *release; /* "6.1.0-47-cloud-amd64" */
	char *version; /* of the package: "6.1.170-3" */
	char *vmlinuz;
	char *config;
	char *modules; /* what is /lib/modules/RELEASE when installed */
};

/**
 * su_release_prepare - have a released kernel's image in the cache
 * @release: as `uname -r` says it
 * @cache: the cache folder
 * Fetches only what is not there. Needs no root.
 * Return: 0, PACKAGE where the package cannot be had, TOOL_MISSING, FILE_*, USAGE for a release that cannot be one.
 */
int su_release_prepare(struct su_diags *diags, const char *release, const char *cache,
		       const struct su_progress *progress, struct su_release *image) SU_MUST_CHECK;
/* Only looks: NOT_PREPARED where it is not in the cache. */
int su_release_open(struct su_diags *diags, const char *release, const char *cache,
		    struct su_release *image) SU_MUST_CHECK;
void su_release_fini(struct su_release *image);

/*
 * The folder of linux-headers-RELEASE of the image's version (Module.symvers, generated/), on the heap. Fetched where it
 * is not there, or NOT_PREPARED where nothing may be fetched.
 */
int su_headers_prepare(struct su_diags *diags, const struct su_release *image, const char *cache, bool may_fetch,
		       const struct su_progress *progress, char **dir) SU_MUST_CHECK;
/* The source tree that the image was built from; the same. */
int su_source_prepare(struct su_diags *diags, const struct su_release *image, const char *cache, bool may_fetch,
		      const struct su_progress *progress, char **dir) SU_MUST_CHECK;

#endif
