/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cache folder: where it is, locks in it, and the report of progress of what fills it. */
#ifndef SU_KERNEL_CACHE_H
#define SU_KERNEL_CACHE_H

#include "lib/base/file.h"

/* Told what a long operation does now; @step is a short text in lower case. NULL where nobody listens. */
struct su_progress {
	void (*step)(void *ctx, const char *step);
	void *ctx;
};
void su_progress_step(const struct su_progress *progress, const char *fmt, ...) SU_PRINTF(2, 3);

/* Heap: SUTURE_CACHE, or suture/ in XDG_CACHE_HOME or in ~/.cache. Absolute. */
char *su_cache_default(void);

/**
 * su_lock_take - be the only process that holds the lock @path
 * @path: a file made for the purpose; it is left there
 * @progress: told where another process has to be waited for; may be NULL
 * @fd: the held lock; su_lock_drop() or the end of the process releases it
 * Return: 0 or FILE_WRITE.
 */
int su_lock_take(struct su_diags *diags, const char *path, const struct su_progress *progress, int *fd) SU_MUST_CHECK;
void su_lock_drop(int fd);

#endif
