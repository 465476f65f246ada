// SPDX-License-Identifier: GPL-2.0-or-later
/* threads COUNT [MS]: so many sleeping threads, until it is killed. With MS each wakes up that often. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static useconds_t period;

static void *sleeper(void *unused)
{
	(void)unused;
	while (period)
		usleep(period);
	pause();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	pthread_t thread;

	period = argc > 2 ? atoi(argv[2]) * 1000 : 0;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < atoi(argc > 1 ? argv[1] : "1"); i++)
		if (pthread_create(&thread, &attr, sleeper, NULL))
			return 1;
	pause();
	return 0;
}
