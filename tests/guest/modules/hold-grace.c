// SPDX-License-Identifier: GPL-2.0-or-later
/* As long as it is loaded, no grace period of Tasks RCU ends: a thread that lets others run, but never sleeps. */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

static struct task_struct *holder;

static int hold(void *unused)
{
	while (!kthread_should_stop())
		cond_resched();
	return 0;
}

static int __init hold_init(void)
{
	holder = kthread_create(hold, NULL, "suture-holder");
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	set_user_nice(holder, MAX_NICE);
	wake_up_process(holder);
	return 0;
}
module_init(hold_init);

static void __exit hold_exit(void)
{
	kthread_stop(holder);
}
module_exit(hold_exit);

MODULE_DESCRIPTION("test: keeps Tasks RCU from ending a grace period");
MODULE_LICENSE("GPL");
