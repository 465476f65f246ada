// SPDX-License-Identifier: GPL-2.0-or-later
/* Which tasks there are: all threads, and the idle ones, which are in no list. */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "suture.h"

u32 su_tasks_count(void)
{
	struct task_struct *leader, *task;
	u32 nr = 0;

	rcu_read_lock();
	for_each_process_thread(leader, task)
		nr++;
	rcu_read_unlock();
	return nr;
}

static void add_task(struct su_tasks *tasks, struct task_struct *task)
{
	get_task_struct(task);
	tasks->tasks[tasks->nr++] = task;
}

static bool collect_listed(struct su_tasks *tasks, u32 room)
{
	struct task_struct *leader, *task;
	bool fits = true;

	rcu_read_lock();
	for_each_process_thread(leader, task) {
		if (tasks->nr == room) {
			fits = false;
			break;
		}
		/* Listed tasks are freed a grace period after they are taken off, so the count is not zero yet. */
		add_task(tasks, task);
	}
	rcu_read_unlock();
	return fits;
}

int su_tasks_collect(struct su_tasks *tasks)
{
	u32 room;
	int cpu;

	for (;;) {
		room = su_tasks_count() * 5 / 4 + num_possible_cpus() + 64;
		tasks->nr = 0;
		tasks->tasks = kvmalloc_array(room, sizeof(*tasks->tasks), GFP_KERNEL);
		if (!tasks->tasks)
			return -ENOMEM;
		/* Idle tasks are in no list; there are as many as CPUs that were ever up. */
		for_each_possible_cpu(cpu) {
			if (su_idle_task(cpu))
				add_task(tasks, su_idle_task(cpu));
		}
		if (collect_listed(tasks, room))
			return 0;
		su_tasks_release(tasks);
	}
}

void su_tasks_release(struct su_tasks *tasks)
{
	u32 i;

	for (i = 0; i < tasks->nr; i++)
		put_task_struct(tasks->tasks[i]);
	kvfree(tasks->tasks);
	tasks->tasks = NULL;
	tasks->nr = 0;
}
