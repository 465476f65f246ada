// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For a guest whose clock counts instructions. QEMU before 8.1 gives a CPU that neither halts nor pauses all instructions up
 * to the next timer, and the CPUs after it none: the second one would not even come up. Here the first CPU pauses, every
 * second millisecond, for as long as this runs. (QEMU: "accel/tcg/tcg-accel-ops-rr: ensure fairness with icount".)
 */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

int main(void)
{
	struct sched_param first = { .sched_priority = 1 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) || sched_setscheduler(0, SCHED_FIFO, &first))
		return 1;
	for (;;) {
		usleep(1000);
		usleep(1000);
		__builtin_ia32_pause();
	}
}
