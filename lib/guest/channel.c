// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames over the agent's serial line, as the host sees it: a stream socket whose other end QEMU holds. Each call has a
 * deadline: a guest that hangs must never hang us. What the frames mean is for guest.c.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "internal.h"

/* More than any answer is a sign of a broken line. */
#define FRAME_MAX (1u << 20)

long long su_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int wait_for(int fd, short events, long long deadline)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		long long left = deadline - su_clock_ms();
		int n;

		if (left <= 0)
			return -1;
		n = poll(&p, 1, left > 60000 ? 60000 : (int)left);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
	}
}

static int send_all(int fd, const void *data, size_t sz, long long deadline)
{
	const char *p = data;

	while (sz) {
		ssize_t n;

		if (wait_for(fd, POLLOUT, deadline))
			return -1;
		n = send(fd, p, sz, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return -1;
		p += n;
		sz -= n;
	}
	return 0;
}

static int receive_all(int fd, void *data, size_t sz, long long deadline)
{
	char *p = data;

	while (sz) {
		ssize_t n;

		if (wait_for(fd, POLLIN, deadline))
			return -1;
		n = recv(fd, p, sz, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return -1;
		p += n;
		sz -= n;
	}
	return 0;
}

int su_channel_send(int fd, uint32_t type, const void *head, size_t head_sz, const void *body, size_t body_sz,
		    long long deadline)
{
	struct su_frame frame = { .type = type, .len = (uint32_t)(head_sz + body_sz) };

	if (send_all(fd, &frame, sizeof(frame), deadline))
		return -1;
	if (head_sz && send_all(fd, head, head_sz, deadline))
		return -1;
	return body_sz ? send_all(fd, body, body_sz, deadline) : 0;
}

int su_channel_receive(int fd, struct su_frame *frame, struct su_buf *payload, long long deadline)
{
	struct su_frame f;

	if (receive_all(fd, &f, sizeof(f), deadline) || f.len > FRAME_MAX)
		return -1;
	payload->nr = 0;
	su_buf_zero(payload, f.len);
	if (f.len && receive_all(fd, payload->data, f.len, deadline))
		return -1;
	*frame = f;
	return 0;
}
