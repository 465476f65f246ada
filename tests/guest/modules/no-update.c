// SPDX-License-Identifier: GPL-2.0-or-later
/* A module that asks the core to be applied and is no update. */
#include <linux/module.h>

static int __init no_update_init(void)
{
	int (*apply)(void *module) = (void *)__symbol_get("suture_core_1");
	int ret = apply ? apply(THIS_MODULE) : -ENOENT;

	if (apply)
		__symbol_put("suture_core_1");
	return ret;
}
module_init(no_update_init);

static void __exit no_update_exit(void)
{
}
module_exit(no_update_exit);

MODULE_DESCRIPTION("test: is no update");
MODULE_LICENSE("GPL");
