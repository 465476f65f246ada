// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For bench/pause: for how long does a stop_machine() keep the CPUs from everything else? Kprobes on the function in
 * which each CPU's stopper stays, with the machine stopped, take the time stamp counter when the first CPU comes in, when
 * the last one has come in, when the first one leaves, at which moment all may, and when the last one does. It does not
 * matter who asks for the stop. A write to `stop` asks for one that does nothing; a write to `call` makes an empty call
 * with the same probes, which tells what the probes themselves take. (A kretprobe would keep a return address for each
 * stopper, which the core looks at in the stop.)
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <asm/msr.h>

#define RETURNS_MAX 8

static u64 first_in, last_in, first_out, last_out;
static atomic_t nr_in, nr_out;

static int enter(struct kprobe *probe, struct pt_regs *regs)
{
	u64 now = rdtsc();

	if (atomic_inc_return(&nr_in) == 1)
		first_in = now;
	last_in = now;
	return 0;
}

static int leave(struct kprobe *probe, struct pt_regs *regs)
{
	u64 now = rdtsc();
	int nr = atomic_inc_return(&nr_out);

	if (nr == 1)
		first_out = now;
	if (nr == atomic_read(&nr_in)) {
		last_out = now;
		atomic_set(&nr_in, 0);
		atomic_set(&nr_out, 0);
	}
	return 0;
}

static noinline void call_nothing(void)
{
	barrier();
}

static int do_nothing(void *unused)
{
	return 0;
}

struct probed {
	struct kprobe entry;
	struct kprobe returns[RETURNS_MAX];
	int nr;
};

static struct probed probed[] = {
	{ .entry = { .symbol_name = "multi_cpu_stop", .pre_handler = enter } },
	{ .entry = { .symbol_name = "call_nothing", .pre_handler = enter } },
};

static void answer(void *unused)
{
}

/* A switch has all CPUs answer shortly before it stops them: so that both stops find the CPUs at the same work. */
static int stop_set(const char *text, const struct kernel_param *param)
{
	on_each_cpu(answer, NULL, 1);
	return stop_machine(do_nothing, NULL, cpu_online_mask);
}

static const struct kernel_param_ops stop_ops = { .set = stop_set };
module_param_cb(stop, &stop_ops, NULL, 0200);

static int call_set(const char *text, const struct kernel_param *param)
{
	call_nothing();
	return 0;
}

static const struct kernel_param_ops call_ops = { .set = call_set };
module_param_cb(call, &call_ops, NULL, 0200);

/* Of the last stop, from the first CPU's coming in: ticks until the last one is in, the first one leaves, the last one does. */
static int last_get(char *buf, const struct kernel_param *param)
{
	return sysfs_emit(buf, "%llu %llu %llu\n", last_in - first_in, first_out - first_in, last_out - first_in);
}

static const struct kernel_param_ops last_ops = { .get = last_get };
module_param_cb(last, &last_ops, NULL, 0400);

static unsigned long size_of(const struct probed *to)
{
	char name[KSYM_SYMBOL_LEN], *size;

	sprint_symbol(name, (unsigned long)to->entry.addr);
	size = strchr(name, '/');
	return size ? simple_strtoul(size + 1, NULL, 16) : 0;
}

/* A return, or a jump to a return thunk, which is out of the function; if it is an instruction at all: kprobes know. */
static bool may_return(const u8 *code, unsigned long off, unsigned long size)
{
	long to = off + 5;

	if (code[off] == 0xc3)
		return true;
	if (code[off] != 0xe9 || off + 5 > size)
		return false;
	to += *(const s32 *)(code + off + 1);
	return to < 0 || to >= (long)size;
}

static int probe_returns(struct probed *to)
{
	unsigned long off, size = size_of(to);
	const u8 *code = (const u8 *)to->entry.addr;

	for (off = 5; off < size && to->nr < RETURNS_MAX; off++) {
		struct kprobe *probe = &to->returns[to->nr];

		if (!may_return(code, off, size))
			continue;
		*probe = (struct kprobe){ .addr = to->entry.addr + off, .pre_handler = leave };
		if (!register_kprobe(probe))
			to->nr++;
	}
	return to->nr ? 0 : -ENOENT;
}

static void stop_probe_exit(void)
{
	struct probed *to;
	int i;

	for (to = probed; to < probed + ARRAY_SIZE(probed); to++) {
		for (i = 0; i < to->nr; i++)
			unregister_kprobe(&to->returns[i]);
		if (to->entry.addr)
			unregister_kprobe(&to->entry);
	}
}

static int __init stop_probe_init(void)
{
	struct probed *to;
	int ret = 0;

	for (to = probed; !ret && to < probed + ARRAY_SIZE(probed); to++) {
		ret = register_kprobe(&to->entry);
		if (!ret)
			ret = probe_returns(to);
	}
	if (ret)
		stop_probe_exit();
	return ret;
}

module_init(stop_probe_init);
module_exit(stop_probe_exit);
MODULE_DESCRIPTION("bench: how long the machine is stopped");
MODULE_LICENSE("GPL");
