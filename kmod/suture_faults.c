// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decides which step of a core that was built with FAULTS=1 fails. A module of its own, so that it outlives the core:
 * its load can be made to fail too. In debugfs, suture_faults/:
 *	round	write N: of each step the first N times that an operation comes to it count, and none has failed yet
 *	step	write 1: the next operation begins, and the first of those that have not failed in this round will.
 *		Write 0: none will. Read: the one that failed since, "-" for none
 *	failed	the steps that have failed since this module was loaded
 *	hold	write 1: the next stop, all but made, waits until 0 is written, as do an update's files that are made in vain.
 *		Read: 2 while it waits
 *	held	what the core has taken and not given back: "KIND NR"
 * A step that the core comes to by another way, through another of its functions, is another step.
 */
#include <linux/debugfs.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "faults.h"

#define STEPS_MAX 512
#define FRAMES_MAX 32

/* The core's strings go with it. */
struct step {
	char name[40];
	u32 path;	     /* hash of the way to it */
	unsigned int passed; /* in this operation */
	unsigned int failed; /* in this round */
	bool ever;
};

/* Taken in the stopped machine too: no holder can be there, as it has interrupts off until it lets go. */
static DEFINE_RAW_SPINLOCK(lock);
static struct step steps[STEPS_MAX];
static unsigned int step_nr, counted;
static const struct step *fired;
static bool is_armed;
static struct dentry *dir;

/* Of the frames in the core, from the step outwards. The core may have been loaded elsewhere the last time. */
static u32 hash_path(const struct module *core)
{
	unsigned long frames[FRAMES_MAX];
	unsigned int i, nr = stack_trace_save(frames, FRAMES_MAX, 0);
	unsigned long first = 0;
	u32 hash = 0;

	for (i = 0; i < nr; i++) {
		bool is_inside = within_module_core(frames[i], core);

		if (!is_inside && first)
			break;
		if (is_inside && !first)
			first = frames[i];
		if (is_inside)
			hash = jhash_1word(frames[i] - first, hash);
	}
	return hash;
}

static struct step *find_step(const char *name, u32 path)
{
	unsigned int i;

	for (i = 0; i < step_nr; i++) {
		if (steps[i].path == path && !strcmp(steps[i].name, name))
			return &steps[i];
	}
	if (WARN_ON_ONCE(step_nr == STEPS_MAX || strlen(name) >= sizeof(steps[i].name)))
		return &steps[0];
	strscpy(steps[i].name, name, sizeof(steps[i].name));
	steps[i].path = path;
	step_nr++;
	return &steps[i];
}

/* Each of the times that count fails once in a round. */
static bool is_next(struct step *step)
{
	unsigned int nr = step->passed++;

	if (nr >= counted || nr != step->failed)
		return false;
	step->failed++;
	step->ever = true;
	return true;
}

bool su_fault(const struct module *core, const char *name)
{
	struct step *step;
	unsigned long flags;
	bool fails;
	u32 path;

	if (!READ_ONCE(is_armed))
		return false;
	path = hash_path(core);
	raw_spin_lock_irqsave(&lock, flags);
	step = find_step(name, path);
	fails = is_armed && is_next(step);
	if (fails) {
		fired = step;
		is_armed = false;
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return fails;
}
EXPORT_SYMBOL_GPL(su_fault);

/* HOLD_NEXT is asked for, HOLD_NOW is what the one that waits says. */
enum { HOLD_NONE, HOLD_NEXT, HOLD_NOW };

static atomic_t hold;
static DECLARE_WAIT_QUEUE_HEAD(hold_queue);

void su_fault_hold(void)
{
	if (atomic_cmpxchg(&hold, HOLD_NEXT, HOLD_NOW) == HOLD_NEXT)
		wait_event(hold_queue, atomic_read(&hold) == HOLD_NONE);
}
EXPORT_SYMBOL_GPL(su_fault_hold);

static atomic_t held[SU_KIND_NR];

void su_hold(enum su_kind kind, int nr)
{
	atomic_add(nr, &held[kind]);
}
EXPORT_SYMBOL_GPL(su_hold);

/* ---- debugfs ---- */

static int round_set(void *unused, u64 value)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&lock, flags);
	for (i = 0; i < step_nr; i++)
		steps[i].failed = 0;
	counted = value;
	raw_spin_unlock_irqrestore(&lock, flags);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(round_fops, NULL, round_set, "%llu\n");

static int hold_get(void *unused, u64 *value)
{
	*value = atomic_read(&hold);
	return 0;
}

static int hold_set(void *unused, u64 value)
{
	atomic_set(&hold, value ? HOLD_NEXT : HOLD_NONE);
	wake_up(&hold_queue);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(hold_fops, hold_get, hold_set, "%llu\n");

static void arm(bool on)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&lock, flags);
	for (i = 0; i < step_nr; i++)
		steps[i].passed = 0;
	if (on)
		fired = NULL;
	is_armed = on;
	raw_spin_unlock_irqrestore(&lock, flags);
}

static ssize_t step_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	bool on;
	int ret = kstrtobool_from_user(buf, len, &on);

	if (ret)
		return ret;
	arm(on);
	return len;
}

static int step_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%s\n", fired ? fired->name : "-");
	return 0;
}

static int step_open(struct inode *inode, struct file *file)
{
	return single_open(file, step_show, NULL);
}

static const struct file_operations step_fops = {
	.owner = THIS_MODULE,
	.open = step_open,
	.read = seq_read,
	.write = step_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int failed_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = 0; i < step_nr; i++) {
		if (steps[i].ever)
			seq_printf(m, "%s\n", steps[i].name);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(failed);

static int held_show(struct seq_file *m, void *unused)
{
	static const char *const names[] = {
		[SU_KIND_MEMORY] = "memory",  [SU_KIND_NOTES] = "notes", [SU_KIND_MAPPING] = "mappings",
		[SU_KIND_MODULE] = "modules", [SU_KIND_TASK] = "tasks",	 [SU_KIND_STACK] = "stacks",
		[SU_KIND_OBJECT] = "objects", [SU_KIND_HOOK] = "hooks",
	};
	unsigned int i;

	for (i = 0; i < SU_KIND_NR; i++)
		seq_printf(m, "%s %d\n", names[i], atomic_read(&held[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(held);

static int __init faults_init(void)
{
	dir = debugfs_create_dir("suture_faults", NULL);
	debugfs_create_file("round", 0200, dir, NULL, &round_fops);
	debugfs_create_file("step", 0600, dir, NULL, &step_fops);
	debugfs_create_file("hold", 0600, dir, NULL, &hold_fops);
	debugfs_create_file("failed", 0400, dir, NULL, &failed_fops);
	debugfs_create_file("held", 0400, dir, NULL, &held_fops);
	return 0;
}

static void __exit faults_exit(void)
{
	debugfs_remove(dir);
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("makes steps of a suture.ko that was built for it fail");
MODULE_LICENSE("GPL");
