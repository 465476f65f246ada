/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that differs between kernels, told apart by what the headers declare, never by version number. Where they declare
 * something that nobody here has seen, the build ends with a word about it.
 */
#ifndef SU_KMOD_COMPAT_H
#define SU_KMOD_COMPAT_H

#if !defined(CONFIG_X86_64) || !defined(CONFIG_KALLSYMS_ALL) || !defined(CONFIG_KPROBES) || !defined(CONFIG_TRACEPOINTS)
#error "suture cannot serve this kernel: it needs x86-64, KALLSYMS_ALL, KPROBES and TRACEPOINTS"
#endif

#include <linux/build_bug.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <trace/events/sched.h>
#include <asm/unwind.h>

#ifdef CONFIG_RETHOOK
#include <linux/rethook.h>
#endif

/* Elsewhere until v6.12 (5f60d5f6bbc1, "move asm/unaligned.h to linux/unaligned.h"). */
#if __has_include("linux/unaligned.h")
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* For code without endbr64 whose address is taken: since v5.18, with CONFIG_X86_KERNEL_IBT. */
#if __has_include("linux/objtool.h")
#include <linux/objtool.h>
#endif
#ifndef ANNOTATE_NOENDBR
#define ANNOTATE_NOENDBR
#endif

/*
 * kallsyms_on_each_symbol(): its callback had a module argument until v6.4 (3703bd54cd37, "kallsyms: Delete an unused
 * parameter related to {module_}kallsyms_on_each_symbol()"); with it, before v5.12, came symbols of modules too.
 */
typedef int su_each_fn(void *data, const char *name, unsigned long value);
typedef int su_each_module_fn(void *data, const char *name, struct module *mod, unsigned long value);

#define SU_EACH_TAKES(fn) __builtin_types_compatible_p(typeof(kallsyms_on_each_symbol), int(fn *, void *))
static_assert(SU_EACH_TAKES(su_each_fn) || SU_EACH_TAKES(su_each_module_fn),
	      "suture cannot serve this kernel: its kallsyms_on_each_symbol() is of another type");
#define su_each_choose(with_module, without) \
	__builtin_choose_expr(SU_EACH_TAKES(su_each_module_fn), with_module, without)

/*
 * sched_switch: prev is behind preempt, and since v5.19 (9c2136be0878, "sched/tracing: Append prev_state to tp args
 * instead") again; in between it was third. Only probes of the type that the headers ask for are registered.
 */
typedef void su_switch_probe(void *, bool, struct task_struct *, struct task_struct *);
typedef void su_switch_state_probe(void *, bool, struct task_struct *, struct task_struct *, unsigned int);

#define SU_SWITCH_TAKES(probe) \
	__builtin_types_compatible_p(typeof(check_trace_callback_type_sched_switch), void(probe *))
static_assert(SU_SWITCH_TAKES(su_switch_probe) || SU_SWITCH_TAKES(su_switch_state_probe),
	      "suture cannot serve this kernel: its tracepoint sched_switch is of another type");
#define su_switch_choose(with_state, without) \
	__builtin_choose_expr(SU_SWITCH_TAKES(su_switch_state_probe), with_state, without)

/* The page behind an address of the kernel image or of a module; the kernel exports no test for either. */
static inline struct page *su_page_at(unsigned long addr)
{
	if (addr >= MODULES_VADDR && addr < MODULES_END)
		return vmalloc_to_page((void *)addr);
	if (addr >= __START_KERNEL_map && addr < MODULES_VADDR)
		return pfn_to_page(PHYS_PFN(__pa_symbol(addr)));
	return NULL;
}

/*
 * Is all from @first to @last memory of the module? Since v6.4 (ac3b43283923, "module: replace module_layout with
 * module_memory") it has more than two pieces, and what lies between them is not its own.
 */
static inline bool su_module_has(const struct module *mod, unsigned long first, unsigned long last)
{
#ifdef for_each_mod_mem_type
	for_each_mod_mem_type(type) {
		if (within_module_mem_type(first, mod, type) && within_module_mem_type(last, mod, type))
			return true;
	}
	return false;
#else
	return (within_module_core(first, mod) && within_module_core(last, mod)) ||
	       (within_module_init(first, mod) && within_module_init(last, mod));
#endif
}

/*
 * Return addresses that kretprobes have taken off a task's stack. The nodes may be freed while the machine runs
 * (after a grace period: hold the RCU read lock), so they are read with care. Rethooks since v5.18.
 * Return: the next node, NULL at the end; *addr is 0 for a node that could not be read.
 */
#if defined(CONFIG_RETHOOK)
static inline struct llist_node *su_saved_first(struct task_struct *task)
{
	return READ_ONCE(task->rethooks.first);
}

static inline struct llist_node *su_saved_next(struct llist_node *at, unsigned long *addr)
{
	struct rethook_node node;

	*addr = 0;
	if (copy_from_kernel_nofault(&node, container_of(at, struct rethook_node, llist), sizeof(node)))
		return NULL;
	*addr = node.ret_addr;
	return node.llist.next;
}
#elif defined(CONFIG_KRETPROBES)
static inline struct llist_node *su_saved_first(struct task_struct *task)
{
	return READ_ONCE(task->kretprobe_instances.first);
}

static inline struct llist_node *su_saved_next(struct llist_node *at, unsigned long *addr)
{
	struct kretprobe_instance node;

	*addr = 0;
	if (copy_from_kernel_nofault(&node, container_of(at, struct kretprobe_instance, llist), sizeof(node)))
		return NULL;
	*addr = (unsigned long)node.ret_addr;
	return node.llist.next;
}
#else
static inline struct llist_node *su_saved_first(struct task_struct *task)
{
	return NULL;
}

static inline struct llist_node *su_saved_next(struct llist_node *at, unsigned long *addr)
{
	return NULL;
}
#endif

/* May the function at @addr be called through its address? With IBT (since v5.18) only where it has an endbr64. */
static inline bool su_is_callable(unsigned long addr)
{
#ifdef CONFIG_X86_KERNEL_IBT
	static const u8 endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	u8 bytes[sizeof(endbr64)];

	if (cpu_feature_enabled(X86_FEATURE_IBT))
		return !copy_from_kernel_nofault(bytes, (void *)addr, sizeof(bytes)) &&
		       !memcmp(bytes, endbr64, sizeof(bytes));
#endif
	return true;
}

/* Live patches of the kernel's own kind, where it has them (livepatch.c): the list of them, and what guards it. */
#ifdef CONFIG_LIVEPATCH
#define SU_KLP_MUTEX "klp_mutex"
#define SU_KLP_PATCHES "klp_patches"
/* Does a livepatch module replace the function at @entry? */
bool su_livepatch_has(unsigned long entry);
#else
#define SU_KLP_MUTEX NULL
#define SU_KLP_PATCHES NULL
static inline bool su_livepatch_has(unsigned long entry)
{
	return false;
}
#endif

/* Does the task run now, or is it just leaving its CPU? */
static inline bool su_task_on_cpu(struct task_struct *task)
{
#ifdef CONFIG_SMP
	/* Pairs with the release in the scheduler's finish_task(): the stack is then as the task left it. */
	return smp_load_acquire(&task->on_cpu);
#else
	return task == current;
#endif
}

/* Without CONFIG_TASKS_RCU, call_rcu_tasks() is call_rcu(). */
static inline void su_rcu_barrier_tasks(void)
{
#ifdef CONFIG_TASKS_RCU
	rcu_barrier_tasks();
#else
	rcu_barrier();
#endif
}

/* Does Tasks RCU wait for the task? */
static inline bool su_task_holds_rcu(const struct task_struct *task)
{
#ifdef CONFIG_TASKS_RCU
	return READ_ONCE(task->rcu_tasks_holdout);
#else
	return false;
#endif
}

/*
 * Can the unwinder say that it has seen a task's whole stack? Only ORC's does not guess. Return addresses that kretprobes
 * have it finds only where the task does not run (else rethook_find_ret_addr() gives up, and warns in v6.1): who is on no
 * runqueue does not until it is woken, for which its pi_lock is needed.
 */
static inline bool su_can_unwind(struct task_struct *task)
{
#if defined(CONFIG_UNWINDER_ORC) && defined(CONFIG_RETHOOK)
	return !su_saved_first(task) || !READ_ONCE(task->on_rq);
#else
	return IS_ENABLED(CONFIG_UNWINDER_ORC);
#endif
}

/*
 * Has it come to where the first frame begins, below the registers of user mode or the room for them? Until v6.4
 * (fb799447ae29, "x86,objtool: Split UNWIND_HINT_EMPTY in two") it takes code of which it has no data, such as
 * return_to_handler(), for the end.
 */
static inline bool su_has_unwound(struct task_struct *task, const struct unwind_state *state)
{
#ifdef CONFIG_UNWINDER_ORC
	return state->sp >= (unsigned long)task_pt_regs(task);
#else
	return false;
#endif
}

/* Return addresses that the graph tracer has taken off a task's stack: memory that holds them among other words. */
static inline size_t su_graph_words(struct task_struct *task, unsigned long **words)
{
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
	int last = READ_ONCE(task->curr_ret_stack);

	*words = (unsigned long *)READ_ONCE(task->ret_stack);
	if (*words && last >= 0)
		return (last + 1) * sizeof(*task->ret_stack) / sizeof(unsigned long);
#endif
	return 0;
}

#endif
