/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: running the kernel's own makefiles on a folder of objects outside the source tree. */
#ifndef SU_KERNEL_KBUILD_H
#define SU_KERNEL_KBUILD_H

#include "cache.h"
#include "config.h"

struct su_kbuild {
	const char *source;  /* absolute, read-only */
	const char *objects; /* the O= folder, absolute */
	const char *compiler;
	const char *release; /* KERNELRELEASE, NULL: the source's own */
	const char *pahole;  /* a program that says the right version */
	unsigned int jobs;   /* 0: one per CPU */
};

/* Write the stand-in for pahole, which only says the version that the configuration names. Kconfig asks for no more. */
int su_kbuild_write_pahole(struct su_diags *diags, const char *path, const struct su_config *config) SU_MUST_CHECK;
/* Run make on @targets (ends in NULL). PREPARE with make's last words. */
int su_kbuild_make(struct su_diags *diags, const struct su_kbuild *kbuild, const char *const *targets) SU_MUST_CHECK;
/* What make would do to build vmlinux and all modules, and why: its output, errors passed over. */
int su_kbuild_dryrun(struct su_diags *diags, const struct su_kbuild *kbuild, struct su_buf *out) SU_MUST_CHECK;
/* PREPARE where the source was built in place: Kbuild then refuses an O= folder. */
int su_kbuild_check_source(struct su_diags *diags, const char *source) SU_MUST_CHECK;

#endif
