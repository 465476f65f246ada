// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CVE-2026-46234: a vsock socket's buffer size can be pushed over its maximum through the minimum. Unprivileged; needs
 * the module vsock. The trigger of patches/vsock-buffer.patch, the upstream change "vsock: fix buffer size clamping
 * order" as Debian's kernel package carries it from 6.1.176-1 on. Exit code 1: vulnerable, 0: fixed, 2: cannot tell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
int main(void)
{
	uint64_t min = 64ull << 20, max = 0, size = 0;
	socklen_t len = sizeof(max);
	int s = socket(AF_VSOCK, SOCK_STREAM, 0);

	if (s < 0 || getsockopt(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MAX_SIZE, &max, &len) ||
	    setsockopt(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MIN_SIZE, &min, sizeof(min)) ||
	    getsockopt(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &size, &len)) {
		printf("ERROR: vsock: %s\n", strerror(errno));
		return 2;
	}
	if (size > max) {
		printf("VULNERABLE: buffer size %llu over the maximum of %llu\n", (unsigned long long)size,
		       (unsigned long long)max);
		return 1;
	}
	printf("FIXED: buffer size %llu stays within the maximum of %llu\n", (unsigned long long)size,
	       (unsigned long long)max);
	return 0;
}
