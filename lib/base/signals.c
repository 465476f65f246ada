// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notes the signals that tell us to stop: as a flag, and as a readable descriptor for the poll loop of process.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
static struct sigaction saved[SU_ARRAY_SIZE(caught)];
/* A signal handler reaches nothing but globals. */
static int wake_pipe[2] = { -1, -1 };
static volatile sig_atomic_t is_told;
static unsigned int depth;

static void note_signal(int sig)
{
	int err = errno;
	unsigned char byte = (unsigned char)sig;
	/* The pipe is non-blocking: if it is full, the reader will wake up anyway. */
	ssize_t put = write(wake_pipe[1], &byte, 1);

	(void)put;
	is_told = 1;
	errno = err;
}

/* Not SA_RESTART: waiting for a lock is to end. */
int su_signals_catch(struct su_diags *diags)
{
	struct sigaction act = { .sa_handler = note_signal };
	size_t i;

	if (depth++)
		return 0;
	is_told = 0;
	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK))
		goto out_fail;
	sigemptyset(&act.sa_mask);
	for (i = 0; i < SU_ARRAY_SIZE(caught); i++) {
		sigaction(caught[i], NULL, &saved[i]);
		/* Whoever started us with a signal ignored (nohup) wants it ignored. */
		if (saved[i].sa_handler == SIG_IGN)
			continue;
		act.sa_handler = caught[i] == SIGPIPE ? SIG_IGN : note_signal;
		sigaction(caught[i], &act, NULL);
	}
	return 0;
out_fail:
	depth--;
	return su_fail(diags, SU_AT(SYSTEM), "cannot make a pipe: %s", strerror(errno));
}

int su_signals_fd(void)
{
	return wake_pipe[0];
}

int su_signals_check(struct su_diags *diags)
{
	return is_told ? su_fail(diags, SU_AT(INTERRUPTED), "stopped by a signal") : 0;
}

void su_signals_release(void)
{
	size_t i;

	if (--depth)
		return;
	for (i = 0; i < SU_ARRAY_SIZE(caught); i++)
		sigaction(caught[i], &saved[i], NULL);
	close(wake_pipe[0]);
	close(wake_pipe[1]);
	wake_pipe[0] = wake_pipe[1] = -1;
}
