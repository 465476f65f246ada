// SPDX-License-Identifier: GPL-2.0-or-later
/* A live patch of the kernel's own kind, of a function that shows a file of /proc: "of" says which. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static char *of;
module_param(of, charp, 0444);

static int live_show(struct seq_file *m, void *v)
{
	seq_puts(m, "[livepatch]\n");
	return 0;
}

static struct klp_func funcs[] = { { .new_func = live_show }, {} };

static struct klp_object objects[] = { { .funcs = funcs }, {} };

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init live_init(void)
{
	funcs[0].old_name = of;
	return klp_enable_patch(&patch);
}
module_init(live_init);

static void __exit live_exit(void)
{
}
module_exit(live_exit);

MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
