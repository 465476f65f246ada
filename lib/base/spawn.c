// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts one child: fork, its pipes, its process group, exec. Why an exec failed comes back through a pipe that a
 * successful exec closes, so that a missing program is told apart from one that exits with 127.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

extern char **environ;

enum start_step { STEP_DIR = 1, STEP_EXEC };

struct start_error {
	enum start_step step;
	int err;
};

/* All pipes of a start, [0] is the reading end. */
struct pipes {
	int in[2], out[2], err[2], status[2];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *p)
{
	int *fds = (int *)p;
	size_t i;

	for (i = 0; i < sizeof(*p) / sizeof(int); i++)
		close_fd(&fds[i]);
}

static int open_pipes(struct pipes *p, bool has_input)
{
	memset(p, 0xff, sizeof(*p));
	if (pipe2(p->out, O_CLOEXEC) || pipe2(p->err, O_CLOEXEC) || pipe2(p->status, O_CLOEXEC))
		return -errno;
	if (has_input)
		return pipe2(p->in, O_CLOEXEC) ? -errno : 0;
	p->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return p->in[0] < 0 ? -errno : 0;
}

/* Does the "NAME=value" string @entry set the same variable as @other? */
static bool is_same_variable(const char *entry, const char *other)
{
	size_t len = strcspn(entry, "=");

	return !strncmp(entry, other, len) && other[len] == '=';
}

static char **merge_env(const char *const *extra)
{
	SU_VEC(char *) list = { 0 };
	size_t i, k;

	for (i = 0; environ[i]; i++) {
		for (k = 0; extra && extra[k] && !is_same_variable(extra[k], environ[i]); k++)
			;
		if (!extra || !extra[k])
			*su_vec_add(&list) = environ[i];
	}
	for (k = 0; extra && extra[k]; k++)
		*su_vec_add(&list) = (char *)(uintptr_t)extra[k];
	*su_vec_add(&list) = NULL;
	return list.data;
}

static void reset_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	sigset_t none;
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void give_up(int status_fd, enum start_step step)
{
	struct start_error error = { .step = step, .err = errno };
	ssize_t put = write(status_fd, &error, sizeof(error));

	(void)put;
	_exit(127);
}

/* In the child; does not return. Only async-signal-safe calls but execvpe(), which is one in glibc. */
static void run_child(const struct su_process *process, const struct pipes *p, char **env)
{
	setpgid(0, 0);
	/* If we are killed outright nobody else could end the child. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	reset_signals();
	dup2(p->in[0], 0);
	dup2(p->out[1], 1);
	dup2(p->err[1], 2);
	if (process->dir && chdir(process->dir))
		give_up(p->status[1], STEP_DIR);
	execvpe(process->argv[0], (char *const *)(uintptr_t)process->argv, env);
	give_up(p->status[1], STEP_EXEC);
}

static int fail_start(struct su_diags *diags, const struct su_process *process, enum start_step step, int err)
{
	if (step == STEP_DIR)
		return su_fail(diags, SU_AT(SYSTEM, .object = process->dir), "cannot enter the folder: %s",
			       strerror(err));
	if (step == STEP_EXEC && err == ENOENT)
		return su_fail(diags, SU_AT(TOOL_MISSING, .object = process->argv[0]), "the program is not installed");
	return su_fail(diags, SU_AT(SYSTEM, .object = process->argv[0]), "cannot start the program: %s", strerror(err));
}

/* Wait for the exec. Return: 0, or what the child wrote as its last words. */
static bool read_status(int fd, struct start_error *error)
{
	ssize_t got;

	do
		got = read(fd, error, sizeof(*error));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*error);
}

static int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	if (taken >= 0)
		fcntl(taken, F_SETFL, fcntl(taken, F_GETFL) | O_NONBLOCK);
	return taken;
}

static void take_child(struct su_process *process, pid_t pid, int pidfd, struct pipes *p, struct su_child *child)
{
	*child = (struct su_child){
		.process = process,
		.pid = pid,
		.pidfd = pidfd,
		.in = take_fd(&p->in[1]),
		.out = take_fd(&p->out[0]),
		.err = take_fd(&p->err[0]),
	};
}

int su_child_start(struct su_diags *diags, struct su_process *process, struct su_child *child)
{
	struct start_error error = { .step = 0 };
	struct pipes p;
	char **env = NULL;
	int pidfd, err = open_pipes(&p, process->input != NULL);
	pid_t pid;

	if (err)
		goto out;
	env = merge_env(process->env);
	pid = fork();
	if (!pid)
		run_child(process, &p, env);
	err = pid < 0 ? -errno : 0;
	if (err)
		goto out;
	/* In both processes: whoever comes first, the group exists before a signal is sent to it. */
	setpgid(pid, pid);
	close_fd(&p.status[1]);
	pidfd = read_status(p.status[0], &error) ? -1 : pidfd_open(pid, 0);
	if (pidfd < 0) {
		err = error.step ? -error.err : -errno;
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
		goto out;
	}
	take_child(process, pid, pidfd, &p, child);
out:
	close_pipes(&p);
	free(env);
	return err ? fail_start(diags, process, error.step, -err) : 0;
}
