// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which tasks must be looked at again: a probe on sched_switch notes every task that leaves a CPU, once. And which
 * tasks there are at all. docs/core.md has the argument why both together miss nobody.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "suture.h"

#define PROBES_MAX 64	/* slots looked at before the set counts as full */

/*
 * The probe stays registered for a while after a switch. Registering it rewrites the scheduler, at the busiest place
 * of all: that should not happen twice a switch when several follow each other. (QEMU 7.2 with one thread a CPU at
 * times goes on executing the int3 that text_poke_bp() has long taken out there, and the guest is lost.)
 */
#define KEEP_SECONDS 60

/*
 * A set that only grows, written by the probe on all CPUs at once without a lock: whoever turns a slot from NULL to
 * the task holds a reference on it and puts it on the list.
 */
static struct su_notes {
	struct task_struct **slots;
	struct task_struct **list;
	u32 bits;
	atomic_t nr;
	bool full;
	bool on;		/* the probe notes; changes are followed by a grace period or an IPI to all CPUs */
	bool registered;	/* the probe; like all but the set itself under su_mutex, or by retire() alone */
} the_notes;

static struct tracepoint *sched_switch_point;

static void note(struct su_notes *notes, struct task_struct *task)
{
	u32 mask = (1U << notes->bits) - 1;
	u32 at = hash_ptr(task, notes->bits);
	u32 i;

	for (i = 0; i < PROBES_MAX; i++, at = (at + 1) & mask) {
		struct task_struct *old = READ_ONCE(notes->slots[at]);

		if (!old)
			old = cmpxchg(&notes->slots[at], NULL, task);
		if (!old) {
			get_task_struct(task);
			WRITE_ONCE(notes->list[atomic_inc_return(&notes->nr) - 1], task);
			return;
		}
		if (old == task)
			return;
	}
	WRITE_ONCE(notes->full, true);
}

/* Runs with the runqueue locked and interrupts off; prev is current, so its reference count is not zero. */
static void __maybe_unused probe_with_state(void *data, bool preempt, struct task_struct *prev,
					    struct task_struct *next, unsigned int prev_state)
{
	struct su_notes *notes = data;

	if (READ_ONCE(notes->on))
		note(notes, prev);
}

static void __maybe_unused probe_without(void *data, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	probe_with_state(data, preempt, prev, next, 0);
}

static void *probe_fn(void)
{
	return su_switch_choose(probe_with_state, probe_without);
}

static void see_tracepoint(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "sched_switch"))
		sched_switch_point = point;
}

int su_notes_init(void)
{
	for_each_kernel_tracepoint(see_tracepoint, NULL);
	if (!sched_switch_point)
		return su_refuse(NULL, -EADDRNOTAVAIL, "symbol-unmatched", "the kernel has no tracepoint sched_switch");
	return 0;
}

static u32 count_tasks(void)
{
	struct task_struct *leader, *task;
	u32 nr = 0;

	rcu_read_lock();
	for_each_process_thread(leader, task)
		nr++;
	rcu_read_unlock();
	return nr;
}

/* The probe must be off and out. */
static void forget(struct su_notes *notes)
{
	u32 i, nr = atomic_read(&notes->nr);

	for (i = 0; i < nr; i++)
		put_task_struct(notes->list[i]);
	if (nr)
		memset(notes->slots, 0, sizeof(*notes->slots) << notes->bits);
	memset(notes->list, 0, nr * sizeof(*notes->list));
	atomic_set(&notes->nr, 0);
	notes->full = false;
}

static void switch_off(struct su_notes *notes)
{
	if (!notes->on)
		return;
	WRITE_ONCE(notes->on, false);
	synchronize_rcu();
	forget(notes);
}

static void free_set(struct su_notes *notes)
{
	kvfree(notes->list);
	kvfree(notes->slots);
	notes->list = NULL;
	notes->slots = NULL;
	notes->bits = 0;
}

/* Room for four times today's tasks, so that long probing means many new ones. */
static int make_room(struct su_notes *notes)
{
	u32 bits = ilog2(4 * (count_tasks() + num_possible_cpus()) + 1024) + 1;

	if (notes->bits >= bits)
		return 0;
	free_set(notes);
	notes->slots = kvcalloc(1UL << bits, sizeof(*notes->slots), GFP_KERNEL);
	notes->list = kvcalloc(1UL << bits, sizeof(*notes->list), GFP_KERNEL);
	if (!notes->slots || !notes->list) {
		free_set(notes);
		return -ENOMEM;
	}
	notes->bits = bits;
	return 0;
}

static void retire(struct work_struct *unused)
{
	if (the_notes.registered)
		tracepoint_probe_unregister(sched_switch_point, probe_fn(), &the_notes);
	the_notes.registered = false;
	tracepoint_synchronize_unregister();
	free_set(&the_notes);
}

static DECLARE_DELAYED_WORK(retirement, retire);

int su_notes_get(struct su_notes **out)
{
	struct su_notes *notes = &the_notes;
	int ret;

	lockdep_assert_held(&su_mutex);
	cancel_delayed_work_sync(&retirement);
	ret = make_room(notes);
	if (!ret && !notes->registered) {
		ret = tracepoint_probe_register(sched_switch_point, probe_fn(), notes);
		notes->registered = !ret;
	}
	if (ret)
		return ret;
	*out = notes;
	return 0;
}

void su_notes_put(struct su_notes *notes)
{
	lockdep_assert_held(&su_mutex);
	if (!notes)
		return;
	switch_off(notes);
	schedule_delayed_work(&retirement, KEEP_SECONDS * HZ);
}

void su_notes_fini(void)
{
	cancel_delayed_work_sync(&retirement);
	retire(NULL);
}

static void do_nothing(void *unused)
{
}

void su_notes_restart(struct su_notes *notes)
{
	switch_off(notes);
	WRITE_ONCE(notes->on, true);
	/*
	 * A CPU that is between the probe and the end of its switch has interrupts off: once every CPU has answered,
	 * a task that still is on a CPU leaves it through the probe.
	 */
	on_each_cpu(do_nothing, NULL, 1);
	/*
	 * A task that exits is taken off the task list before its last switch and may be preempted in between: it is
	 * then neither listed nor, if that was before now, noted. Tasks RCU waits for exactly these (do_exit() is a
	 * reader from before exit_notify() on, until preemption is off for good).
	 */
	synchronize_rcu_tasks();
}

bool su_notes_full(const struct su_notes *notes)
{
	return READ_ONCE(notes->full);
}

u32 su_notes_nr(const struct su_notes *notes)
{
	return atomic_read(&notes->nr);
}

struct task_struct *su_notes_task(const struct su_notes *notes, u32 idx)
{
	return READ_ONCE(notes->list[idx]);
}

static void add_task(struct su_tasks *tasks, struct task_struct *task)
{
	get_task_struct(task);
	tasks->tasks[tasks->nr++] = task;
}

static bool collect_listed(struct su_tasks *tasks, u32 room)
{
	struct task_struct *leader, *task;
	bool fits = true;

	rcu_read_lock();
	for_each_process_thread(leader, task) {
		if (tasks->nr == room) {
			fits = false;
			break;
		}
		/* Listed tasks are freed a grace period after they are taken off, so the count is not zero yet. */
		add_task(tasks, task);
	}
	rcu_read_unlock();
	return fits;
}

int su_tasks_collect(struct su_tasks *tasks)
{
	u32 room;
	int cpu;

	for (;;) {
		room = count_tasks() * 5 / 4 + num_possible_cpus() + 64;
		tasks->nr = 0;
		tasks->tasks = kvmalloc_array(room, sizeof(*tasks->tasks), GFP_KERNEL);
		if (!tasks->tasks)
			return -ENOMEM;
		/* Idle tasks are in no list; there are as many as CPUs that were ever up. */
		for_each_possible_cpu(cpu) {
			if (su_idle_task(cpu))
				add_task(tasks, su_idle_task(cpu));
		}
		if (collect_listed(tasks, room))
			return 0;
		su_tasks_release(tasks);
	}
}

void su_tasks_release(struct su_tasks *tasks)
{
	u32 i;

	for (i = 0; i < tasks->nr; i++)
		put_task_struct(tasks->tasks[i]);
	kvfree(tasks->tasks);
	tasks->tasks = NULL;
	tasks->nr = 0;
}
