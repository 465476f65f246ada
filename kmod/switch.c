// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The switch: looks at all stacks with the machine running, stops it, looks at those that changed, verifies the bytes
 * once more and exchanges them. docs/core.md argues why this is safe. Which bytes go where is change.c's business.
 */
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <asm/sync_core.h>

#include "suture.h"

#define BACKOFF_FIRST_MS	10
#define BACKOFF_MAX_MS		500
#define GRACE_MIN_MS		5000	/* for what a switch waits for once, also where it is to be tried just once */

unsigned int su_timeout_ms = SU_TIMEOUT_MS;
unsigned int su_max_pause_us;

/* What a CPU's stopper leaves for the one that works. */
struct arrival {
	struct task_struct *stopper;
	unsigned long sp;
};

/* One switch: all that the stopped machine needs, allocated and mapped before. */
struct su_switching {
	const struct su_change *change;
	struct su_live *live;		/* the change's */
	struct su_notes *notes;
	struct su_alias *words;		/* of the writes: the aligned 16 bytes around each window */
	struct arrival *arrivals;	/* by CPU */
	struct su_scan scan;
	u64 expected_ns;		/* where there is a limit: what looking at the noted tasks takes */
	int master;			/* the CPU that works; the others wait */
	int cpu_nr;
	atomic_t arrived, left;
	bool done;
	int result;
	u32 failed;			/* result -ESTALE: this write */
	u8 have[SU_JMP_SZ];		/* and its bytes */
	bool torn;			/* a JMP could not be taken back: a bug of ours */
	u64 pause_ns;
	char names[1536];		/* who is in the way, for the message */
};

/* ---- with the machine stopped: no allocation, no lock, no printing ---- */

/* Verifies and writes in one step: an NMI on another CPU sees the old 16 bytes or the new ones. */
static bool exchange_word(u64 *word, const u64 old[2], const u64 new[2])
{
	u64 low = old[0], high = old[1];
	bool done;

	asm volatile("lock cmpxchg16b %[word]"
		     : "=@ccz"(done), [word] "+m"(*(u64(*)[2])word), "+a"(low), "+d"(high)
		     : "b"(new[0]), "c"(new[1])
		     : "memory");
	return done;
}

/* Exchange the window's five bytes if they are @from now. */
static bool exchange_window(const struct su_switching *sw, u32 idx, const u8 *from, const u8 *to)
{
	u32 off = sw->change->writes[idx].window % SU_WORD_SZ;
	u64 *word = sw->words[idx].at;
	u64 old[2] = { READ_ONCE(word[0]), READ_ONCE(word[1]) };
	u64 new[2] = { old[0], old[1] };

	if (memcmp((u8 *)old + off, from, SU_JMP_SZ))
		return false;
	memcpy((u8 *)new + off, to, SU_JMP_SZ);
	return exchange_word(word, old, new);
}

static void take_back(struct su_switching *sw, u32 nr)
{
	while (nr--) {
		if (!exchange_window(sw, nr, sw->change->writes[nr].after, sw->change->writes[nr].before))
			sw->torn = true;
	}
}

static int exchange_all(struct su_switching *sw)
{
	u32 i;

	for (i = 0; i < sw->change->write_nr; i++) {
		const struct su_write *write = &sw->change->writes[i];

		if (SU_STEP(exchange_window(sw, i, write->before, write->after), false))
			continue;
		sw->failed = i;
		memcpy(sw->have, (u8 *)sw->words[i].at + write->window % SU_WORD_SZ, SU_JMP_SZ);
		take_back(sw, i);
		return -ESTALE;
	}
	return 0;
}

static void scan_stopped(struct su_switching *sw)
{
	u32 i, nr = su_notes_nr(sw->notes);
	int cpu;

	sw->scan.tasks = 0;
	sw->scan.words = 0;
	for (i = 0; i < nr; i++)
		su_scan_task_stopped(&sw->scan, su_notes_task(sw->notes, i));
	for_each_online_cpu(cpu)
		su_scan_stopper(&sw->scan, sw->arrivals[cpu].stopper, sw->arrivals[cpu].sp);
}

static int work(struct su_switching *sw)
{
	if (SU_STEP(su_notes_full(sw->notes), true))
		return -EAGAIN;
	scan_stopped(sw);
	if (sw->scan.blocker_nr)
		return -EBUSY;
	return exchange_all(sw);
}

static void wait_for(const atomic_t *count, int nr)
{
	while (atomic_read(count) < nr)
		cpu_relax();
}

/*
 * On every CPU at once, interrupts off. Frames above the caller's frame are what a stopper has on its stack; the
 * counts are full barriers, so that the master sees all arrivals, and everybody the new code.
 */
static int in_stop(void *data)
{
	struct su_switching *sw = data;
	int cpu = smp_processor_id();
	u64 start = 0;

	sw->arrivals[cpu].stopper = current;
	sw->arrivals[cpu].sp = (unsigned long)__builtin_frame_address(0);
	atomic_inc_return(&sw->arrived);
	if (cpu == sw->master) {
		start = ktime_get_mono_fast_ns();
		wait_for(&sw->arrived, sw->cpu_nr);
		sw->result = work(sw);
		smp_store_release(&sw->done, true);	/* pairs with the load below on the other CPUs */
	}
	while (!smp_load_acquire(&sw->done))	/* pairs with the store above */
		cpu_relax();
	sync_core();
	atomic_inc_return(&sw->left);
	if (cpu == sw->master) {
		wait_for(&sw->left, sw->cpu_nr);
		sw->pause_ns = ktime_get_mono_fast_ns() - start;
	}
	return 0;
}

/* ---- with the machine running ---- */

static int stop(struct su_switching *sw)
{
	int ret;

	atomic_set(&sw->arrived, 0);
	atomic_set(&sw->left, 0);
	sw->done = false;
	sw->cpu_nr = num_online_cpus();
	sw->master = cpumask_first(cpu_online_mask);
	ret = su_stop_machine_cpuslocked(in_stop, sw, cpu_online_mask);
	return ret ? ret : sw->result;
}

/* What the kernel rewrites under the JMPs stays as it is until this is over: its mutexes are held. */
static int retire_and_exchange(struct su_switching *sw, int (*exchange)(struct su_switching *sw))
{
	u32 i, nr;
	int ret = 0;

	for (nr = 0; nr < sw->change->write_nr; nr++) {
		ret = su_retire_prepare(&sw->change->writes[nr]);
		if (ret)
			break;
	}
	sw->failed = nr;
	if (!ret)
		ret = exchange(sw);
	WARN_ON_ONCE(sw->torn);
	for (i = 0; i < nr; i++)
		su_retire_finish(&sw->change->writes[i], !ret);
	return ret;
}

/*
 * The order is that of the kernel's own static keys and calls: hotplug lock, their mutex, text_mutex
 * (static_key_enable(), arch_jump_label_transform_queue(), __static_call_update()); stop_machine() would take the
 * hotplug lock last. With all held no key or call is half way between two states, and no batch of jump labels, no
 * kprobe, no ftrace update half way in the text when the machine stops.
 */
static int lock_and_exchange(struct su_switching *sw, int (*exchange)(struct su_switching *sw))
{
	u32 i;
	int ret;

	cpus_read_lock();
	mutex_lock(su_jump_label_mutex());
	mutex_lock(su_static_call_mutex());
	mutex_lock(su_text_mutex());
	ret = retire_and_exchange(sw, exchange);
	mutex_unlock(su_text_mutex());
	for (i = 0; !ret && i < sw->change->write_nr; i++)
		su_retire_settle(&sw->change->writes[i]);
	mutex_unlock(su_static_call_mutex());
	mutex_unlock(su_jump_label_mutex());
	cpus_read_unlock();
	return ret;
}

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
 * so that fewer run meanwhile; and so on. What is left for the stop does not grow with the number of tasks.
 */
static int scan_again(struct su_switching *sw)
{
	u32 before, nr = su_notes_nr(sw->notes);
	int ret;

	do {
		ret = su_notes_turn(sw->notes);
		if (ret)
			return ret;
		scan_former(sw);
		before = nr;
		nr = su_notes_nr(sw->notes);
	} while (nr > num_online_cpus() && nr <= before / 2);
	return sw->scan.blocker_nr ? -EBUSY : 0;
}

/* The caller's own stack: in the stop it is off its CPU. That alone decides whether it is in the way. */
static void scan_own(struct su_switching *sw)
{
	u32 blocker_nr = sw->scan.blocker_nr;

	su_scan_stopper(&sw->scan, current, (unsigned long)__builtin_frame_address(0));
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
 * How long would the stop take? The tasks that are noted by now are looked at once more, as it will do, and the caller
 * itself. What each CPU will be doing when it is stopped, and its stopper, is taken for as much as the caller.
 */
static int check_pause(struct su_switching *sw)
{
	u32 limit_us = sw->live->request.max_pause_us;
	u32 i, nr = su_notes_nr(sw->notes);

	if (!limit_us)
		return 0;
	sw->expected_ns = scan_timed(sw, current) * (1 + num_online_cpus());
	for (i = 0; i < nr; i++) {
		struct task_struct *task = su_notes_task(sw->notes, i);

		if (task != current)
			sw->expected_ns += scan_timed(sw, task);
		cond_resched();
	}
	if (sw->scan.blocker_nr)
		return -EBUSY;
	return sw->expected_ns > (u64)limit_us * NSEC_PER_USEC ? -ETIME : 0;
}

/* Return: 0; -EBUSY, -EAGAIN, -ETIME: not this time; or for good. */
static int try_once(struct su_switching *sw, unsigned long grace_deadline)
{
	int ret;

	memset(&sw->scan, 0, sizeof(sw->scan));
	sw->scan.spans = &sw->change->busy;
	ret = su_notes_restart(sw->notes, grace_deadline);
	if (!ret)
		ret = scan_running(sw);
	if (!ret)
		ret = scan_again(sw);
	if (!ret)
		ret = check_pause(sw);
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
	const struct su_write *write = &sw->change->writes[sw->failed];

	if (write->was_jmp)
		return su_refuse(sw->live->id, -ETXTBSY, "redirect-altered",
				 "%s: the redirect was %*ph and is %*ph: a kprobe or another live patch is there",
				 write->name, SU_JMP_SZ, write->before, SU_JMP_SZ, sw->have);
	return su_refuse(sw->live->id, -ESTALE, "bytes-differ",
			 "%s: the code was %*ph and is %*ph: a kprobe or another live patch came in between",
			 write->name, SU_JMP_SZ, write->before, SU_JMP_SZ, sw->have);
}

static int refuse_site(const struct su_switching *sw)
{
	const struct su_write *write = &sw->change->writes[sw->failed];

	return su_refuse(sw->live->id, write->was_jmp ? -ETXTBSY : -ESTALE,
			 write->was_jmp ? "redirect-altered" : "bytes-differ",
			 "%s: a static key or static call at its start is not as the kernel writes it: a kprobe or another live patch is there",
			 write->name);
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
		return refuse_site(sw);
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

static int map_words(struct su_switching *sw)
{
	u32 i;
	int ret = 0;

	for (i = 0; !ret && i < sw->change->write_nr; i++)
		ret = su_alias_map(round_down(sw->change->writes[i].window, SU_WORD_SZ), SU_WORD_SZ, &sw->words[i]);
	return ret;
}

static int prepare(struct su_switching *sw)
{
	sw->words = kvcalloc(sw->change->write_nr + 1, sizeof(*sw->words), GFP_KERNEL);
	sw->arrivals = kvcalloc(nr_cpu_ids, sizeof(*sw->arrivals), GFP_KERNEL);
	if (!sw->words || !sw->arrivals)
		return -ENOMEM;
	return map_words(sw);
}

static void finish(struct su_switching *sw)
{
	u32 i;

	su_notes_put(sw->notes);
	for (i = 0; sw->words && i < sw->change->write_nr; i++)
		su_alias_unmap(&sw->words[i]);
	kvfree(sw->words);
	kvfree(sw->arrivals);
	kfree(sw);
}

static void keep_result(const struct su_switching *sw)
{
	sw->live->pause_ns = sw->pause_ns;
	sw->live->stop_tasks = sw->scan.tasks;
	sw->live->stop_words = sw->scan.words;
}

/* All targets may be absent: then there is nothing to stop for. */
static int stop_and_switch(struct su_switching *sw)
{
	int ret = 0;

	if (sw->change->write_nr) {
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
	int ret = lock_and_exchange(sw, exchange_all);

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
	sw->change = change;
	sw->live = change->live;
	ret = prepare(sw);
	if (!ret)
		ret = fn(sw);
	if (ret)
		ret = refuse(sw, ret);
	finish(sw);
	return ret;
}

int su_switch(const struct su_change *change)
{
	su_blockers_clear();
	change->live->tries = 0;
	return run(change, stop_and_switch);
}

int su_switch_unused(const struct su_change *change)
{
	return run(change, switch_unused);
}
