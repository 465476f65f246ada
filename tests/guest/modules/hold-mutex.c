// SPDX-License-Identifier: GPL-2.0-or-later
/* Write a mutex's address to parameters/mutex: a thread holds it, until 0 is written or the module goes. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>

static struct task_struct *holder;
static DECLARE_COMPLETION(held);

static int hold(void *mutex)
{
	mutex_lock(mutex);
	complete(&held);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	mutex_unlock(mutex);
	return 0;
}

static void let_go(void)
{
	if (!IS_ERR_OR_NULL(holder))
		kthread_stop(holder);
	holder = NULL;
}

static int set_mutex(const char *text, const struct kernel_param *param)
{
	unsigned long mutex;
	int ret = kstrtoul(text, 0, &mutex);

	if (ret)
		return ret;
	let_go();
	if (!mutex)
		return 0;
	holder = kthread_run(hold, (void *)mutex, "suture-holder");
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	wait_for_completion(&held);
	return 0;
}

static const struct kernel_param_ops mutex_ops = { .set = set_mutex };
module_param_cb(mutex, &mutex_ops, NULL, 0200);

static int __init hold_init(void)
{
	return 0;
}
module_init(hold_init);

static void __exit hold_exit(void)
{
	let_go();
}
module_exit(hold_exit);

MODULE_DESCRIPTION("test: holds a mutex of the kernel");
MODULE_LICENSE("GPL");
