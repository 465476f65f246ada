/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/kernel: the dependency file that the compiler writes beside an object. */
#ifndef SU_KERNEL_DEPFILE_H
#define SU_KERNEL_DEPFILE_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

struct su_depfile {
	struct su_arena arena;
	SU_VEC(const char *) paths; /* as the compiler wrote them, the source first; no path twice */
};

int su_depfile_read(struct su_diags *diags, const char *path, struct su_depfile *deps) SU_MUST_CHECK;
void su_depfile_parse(const char *text, size_t sz, struct su_depfile *deps);
void su_depfile_fini(struct su_depfile *deps);

#endif
