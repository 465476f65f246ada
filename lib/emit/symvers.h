/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Module.symvers: what a kernel exports. Lines: CRC, symbol, module, export type, namespace, parted by tabs. */
#ifndef SU_EMIT_SYMVERS_H
#define SU_EMIT_SYMVERS_H

#include "../base/diag.h"
#include "../base/mem.h"

struct su_export {
	const char *name;
	const char *module; /* "vmlinux" or a module's path */
	const char *space;  /* namespace, "" for none */
};

struct su_symvers {
	struct su_arena arena;
	struct su_map by_name;
	SU_VEC(struct su_export) exports;
};

int su_symvers_read(struct su_diags *diags, const char *path, struct su_symvers *symvers) SU_MUST_CHECK;
void su_symvers_fini(struct su_symvers *symvers);
/* NULL: not exported. */
const struct su_export *su_symvers_find(const struct su_symvers *symvers, const char *name);

#endif
