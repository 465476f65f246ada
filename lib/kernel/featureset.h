/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: Debian's "featuresets", kernels that are built from the common source and one more series of patches. */
#ifndef SU_KERNEL_FEATURESET_H
#define SU_KERNEL_FEATURESET_H

#include "debian.h"

/* The featureset of a release as its name says it ("rt" of 6.1.0-47-rt-amd64), NULL: the common source. */
const char *su_featureset(const char *release);

/**
 * su_featureset_apply - make the common source in @dir that of @featureset
 * The patches are fetched from Debian's source package into cache/downloads.
 * Return: 0, PACKAGE, PREPARE where one of the patches does not apply, TOOL_MISSING or FILE_*.
 */
int su_featureset_apply(struct su_diags *diags, const char *featureset, const char *version, const char *cache,
			const struct su_progress *progress, const char *dir) SU_MUST_CHECK;

#endif
