// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The poll loop over running children: feeds their input, collects their output, starts the next when one ends, and
 * ends them all when we are told to stop. Starting a child is left to spawn.c.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

#define FDS_PER_CHILD 4
/* How long children may take to end after SIGTERM before they are killed. */
#define GRACE_MS 3000

struct runner {
	struct su_diags *diags;
	struct su_process *processes;
	size_t nr, next; /* next: index of the first one not started yet */
	struct su_child *children;
	size_t running, jobs;
	int wake_fd;
	int first_err;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void feed_input(struct su_child *child)
{
	const struct su_process *process = child->process;
	size_t left = process->input_sz - child->in_done;
	ssize_t put = left ? write(child->in, process->input + child->in_done, left) : 0;

	if (put > 0)
		child->in_done += (size_t)put;
	if (child->in_done == process->input_sz || (put < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&child->in);
}

/* Read what is there now; at the end of the stream the descriptor is closed. */
static void collect_output(int *fd, struct su_buf *buf)
{
	char block[65536];
	ssize_t got;

	while (*fd >= 0) {
		got = read(*fd, block, sizeof(block));
		if (got > 0)
			su_buf_add(buf, block, (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			close_end(fd);
		else if (errno == EAGAIN)
			return;
	}
}

static void note_err(struct runner *r, int err)
{
	if (err && !r->first_err)
		r->first_err = err;
}

static void start_next(struct runner *r)
{
	struct su_process *process = &r->processes[r->next++];
	int err = su_child_start(r->diags, process, &r->children[r->running]);

	if (err)
		process->exit_code = 127;
	else
		r->running++;
	note_err(r, err);
}

/*
 * The child has ended. What is in its pipes is taken, but nobody waits for their end: a grandchild that went
 * into the background may hold them open for ever.
 */
static void finish_child(struct runner *r, size_t i)
{
	struct su_child *child = &r->children[i];
	int status = 0;

	collect_output(&child->out, &child->process->out);
	collect_output(&child->err, &child->process->err);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	child->process->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	close_end(&child->in);
	close_end(&child->out);
	close_end(&child->err);
	close_end(&child->pidfd);
	r->children[i] = r->children[--r->running];
}

static void fill_fds(const struct runner *r, struct pollfd *fds)
{
	size_t i;

	fds[0] = (struct pollfd){ .fd = r->wake_fd, .events = POLLIN };
	for (i = 0; i < r->running; i++) {
		const struct su_child *child = &r->children[i];
		struct pollfd *set = fds + 1 + i * FDS_PER_CHILD;

		set[0] = (struct pollfd){ .fd = child->in, .events = POLLOUT };
		set[1] = (struct pollfd){ .fd = child->out, .events = POLLIN };
		set[2] = (struct pollfd){ .fd = child->err, .events = POLLIN };
		set[3] = (struct pollfd){ .fd = child->pidfd, .events = POLLIN };
	}
}

/* Wait once and serve every child. Return: whether a signal told us to stop. */
static bool serve_children(struct runner *r, struct pollfd *fds, int timeout_ms, bool *timed_out)
{
	size_t i;
	int ready;

	fill_fds(r, fds);
	ready = poll(fds, 1 + r->running * FDS_PER_CHILD, timeout_ms);
	*timed_out = ready == 0;
	if (ready <= 0)
		return false;
	/* Backwards, as finish_child() moves the last child into the gap. */
	for (i = r->running; i-- > 0;) {
		const struct pollfd *set = fds + 1 + i * FDS_PER_CHILD;
		struct su_child *child = &r->children[i];

		if (set[0].revents)
			feed_input(child);
		if (set[1].revents)
			collect_output(&child->out, &child->process->out);
		if (set[2].revents)
			collect_output(&child->err, &child->process->err);
		if (set[3].revents)
			finish_child(r, i);
	}
	return fds[0].revents != 0;
}

static void signal_children(const struct runner *r, int sig)
{
	size_t i;

	for (i = 0; i < r->running; i++)
		kill(-r->children[i].pid, sig);
}

static void end_children(struct runner *r, struct pollfd *fds)
{
	bool timed_out = false;

	signal_children(r, SIGTERM);
	/* The wake-up byte stays unread and would wake poll() at once: it has served its purpose. */
	r->wake_fd = -1;
	while (r->running && !timed_out)
		serve_children(r, fds, GRACE_MS, &timed_out);
	signal_children(r, SIGKILL);
	while (r->running)
		serve_children(r, fds, -1, &timed_out);
}

static int run_children(struct runner *r)
{
	struct pollfd *fds = su_alloc((1 + r->jobs * FDS_PER_CHILD) * sizeof(*fds));
	bool timed_out;

	while (r->next < r->nr || r->running) {
		while (r->next < r->nr && r->running < r->jobs)
			start_next(r);
		if (r->running && serve_children(r, fds, -1, &timed_out)) {
			end_children(r, fds);
			r->first_err = su_signals_check(r->diags);
			break;
		}
	}
	free(fds);
	return r->first_err;
}

static size_t cpu_count(void)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	return nr > 0 ? (size_t)nr : 1;
}

int su_process_run_all(struct su_diags *diags, struct su_process *processes, size_t nr, unsigned int jobs)
{
	struct runner r = { .diags = diags, .processes = processes, .nr = nr };
	int err;

	r.jobs = jobs ? jobs : cpu_count();
	if (r.jobs > nr)
		r.jobs = nr;
	err = su_signals_catch(diags);
	if (err)
		return err;
	r.wake_fd = su_signals_fd();
	r.children = su_alloc(r.jobs * sizeof(*r.children));
	err = run_children(&r);
	su_signals_release();
	free(r.children);
	return err;
}

int su_process_run(struct su_diags *diags, struct su_process *process)
{
	return su_process_run_all(diags, process, 1, 1);
}

void su_process_fini(struct su_process *process)
{
	su_buf_fini(&process->out);
	su_buf_fini(&process->err);
}
