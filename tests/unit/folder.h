/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in a test's own folder. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/str.h"

/* @name: below @dir; folders on the way to it are made. */
static inline void folder_put(struct su_diags *diags, const char *dir, const char *name, const char *text)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", dir, name);
	SU_CLEANUP_FREE char *parent = su_format("%.*s", (int)(strrchr(path, '/') - path), path);

	assert_int_equal(su_dir_make(diags, parent), 0);
	assert_int_equal(su_file_write(diags, path, text, strlen(text)), 0);
}

#endif
