// SPDX-License-Identifier: GPL-2.0-or-later
/* Loses memory when it is loaded, with a text in it to know it by. */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

/* An address of one may still lie on some stack. */
#define BLOCK_NR 8

static int __init leak_init(void)
{
	static const char text[] = "a suture test";

	for (int i = 0; i < BLOCK_NR; i++) {
		char *lost = kmemdup(text, sizeof(text), GFP_KERNEL);

		if (!lost)
			return -ENOMEM;
		OPTIMIZER_HIDE_VAR(lost);
	}
	return 0;
}
module_init(leak_init);

static void __exit leak_exit(void)
{
}
module_exit(leak_exit);

MODULE_DESCRIPTION("test: loses memory");
MODULE_LICENSE("GPL");
