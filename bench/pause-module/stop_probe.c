// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For bench/pause: how long does a stop_machine() keep the CPUs from everything else? A kretprobe on the function in which
 * each CPU's stopper stays, with the machine stopped, takes the time there, whoever has asked for the stop; and a
 * write to `stop` asks for one that does nothing.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/stop_machine.h>
#include <linux/timekeeping.h>

static atomic64_t longest_ns;

static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	*(u64 *)instance->data = ktime_get_mono_fast_ns();
	return 0;
}

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	s64 ns = ktime_get_mono_fast_ns() - *(u64 *)instance->data;
	s64 longest = atomic64_read(&longest_ns);

	while (ns > longest && !atomic64_try_cmpxchg(&longest_ns, &longest, ns))
		;
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "multi_cpu_stop",
	.entry_handler = enter,
	.handler = leave,
	.data_size = sizeof(u64),
	.maxactive = 256,
};

static int do_nothing(void *unused)
{
	return 0;
}

static int stop_set(const char *text, const struct kernel_param *param)
{
	return stop_machine(do_nothing, NULL, cpu_online_mask);
}

static const struct kernel_param_ops stop_ops = { .set = stop_set };
module_param_cb(stop, &stop_ops, NULL, 0200);

/* Reading it forgets it. */
static int longest_get(char *buf, const struct kernel_param *param)
{
	return sysfs_emit(buf, "%lld\n", atomic64_xchg(&longest_ns, 0));
}

static const struct kernel_param_ops longest_ops = { .get = longest_get };
module_param_cb(longest_ns, &longest_ops, NULL, 0400);

static int __init stop_probe_init(void)
{
	return register_kretprobe(&probe);
}

static void __exit stop_probe_exit(void)
{
	unregister_kretprobe(&probe);
}

module_init(stop_probe_init);
module_exit(stop_probe_exit);
MODULE_DESCRIPTION("bench: how long the machine is stopped");
MODULE_LICENSE("GPL");
