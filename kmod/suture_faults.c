// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decides which step of a core that was built with FAULTS=1 fails. A module of its own, so that it outlives the core:
 * its load can be made to fail too. In debugfs, suture_faults/:
 *	step	write N: count anew, the Nth step from now on fails. Read: "COUNT SITE": how many were passed since, and
 *		the one that failed, "-" for none
 *	failed	the sites that have failed since this module was loaded
 * A step in a loop counts a few times only: what is half done is the same the tenth time.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "faults.h"

#define SITES_MAX	256
#define COUNTED		2	/* passes of one site */

/* The core's strings go with it. */
struct site {
	char name[40];
	unsigned int passed;	/* since the last arming */
	bool failed;		/* ever */
};

/* Taken in the stopped machine too: no holder can be there, as it has interrupts off until it lets go. */
static DEFINE_RAW_SPINLOCK(lock);
static struct site sites[SITES_MAX];
static unsigned int site_nr;
static u64 wanted, passed;
static const struct site *fired;
static struct dentry *dir;

static struct site *find_site(const char *name)
{
	unsigned int i;

	for (i = 0; i < site_nr; i++) {
		if (!strcmp(sites[i].name, name))
			return &sites[i];
	}
	if (WARN_ON_ONCE(site_nr == SITES_MAX || strlen(name) >= sizeof(sites[i].name)))
		return &sites[0];
	strscpy(sites[i].name, name, sizeof(sites[i].name));
	site_nr++;
	return &sites[i];
}

bool su_fault(const char *name)
{
	struct site *site;
	unsigned long flags;
	bool fails = false;

	raw_spin_lock_irqsave(&lock, flags);
	site = find_site(name);
	if (site->passed++ < COUNTED)
		fails = ++passed == wanted;
	if (fails) {
		site->failed = true;
		fired = site;
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return fails;
}
EXPORT_SYMBOL_GPL(su_fault);

static void arm(u64 value)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&lock, flags);
	for (i = 0; i < site_nr; i++)
		sites[i].passed = 0;
	passed = 0;
	fired = NULL;
	wanted = value;
	raw_spin_unlock_irqrestore(&lock, flags);
}

static ssize_t step_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	u64 value;
	int ret;

	ret = kstrtou64_from_user(buf, len, 0, &value);
	if (ret)
		return ret;
	arm(value);
	return len;
}

static int step_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%llu %s\n", READ_ONCE(passed), fired ? fired->name : "-");
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

	for (i = 0; i < site_nr; i++) {
		if (sites[i].failed)
			seq_printf(m, "%s\n", sites[i].name);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(failed);

static int __init faults_init(void)
{
	dir = debugfs_create_dir("suture_faults", NULL);
	debugfs_create_file("step", 0600, dir, NULL, &step_fops);
	debugfs_create_file("failed", 0400, dir, NULL, &failed_fops);
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
