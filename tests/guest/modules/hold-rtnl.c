// SPDX-License-Identifier: GPL-2.0-or-later
/* As long as it is loaded, whoever changes network devices waits: so does the exit of a module that has some. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>

static struct task_struct *holder;
static DECLARE_COMPLETION(held);

static int hold(void *unused)
{
	rtnl_lock();
	complete(&held);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	rtnl_unlock();
	return 0;
}

static int __init hold_init(void)
{
	holder = kthread_run(hold, NULL, "suture-holder");
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	wait_for_completion(&held);
	return 0;
}
module_init(hold_init);

static void __exit hold_exit(void)
{
	kthread_stop(holder);
}
module_exit(hold_exit);

MODULE_DESCRIPTION("test: holds the lock of network devices");
MODULE_LICENSE("GPL");
