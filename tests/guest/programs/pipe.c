// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests/guest/patches/pipe.patch. "sleep": sleeps in pipe_read() until it is killed. "check": exit code 0 where a
 * read of 4242 bytes is refused as the patch says, 1 where it is not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char buf[4242];
	int fd[2];

	if (argc != 2 || pipe(fd))
		return 2;
	if (!strcmp(argv[1], "sleep"))
		return read(fd[0], buf, 1) < 0;
	if (write(fd[1], "x", 1) != 1)
		return 2;
	if (read(fd[0], buf, sizeof(buf)) == 1)
		return 1;
	return errno == EDOM ? 0 : 2;
}
