// SPDX-License-Identifier: GPL-2.0-or-later
/* Asks for a connection to a port of this machine's own that nobody listens at. Exit code 0: it was answered, with a reset. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>

int main(void)
{
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = 4711 };
	int s = socket(AF_VSOCK, SOCK_STREAM, 0);

	if (s >= 0 && connect(s, (struct sockaddr *)&to, sizeof(to)) && errno == ECONNRESET)
		return 0;
	perror("vsock");
	return 1;
}
