// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * suture.ko: start, stop, and the two ways in: the module notifier sees updates come and go, and an update's init
 * asks to be applied. What happens to an update is update.c's.
 */
#define pr_fmt(fmt) "suture: " fmt

#include <linux/init.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <asm/cpufeature.h>

#include "../include/suture/core.h"
#include "suture.h"

static int set_timeout_ms(const char *text, const struct kernel_param *param)
{
	return su_timeout_ms_set(text);
}

/* Options say what to begin with: sysfs.c has the files. */
static const struct kernel_param_ops timeout_ms_ops = { .set = set_timeout_ms };
module_param_cb(timeout_ms, &timeout_ms_ops, NULL, 0);
MODULE_PARM_DESC(timeout_ms, "how long to try while a thread is in the way");
module_param_named(max_pause_us, su_max_pause_us, uint, 0);
MODULE_PARM_DESC(max_pause_us, "do not stop the machine where that would take longer; 0: whatever it takes");

static int set_on_mismatch(const char *text, const struct kernel_param *param)
{
	return su_on_mismatch_set(text);
}

static const struct kernel_param_ops on_mismatch_ops = { .set = set_on_mismatch };
module_param_cb(on_mismatch, &on_mismatch_ops, NULL, 0);
MODULE_PARM_DESC(on_mismatch, "a module that an update changes and that does not match: refuse its load, or ignore it");

int suture_core_1(void *module)
{
	return su_update_apply(module);
}
EXPORT_SYMBOL_GPL(suture_core_1);

/*
 * An error must reach the loader as such: were the chain merely stopped, the load would go on without the static-key
 * and static-call notifiers.
 */
static int notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct module *mod = data;

	if (event == MODULE_STATE_COMING)
		return notifier_from_errno(su_update_coming(mod));
	if (event == MODULE_STATE_GOING)
		su_update_going(mod);
	return NOTIFY_DONE;
}

/*
 * Before everybody else: private relocations of static keys, static calls and tracepoints are filled in before the
 * kernel looks at them, and at GOING nothing of an update is taken apart while it may still be found here.
 */
static struct notifier_block notifier = { .notifier_call = notify, .priority = INT_MAX };

/* After everybody else: the kernel has unlinked the update's static keys and static calls from what they are of. */
static int notify_last(struct notifier_block *block, unsigned long event, void *data)
{
	if (event == MODULE_STATE_GOING)
		su_update_gone(data);
	return NOTIFY_DONE;
}

static struct notifier_block last_notifier = { .notifier_call = notify_last, .priority = INT_MIN };

static int watch_modules(void)
{
	int ret = register_module_notifier(&notifier);

	if (ret)
		return ret;
	ret = register_module_notifier(&last_notifier);
	if (ret)
		unregister_module_notifier(&notifier);
	return ret;
}

static int __init su_init(void)
{
	int ret;

	if (!boot_cpu_has(X86_FEATURE_CX16))
		return su_refuse(NULL, -EOPNOTSUPP, "system", "this CPU has no CMPXCHG16B");
	ret = su_symbols_init();
	if (ret)
		return ret;
	ret = su_notes_init();
	if (ret)
		return ret;
	ret = su_sysfs_init();
	if (ret)
		return ret;
	ret = watch_modules();
	if (!ret)
		return 0;
	su_sysfs_fini();
	return su_refuse(NULL, ret, "system", "modules cannot be watched (%d)", ret);
}

/* Updates import suture_core_1(): while one is loaded, this module is in use. */
static void __exit su_exit(void)
{
	unregister_module_notifier(&notifier);
	unregister_module_notifier(&last_notifier);
	su_sysfs_fini();
	su_notes_fini();
	su_grace_fini();
}

module_init(su_init);
module_exit(su_exit);
MODULE_DESCRIPTION("changes the code of the running kernel: matches, links, switches and undoes updates");
MODULE_LICENSE("GPL");
