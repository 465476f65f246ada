// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the byte of the kernel's code whose address is written to `byte` a bit is flipped, as by a live patch of another kind. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static int flip_set(const char *text, const struct kernel_param *param)
{
	unsigned long addr;
	struct page *page;
	u8 *view;
	int ret = kstrtoul(text, 0, &addr);

	if (ret)
		return ret;
	page = pfn_to_page(PHYS_PFN(__pa_symbol(addr)));
	view = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!view)
		return -ENOMEM;
	view[offset_in_page(addr)] ^= 1;
	vunmap(view);
	return 0;
}

static const struct kernel_param_ops flip_ops = { .set = flip_set };
module_param_cb(byte, &flip_ops, NULL, 0200);

MODULE_DESCRIPTION("test: flips a bit of the kernel's code");
MODULE_LICENSE("GPL");
