// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agent: PID 1 of a guest. Makes the place habitable (mounts, busybox's names, the loopback interface), then serves
 * the host over the second serial line: writes files, runs shell commands one at a time. Run with arguments it loads a
 * module or writes to sysfs. A static program without any other part of suture, so that it runs on every kernel. The
 * host's side is channel.c and guest.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../protocol.h"

#define PAYLOAD_MAX (SU_CHUNK_SZ + PATH_MAX + 64)

static int line = -1;
static int children = -1; /* signalfd of SIGCHLD */
static void *window;	  /* NULL: there is none */
static unsigned char payload[PAYLOAD_MAX + 1];

/* There is nothing to return to: say why on the console and let the host see the machine go. */
static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "suture agent: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(ap);
	fflush(NULL);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static long long clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void receive(void *data, size_t sz)
{
	char *p = data;

	while (sz) {
		ssize_t n = read(line, p, sz);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			give_up("read from the host");
		p += n;
		sz -= n;
	}
}

static void send_bytes(const void *data, size_t sz)
{
	const char *p = data;

	while (sz) {
		ssize_t n = write(line, p, sz);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			give_up("write to the host");
		p += n;
		sz -= n;
	}
}

static void send_frame(uint32_t type, const void *data, size_t sz)
{
	struct su_frame frame = { .type = type, .len = (uint32_t)sz };

	send_bytes(&frame, sizeof(frame));
	send_bytes(data, sz);
}

static void send_ack(int error)
{
	int32_t code = error;

	send_frame(SU_FRAME_ACK, &code, sizeof(code));
}

/* ---- files ---- */

static void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		mkdir(path, 0755);
		*p = '/';
	}
}

/* A program that is being run cannot be written to, so an old file is always unlinked. */
static int open_new(char *path, unsigned int mode)
{
	int fd;

	make_parents(path);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && fchmod(fd, mode)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int put_begin(size_t sz, int *fd)
{
	uint32_t mode;

	if (sz <= sizeof(mode))
		return EPROTO;
	if (*fd >= 0)
		close(*fd);
	memcpy(&mode, payload, sizeof(mode));
	*fd = open_new((char *)payload + sizeof(mode), mode);
	return *fd < 0 ? errno : 0;
}

static int put_data(const void *data, size_t sz, int fd)
{
	const unsigned char *p = data;

	while (sz) {
		ssize_t n = write(fd, p, sz);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno ? errno : EIO;
		p += n;
		sz -= n;
	}
	return 0;
}

static int put_window(size_t frame_sz, int fd)
{
	uint32_t sz;

	if (frame_sz != sizeof(sz) || !window)
		return EPROTO;
	memcpy(&sz, payload, sizeof(sz));
	return sz > SU_WINDOW_SZ ? EPROTO : put_data(window, sz, fd);
}

static int put_end(int *fd)
{
	int ret = *fd < 0 ? EBADF : close(*fd) ? errno : 0;

	*fd = -1;
	return ret;
}

/* ---- commands ---- */

static void __attribute__((noreturn)) run_shell(const char *command, int out)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Reap whatever has died: PID 1 inherits all orphans. Return: whether @pid was among them. */
static bool reap(pid_t pid, int *status)
{
	struct signalfd_siginfo info;
	bool is_done = false;
	pid_t dead;
	int s;

	while (read(children, &info, sizeof(info)) > 0)
		;
	while ((dead = waitpid(-1, &s, WNOHANG)) > 0) {
		if (dead != pid)
			continue;
		is_done = true;
		*status = s;
	}
	return is_done;
}

/* Pass on what is in the pipe now. Return: false at its end. */
static bool pass_output(int fd)
{
	for (;;) {
		ssize_t n = read(fd, payload, SU_CHUNK_SZ);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0;
		send_frame(SU_FRAME_OUTPUT, payload, n);
	}
}

/* The command is over when its shell is, whatever it left in the background with the pipe still open. */
static void watch(pid_t pid, int out, long long deadline)
{
	struct pollfd p[2] = { { .fd = children, .events = POLLIN }, { .fd = out, .events = POLLIN } };
	struct su_frame_exit result = { 0 };
	int status = 0;

	for (;;) {
		long long left = deadline - clock_ms();

		if (left <= 0 && !result.timed_out) {
			result.timed_out = 1;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
		}
		poll(p, 2, result.timed_out ? 100 : left > 1000 ? 1000 : (int)left);
		if (p[1].revents && !pass_output(out))
			p[1].fd = -1;
		if (reap(pid, &status))
			break;
	}
	pass_output(out);
	result.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	send_frame(SU_FRAME_EXIT, &result, sizeof(result));
}

static void run(void)
{
	struct su_frame_exit failed = { .code = 126 };
	uint32_t timeout;
	int out[2];
	pid_t pid;

	memcpy(&timeout, payload, sizeof(timeout));
	if (pipe2(out, O_CLOEXEC))
		goto fail;
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid < 0)
		goto fail_pipe;
	if (!pid)
		run_shell((char *)payload + sizeof(timeout), out[1]);
	close(out[1]);
	watch(pid, out[0], clock_ms() + timeout);
	close(out[0]);
	return;

fail_pipe:
	close(out[0]);
	close(out[1]);
fail:
	send_frame(SU_FRAME_EXIT, &failed, sizeof(failed));
}

/* ---- the machine ---- */

static void mount_all(void)
{
	static const char *const mounts[][2] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
		{ "tmpfs", "/tmp" },
		{ "tracefs", "/sys/kernel/tracing" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "securityfs", "/sys/kernel/security" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		/* Whether the last three are there is the kernel's configuration; no command may rely on them. */
		bool is_vital = i < 3;

		mkdir(mounts[i][1], 0755);
		if (mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL) && is_vital)
			give_up("mount %s", mounts[i][1]);
	}
}

static void loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return;
	if (!ioctl(s, SIOCGIFFLAGS, &r)) {
		r.ifr_flags |= IFF_UP;
		ioctl(s, SIOCSIFFLAGS, &r);
	}
	close(s);
}

static void busybox_install(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/busybox", "busybox", "--install", "-s", "/bin", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		give_up("busybox --install");
}

static void line_open(void)
{
	struct termios t;

	line = open(SU_AGENT_PORT, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line < 0)
		give_up("open " SU_AGENT_PORT);
	if (tcgetattr(line, &t))
		give_up("tcgetattr " SU_AGENT_PORT);
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	/* QEMU does not slow down to it, but waits four characters' time before it tells of a FIFO not full. */
	cfsetspeed(&t, B115200);
	if (tcsetattr(line, TCSANOW, &t))
		give_up("tcsetattr " SU_AGENT_PORT);
}

static bool file_says(const char *folder, const char *name, const char *what)
{
	char path[PATH_MAX], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return !strncmp(text, what, strlen(what));
}

static void *map_window(const char *device)
{
	char path[PATH_MAX];
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/resource2", device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	p = mmap(NULL, SU_WINDOW_SZ, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

/* The device must answer to memory accesses before its memory is there: nobody else enables it. */
static void window_find(void)
{
	glob_t devices;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &devices))
		return;
	for (size_t i = 0; i < devices.gl_pathc && !window; i++) {
		char path[PATH_MAX];
		int fd;

		if (!file_says(devices.gl_pathv[i], "vendor", SU_WINDOW_VENDOR) ||
		    !file_says(devices.gl_pathv[i], "device", SU_WINDOW_DEVICE))
			continue;
		snprintf(path, sizeof(path), "%s/enable", devices.gl_pathv[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "1", 1) == 1)
			window = map_window(devices.gl_pathv[i]);
		if (fd >= 0)
			close(fd);
	}
	globfree(&devices);
}

static void signals_init(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (children < 0)
		give_up("signalfd");
}

static void serve(void)
{
	struct su_frame frame;
	int fd = -1;

	for (;;) {
		receive(&frame, sizeof(frame));
		errno = EPROTO;
		if (frame.len > PAYLOAD_MAX)
			give_up("frame of %u bytes", frame.len);
		receive(payload, frame.len);
		payload[frame.len] = 0;
		switch (frame.type) {
		case SU_FRAME_PUT:
			send_ack(put_begin(frame.len, &fd));
			break;
		case SU_FRAME_DATA:
			send_ack(put_data(payload, frame.len, fd));
			break;
		case SU_FRAME_WINDOW:
			send_ack(put_window(frame.len, fd));
			break;
		case SU_FRAME_END:
			send_ack(put_end(&fd));
			break;
		case SU_FRAME_RUN:
			if (frame.len <= sizeof(uint32_t))
				give_up("command of %u bytes", frame.len);
			run();
			break;
		default:
			errno = EPROTO;
			give_up("frame of type %#x", frame.type);
		}
	}
}

/*
 * `/init load FILE [PARAMETERS]`: insmod, but one system call only and its errno as exit code. Busybox's insmod tries
 * twice, which hides the first answer.
 */
static int load_module(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0)) {
		error = errno;
		fprintf(stderr, "%s: %s\n", path, strerror(error));
		return error;
	}
	return 0;
}

/* `/init write FILE TEXT`: one write, and its errno as exit code, which no shell tells. */
static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t sz = (ssize_t)strlen(text);
	int error;

	if (fd < 0 || write(fd, text, sz) != sz) {
		error = errno ? errno : EIO;
		fprintf(stderr, "%s: %s\n", path, strerror(error));
		return error;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct su_frame_hello hello = { .version = SU_PROTOCOL_VERSION };

	if (argc >= 3 && !strcmp(argv[1], "load"))
		return load_module(argv[2], argc > 3 ? argv[3] : "");
	if (argc == 4 && !strcmp(argv[1], "write"))
		return write_text(argv[2], argv[3]);
	mount_all();
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/", 1);
	if (chdir("/"))
		give_up("chdir /");
	busybox_install();
	loopback_up();
	signals_init();
	line_open();
	window_find();
	hello.has_window = !!window;
	/* From here on the console shows everything: the host looks there for signs of trouble. */
	klogctl(8, NULL, 8);
	send_frame(SU_FRAME_HELLO, &hello, sizeof(hello));
	serve();
}
