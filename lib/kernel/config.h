/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's .config: look options up, and compare two of them. */
#ifndef SU_KERNEL_CONFIG_H
#define SU_KERNEL_CONFIG_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

struct su_config {
	struct su_arena arena;
	struct su_map index;			 /* option name without CONFIG_ -> index in options */
	SU_VEC(struct su_config_option) options; /* in the file's order */
};

struct su_config_option {
	const char *name;  /* without CONFIG_ */
	const char *value; /* as it stands in the file, quotes and all */
};

int su_config_read(struct su_diags *diags, const char *path, struct su_config *config) SU_MUST_CHECK;
/* The parsing part of su_config_read(): any text is accepted, lines that set nothing are passed over. */
void su_config_parse(const char *text, size_t sz, struct su_config *config);
void su_config_fini(struct su_config *config);

/* The value of an option as it stands in the file; NULL where it is not set. */
const char *su_config_value(const struct su_config *config, const char *name);
/* A string option without its quotes, in the arena of @config; NULL where it is not set. */
const char *su_config_string(struct su_config *config, const char *name);

/**
 * su_config_compare - did the configuration survive preparation?
 * @wanted: the kernel's own; @have: what Kconfig made of it here
 * Options that name files and tools of the machine are passed over: they do not reach the code.
 * Return: 0 or CONFIG_CHANGED, which names the options.
 */
int su_config_compare(struct su_diags *diags, const struct su_config *wanted, const struct su_config *have) SU_MUST_CHECK;

#endif
