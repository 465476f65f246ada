// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a command as a user without any right: "nobody COMMAND...". */
#include <grp.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2 || setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return 126;
	execvp(argv[1], argv + 1);
	return 127;
}
