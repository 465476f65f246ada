// SPDX-License-Identifier: GPL-2.0-or-later
/* As many sleeping threads as the argument says, until it is killed. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *sleeper(void *unused)
{
	(void)unused;
	pause();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < atoi(argc > 1 ? argv[1] : "1"); i++)
		if (pthread_create(&thread, &attr, sleeper, NULL))
			return 1;
	pause();
	return 0;
}
