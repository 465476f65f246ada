/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiler that a kernel was built with, by its configuration, and whether it is here. */
#ifndef SU_KERNEL_COMPILER_H
#define SU_KERNEL_COMPILER_H

#include "config.h"

struct su_compiler {
	char *command; /* "gcc-12"; heap */
	char *version; /* all that `gcc-12 --version` says; heap */
};

/**
 * su_compiler_find - the compiler of CONFIG_CC_VERSION_TEXT
 * Return: 0, or COMPILER, whose hint names the package that has it.
 */
int su_compiler_find(struct su_diags *diags, struct su_config *config, struct su_compiler *compiler) SU_MUST_CHECK;
void su_compiler_fini(struct su_compiler *compiler);

/* "gcc-12 (Debian 12.2.0-14) 12.2.0" -> "gcc-12=12.2.0-14"; heap, NULL where the text is not of this form. */
char *su_compiler_package(const char *version_text);

#endif
