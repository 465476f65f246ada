// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The switch: looks at all stacks with the machine running and has it stopped, again and again until nobody is in the way.
 * Which bytes go where is change.c's business, what is done in the stop is stop.c's. docs/core.md argues why it is safe.
 */
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "suture.h"

#define BACKOFF_FIRST_MS	10
#define BACKOFF_MAX_MS		500
#define TURNS_MAX		16	/* before a stop; where they do not help, so many run that it matters little */
#define GRACE_MIN_MS		5000	/* for what a switch waits for once, also where it is to be tried just once */

unsigned int su_timeout_ms = SU_TIMEOUT_MS;
unsigned int su_max_pause_us;

struct su_switching {
	struct su_live *live;		/* the change's */
	struct su_notes *notes;
	struct su_stop stop;
	struct su_scan scan;
	u64 expected_ns;		/* where there is a limit: what looking at the noted tasks takes */
	char names[1536];		/* who is in the way, for the message */
};

static int scan_running(struct su_switching *sw)
{
	struct su_tasks tasks;
	u32 i;
	int ret;

	ret = su_tasks_collect(&tasks);
	if (ret)
		return ret;
	for (i = 0; i < tasks.nr; i++) {
		su_scan_task_running(&sw->scan, tasks.tasks[i]);
		cond_resched();
	}
	su_tasks_release(&tasks);
	return sw->scan.blocker_nr ? -EBUSY : 0;
}

static void scan_former(struct su_switching *sw)
{
	u32 i, nr = su_notes_former_nr(sw->notes);

	for (i = 0; i < nr; i++) {
		su_scan_task_running(&sw->scan, su_notes_former_task(sw->notes, i));
		cond_resched();
	}
}

/*
 * The more tasks there are, the more have run while all were looked at. These are looked at again, which takes less time,
 * so that fewer run meanwhile; and so on. What is left for the stop does not grow with the number of tasks. Under load others
 * have the CPU in between, so that it may take a few more turns. One turn is made in any case: all CPUs answer in it, so that
 * one which has slept for long does not have to catch up, with all others waiting, in the stop.
 */
static int scan_again(struct su_switching *sw)
{
	unsigned int turns = 0;
	int ret;

	do {
		ret = su_notes_turn(sw->notes);
		if (ret)
			return ret;
		scan_former(sw);
	} while (++turns < TURNS_MAX && su_notes_nr(sw->notes) > num_online_cpus());
	return sw->scan.blocker_nr ? -EBUSY : 0;
}

/* The caller's own stack: in the stop it is off its CPU. That alone decides whether it is in the way. */
static void scan_own(struct su_switching *sw)
{
	u32 blocker_nr = sw->scan.blocker_nr;

	su_scan_current(&sw->scan, (unsigned long)__builtin_frame_address(0));
	sw->scan.blocker_nr = blocker_nr;
}

static u64 scan_timed(struct su_switching *sw, struct task_struct *task)
{
	u64 start, ns;

	preempt_disable();
	start = ktime_get_mono_fast_ns();
	if (task == current)
		scan_own(sw);
	else if (task)
		su_scan_task_running(&sw->scan, task);
	ns = ktime_get_mono_fast_ns() - start;
	preempt_enable();
	return ns;
}

/*
 * How long would the stop take? The tasks that are noted by now are looked at once more, as it will do: the CPUs share
 * them. What a CPU will be doing when it is stopped, and its stopper, are taken for as much as the caller each.
 */
static int check_pause(struct su_switching *sw)
{
	u32 limit_us = sw->live->request.max_pause_us;
	u32 i, nr = su_notes_nr(sw->notes);
	u64 noted_ns = 0;

	if (!limit_us)
		return 0;
	for (i = 0; i < nr; i++) {
		struct task_struct *task = su_notes_task(sw->notes, i);

		if (task != current)
			noted_ns += scan_timed(sw, task);
		cond_resched();
	}
	sw->expected_ns = 2 * scan_timed(sw, current) + div_u64(noted_ns, num_online_cpus());
	if (sw->scan.blocker_nr)
		return -EBUSY;
	return sw->expected_ns > (u64)limit_us * NSEC_PER_USEC ? -ETIME : 0;
}

/* What runs while the mutexes are waited for, or while others have the caller's CPU, is looked at before the stop as well. */
static int stop(struct su_switching *sw)
{
	int ret = scan_again(sw);

	if (!ret)
		ret = check_pause(sw);
	if (!ret)
		ret = su_stop_run(&sw->stop, sw->notes, &sw->scan);
	return ret;
}

static int exchange_unstopped(struct su_switching *sw)
{
	return su_stop_exchange(&sw->stop);
}

/* What the kernel rewrites under the JMPs stays as it is until this is over: its mutexes are held. */
static int retire_and_exchange(struct su_switching *sw, int (*exchange)(struct su_switching *sw))
{
	u32 i, nr;
	int ret = 0;

	for (nr = 0; nr < sw->stop.change->write_nr; nr++) {
		ret = su_retire_prepare(&sw->stop.change->writes[nr]);
		if (ret)
			break;
	}
	sw->stop.failed = nr;
	if (!ret)
		ret = exchange(sw);
	WARN_ON_ONCE(sw->stop.torn);
	for (i = 0; i < nr; i++)
		su_retire_finish(&sw->stop.change->writes[i], !ret);
	return ret;
}

static bool has_kprobe(unsigned long window)
{
	unsigned long addr;

	for (addr = window; addr < window + SU_JMP_SZ; addr++) {
		const struct kprobe *probe = su_get_kprobe((void *)addr);

		/* Of a module that went, perhaps from here: that is never armed again. */
		if (probe && !(probe->flags & KPROBE_FLAG_GONE))
			return true;
	}
	return false;
}

/*
 * Nothing of a kprobe is in the code while it is not armed. When it is, it writes an int3 without looking at what is there,
 * and has a copy of the instruction that was there when it was set: neither may be another by then.
 */
static int find_kprobe(struct su_switching *sw)
{
	u32 i;

	for (i = 0; i < sw->stop.change->write_nr; i++) {
		if (SU_STEP(has_kprobe(sw->stop.change->writes[i].window), true)) {
			sw->stop.failed = i;
			return -EADDRINUSE;
		}
	}
	return 0;
}

/*
 * The order is that of the kernel's own kprobes, static keys and calls: kprobe_mutex, hotplug lock, their mutex, text_mutex
 * (register_kprobe(), static_key_enable(), arch_jump_label_transform_queue(), __static_call_update()); stop_machine() would
 * take the hotplug lock last. With all held no key or call is half way between two states, and no batch of jump labels, no
 * kprobe, no ftrace update half way in the text when the machine stops.
 */
static int lock_and_exchange(struct su_switching *sw, int (*exchange)(struct su_switching *sw))
{
	u32 i;
	int ret;

	mutex_lock(su_kprobe_mutex());
	cpus_read_lock();
	mutex_lock(su_jump_label_mutex());
	mutex_lock(su_static_call_mutex());
	mutex_lock(su_text_mutex());
	ret = find_kprobe(sw);
	if (!ret)
		ret = retire_and_exchange(sw, exchange);
	mutex_unlock(su_text_mutex());
	for (i = 0; !ret && i < sw->stop.change->write_nr; i++)
		su_retire_settle(&sw->stop.change->writes[i]);
	mutex_unlock(su_static_call_mutex());
	mutex_unlock(su_jump_label_mutex());
	cpus_read_unlock();
	mutex_unlock(su_kprobe_mutex());
	return ret;
}

/* Return: 0; -EBUSY, -EAGAIN, -ETIME: not this time; or for good. */
static int try_once(struct su_switching *sw, unsigned long grace_deadline)
{
	int ret;

	su_scan_begin(&sw->scan, &sw->stop.change->busy);
	ret = su_notes_restart(sw->notes, grace_deadline);
	if (!ret)
		ret = scan_running(sw);
	if (!ret)
		ret = lock_and_exchange(sw, stop);
	if (ret == -EBUSY)
		su_blockers_set(sw->live, &sw->scan);
	return ret;
}

static int try_often(struct su_switching *sw)
{
	u32 timeout_ms = sw->live->request.timeout_ms;
	unsigned long start = jiffies, deadline = start + msecs_to_jiffies(timeout_ms);
	unsigned long grace_deadline = start + msecs_to_jiffies(max_t(u32, timeout_ms, GRACE_MIN_MS));
	unsigned int backoff_ms = BACKOFF_FIRST_MS;
	int ret;

	for (;;) {
		sw->live->tries++;
		ret = try_once(sw, grace_deadline);
		if (ret != -EBUSY && ret != -EAGAIN && ret != -ETIME)
			return ret;
		if (time_after_eq(jiffies, deadline))
			return ret;
		schedule_timeout_killable(msecs_to_jiffies(backoff_ms));
		if (fatal_signal_pending(current))
			return -EINTR;
		backoff_ms = min_t(unsigned int, backoff_ms * 2, BACKOFF_MAX_MS);
	}
}

static int refuse_busy(struct su_switching *sw)
{
	su_blockers_join(sw->live, &sw->scan, sw->names, sizeof(sw->names));
	return su_refuse(sw->live->id, -EBUSY, "busy", "%s (%u tries)", sw->names, sw->live->tries);
}

static int refuse_altered(const struct su_switching *sw)
{
	const struct su_write *write = &sw->stop.change->writes[sw->stop.failed];

	if (write->was_jmp)
		return su_refuse(sw->live->id, -ETXTBSY, "redirect-altered",
				 "%s: the redirect was %*ph and is %*ph: a kprobe or another live patch is there",
				 write->name, SU_JMP_SZ, write->before, SU_JMP_SZ, sw->stop.have);
	return su_refuse(sw->live->id, -ESTALE, "bytes-differ",
			 "%s: the code was %*ph and is %*ph: a kprobe or another live patch came in between",
			 write->name, SU_JMP_SZ, write->before, SU_JMP_SZ, sw->stop.have);
}

/* Before anything was written. */
static int refuse_place(const struct su_switching *sw, const char *why)
{
	const struct su_write *write = &sw->stop.change->writes[sw->stop.failed];

	return su_refuse(sw->live->id, write->was_jmp ? -ETXTBSY : -ESTALE,
			 write->was_jmp ? "redirect-altered" : "bytes-differ", "%s: %s", write->name, why);
}

static int refuse_grace(struct su_switching *sw)
{
	su_grace_holder(sw->names, sizeof(sw->names));
	return su_refuse(sw->live->id, -ETIMEDOUT, "grace-period",
			 "%s has been running in the kernel, or waiting for a CPU there, all the time: its grace period (Tasks RCU) has to end first",
			 sw->names);
}

static int refuse(struct su_switching *sw, int ret)
{
	switch (ret) {
	case -EBUSY:
		return refuse_busy(sw);
	case -ESTALE:
		return refuse_altered(sw);
	case -ETXTBSY:
		return refuse_place(sw,
				    "a static key or static call at its start is not as the kernel writes it: a kprobe or another live patch is there");
	case -EADDRINUSE:
		return refuse_place(sw,
				    "a kprobe is set where the redirect lies: take it away first, as it may be armed at any time");
	case -EAGAIN:
		return su_refuse(sw->live->id, -EBUSY, "busy", "new tasks come faster than they can be looked at");
	case -ETIME:
		return su_refuse(sw->live->id, -ETIME, "pause-too-long",
				 "the stop would look at tasks for %llu us, and %u us are allowed (%u tries)",
				 div_u64(sw->expected_ns + NSEC_PER_USEC - 1, NSEC_PER_USEC),
				 sw->live->request.max_pause_us, sw->live->tries);
	case -ETIMEDOUT:
		return refuse_grace(sw);
	case -EINTR:
		return su_refuse(sw->live->id, -EINTR, "interrupted", "stopped by a signal");
	default:
		return su_refuse(sw->live->id, ret, "system", "the switch cannot be made (%d)", ret);
	}
}

static void keep_result(const struct su_switching *sw)
{
	sw->live->pause_ns = sw->stop.pause_ns;
	sw->live->stop_tasks = sw->scan.tasks;
	sw->live->stop_words = sw->scan.words;
}

/* All targets may be absent: then there is nothing to stop for. */
static int stop_and_switch(struct su_switching *sw)
{
	int ret = 0;

	if (sw->stop.change->write_nr) {
		ret = su_notes_get(&sw->notes);
		if (!ret)
			ret = try_often(sw);
	}
	if (!ret)
		keep_result(sw);
	return ret;
}

/* In code that nobody is in. It may be an earlier update's, with static keys and static calls as everywhere. */
static int switch_unused(struct su_switching *sw)
{
	int ret = lock_and_exchange(sw, exchange_unstopped);

	su_serialise_all();
	return ret;
}

static int run(const struct su_change *change, int (*fn)(struct su_switching *sw))
{
	struct su_switching *sw = kzalloc(sizeof(*sw), GFP_KERNEL);
	int ret;

	lockdep_assert_held(&su_mutex);
	if (!sw)
		return su_refuse(change->live->id, -ENOMEM, "system", "no memory for the switch");
	sw->live = change->live;
	ret = su_stop_prepare(&sw->stop, change);
	if (!ret)
		ret = fn(sw);
	if (ret)
		ret = refuse(sw, ret);
	su_notes_put(sw->notes);
	su_stop_finish(&sw->stop);
	kfree(sw);
	return ret;
}

int su_switch(const struct su_change *change)
{
	int ret;

	su_blockers_clear();
	change->live->tries = 0;
	ret = run(change, stop_and_switch);
	/* those of a try before the one that succeeded */
	if (!ret)
		su_blockers_clear();
	return ret;
}

int su_switch_unused(const struct su_change *change)
{
	return run(change, switch_unused);
}
