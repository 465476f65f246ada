// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A graph tracer of the functions in set_ftrace_filter. As long as it is loaded, who leaves one of them because it is killed
 * sleeps in the tracer: its return address has been taken off the stack, and the code that gets it back is on it.
 */
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);
static atomic_t sleepers;
static bool released;

static int enter(struct ftrace_graph_ent *call)
{
	return !READ_ONCE(released);
}

static void leave(struct ftrace_graph_ret *call)
{
	if (!fatal_signal_pending(current))
		return;
	atomic_inc(&sleepers);
	wait_event(queue, READ_ONCE(released));
	atomic_dec(&sleepers);
}

/* Since v6.11 they are given this as well. There it is built, but not loaded: see the test. */
static struct fgraph_ops ops = { .entryfunc = (void *)enter, .retfunc = (void *)leave };

static void *find(const char *name)
{
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	void *found = register_kprobe(&probe) ? NULL : probe.addr;

	if (found)
		unregister_kprobe(&probe);
	return found;
}

static int __init sleep_init(void)
{
	int (*register_graph)(struct fgraph_ops *) = find("register_ftrace_graph");

	return register_graph ? register_graph(&ops) : -ENOENT;
}
module_init(sleep_init);

static void __exit sleep_exit(void)
{
	void (*unregister_graph)(struct fgraph_ops *) = find("unregister_ftrace_graph");

	WRITE_ONCE(released, true);
	wake_up_all(&queue);
	while (atomic_read(&sleepers))
		msleep(20);
	unregister_graph(&ops);
	/* the last ones are on their way out of here */
	msleep(200);
}
module_exit(sleep_exit);

MODULE_DESCRIPTION("test: tasks sleep in the graph tracer");
MODULE_LICENSE("GPL");
