// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest from boot to stop: what callers do with it, put into frames for its agent. Notices a guest that died (its line
 * is closed) or hangs (a deadline passed), and reports either with the end of its console.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "internal.h"

#define KVM_TIMEOUT 30	 /* seconds: a boot takes one */
#define BOOT_TIMEOUT 120 /* seconds; a boot takes 3 where a CPU is free */
#define ANSWER_MS 60000	 /* for what takes the agent no time: a busy host, a guest in a long stop */
#define TAIL_LINES 12

size_t su_guest_log(const struct su_guest *guest, size_t from, struct su_buf *text)
{
	char chunk[4096];
	size_t off = from;
	ssize_t n;

	while ((n = pread(guest->console, chunk, sizeof(chunk), off)) > 0) {
		/* A NUL would end the text for everybody who searches it. */
		for (ssize_t i = 0; i < n; i++)
			if (!chunk[i])
				chunk[i] = ' ';
		su_buf_add(text, chunk, n);
		off += n;
	}
	return off;
}

static char *console_tail(const struct su_guest *guest)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	const char *p;
	int lines = 0;

	su_guest_log(guest, 0, &text);
	if (!text.nr)
		return su_strdup("its console is empty");
	for (p = text.data + text.nr - 1; p > text.data; p--)
		if (*p == '\n' && ++lines > TAIL_LINES) {
			p++;
			break;
		}
	return su_format("its console ends with:\n%s", p);
}

/* A line that broke means that QEMU is about to end, but it may take its time. */
static bool is_gone(struct su_guest *guest)
{
	for (int i = 0; i < 20; i++) {
		if (!guest->pid || waitpid(guest->pid, NULL, WNOHANG) == guest->pid) {
			guest->pid = 0;
			return true;
		}
		usleep(25000);
	}
	return false;
}

/* The guest is of no more use: say what was being done, and show the console's end. */
static int lost(struct su_diags *diags, struct su_guest *guest, const char *doing)
{
	SU_CLEANUP_FREE char *tail = console_tail(guest);
	const char *what = is_gone(guest) ? "died" : "does not answer";

	guest->alive = false;
	return su_fail(diags, SU_AT(GUEST, .hint = tail), "the guest %s during: %s", what, doing);
}

/* ---- life ---- */

static int hello_wait(struct su_diags *diags, struct su_guest *guest, unsigned int seconds)
{
	SU_CLEANUP_BUF struct su_buf payload = { 0 };
	struct su_frame frame;
	struct su_frame_hello hello;

	if (su_channel_receive(guest->channel, &frame, &payload, su_clock_ms() + seconds * 1000LL))
		return lost(diags, guest, "boot");
	if (frame.type != SU_FRAME_HELLO || payload.nr != sizeof(hello))
		return su_fail(diags, SU_AT(GUEST), "the guest's agent does not speak our language");
	memcpy(&hello, payload.data, sizeof(hello));
	if (hello.version != SU_PROTOCOL_VERSION)
		return su_fail(diags, SU_AT(GUEST), "the guest's agent speaks version %u, not %u", hello.version,
			       SU_PROTOCOL_VERSION);
	guest->has_window = hello.has_window;
	return 0;
}

static int boot_with(struct su_diags *diags, const struct su_guest_request *request, bool use_kvm, int initramfs,
		     struct su_guest **guest)
{
	unsigned int timeout = use_kvm ? KVM_TIMEOUT : request->timeout ? request->timeout : BOOT_TIMEOUT;
	SU_CLEANUP_GUEST struct su_guest *g = su_alloc(sizeof(*g));
	int ret;

	g->channel = -1;
	g->console = -1;
	ret = su_qemu_start(diags, request, use_kvm, initramfs, g);
	if (!ret)
		ret = hello_wait(diags, g, timeout);
	if (ret)
		return ret;
	g->alive = true;
	g->modules = request->modules ? su_strdup(request->modules) : NULL;
	*guest = g;
	g = NULL;
	return 0;
}

/* That KVM does not work here is not worth a word: the translator boots everything, if more slowly. It is not tried again. */
static int boot_kvm(const struct su_guest_request *request, int initramfs, struct su_guest **guest)
{
	static bool has_failed;
	struct su_diags *ignored;
	int ret;

	if (has_failed || request->instruction_ns || !su_qemu_has_kvm())
		return -SU_SYSTEM;
	ignored = su_diags_create();
	ret = boot_with(ignored, request, true, initramfs, guest);
	su_diags_destroy(ignored);
	has_failed = ret;
	return ret;
}

int su_guest_boot(struct su_diags *diags, const struct su_guest_request *request, struct su_guest **guest)
{
	int initramfs, ret = su_initramfs_create(diags, request->files, request->file_nr, &initramfs);

	if (ret)
		return ret;
	ret = boot_kvm(request, initramfs, guest);
	if (ret)
		ret = boot_with(diags, request, false, initramfs, guest);
	close(initramfs);
	return ret;
}

void su_guest_stop(struct su_guest *guest)
{
	if (!guest)
		return;
	if (guest->pid) {
		kill(guest->pid, SIGKILL);
		while (waitpid(guest->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (guest->channel >= 0)
		close(guest->channel);
	if (guest->console >= 0)
		close(guest->console);
	if (guest->window)
		munmap(guest->window, SU_WINDOW_SZ);
	su_module_index_destroy(guest->index);
	free(guest->modules);
	free(guest);
}

bool su_guest_is_alive(const struct su_guest *guest)
{
	return guest->alive;
}

bool su_guest_failed(const struct su_guest *guest, size_t from, const char *const *expected, char **line)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	su_guest_log(guest, from, &text);
	if (text.nr && su_log_failure(text.data, expected, line))
		return true;
	if (guest->alive)
		return false;
	*line = su_strdup("the guest died or does not answer");
	return true;
}

/* ---- files ---- */

/* One frame and its acknowledgement. */
static int put_frame(struct su_diags *diags, struct su_guest *guest, uint32_t type, const struct su_buf *head,
		     const void *body, size_t sz, const char *path)
{
	SU_CLEANUP_BUF struct su_buf payload = { 0 };
	long long deadline = su_clock_ms() + ANSWER_MS;
	struct su_frame frame;
	int32_t error;

	if (su_channel_send(guest->channel, type, head->data, head->nr, body, sz, deadline) ||
	    su_channel_receive(guest->channel, &frame, &payload, deadline) || frame.type != SU_FRAME_ACK ||
	    payload.nr != sizeof(error)) {
		SU_CLEANUP_FREE char *doing = su_format("writing %s", path);

		return lost(diags, guest, doing);
	}
	memcpy(&error, payload.data, sizeof(error));
	if (error)
		return su_fail(diags, SU_AT(GUEST, .object = path), "the guest cannot write the file: %s",
			       strerror(error));
	return 0;
}

static int put_body(struct su_diags *diags, struct su_guest *guest, const char *bytes, size_t sz, const char *path)
{
	size_t chunk = guest->has_window ? SU_WINDOW_SZ : SU_CHUNK_SZ;
	const struct su_buf none = { 0 };
	int ret = 0;

	for (size_t off = 0; !ret && off < sz; off += chunk) {
		uint32_t n = sz - off < chunk ? sz - off : chunk;

		if (!guest->has_window) {
			ret = put_frame(diags, guest, SU_FRAME_DATA, &none, bytes + off, n, path);
			continue;
		}
		memcpy(guest->window, bytes + off, n);
		ret = put_frame(diags, guest, SU_FRAME_WINDOW, &none, &n, sizeof(n), path);
	}
	return ret;
}

int su_guest_put(struct su_diags *diags, struct su_guest *guest, const void *bytes, size_t sz, const char *path,
		 unsigned int mode)
{
	SU_CLEANUP_BUF struct su_buf head = { 0 };
	const struct su_buf none = { 0 };
	uint32_t mode32 = mode;
	int ret;

	if (!guest->alive)
		return lost(diags, guest, "an earlier command");
	su_buf_add(&head, &mode32, sizeof(mode32));
	su_buf_puts(&head, path);
	ret = put_frame(diags, guest, SU_FRAME_PUT, &head, NULL, 0, path);
	if (!ret)
		ret = put_body(diags, guest, bytes, sz, path);
	return ret ? ret : put_frame(diags, guest, SU_FRAME_END, &none, NULL, 0, path);
}

int su_guest_put_file(struct su_diags *diags, struct su_guest *guest, const char *host, const char *path,
		      unsigned int mode)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int ret = su_file_read(diags, host, &buf);

	return ret ? ret : su_guest_put(diags, guest, buf.data, buf.nr, path, mode);
}

/* ---- commands ---- */

/* Collect output until the command's end. Return: 0, or -1 where the line broke. */
static int run_collect(struct su_guest *guest, long long deadline, struct su_guest_result *result)
{
	SU_CLEANUP_BUF struct su_buf payload = { 0 };
	struct su_frame_exit end;
	struct su_frame frame;

	for (;;) {
		if (su_channel_receive(guest->channel, &frame, &payload, deadline))
			return -1;
		if (frame.type != SU_FRAME_OUTPUT)
			break;
		su_buf_add(&result->output, payload.data, payload.nr);
		if (guest->listener)
			guest->listener(guest->listener_arg, payload.data, payload.nr);
	}
	if (frame.type != SU_FRAME_EXIT || payload.nr != sizeof(end))
		return -1;
	memcpy(&end, payload.data, sizeof(end));
	result->exit_code = end.code;
	result->timed_out = end.timed_out;
	return 0;
}

int su_guest_run(struct su_diags *diags, struct su_guest *guest, const char *command, unsigned int timeout,
		 struct su_guest_result *result)
{
	long long start = su_clock_ms(), deadline = start + timeout * 1000LL + ANSWER_MS;
	struct su_guest_result r = { 0 };
	uint32_t timeout_ms = timeout * 1000;

	if (!guest->alive)
		return lost(diags, guest, "an earlier command");
	if (su_channel_send(guest->channel, SU_FRAME_RUN, &timeout_ms, sizeof(timeout_ms), command, strlen(command),
			    deadline) ||
	    run_collect(guest, deadline, &r)) {
		su_guest_result_fini(&r);
		return lost(diags, guest, command);
	}
	r.seconds = (su_clock_ms() - start) / 1000.0;
	su_guest_result_fini(result);
	*result = r;
	return 0;
}

void su_guest_listen(struct su_guest *guest, void (*listener)(void *arg, const char *bytes, size_t sz), void *arg)
{
	guest->listener = listener;
	guest->listener_arg = arg;
}

void su_guest_result_fini(struct su_guest_result *result)
{
	su_buf_fini(&result->output);
	*result = (struct su_guest_result){ 0 };
}
