// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which tasks must be looked at again: a probe on sched_switch notes every task that leaves a CPU, once. Which tasks
 * there are at all is tasks.c's; docs/core.md has the argument why both together miss nobody.
 */
#include <linux/cpu.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "suture.h"

#define PROBES_MAX 64 /* slots looked at before the set counts as full */

/*
 * The probe stays registered for a while after a switch. Registering it rewrites the scheduler, at the busiest place
 * of all: that should not happen twice a switch when several follow each other. (QEMU 7.2 with one thread a CPU at
 * times goes on executing the int3 that text_poke_bp() has long taken out there, and the guest is lost.)
 */
#define KEEP_SECONDS 60

#define TURN_TIME HZ

/*
 * A set that only grows, written by the probe on all CPUs at once without a lock: whoever turns a slot from NULL to
 * the task holds a reference on it and puts it on the list.
 */
struct set {
	struct task_struct **slots;
	struct task_struct **list;
	atomic_t nr;
	bool full;
};

/* All but the sets themselves is written under su_mutex, or by retire() alone. */
static struct su_notes {
	struct set sets[2];
	u32 bits;
	struct set *now;	/* the probe notes in here; NULL: it does not */
	bool lost;		/* a task may be exiting, on no list and not noted */
	bool registered;	/* the probe */
} the_notes = { .lost = true };

static struct tracepoint *sched_switch_point;

static void note(struct set *set, u32 bits, struct task_struct *task)
{
	u32 mask = (1U << bits) - 1;
	u32 at = hash_ptr(task, bits);
	u32 i;

	for (i = 0; i < PROBES_MAX; i++, at = (at + 1) & mask) {
		struct task_struct *old = READ_ONCE(set->slots[at]);

		if (!old)
			old = cmpxchg(&set->slots[at], NULL, task);
		if (!old) {
			get_task_struct(task);
			WRITE_ONCE(set->list[atomic_inc_return(&set->nr) - 1], task);
			return;
		}
		if (old == task)
			return;
	}
	WRITE_ONCE(set->full, true);
}

/* Runs with the runqueue locked and interrupts off; prev is current, so its reference count is not zero. */
static void __maybe_unused probe_with_state(void *data, bool preempt, struct task_struct *prev,
					    struct task_struct *next, unsigned int prev_state)
{
	struct su_notes *notes = data;
	struct set *set = READ_ONCE(notes->now);

	if (set)
		note(set, notes->bits, prev);
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
	if (!SU_STEP(sched_switch_point, NULL))
		return su_refuse(NULL, -EADDRNOTAVAIL, "symbol-unmatched", "the kernel has no tracepoint sched_switch");
	return 0;
}

/* The probe must not be in it. */
static void empty(struct set *set, u32 bits)
{
	u32 i, nr = atomic_read(&set->nr);

	for (i = 0; i < nr; i++)
		put_task_struct(set->list[i]);
	if (nr)
		memset(set->slots, 0, sizeof(*set->slots) << bits);
	memset(set->list, 0, nr * sizeof(*set->list));
	atomic_set(&set->nr, 0);
	set->full = false;
}

/*
 * A task that exits may be on no list any more, so that nobody finds it but by its note: that is kept until it has had
 * its last switch, which gives its stack back. One that begins to exit after this leaves a CPU after this.
 */
static void keep_exiting(const struct set *from, struct set *to, u32 bits)
{
	u32 i, nr = atomic_read(&from->nr);

	for (i = 0; i < nr; i++) {
		struct task_struct *task = from->list[i];

		if (READ_ONCE(task->flags) & PF_EXITING && refcount_read(&task->stack_refcount))
			note(to, bits, task);
	}
}

static void do_nothing(void *unused)
{
}

/*
 * Have the probe note in @to from now on; NULL: nowhere. What was noted there is forgotten, what was noted last can still
 * be looked at. The probe runs, and a task leaves its CPU, with interrupts off. So once every CPU has answered no probe is
 * in the former set, and each task that was between the probe and the end of its switch is off its CPU: what still is
 * on one leaves it through the probe. Under the hotplug lock.
 */
static void turn_to(struct su_notes *notes, struct set *to)
{
	struct set *from = notes->now;

	if (to)
		empty(to, notes->bits);
	smp_store_release(&notes->now, to); /* the probe finds it empty: its accesses depend on the pointer */
	on_each_cpu(do_nothing, NULL, 1);
	if (!from)
		return;
	if (to)
		keep_exiting(from, to, notes->bits);
	if (!to || from->full)
		notes->lost = true;
}

static void turn(struct su_notes *notes, struct set *to)
{
	cpus_read_lock();
	turn_to(notes, to);
	cpus_read_unlock();
}

static struct set *other(struct su_notes *notes)
{
	return notes->now == &notes->sets[0] ? &notes->sets[1] : &notes->sets[0];
}

static void free_sets(struct su_notes *notes)
{
	struct set *set;

	for (set = notes->sets; set < notes->sets + ARRAY_SIZE(notes->sets); set++) {
		kvfree(set->list);
		kvfree(set->slots);
		*set = (struct set){ 0 };
	}
	notes->bits = 0;
}

static int make_set(struct set *set, u32 bits)
{
	set->slots = kvcalloc(1UL << bits, sizeof(*set->slots), GFP_KERNEL);
	set->list = kvcalloc(1UL << bits, sizeof(*set->list), GFP_KERNEL);
	return set->slots && set->list ? 0 : -ENOMEM;
}

/* Room for four times today's tasks, so that long probing means many new ones. */
static int make_room(struct su_notes *notes)
{
	u32 bits = ilog2(4 * (su_tasks_count() + num_possible_cpus()) + 1024) + 1;
	int ret;

	if (notes->bits >= bits)
		return 0;
	free_sets(notes);
	ret = make_set(&notes->sets[0], bits);
	if (!ret)
		ret = make_set(&notes->sets[1], bits);
	if (ret)
		free_sets(notes);
	else
		notes->bits = bits;
	return ret;
}

static void retire(struct work_struct *unused)
{
	if (the_notes.registered)
		tracepoint_probe_unregister(sched_switch_point, probe_fn(), &the_notes);
	the_notes.registered = false;
	tracepoint_synchronize_unregister();
	free_sets(&the_notes);
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
	turn(notes, NULL);
	empty(&notes->sets[0], notes->bits);
	empty(&notes->sets[1], notes->bits);
	schedule_delayed_work(&retirement, KEEP_SECONDS * HZ);
}

void su_notes_fini(void)
{
	cancel_delayed_work_sync(&retirement);
	retire(NULL);
}

/*
 * A task that exits is taken off the task list before its last switch and may be preempted in between: it is then
 * neither listed nor, if that was before the probe noted, noted. Tasks RCU waits for exactly these (do_exit() is a
 * reader from before exit_notify() on, until preemption is off for good). From then on such a task's note is kept, so
 * one grace period is enough for as long as the probe notes without a gap.
 */
static int settle(struct su_notes *notes, unsigned long deadline)
{
	u32 period = su_grace_next();
	int ret;

	notes->lost = false;
	do {
		unsigned long turn_at = jiffies + TURN_TIME;

		ret = su_grace_wait(period, time_before(turn_at, deadline) ? turn_at : deadline);
		/* So that a set does not fill, however long it takes. */
		turn(notes, other(notes));
	} while (ret == -ETIMEDOUT && time_before(jiffies, deadline));
	if (ret)
		notes->lost = true;
	return ret ? ret : notes->lost ? -EAGAIN : 0;
}

int su_notes_restart(struct su_notes *notes, unsigned long deadline)
{
	turn(notes, other(notes));
	return notes->lost ? settle(notes, deadline) : 0;
}

int su_notes_turn(struct su_notes *notes)
{
	turn_to(notes, other(notes));
	return notes->lost ? -EAGAIN : 0;
}

u32 su_notes_former_nr(struct su_notes *notes)
{
	return atomic_read(&other(notes)->nr);
}

struct task_struct *su_notes_former_task(struct su_notes *notes, u32 idx)
{
	return other(notes)->list[idx];
}

bool su_notes_full(const struct su_notes *notes)
{
	return READ_ONCE(notes->now->full);
}

u32 su_notes_nr(const struct su_notes *notes)
{
	return atomic_read(&notes->now->nr);
}

struct task_struct *su_notes_task(const struct su_notes *notes, u32 idx)
{
	return READ_ONCE(notes->now->list[idx]);
}
