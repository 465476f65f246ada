// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stop: with all CPUs in their stoppers, looks at the stacks that have changed since they were looked at last, verifies
 * the bytes once more and exchanges them. docs/core.md argues why this is safe. When to stop, and what to do where it
 * cannot be, is switch.c's business.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <asm/sync_core.h>

#include "suture.h"

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
static bool exchange_window(const struct su_stop *stop, u32 idx, const u8 *from, const u8 *to)
{
	u32 off = stop->change->writes[idx].window % SU_WORD_SZ;
	u64 *word = stop->words[idx].at;
	u64 old[2] = { READ_ONCE(word[0]), READ_ONCE(word[1]) };
	u64 new[2] = { old[0], old[1] };

	if (memcmp((u8 *)old + off, from, SU_JMP_SZ))
		return false;
	memcpy((u8 *)new + off, to, SU_JMP_SZ);
	return exchange_word(word, old, new);
}

static void take_back(struct su_stop *stop, u32 nr)
{
	while (nr--) {
		if (!exchange_window(stop, nr, stop->change->writes[nr].after, stop->change->writes[nr].before))
			stop->torn = true;
	}
}

int su_stop_exchange(struct su_stop *stop)
{
	u32 i;

	for (i = 0; i < stop->change->write_nr; i++) {
		const struct su_write *write = &stop->change->writes[i];

		if (SU_STEP(exchange_window(stop, i, write->before, write->after), false))
			continue;
		stop->failed = i;
		memcpy(stop->have, (u8 *)stop->words[i].at + write->window % SU_WORD_SZ, SU_JMP_SZ);
		take_back(stop, i);
		return -ESTALE;
	}
	return 0;
}

/*
 * The CPUs share the work: the time it takes does not grow with their number. Each looks at its own stopper, of which the
 * frames above @sp are in use.
 */
static void scan_share(struct su_stop *stop, u32 rank, unsigned long sp)
{
	struct su_scan *part = &stop->parts[rank];
	u32 i, nr = su_notes_nr(stop->notes);

	for (i = rank; i < nr; i += stop->cpu_nr)
		su_scan_task_stopped(part, su_notes_task(stop->notes, i));
	su_scan_current(part, sp);
	if (part->blocker_nr)
		WRITE_ONCE(stop->blocked, true);
}

static int decide_and_exchange(struct su_stop *stop)
{
	if (SU_STEP(su_notes_full(stop->notes), true))
		return -EAGAIN;
	return READ_ONCE(stop->blocked) ? -EBUSY : su_stop_exchange(stop);
}

/*
 * On every CPU at once. The first one is let in when all have their interrupts off, so that nothing is noted any more.
 * The last one to have looked writes: the counts are full barriers, so that it sees what all have found.
 */
static int in_stop(void *data)
{
	struct su_stop *stop = data;
	u32 rank = atomic_inc_return(&stop->arrived) - 1;

	if (!rank)
		stop->start_ns = ktime_get_mono_fast_ns();
	scan_share(stop, rank, (unsigned long)__builtin_frame_address(0));
	if (atomic_inc_return(&stop->scanned) == stop->cpu_nr) {
		stop->result = decide_and_exchange(stop);
		smp_store_release(&stop->done, true);	/* pairs with the load below on the other CPUs */
	}
	while (!smp_load_acquire(&stop->done))	/* pairs with the store above */
		cpu_relax();
	sync_core();
	if (atomic_inc_return(&stop->left) == stop->cpu_nr)
		stop->pause_ns = ktime_get_mono_fast_ns() - stop->start_ns;
	return 0;
}

/* ---- with the machine running ---- */

/*
 * The caller sleeps in the stop, deep in a load or a system call. Its frames from @sp on do not change until it returns
 * there, so that they can be looked at now, and the unwinder asked, which takes longer than all that the stop does. Where
 * one is in the way the stop finds it once more.
 */
static void see_caller(struct su_stop *stop, unsigned long sp)
{
	const struct su_spans *spans = &stop->change->busy;
	struct su_scan *part = stop->parts;
	unsigned long seen_from;

	su_scan_begin(part, spans);
	seen_from = su_scan_caller(part, sp) ? sp : 0;
	for (; part < stop->parts + stop->cpu_nr; part++) {
		su_scan_begin(part, spans);
		part->caller = current;
		part->seen_from = seen_from;
	}
}

static void begin(struct su_stop *stop, const struct su_notes *notes)
{
	stop->notes = notes;
	atomic_set(&stop->arrived, 0);
	atomic_set(&stop->scanned, 0);
	atomic_set(&stop->left, 0);
	stop->blocked = false;
	stop->done = false;
	stop->cpu_nr = num_online_cpus();
}

static void gather(struct su_stop *stop, struct su_scan *scan)
{
	const struct su_scan *part;

	scan->tasks = 0;
	scan->words = 0;
	for (part = stop->parts; part < stop->parts + stop->cpu_nr; part++)
		su_scan_add(scan, part);
}

int su_stop_run(struct su_stop *stop, const struct su_notes *notes, struct su_scan *scan)
{
	int ret;

	begin(stop, notes);
	see_caller(stop, current_stack_pointer);
	ret = su_stop_machine_cpuslocked(in_stop, stop, cpu_online_mask);
	if (ret)
		return ret;
	gather(stop, scan);
	return stop->result;
}

static int map_words(struct su_stop *stop)
{
	u32 i;
	int ret = 0;

	for (i = 0; !ret && i < stop->change->write_nr; i++)
		ret = su_alias_map(round_down(stop->change->writes[i].window, SU_WORD_SZ), SU_WORD_SZ,
				   &stop->words[i]);
	return ret;
}

int su_stop_prepare(struct su_stop *stop, const struct su_change *change)
{
	stop->change = change;
	stop->words = kvcalloc(change->write_nr + 1, sizeof(*stop->words), GFP_KERNEL);
	stop->parts = kvcalloc(nr_cpu_ids, sizeof(*stop->parts), GFP_KERNEL);
	if (!stop->words || !stop->parts)
		return -ENOMEM;
	return map_words(stop);
}

void su_stop_finish(struct su_stop *stop)
{
	u32 i;

	for (i = 0; stop->words && i < stop->change->write_nr; i++)
		su_alias_unmap(&stop->words[i]);
	kvfree(stop->words);
	kvfree(stop->parts);
}
