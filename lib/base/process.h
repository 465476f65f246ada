/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes: no shell, exact arguments, output captured, a bounded number side by side. */
#ifndef SU_BASE_PROCESS_H
#define SU_BASE_PROCESS_H

#include "diag.h"
#include "mem.h"

struct su_process {
	const char *const *argv; /* ends in NULL; argv[0] is looked up in PATH */
	const char *dir;	 /* working folder, NULL: ours */
	const char *const *env;	 /* "NAME=value" added to ours, ends in NULL; NULL: none */
	const char *input;	 /* text for its standard input; NULL: /dev/null */
	size_t input_sz;
	/* filled in by su_process_run() */
	int exit_code;	   /* 0..255, or 128 + signal */
	struct su_buf out; /* standard output */
	struct su_buf err; /* standard error */
};

/*
 * Run to the end. TOOL_MISSING where argv[0] is not found, SYSTEM where it cannot be started, INTERRUPTED where
 * we were told to stop meanwhile (the child's process group is ended). A non-zero exit code is not an error here.
 */
int su_process_run(struct su_diags *diags, struct su_process *process) SU_MUST_CHECK;
/* Run @nr processes, at most @jobs at once (0: one per CPU). All are run; the first error is returned. */
int su_process_run_all(struct su_diags *diags, struct su_process *processes, size_t nr, unsigned int jobs) SU_MUST_CHECK;
void su_process_fini(struct su_process *process); /* frees out and err */

/*
 * While caught, SIGINT, SIGTERM and SIGHUP do not end us: whoever looks, with su_signals_check() or by running a process,
 * gives up with INTERRUPTED, so that what was begun is taken back on the way out. SIGPIPE is ignored, as a child
 * may end before it has read its input. May be nested; the last release undoes the first catch.
 */
int su_signals_catch(struct su_diags *diags) SU_MUST_CHECK;
void su_signals_release(void);
/* INTERRUPTED where a signal told us to stop. For what takes long without running a process. */
int su_signals_check(struct su_diags *diags) SU_MUST_CHECK;

/*
 * Split a command line as a POSIX shell splits words: quotes and backslashes, nothing else. An unquoted ';' is a word of
 * its own. @words points into @arena, ends in NULL. Return 0, or -SU_SYSTEM where a quote is not closed.
 */
int su_words_split(struct su_arena *arena, const char *line, const char ***words, size_t *nr) SU_MUST_CHECK;

#endif
