// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writable views of memory that the kernel maps read-only: text, rodata and tables of the kernel image and of modules.
 * The page's own mapping is left alone; the view is a vmap of the same page. Who may write what, and when, is the
 * business of link.c and switch.c.
 */
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>
#include <asm/sync_core.h>

#include "compat.h"
#include "suture.h"

int su_alias_map(unsigned long addr, size_t len, struct su_alias *alias)
{
	unsigned long first = addr & PAGE_MASK;
	unsigned int nr = (((addr + len - 1) & PAGE_MASK) - first) / PAGE_SIZE + 1;
	struct page *pages[2];
	unsigned int i;
	void *base;

	for (i = 0; i < nr; i++) {
		pages[i] = su_page_at(first + i * PAGE_SIZE);
		if (!pages[i])
			return -EFAULT;
	}
	base = vmap(pages, nr, VM_MAP, PAGE_KERNEL);
	if (!base)
		return -ENOMEM;
	alias->base = base;
	alias->at = base + offset_in_page(addr);
	return 0;
}

void su_alias_unmap(struct su_alias *alias)
{
	if (alias->base)
		vunmap(alias->base);
	alias->base = NULL;
}

int su_alias_write(unsigned long addr, const void *bytes, size_t len)
{
	struct su_alias alias;
	int ret;

	ret = su_alias_map(addr, len, &alias);
	if (ret)
		return ret;
	memcpy(alias.at, bytes, len);
	su_alias_unmap(&alias);
	return 0;
}

static void serialise(void *unused)
{
	sync_core();
}

void su_serialise_all(void)
{
	on_each_cpu(serialise, NULL, 1);
}
