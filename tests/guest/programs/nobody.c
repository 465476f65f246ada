// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a command as a user without any right: "nobody COMMAND..."; or as one that has all rights but to load modules:
 * "nobody root COMMAND...".
 */
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int give_up(int is_root)
{
	if (is_root)
		return prctl(PR_CAPBSET_DROP, CAP_SYS_MODULE);
	return setgroups(0, NULL) || setgid(65534) || setuid(65534);
}

int main(int argc, char **argv)
{
	int is_root = argc > 1 && !strcmp(argv[1], "root");

	if (argc < 2 + is_root || give_up(is_root))
		return 126;
	execvp(argv[1 + is_root], argv + 1 + is_root);
	return 127;
}
