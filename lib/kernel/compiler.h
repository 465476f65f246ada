/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiler that a kernel was built with, by its configuration, and whether it is here. */
#ifndef SU_KERNEL_COMPILER_H
#define SU_KERNEL_COMPILER_H

#include "config.h"

struct su_compiler {
	char *command; /* "gcc-12", as the kernel's build calls it; heap */
	char *version; /* all that `gcc-12 --version` says; heap */
};

/**
 * su_compiler_find - the compiler of CONFIG_CC_VERSION_TEXT
 * @cc: how to call it, "ccache gcc-12"; NULL: by its name
 * Return: 0, or COMPILER, whose hint names the package that has it; USAGE where @cc is no command line.
 */
int su_compiler_find(struct su_diags *diags, struct su_config *config, const char *cc,
		     struct su_compiler *compiler) SU_MUST_CHECK;
void su_compiler_fini(struct su_compiler *compiler);

/* "gcc-12 (Debian 12.2.0-14) 12.2.0" -> "gcc-12=12.2.0-14"; heap, NULL where the text is not of this form. */
char *su_compiler_package(const char *version_text);

#endif
