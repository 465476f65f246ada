// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The load of module "name" fails, as if the kernel had no memory for its static keys. When everybody has been told, but
 * before the module is said to be going, its loader is held back: until 1 is written into "go", or ten seconds.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>

static char *name = "";
module_param(name, charp, 0400);
static bool go;
module_param(go, bool, 0600);
static bool is_held;
module_param(is_held, bool, 0400);

static int notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct module *mod = data;

	if (event != MODULE_STATE_COMING || strcmp(mod->name, name))
		return NOTIFY_DONE;
	return notifier_from_errno(-ENOMEM);
}

static struct notifier_block notifier = { .notifier_call = notify };

static int hold_back(struct kprobe *probe, struct pt_regs *regs)
{
	const struct module *mod = (const struct module *)regs->di;
	int ms;

	if (strcmp(mod->name, name))
		return 0;
	WRITE_ONCE(is_held, true);
	for (ms = 0; ms < 10000 && !READ_ONCE(go); ms++)
		mdelay(1);
	WRITE_ONCE(is_held, false);
	return 0;
}

static struct kprobe probe = { .symbol_name = "klp_module_going", .pre_handler = hold_back };

static int __init fail_init(void)
{
	int ret = register_kprobe(&probe);

	if (ret)
		return ret;
	ret = register_module_notifier(&notifier);
	if (ret)
		unregister_kprobe(&probe);
	return ret;
}
module_init(fail_init);

static void __exit fail_exit(void)
{
	unregister_module_notifier(&notifier);
	unregister_kprobe(&probe);
}
module_exit(fail_exit);

MODULE_DESCRIPTION("test: lets the load of a module fail");
MODULE_LICENSE("GPL");
