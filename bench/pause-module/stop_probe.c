// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For bench/pause: for how long does a stop_machine() keep the CPUs from everything else? A kretprobe on the function in
 * which each CPU's stopper stays, with the machine stopped, takes the time stamp counter when the first CPU comes in, when
 * the last one has come in, when the first one leaves, at which moment all may, and when the last one does. It does not
 * matter who asks for the stop. A write to `stop` asks for one that does nothing; a write to `call` makes an empty call
 * with the same probe, which tells what the probe itself takes.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/stop_machine.h>
#include <asm/msr.h>

static u64 first_in, last_in, first_out, last_out;
static atomic_t nr_in, nr_out;

static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	u64 now = rdtsc();

	if (atomic_inc_return(&nr_in) == 1)
		first_in = now;
	last_in = now;
	return 0;
}

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
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

#define PROBE(name) \
	{ \
		.kp.symbol_name = name, .entry_handler = enter, .handler = leave, .maxactive = 256 \
	}
static struct kretprobe on_stop = PROBE("multi_cpu_stop");
static struct kretprobe on_nothing = PROBE("call_nothing");
static struct kretprobe *probes[] = { &on_stop, &on_nothing };

static int stop_set(const char *text, const struct kernel_param *param)
{
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

static int __init stop_probe_init(void)
{
	return register_kretprobes(probes, ARRAY_SIZE(probes));
}

static void __exit stop_probe_exit(void)
{
	unregister_kretprobes(probes, ARRAY_SIZE(probes));
}

module_init(stop_probe_init);
module_exit(stop_probe_exit);
MODULE_DESCRIPTION("bench: how long the machine is stopped");
MODULE_LICENSE("GPL");
