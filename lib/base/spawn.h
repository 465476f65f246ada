/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to lib/base: one started child with its pipes, and the signals that tell us to stop. */
#ifndef SU_BASE_SPAWN_H
#define SU_BASE_SPAWN_H

#include <sys/types.h>

#include "process.h"

struct su_child {
	struct su_process *process;
	pid_t pid;	  /* also its process group */
	int pidfd;	  /* readable once it has ended */
	int in, out, err; /* our ends, non-blocking; -1: closed */
	size_t in_done;	  /* bytes of the input already written */
};

/**
 * su_child_start - start a child in a process group of its own
 * @child: written only on success; all its descriptors are the caller's
 * Return: 0, TOOL_MISSING where the program is not found, SYSTEM otherwise.
 */
int su_child_start(struct su_diags *diags, struct su_process *process, struct su_child *child) SU_MUST_CHECK;

/* Readable once a signal told us to stop; valid while signals are caught. */
int su_signals_fd(void);

#endif
