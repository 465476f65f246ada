// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts in `hits` how often the functions at the addresses `at` are called: those too that the tracers leave out. */
#include <linux/kprobes.h>
#include <linux/module.h>

#define PLACE_MAX 4

static ulong at[PLACE_MAX];
static unsigned int at_nr;
module_param_array(at, ulong, &at_nr, 0);
static unsigned int hits;
module_param(hits, uint, 0400);

static struct kprobe probes[PLACE_MAX];
static struct kprobe *list[PLACE_MAX];

static int count(struct kprobe *probe, struct pt_regs *regs)
{
	hits++;
	return 0;
}

static int __init count_init(void)
{
	for (unsigned int i = 0; i < at_nr; i++) {
		probes[i].addr = (kprobe_opcode_t *)at[i];
		probes[i].pre_handler = count;
		list[i] = &probes[i];
	}
	return register_kprobes(list, at_nr);
}
module_init(count_init);

static void __exit count_exit(void)
{
	unregister_kprobes(list, at_nr);
}
module_exit(count_exit);

MODULE_DESCRIPTION("test: counts calls of functions");
MODULE_LICENSE("GPL");
