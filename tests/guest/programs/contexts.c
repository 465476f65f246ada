// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests/guest/contexts.sh: tasks that sleep in the kernel in ways that differ in what is on their stack, until they
 * are killed. "stopped" by a signal; "traced" by its parent; "vfork": waits for its child; "readv": from an empty
 * pipe; "fault": uname() into a page that never comes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static int be_stopped(void)
{
	return raise(SIGSTOP);
}

static int be_traced(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGUSR1);
		_exit(0);
	}
	return waitpid(pid, NULL, 0) != pid || pause();
}

static int be_vfork_parent(void)
{
	if (!vfork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			syscall(SYS_pause);
	}
	return 0;
}

static int be_reader(void)
{
	char byte;
	struct iovec vec = { &byte, 1 };
	int fd[2];

	return pipe(fd) || readv(fd[0], &vec, 1) < 0;
}

static int be_faulting(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register region = { .range = { (unsigned long)page, 4096 }, .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &region))
		return 2;
	return uname(page) < 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*be)(void);
	} kinds[] = {
		{ "stopped", be_stopped }, { "traced", be_traced },  { "vfork", be_vfork_parent },
		{ "readv", be_reader },	   { "fault", be_faulting },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(argv[1], kinds[i].name))
			return kinds[i].be();
	return 2;
}
