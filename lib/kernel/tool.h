/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running tools of the system whose failure is the end of the matter: one diagnostic with the tool's own words. */
#ifndef SU_KERNEL_TOOL_H
#define SU_KERNEL_TOOL_H

#include "lib/base/process.h"

#define SU_ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Is there a program of this name in PATH? */
bool su_tool_exists(const char *name);

/* The last @max lines of a tool's output, blank ones left out; heap, without a newline at the end. */
char *su_tool_tail(const struct su_buf *text, size_t max);

/*
 * Was it not the tool's judgement but the machine that ended it: a signal, or no space left? Its messages must be in
 * English. @object: what it worked on. Return: 0; SYSTEM, FILE_WRITE.
 */
int su_tool_check_system(struct su_diags *diags, const char *object, const struct su_process *process) SU_MUST_CHECK;

/**
 * su_tool_run - run a tool that has to succeed
 * @dir: working folder, NULL: ours
 * @out: receives its standard output; NULL: dropped
 * @diag: token and place for when it exits with another code than 0
 * @what: what failed then; the tool's last words are added
 */
int su_tool_run(struct su_diags *diags, const char *const *argv, const char *dir, struct su_buf *out,
		struct su_diag diag, const char *what) SU_MUST_CHECK;

#endif
