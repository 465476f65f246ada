// SPDX-License-Identifier: GPL-2.0-or-later
/* As long as it is loaded, a machine that is suspended to idle is woken up again after a few seconds. */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/suspend.h>
#include <linux/timer.h>

#define WAKE_SECONDS 3

static void wake(struct timer_list *timer)
{
	pm_system_wakeup();
	mod_timer(timer, jiffies + WAKE_SECONDS * HZ);
}

static DEFINE_TIMER(alarm, wake);

static int __init wake_init(void)
{
	return mod_timer(&alarm, jiffies + WAKE_SECONDS * HZ);
}
module_init(wake_init);

static void __exit wake_exit(void)
{
	del_timer_sync(&alarm);
}
module_exit(wake_exit);

MODULE_DESCRIPTION("test: ends a suspend to idle");
MODULE_LICENSE("GPL");
