// SPDX-License-Identifier: GPL-2.0-or-later
/* Turns the signals that tell us to stop into a readable descriptor, for the poll loop of process.c. */
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

static void note_signal(int sig)
{
	int err = errno;
	unsigned char byte = (unsigned char)sig;
	/* The pipe is non-blocking: if it is full, the reader will wake up anyway. */
	ssize_t put = write(wake_pipe[1], &byte, 1);

	(void)put;
	errno = err;
}

int su_signals_catch(struct su_diags *diags, int *fd)
{
	struct sigaction act = { .sa_handler = note_signal, .sa_flags = SA_RESTART };
	size_t i;

	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK))
		return su_fail(diags, SU_AT(SYSTEM), "cannot make a pipe: %s", strerror(errno));
	sigemptyset(&act.sa_mask);
	for (i = 0; i < SU_ARRAY_SIZE(caught); i++) {
		sigaction(caught[i], NULL, &saved[i]);
		/* Whoever started us with a signal ignored (nohup) wants it ignored. */
		if (saved[i].sa_handler == SIG_IGN)
			continue;
		act.sa_handler = caught[i] == SIGPIPE ? SIG_IGN : note_signal;
		sigaction(caught[i], &act, NULL);
	}
	*fd = wake_pipe[0];
	return 0;
}

void su_signals_release(void)
{
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(caught); i++)
		sigaction(caught[i], &saved[i], NULL);
	close(wake_pipe[0]);
	close(wake_pipe[1]);
	wake_pipe[0] = wake_pipe[1] = -1;
}
