// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "NR COMMAND...": runs the command and kills it before its NR-th system call by which it can change something outside
 * of itself. From the one before until then it is the same to all others when it is killed. Prints the call's number;
 * nothing where the command ends earlier. Its own output is lost.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls that only look, or change the process alone. */
static const long own[] = {
	SYS_read,
	SYS_pread64,
	SYS_readv,
	SYS_close,
	SYS_stat,
	SYS_fstat,
	SYS_lstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_lseek,
	SYS_poll,
	SYS_access,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_readlink,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_mmap,
	SYS_mprotect,
	SYS_munmap,
	SYS_mremap,
	SYS_brk,
	SYS_madvise,
	SYS_ioctl,
	SYS_fcntl,
	SYS_dup,
	SYS_dup2,
	SYS_getcwd,
	SYS_uname,
	SYS_getpid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_arch_prctl,
	SYS_set_tid_address,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_prlimit64,
	SYS_getrandom,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_sysinfo,
	SYS_futex,
	SYS_sched_getaffinity,
	SYS_exit_group,
	SYS_getppid,
};

static int is_own(const struct user_regs_struct *regs)
{
	long nr = (long)regs->orig_rax;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] == nr)
			return 1;
	if (nr == SYS_openat)
		return !(regs->rdx & (O_CREAT | O_TRUNC));
	return nr == SYS_open && !(regs->rsi & (O_CREAT | O_TRUNC));
}

static void begin(char **argv)
{
	int nowhere = open("/dev/null", O_WRONLY);

	dup2(nowhere, 1);
	dup2(nowhere, 2);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execvp(argv[0], argv);
	_exit(127);
}

/* Until the next system call begins or ends; 0: the command has ended. */
static int go_on(pid_t pid)
{
	int status;

	do {
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return 0;
	} while (WSTOPSIG(status) != (SIGTRAP | 0x80));
	return 1;
}

int main(int argc, char **argv)
{
	int left = argc > 2 ? atoi(argv[1]) : 0, is_end = 0;
	struct user_regs_struct regs;
	pid_t pid = left ? fork() : -1;

	if (pid < 0)
		return 2;
	if (!pid)
		begin(argv + 2);
	waitpid(pid, NULL, 0); /* its exec */
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (; go_on(pid); is_end = !is_end) {
		if (is_end || ptrace(PTRACE_GETREGS, pid, NULL, &regs) || is_own(&regs) || --left)
			continue;
		printf("%lld\n", (long long)regs.orig_rax);
		kill(pid, SIGKILL);
		break;
	}
	while (waitpid(pid, NULL, 0) == pid)
		;
	return 0;
}
