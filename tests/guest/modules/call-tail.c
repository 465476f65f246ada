// SPDX-License-Identifier: GPL-2.0-or-later
/* A number written to `call` is what patches/tail-call.patch's function is called with; no device of the guest calls it. */
#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static void (*callee)(void *data);

static int find_callee(void)
{
	struct kprobe probe = { .symbol_name = "dw8250_clk_disable_unprepare", .flags = KPROBE_FLAG_DISABLED };
	int ret = register_kprobe(&probe);

	if (ret)
		return ret;
	callee = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

/* What is no clock is left alone: 0, or an error's number. */
static noinline int call_set(const char *text, const struct kernel_param *param)
{
	long value;
	int ret = kstrtol(text, 0, &value);

	if (ret)
		return ret;
	if (!IS_ERR_OR_NULL((void *)value))
		return -EINVAL;
	callee((void *)value);
	return 0;
}

static const struct kernel_param_ops call_ops = { .set = call_set };
module_param_cb(call, &call_ops, NULL, 0200);

static int __init call_init(void)
{
	return find_callee();
}
module_init(call_init);

static void __exit call_exit(void)
{
}
module_exit(call_exit);

MODULE_DESCRIPTION("test: calls a function that ends in a static call");
MODULE_LICENSE("GPL");
