/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on purpose. In a build with FAULTS=1 every step of the core that can fail is passed through SU_STEP(), and
 * suture_faults.ko decides which one does; in any other build nothing of this is there. What can fail in the kernel is
 * wrapped here, under its own name, so that the core's files need not care: faults.imports says of each function that
 * the core imports whether it is. Comes behind all other headers.
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

/* Is it this step's turn to fail? @site: "step:FILE:LINE", which can also be found in the module's file. */
bool su_fault(const char *site);

#define SU_SITE ("step:" KBUILD_BASENAME ".c:" __stringify(__LINE__))
#define SU_STEP(step, failure) (su_fault(SU_SITE) ? (failure) : (step))

/* Allocations, which are macros themselves on newer kernels. */
#define SU_REAL(name) \
	static inline void *su_real_##name(size_t size, gfp_t flags) \
	{ \
		return name(size, flags); \
	}
#define SU_REAL_ARRAY(name) \
	static inline void *su_real_##name(size_t nr, size_t size, gfp_t flags) \
	{ \
		return name(nr, size, flags); \
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

#undef kmalloc
#undef kzalloc
#undef kvmalloc
#undef kvzalloc
#undef kmalloc_array
#undef kcalloc
#undef kvmalloc_array
#undef kvcalloc
#undef krealloc
#define kmalloc(...) SU_STEP(su_real_kmalloc(__VA_ARGS__), NULL)
#define kzalloc(...) SU_STEP(su_real_kzalloc(__VA_ARGS__), NULL)
#define kvmalloc(...) SU_STEP(su_real_kvmalloc(__VA_ARGS__), NULL)
#define kvzalloc(...) SU_STEP(su_real_kvzalloc(__VA_ARGS__), NULL)
#define kmalloc_array(...) SU_STEP(su_real_kmalloc_array(__VA_ARGS__), NULL)
#define kcalloc(...) SU_STEP(su_real_kcalloc(__VA_ARGS__), NULL)
#define kvmalloc_array(...) SU_STEP(su_real_kvmalloc_array(__VA_ARGS__), NULL)
#define kvcalloc(...) SU_STEP(su_real_kvcalloc(__VA_ARGS__), NULL)
#define krealloc(...) SU_STEP(su_real_krealloc(__VA_ARGS__), NULL)

#define vmap(...) SU_STEP(vmap(__VA_ARGS__), NULL)
#define copy_from_kernel_nofault(...) SU_STEP(copy_from_kernel_nofault(__VA_ARGS__), -EFAULT)
#define register_kprobe(...) SU_STEP(register_kprobe(__VA_ARGS__), -EINVAL)
#define register_module_notifier(...) SU_STEP(register_module_notifier(__VA_ARGS__), -ENOMEM)
#define tracepoint_probe_register(...) SU_STEP(tracepoint_probe_register(__VA_ARGS__), -ENOMEM)
/* As if killed. */
#define wait_for_completion_killable_timeout(...) \
	SU_STEP(wait_for_completion_killable_timeout(__VA_ARGS__), -ERESTARTSYS)
#define kobject_create_and_add(...) SU_STEP(kobject_create_and_add(__VA_ARGS__), NULL)
#define sysfs_create_group(...) SU_STEP(sysfs_create_group(__VA_ARGS__), -ENOMEM)
/* Its caller has to put the object in any case. */
#define kobject_init_and_add(kobj, type, ...) \
	SU_STEP(kobject_init_and_add(kobj, type, __VA_ARGS__), (kobject_init(kobj, type), -ENOMEM))

/* Functions of the kernel that are called through stubs, and what match/ and compat.h say. */
#define su_kallsyms_on_each_symbol(...) SU_STEP(su_kallsyms_on_each_symbol(__VA_ARGS__), -ENOMEM)
#define su_stop_machine_cpuslocked(...) SU_STEP(su_stop_machine_cpuslocked(__VA_ARGS__), -ENOMEM)
#define su_page_at(...) SU_STEP(su_page_at(__VA_ARGS__), NULL)
#define su_update_open(...) SU_STEP(su_update_open(__VA_ARGS__), SU_MATCH_FORMAT)
#define su_match_run(...) SU_STEP(su_match_run(__VA_ARGS__), SU_MATCH_BYTES)
#define su_match_value(...) SU_STEP(su_match_value(__VA_ARGS__), SU_MATCH_SYMBOL)
#define su_reloc_field(...) SU_STEP(su_reloc_field(__VA_ARGS__), SU_MATCH_FORMAT)

#endif
#endif
