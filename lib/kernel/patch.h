/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a unified diff: which files it changes and where. Applying it is patch(1)'s work, see overlay.h. */
#ifndef SU_KERNEL_PATCH_H
#define SU_KERNEL_PATCH_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

enum su_patch_kind { SU_PATCH_MODIFIED, SU_PATCH_CREATED, SU_PATCH_DELETED, SU_PATCH_RENAMED };

/* Line numbers count from 1. Where a side has no line (count 0), start is the line before the place. */
struct su_hunk {
	size_t old_start, old_nr;
	size_t new_start, new_nr;
};

struct su_patch_file {
	enum su_patch_kind kind;
	const char *path;     /* in the patched tree; of a deleted file in the old one. Relative, without ".." */
	const char *old_path; /* in the unpatched tree; NULL for a created file */
	SU_VEC(struct su_hunk) hunks; /* ascending, of the file's first diff; none for a plain rename */
};

struct su_patch {
	struct su_arena arena;
	SU_VEC(struct su_patch_file) files; /* in the diff's order; no path twice */
};

/**
 * su_patch_read - read a patch file
 * The first component of each path (a/, b/) is taken off, as patch -p1 does. Text around the diffs is passed over, so a
 * mail, a folder of mails (mbox) or the output of git show will do.
 * Return: 0, FILE_READ or PATCH_READ with the line's number.
 */
int su_patch_read(struct su_diags *diags, const char *path, struct su_patch *patch) SU_MUST_CHECK;
/* The parsing part: @name stands for the file in messages. */
int su_patch_parse(struct su_diags *diags, const char *name, const char *text, size_t sz,
		   struct su_patch *patch) SU_MUST_CHECK;
void su_patch_fini(struct su_patch *patch);

#endif
