// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many users has module "held" when module "name" goes, just before the kernel unlinks its static keys? "users" says,
 * -1 before.
 */
#include <linux/module.h>
#include <linux/string.h>

static char *name = "";
module_param(name, charp, 0600);
static char *held = "";
module_param(held, charp, 0400);
static int users = -1;
module_param(users, int, 0400);

static struct module *held_mod;

static int notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct module *mod = data;

	if (event == MODULE_STATE_COMING && !strcmp(mod->name, held))
		held_mod = mod;
	if (event == MODULE_STATE_GOING && !strcmp(mod->name, name) && held_mod)
		users = module_refcount(held_mod);
	return NOTIFY_DONE;
}

/* jump_label_module_nb has 1 */
static struct notifier_block notifier = { .notifier_call = notify, .priority = 2 };

static int __init users_init(void)
{
	return register_module_notifier(&notifier);
}
module_init(users_init);

static void __exit users_exit(void)
{
	unregister_module_notifier(&notifier);
}
module_exit(users_exit);

MODULE_DESCRIPTION("test: who holds a module while another one goes");
MODULE_LICENSE("GPL");
