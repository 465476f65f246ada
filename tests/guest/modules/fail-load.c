// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The load of module "name" fails, as if the kernel had no memory for its static keys. While everybody is told, but before the
 * module is said to be going, its loader waits until 1 is written into "go".
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/string.h>

static char *name = "";
module_param(name, charp, 0400);
static bool is_held;
module_param(is_held, bool, 0400);

static DECLARE_COMPLETION(released);

static int set_go(const char *text, const struct kernel_param *param)
{
	complete_all(&released);
	return 0;
}

static const struct kernel_param_ops go_ops = { .set = set_go };
module_param_cb(go, &go_ops, NULL, 0200);

static bool is_it(const struct module *mod)
{
	return !strcmp(mod->name, name);
}

static int hold_back(struct notifier_block *block, unsigned long event, void *data)
{
	if (event != MODULE_STATE_GOING || !is_it(data))
		return NOTIFY_DONE;
	WRITE_ONCE(is_held, true);
	wait_for_completion(&released);
	return NOTIFY_DONE;
}

static int fail(struct notifier_block *block, unsigned long event, void *data)
{
	return event == MODULE_STATE_COMING && is_it(data) ? notifier_from_errno(-ENOMEM) : NOTIFY_DONE;
}

static struct notifier_block holder = { .notifier_call = hold_back, .priority = 1 };
static struct notifier_block failer = { .notifier_call = fail };

static int __init fail_init(void)
{
	int ret = register_module_notifier(&holder);

	if (ret)
		return ret;
	ret = register_module_notifier(&failer);
	if (ret)
		unregister_module_notifier(&holder);
	return ret;
}
module_init(fail_init);

static void __exit fail_exit(void)
{
	unregister_module_notifier(&failer);
	unregister_module_notifier(&holder);
}
module_exit(fail_exit);

MODULE_DESCRIPTION("test: lets the load of a module fail");
MODULE_LICENSE("GPL");
