// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The QEMU process of a guest: its command line and its start. The console goes to a memory file, the agent's line to a
 * socket that we hold the other end of; no network, no files on disk, and the kernel ends it when we end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "internal.h"
#include "lib/base/str.h"

#define QEMU "qemu-system-x86_64"
/* Offset in a bzImage of the offset (less 0x200) of its version string: Documentation/x86/boot.rst. */

typedef SU_VEC(const char *) string_vec;

/* What QEMU inherits from us. */
enum inherited { FD_INITRAMFS, FD_CONSOLE, FD_AGENT, FD_WINDOW, FD_NR };

/* /dev/kvm alone is no proof: nested hypervisors without hardware support show one on which no PC boots. */
static bool has_virtualization(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	bool found = false;
	char line[8192];

	while (f && !found && fgets(line, sizeof(line), f))
		found = su_has_prefix(line, "flags") && (strstr(line, " vmx") || strstr(line, " svm"));
	if (f)
		fclose(f);
	return found;
}

bool su_qemu_has_kvm(void)
{
	int fd = has_virtualization() ? open("/dev/kvm", O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/*
 * QEMU 7.2's translator with a thread a CPU sometimes goes on executing an int3 that the kernel's text poking has taken out
 * already: Linux 7 dies of it at boot, earlier ones stall now and then under tracers. One thread for all CPUs does not.
 */
#define TRANSLATOR "tcg,thread=single"

static bool has_option(const char *const *args, const char *option)
{
	for (; args && *args; args++)
		if (!strcmp(*args, option))
			return true;
	return false;
}

static void option_add(string_vec *args, const char *name, const char *value)
{
	*su_vec_add(args) = name;
	*su_vec_add(args) = value;
}

static void args_make(struct su_arena *arena, const struct su_guest_request *r, bool use_kvm, const int fds[FD_NR],
		      string_vec *args)
{
	*su_vec_add(args) = QEMU;
	*su_vec_add(args) = "-no-user-config";
	*su_vec_add(args) = "-nodefaults";
	*su_vec_add(args) = "-no-reboot";
	option_add(args, "-display", "none");
	option_add(args, "-machine", "q35");
	option_add(args, "-accel", use_kvm ? "kvm" : TRANSLATOR);
	if (!has_option(r->qemu_args, "-cpu"))
		option_add(args, "-cpu", use_kvm ? "host" : "max");
	/* idle CPUs go on to the next timer at once, instead of waiting for the host's clock */
	if (r->instruction_ns)
		option_add(args, "-icount",
			   su_arena_format(arena, "shift=%d,sleep=off", ffs((int)r->instruction_ns) - 1));
	option_add(args, "-smp", su_arena_format(arena, "%u", r->cpus ? r->cpus : 2));
	option_add(args, "-m", su_arena_format(arena, "%u", r->memory_mb ? r->memory_mb : 512));
	option_add(args, "-kernel", r->image);
	option_add(args, "-initrd", su_arena_format(arena, "/proc/self/fd/%d", fds[FD_INITRAMFS]));
	/* no_timer_check: on a busy host the emulated timer misses the test that would end the boot in a panic */
	option_add(args, "-append",
		   su_arena_format(arena, "console=ttyS0 loglevel=5 panic=-1 no_timer_check %s",
				   r->append ? r->append : ""));
	option_add(args, "-chardev", su_arena_format(arena, "file,id=console,path=/proc/self/fd/%d", fds[FD_CONSOLE]));
	option_add(args, "-serial", "chardev:console");
	option_add(args, "-chardev", su_arena_format(arena, "socket,id=agent,fd=%d", fds[FD_AGENT]));
	option_add(args, "-serial", "chardev:agent");
	option_add(args, "-object",
		   su_arena_format(arena, "memory-backend-file,id=window,share=on,size=%u,mem-path=/proc/self/fd/%d",
				   SU_WINDOW_SZ, fds[FD_WINDOW]));
	option_add(args, "-device", "ivshmem-plain,memdev=window");
	for (const char *const *p = r->qemu_args; p && *p; p++)
		*su_vec_add(args) = *p;
	*su_vec_add(args) = NULL;
}

/* Runs between fork and exec: system calls only. What QEMU complains about lands in the console's file. */
static void __attribute__((noreturn)) become_qemu(const char *const *args, const int fds[FD_NR], pid_t parent)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(fds[FD_CONSOLE], 1);
	dup2(fds[FD_CONSOLE], 2);
	for (int i = 0; i < FD_NR; i++)
		fcntl(fds[i], F_SETFD, 0);
	execvp(QEMU, (char *const *)args);
	dprintf(2, "cannot run " QEMU ": %s\n", strerror(errno));
	_exit(127);
}

static int spawn(struct su_diags *diags, const struct su_guest_request *request, bool use_kvm, const int fds[FD_NR],
		 pid_t *pid)
{
	struct su_arena arena = { 0 };
	string_vec args = { 0 };
	pid_t parent = getpid(), child;
	int ret = 0;

	args_make(&arena, request, use_kvm, fds, &args);
	child = fork();
	if (!child)
		become_qemu(args.data, fds, parent);
	if (child < 0)
		ret = su_fail(diags, SU_AT(SYSTEM), "cannot start a process for the guest: %m");
	else
		*pid = child;
	su_vec_fini(&args);
	su_arena_fini(&arena);
	return ret;
}

/* A memory file of @sz bytes. */
static int memory_file(struct su_diags *diags, const char *name, size_t sz, int *fd)
{
	int f = memfd_create(name, MFD_CLOEXEC);

	if (f < 0 || ftruncate(f, sz)) {
		if (f >= 0)
			close(f);
		return su_fail(diags, SU_AT(SYSTEM), "no memory for a guest: %m");
	}
	*fd = f;
	return 0;
}

static int resources_get(struct su_diags *diags, struct su_guest *guest, int fds[FD_NR])
{
	int sockets[2], ret;

	ret = memory_file(diags, "suture-console", 0, &guest->console);
	if (!ret)
		ret = memory_file(diags, "suture-window", SU_WINDOW_SZ, &fds[FD_WINDOW]);
	if (ret)
		return ret;
	fds[FD_CONSOLE] = guest->console;
	guest->window = mmap(NULL, SU_WINDOW_SZ, PROT_READ | PROT_WRITE, MAP_SHARED, fds[FD_WINDOW], 0);
	if (guest->window == MAP_FAILED) {
		guest->window = NULL;
		return su_fail(diags, SU_AT(SYSTEM), "no memory for a guest: %m");
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return su_fail(diags, SU_AT(SYSTEM), "cannot make a line to the guest: %m");
	guest->channel = sockets[0];
	fds[FD_AGENT] = sockets[1];
	return 0;
}

int su_qemu_start(struct su_diags *diags, const struct su_guest_request *request, bool use_kvm, int initramfs,
		  struct su_guest *guest)
{
	int fds[FD_NR] = { [FD_INITRAMFS] = initramfs, [FD_AGENT] = -1, [FD_WINDOW] = -1 };
	int ret;

	if (!su_file_exists(request->image))
		return su_fail(diags, SU_AT(IMAGE, .object = request->image), "no such kernel image");
	ret = resources_get(diags, guest, fds);
	if (!ret)
		ret = spawn(diags, request, use_kvm, fds, &guest->pid);
	/* QEMU alone must hold its end of the line: that it is gone is how we learn that QEMU is. */
	if (fds[FD_AGENT] >= 0)
		close(fds[FD_AGENT]);
	if (fds[FD_WINDOW] >= 0)
		close(fds[FD_WINDOW]);
	return ret;
}
