/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps line numbers as they were: puts #line directives into a patched source file, so that the code behind a change
 * compiles to the same bytes although __LINE__, BUG tables and the like are in it.
 */
#ifndef SU_KERNEL_LINES_H
#define SU_KERNEL_LINES_H

#include "patch.h"

/**
 * su_lines_keep - copy a patched file, with #line behind each change
 * @text: the patched file
 * @hunks: the changes, in ascending order, as diff -U0 of the old and the new file says them
 * @out: the copy is appended
 * A directive stands only where a line may begin one: not in a comment, a string, a continued line or between
 * parentheses; there it is put off to the next place. It is repeated where the end of a conditional group may undo it.
 */
void su_lines_keep(const char *text, size_t sz, const struct su_hunk *hunks, size_t hunk_nr, struct su_buf *out);

#endif
