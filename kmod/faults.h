/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on purpose. In a build with FAULTS=1 every step of the core that can fail is passed through SU_STEP(), and
 * suture_faults.ko decides which one does; in any other build nothing of this is there. What can fail in the kernel is
 * wrapped here, under its own name, so that the core's files need not care: faults.imports says of each function that
 * the core imports whether it is. What the core takes of the kernel and must give back is counted here too, so that a
 * failure that loses something is seen without doubt. Comes behind all other headers.
 */
#ifndef SU_KMOD_FAULTS_H
#define SU_KMOD_FAULTS_H

/* SU_STEP(step, failure): the step's value; or, instead of the step, what it says when it fails. */
#ifndef SU_FAULTS
#define SU_STEP(step, failure) (step)
#else

#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/stringify.h>
#include <linux/sysfs.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

/* What is taken and given back. notes.c keeps its own for the next switch, and its probe: they are counted apart. */
enum su_kind {
	SU_KIND_MEMORY,
	SU_KIND_NOTES,
	SU_KIND_MAPPING,
	SU_KIND_MODULE, /* a reference on one */
	SU_KIND_TASK,
	SU_KIND_STACK,
	SU_KIND_OBJECT,
	SU_KIND_HOOK, /* in the kernel's lists of kprobes and notifiers */
	SU_KIND_NR,
};

/* So many more are held from now on. Any context. */
void su_hold(enum su_kind kind, int nr);

static inline void *su_taken(enum su_kind kind, const void *what)
{
	if (what)
		su_hold(kind, 1);
	return (void *)what;
}

static inline void *su_given(enum su_kind kind, const void *what)
{
	if (what)
		su_hold(kind, -1);
	return (void *)what;
}

/* Of what says 0 for success. */
static inline int su_hooked(enum su_kind kind, int ret)
{
	if (!ret)
		su_hold(kind, 1);
	return ret;
}

/* A stop, or files that cannot all be made, may have to wait here until a test has done what it wants done meanwhile. */
void su_fault_hold(void);

/* Is it this step's turn to fail? @site: "step:FILE:LINE", which can also be found in the module's file. */
bool su_fault(const struct module *core, const char *site);

#define SU_SITE ("step:" KBUILD_BASENAME ".c:" __stringify(__LINE__))
#define SU_STEP(step, failure) (su_fault(THIS_MODULE, SU_SITE) ? (failure) : (step))

/* Allocations, which are macros themselves on newer kernels. */
#define SU_REAL(name)						\
	static inline void *su_real_##name(size_t size, gfp_t flags)	\
	{							\
		return name(size, flags);			\
	}
#define SU_REAL_ARRAY(name)						\
	static inline void *su_real_##name(size_t nr, size_t size, gfp_t flags)	\
	{							\
		return name(nr, size, flags);			\
	}

SU_REAL(kmalloc)
SU_REAL(kzalloc)
SU_REAL(kvmalloc)
SU_REAL(kvzalloc)
SU_REAL_ARRAY(kmalloc_array)
SU_REAL_ARRAY(kcalloc)
SU_REAL_ARRAY(kvmalloc_array)
SU_REAL_ARRAY(kvcalloc)

static inline void *su_real_krealloc(const void *old, size_t size, gfp_t flags)
{
	return krealloc(old, size, flags);
}

#define SU_MEMORY (strcmp(KBUILD_BASENAME, "notes") ? SU_KIND_MEMORY : SU_KIND_NOTES)
#define SU_ALLOCATE(...) su_taken(SU_MEMORY, SU_STEP(__VA_ARGS__, NULL))

#undef kmalloc
#undef kzalloc
#undef kvmalloc
#undef kvzalloc
#undef kmalloc_array
#undef kcalloc
#undef kvmalloc_array
#undef kvcalloc
#undef krealloc
#define kmalloc(...) SU_ALLOCATE(su_real_kmalloc(__VA_ARGS__))
#define kzalloc(...) SU_ALLOCATE(su_real_kzalloc(__VA_ARGS__))
#define kvmalloc(...) SU_ALLOCATE(su_real_kvmalloc(__VA_ARGS__))
#define kvzalloc(...) SU_ALLOCATE(su_real_kvzalloc(__VA_ARGS__))
#define kmalloc_array(...) SU_ALLOCATE(su_real_kmalloc_array(__VA_ARGS__))
#define kcalloc(...) SU_ALLOCATE(su_real_kcalloc(__VA_ARGS__))
#define kvmalloc_array(...) SU_ALLOCATE(su_real_kvmalloc_array(__VA_ARGS__))
#define kvcalloc(...) SU_ALLOCATE(su_real_kvcalloc(__VA_ARGS__))

#define kfree(what) kfree(su_given(SU_MEMORY, what))
#define kvfree(what) kvfree(su_given(SU_MEMORY, what))
/* The old one stays where it fails. */
#define krealloc(old, ...) \
	({ \
		const void *su_old = (old); \
		void *su_new = SU_STEP(su_real_krealloc(su_old, __VA_ARGS__), NULL); \
		if (su_new && !su_old) \
			su_hold(SU_MEMORY, 1); \
		su_new; \
	})
#define vmap(...) su_taken(SU_KIND_MAPPING, SU_STEP(vmap(__VA_ARGS__), NULL))
#define vunmap(what) vunmap(su_given(SU_KIND_MAPPING, what))
#define copy_from_kernel_nofault(...) SU_STEP(copy_from_kernel_nofault(__VA_ARGS__), -EFAULT)

#define register_kprobe(...) su_hooked(SU_KIND_HOOK, SU_STEP(register_kprobe(__VA_ARGS__), -EINVAL))
#define unregister_kprobe(...) (su_hold(SU_KIND_HOOK, -1), unregister_kprobe(__VA_ARGS__))
#define register_module_notifier(...) su_hooked(SU_KIND_HOOK, SU_STEP(register_module_notifier(__VA_ARGS__), -ENOMEM))
#define unregister_module_notifier(...) (su_hold(SU_KIND_HOOK, -1), unregister_module_notifier(__VA_ARGS__))
#define tracepoint_probe_register(...) \
	su_hooked(SU_KIND_NOTES, SU_STEP(tracepoint_probe_register(__VA_ARGS__), -ENOMEM))
#define tracepoint_probe_unregister(...) (su_hold(SU_KIND_NOTES, -1), tracepoint_probe_unregister(__VA_ARGS__))

/* As if killed. */
#define wait_for_completion_killable_timeout(...) \
	SU_STEP(wait_for_completion_killable_timeout(__VA_ARGS__), -ERESTARTSYS)

#define kobject_create_and_add(...) su_taken(SU_KIND_OBJECT, SU_STEP(kobject_create_and_add(__VA_ARGS__), NULL))
/* Its caller has to put the object in any case. As if the last of its files could not be made. */
#define kobject_init_and_add(kobj, type, ...) \
	(su_hold(SU_KIND_OBJECT, 1), \
	 SU_STEP(kobject_init_and_add(kobj, type, __VA_ARGS__), \
		 (kobject_init_and_add(kobj, type, __VA_ARGS__) ?: (su_fault_hold(), kobject_del(kobj), -ENOMEM))))
#define kobject_put(what) kobject_put(su_given(SU_KIND_OBJECT, what))
#define sysfs_create_group(...) SU_STEP(sysfs_create_group(__VA_ARGS__), -ENOMEM)

#define __module_get(what) __module_get(su_taken(SU_KIND_MODULE, what))
#define try_module_get(what) (try_module_get(what) && su_taken(SU_KIND_MODULE, what))
#define module_put(what) module_put(su_given(SU_KIND_MODULE, what))
#define get_task_struct(what) get_task_struct(su_taken(SU_KIND_TASK, what))
#define put_task_struct(what) put_task_struct(su_given(SU_KIND_TASK, what))
#define try_get_task_stack(what) su_taken(SU_KIND_STACK, try_get_task_stack(what))
#define su_put_task_stack(what) su_put_task_stack(su_given(SU_KIND_STACK, what))

/* Functions of the kernel that are called through stubs, and what match/ and compat.h say. */
#define su_kallsyms_on_each_symbol(...) SU_STEP(su_kallsyms_on_each_symbol(__VA_ARGS__), -ENOMEM)
#define su_stop_machine_cpuslocked(...) \
	SU_STEP((su_fault_hold(), su_stop_machine_cpuslocked(__VA_ARGS__)), -ENOMEM)
#define su_page_at(...) SU_STEP(su_page_at(__VA_ARGS__), NULL)
#define su_is_callable(...) SU_STEP(su_is_callable(__VA_ARGS__), false)
#define su_update_open(...) SU_STEP(su_update_open(__VA_ARGS__), SU_MATCH_FORMAT)
#define su_match_run(...) SU_STEP(su_match_run(__VA_ARGS__), SU_MATCH_BYTES)
#define su_match_value(...) SU_STEP(su_match_value(__VA_ARGS__), SU_MATCH_SYMBOL)
#define su_reloc_field(...) SU_STEP(su_reloc_field(__VA_ARGS__), SU_MATCH_FORMAT)

#endif
#endif
