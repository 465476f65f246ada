// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens an SCTP socket and closes it. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	int fd = socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP);

	if (fd < 0)
		return 2;
	return close(fd) ? 2 : 0;
}
