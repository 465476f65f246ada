// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Wait for a grace period of Tasks RCU: until each task that was running, or waiting for a CPU, has given one up of its
 * own will, or was in user mode. The kernel bounds that by nothing, so whoever waits may run out of time or be killed
 * while it goes on; what it ends by writing to is here, and stays until su_grace_fini().
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "suture.h"

/* One period at a time, and all under su_mutex, but for end(). */
static u32 begun, over;
static struct rcu_head head;
static DECLARE_COMPLETION(ended);

static void end(struct rcu_head *unused)
{
	complete(&ended);
}

static int wait(unsigned long deadline)
{
	unsigned long now = jiffies;
	long left = time_before(now, deadline) ? deadline - now : 0;

	left = wait_for_completion_killable_timeout(&ended, left);
	if (left > 0)
		over++;
	return left > 0 ? 0 : left < 0 ? -EINTR : -ETIMEDOUT;
}

u32 su_grace_next(void)
{
	lockdep_assert_held(&su_mutex);
	return begun + 1;
}

int su_grace_wait(u32 period, unsigned long deadline)
{
	int ret = 0;

	lockdep_assert_held(&su_mutex);
	while (!ret && over != period) {
		if (begun == over) {
			begun++;
			call_rcu_tasks(&head, end);
		}
		ret = wait(deadline);
	}
	return ret;
}

void su_grace_holder(char *buf, size_t sz)
{
	struct su_tasks tasks;
	u32 i;

	strscpy(buf, "a thread", sz);
	if (su_tasks_collect(&tasks))
		return;
	for (i = 0; i < tasks.nr; i++) {
		if (su_task_holds_rcu(tasks.tasks[i])) {
			scnprintf(buf, sz, "%s[%d]", tasks.tasks[i]->comm, tasks.tasks[i]->pid);
			break;
		}
	}
	su_tasks_release(&tasks);
}

void su_grace_fini(void)
{
	su_rcu_barrier_tasks();
}
