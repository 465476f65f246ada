// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is a thread in code that is about to change? Every word of the used part of its stack is taken for a return
 * address, and the addresses that kretprobes and the graph tracer have taken off the stack too. A word may be a
 * left-over: where the ORC unwinder reaches the stack's end without a doubt and meets no such frame, it is one.
 * No allocation, no printing, no lock whose holder could be interrupted: the same code runs while the machine is stopped.
 */
#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/sched/task_stack.h>
#include <asm/unwind.h>

#include "compat.h"
#include "suture.h"

/* More instances than this on one task, or one without an address: the list changes under us. Believe the worst. */
#define SAVED_MAX 4096

/* All spans lie in here. */
static struct su_span around(const struct su_spans *spans)
{
	return spans->nr ? (struct su_span){ spans->spans[0].start, spans->spans[spans->nr - 1].end } :
			   (struct su_span){ 0, 0 };
}

static bool is_in(const struct su_spans *spans, unsigned long addr)
{
	struct su_span all = around(spans);
	u32 low = 0, high = spans->nr;

	if (addr < all.start || addr >= all.end)
		return false;
	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (addr >= spans->spans[mid].end)
			low = mid + 1;
		else
			high = mid;
	}
	return addr >= spans->spans[low].start;
}

/*
 * All code lies in the last 2 GB: one comparison with a constant dismisses what is no address of code or static data. In
 * assembly it is one instruction, and KASAN, which knows nothing of another task's frames, does not see it.
 */
static bool is_near(const struct su_span *all, const unsigned long *at)
{
	bool is_code;

	asm("cmpq %[start], %[word]" : "=@ccae"(is_code) : [word] "m"(*at), [start] "i"(__START_KERNEL_map));
	return is_code && READ_ONCE_NOCHECK(*at) - all->start < all->end - all->start;
}

static bool has_near(const struct su_span *all, const unsigned long words[4])
{
	return is_near(all, words) || is_near(all, words + 1) || is_near(all, words + 2) || is_near(all, words + 3);
}

/*
 * The first word from @at on that lies in the spans, 0 for none. Most of the time for which the machine is stopped
 * goes by here: nearly every word is dismissed by one comparison, four of them at a time.
 */
static unsigned long scan_words(struct su_scan *scan, const unsigned long *at, const unsigned long *end)
{
	struct su_span all = around(scan->spans);
	const unsigned long *from = at;
	unsigned long hit = 0;

	for (;; at++) {
		while (end - at >= 4 && !has_near(&all, at))
			at += 4;
		if (at >= end)
			break;
		hit = READ_ONCE_NOCHECK(*at);
		if (is_near(&all, at) && is_in(scan->spans, hit))
			break;
		hit = 0;
	}
	scan->words += at - from;
	return hit;
}

/* Not inlined: few tasks have any, and the stop would prepare room for one with each. */
static noinline unsigned long scan_saved(struct su_scan *scan, struct task_struct *task)
{
	struct llist_node *node;
	unsigned long addr, hit = 0;
	u32 nr = 0;

	rcu_read_lock();
	for (node = su_saved_first(task); node && !hit; scan->words++) {
		node = su_saved_next(node, &addr);
		if (!addr || is_in(scan->spans, addr) || ++nr > SAVED_MAX)
			hit = addr ? addr : 1;
	}
	rcu_read_unlock();
	return hit;
}

static unsigned long scan_graph(struct su_scan *scan, struct task_struct *task)
{
	unsigned long *words;
	size_t nr = su_graph_words(task, &words);

	return nr ? scan_words(scan, words, words + nr) : 0;
}

/* Above all frames of the kernel are the registers of user mode, or room for them. */
static unsigned long frames_end(const struct su_scan *scan, struct task_struct *task, unsigned long sp)
{
	bool is_seen = task == scan->caller && sp <= scan->seen_from;

	return is_seen ? scan->seen_from : (unsigned long)task_pt_regs(task);
}

static unsigned long scan_from(struct su_scan *scan, struct task_struct *task, unsigned long sp)
{
	unsigned long base = (unsigned long)task_stack_page(task);
	unsigned long hit, end;

	/* A stack pointer that is none: look at all of the stack. */
	if (sp < base || sp >= base + THREAD_SIZE)
		sp = base;
	end = frames_end(scan, task, sp);
	hit = scan_words(scan, (const unsigned long *)ALIGN(sp, sizeof(sp)), (const unsigned long *)end);
	if (!hit && su_saved_first(task))
		hit = scan_saved(scan, task);
	if (!hit)
		hit = scan_graph(scan, task);
	return hit;
}

/*
 * Does the unwinder walk the whole stack, from its switch frame to user mode or the thread's first frame, without
 * meeting a frame in the spans? It decodes the return addresses that tracers replaced.
 */
static bool is_unwound_clear(const struct su_scan *scan, struct task_struct *task)
{
	struct unwind_state state;
	struct pt_regs *regs;
	unsigned long addr;

	if (!su_can_unwind(task))
		return false;
	for (unwind_start(&state, task, NULL, NULL); !unwind_done(&state); unwind_next_frame(&state)) {
		if (unwind_error(&state))
			return false;
		regs = unwind_get_entry_regs(&state, NULL);
		if (regs && user_mode(regs))
			return true;
		addr = unwind_get_return_address(&state);
		if (!addr || is_in(scan->spans, addr))
			return false;
	}
	return !unwind_error(&state) && su_has_unwound(task, &state);
}

/* Who wakes the task has to wait: so what the unwinder may be asked is true until it has answered. */
static bool is_left_over(const struct su_scan *scan, struct task_struct *task)
{
	unsigned long flags;
	bool is_clear;

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	is_clear = is_unwound_clear(scan, task);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	return is_clear;
}

static void add_blocker(struct su_scan *scan, struct task_struct *task, unsigned long addr)
{
	struct su_blocker *blocker;

	if (scan->blocker_nr++ >= SU_BLOCKERS_MAX)
		return;
	blocker = &scan->blockers[scan->blocker_nr - 1];
	memcpy(blocker->comm, task->comm, sizeof(blocker->comm));
	blocker->comm[sizeof(blocker->comm) - 1] = '\0';
	blocker->pid = task->pid;
	blocker->addr = addr;
}

/* The stack's memory is held by the caller, or by the stopped machine. */
static void scan_task(struct su_scan *scan, struct task_struct *task)
{
	unsigned long hit = scan_from(scan, task, READ_ONCE(task->thread.sp));

	scan->tasks++;
	if (hit && !is_left_over(scan, task))
		add_blocker(scan, task, hit);
}

void su_scan_task_running(struct su_scan *scan, struct task_struct *task)
{
	if (su_task_on_cpu(task) || !try_get_task_stack(task))
		return;
	scan_task(scan, task);
	su_put_task_stack(task);
}

void su_scan_task_stopped(struct su_scan *scan, struct task_struct *task)
{
	/* On a CPU there are only stoppers now; a stack without users belongs to a task that has gone for good. */
	if (su_task_on_cpu(task) || !refcount_read(&task->stack_refcount))
		return;
	scan_task(scan, task);
}

void su_scan_current(struct su_scan *scan, unsigned long sp)
{
	unsigned long hit = scan_from(scan, current, sp);

	scan->tasks++;
	if (hit)
		add_blocker(scan, current, hit);
}

bool su_scan_caller(struct su_scan *scan, unsigned long sp)
{
	return !scan_from(scan, current, sp) || is_left_over(scan, current);
}

void su_scan_begin(struct su_scan *scan, const struct su_spans *spans)
{
	scan->spans = spans;
	scan->caller = NULL;
	scan->seen_from = 0;
	scan->words = 0;
	scan->tasks = 0;
	scan->blocker_nr = 0;
}

void su_scan_add(struct su_scan *scan, const struct su_scan *from)
{
	u32 i;

	for (i = 0; i < min_t(u32, from->blocker_nr, SU_BLOCKERS_MAX) && scan->blocker_nr + i < SU_BLOCKERS_MAX; i++)
		scan->blockers[scan->blocker_nr + i] = from->blockers[i];
	scan->blocker_nr += from->blocker_nr;
	scan->words += from->words;
	scan->tasks += from->tasks;
}
