// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the core needs of the kernel and the kernel does not export. One address comes from a kprobe that is
 * registered disabled (it resolves the name and never touches the code); all others from one walk over kallsyms.
 * Each must be unique, and functions are verified by sprint_symbol().
 */
#define pr_fmt(fmt) "suture: " fmt

#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/kprobes.h>

#include "compat.h"
#include "suture.h"

enum own_symbol {
	OWN_KPROBE_MUTEX,
	OWN_TEXT_MUTEX,
	OWN_JUMP_LABEL_MUTEX,
	OWN_JUMP_TABLE_START,
	OWN_JUMP_TABLE_END,
	OWN_STATIC_CALL_MUTEX,
	OWN_STATIC_CALLS_START,
	OWN_STATIC_CALLS_END,
	OWN_KLP_MUTEX,
	OWN_KLP_PATCHES,
	OWN_GET_KPROBE,
	OWN_REGISTER_KPROBE,
	OWN_STOP_MACHINE,
	OWN_PUT_STACK,
	OWN_FIND_MODULE,
	OWN_IDLE_THREADS,
	OWN_NOINSTR_START,
	OWN_NOINSTR_END,
	OWN_ENTRY_START,
	OWN_ENTRY_END,
	OWN_NR,
};

static struct own {
	const char *name; /* NULL: this kernel has none */
	unsigned long value;
	unsigned int nr;
} own[OWN_NR] = {
	[OWN_KPROBE_MUTEX] = { "kprobe_mutex" },
	[OWN_TEXT_MUTEX] = { "text_mutex" },
	[OWN_JUMP_LABEL_MUTEX] = { "jump_label_mutex" },
	[OWN_JUMP_TABLE_START] = { "__start___jump_table" },
	[OWN_JUMP_TABLE_END] = { "__stop___jump_table" },
	[OWN_STATIC_CALL_MUTEX] = { "static_call_mutex" },
	[OWN_STATIC_CALLS_START] = { "__start_static_call_sites" },
	[OWN_STATIC_CALLS_END] = { "__stop_static_call_sites" },
	[OWN_KLP_MUTEX] = { SU_KLP_MUTEX },
	[OWN_KLP_PATCHES] = { SU_KLP_PATCHES },
	[OWN_GET_KPROBE] = { "get_kprobe" },
	[OWN_REGISTER_KPROBE] = { "register_kprobe" },
	[OWN_STOP_MACHINE] = { "stop_machine_cpuslocked" },
	[OWN_PUT_STACK] = { "put_task_stack" },
	[OWN_FIND_MODULE] = { "find_module" },
	[OWN_IDLE_THREADS] = { "idle_threads" },
	[OWN_NOINSTR_START] = { "__noinstr_text_start" },
	[OWN_NOINSTR_END] = { "__noinstr_text_end" },
	[OWN_ENTRY_START] = { "__entry_text_start" },
	[OWN_ENTRY_END] = { "__entry_text_end" },
};

static struct su_span register_kprobe_code;

/*
 * Functions that are not exported are called through a direct JMP whose displacement is filled in at init: an
 * indirect call would need an endbr64 at the callee, and on kernels with IBT those that nobody in the kernel calls
 * indirectly have theirs removed at boot. Until it is filled in, a stub leads to su_stub_empty().
 */
#define STUB(name)						\
	asm(".pushsection .text, \"ax\", @progbits\n"		\
	    ".p2align 4\n"					\
	    ".globl " #name "\n"				\
	    ".type " #name ", @function\n"			\
	    #name ":\n" ANNOTATE_NOENDBR			\
	    "	.byte 0xe9\n"					\
	    "	.long su_stub_empty - . - 4\n"			\
	    ".size " #name ", . - " #name "\n"			\
	    ".popsection\n")

STUB(su_kallsyms_on_each_symbol);
STUB(su_get_kprobe);
STUB(su_stop_machine_cpuslocked);
STUB(su_put_task_stack);
STUB(su_find_module);

int su_stub_empty(void)
{
	return -ENXIO;
}

static int link_stub(void *stub, unsigned long to)
{
	/* In reach: as the loader has linked us to the kernel just so. */
	s32 distance = to - ((unsigned long)stub + SU_JMP_SZ);
	int ret = su_alias_write((unsigned long)stub + 1, &distance, sizeof(distance));

	if (ret)
		return su_refuse(NULL, ret, "system", "a call into the kernel cannot be written (%d)", ret);
	su_serialise_all();
	return 0;
}

/*
 * Does the kernel itself call the code at @addr @name, at most an endbr64 before it? *code is then all of it.
 * (From v5.18 on a kprobe's address by name lies behind the endbr64.)
 */
static bool is_function(unsigned long addr, const char *name, struct su_span *code)
{
	char text[KSYM_SYMBOL_LEN];
	size_t len = strlen(name);
	unsigned int off, size;

	sprint_symbol(text, addr);
	if (strncmp(text, name, len) || sscanf(text + len, "+0x%x/0x%x", &off, &size) != 2 || off > 4)
		return false;
	*code = (struct su_span){ addr - off, addr - off + size };
	return true;
}

static int find_kallsyms(void)
{
	static const char name[] = "kallsyms_on_each_symbol";
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	struct su_span code;
	int ret;

	ret = register_kprobe(&probe);
	if (ret)
		return su_refuse(NULL, ret, "symbol-unmatched", "no kprobe for %s (%d)", name, ret);
	if (!SU_STEP(is_function((unsigned long)probe.addr, name, &code), false))
		ret = su_refuse(NULL, -EADDRNOTAVAIL, "symbol-unmatched", "the kernel does not confirm %s", name);
	unregister_kprobe(&probe);
	if (ret)
		return ret;
	return link_stub(su_kallsyms_on_each_symbol, code.start);
}

static int __maybe_unused see_with_module(void *data, const char *name, struct module *mod, unsigned long value)
{
	struct su_each_symbol *each = data;

	return mod ? 0 : each->see(each, name, value);
}

static int __maybe_unused see_without(void *data, const char *name, unsigned long value)
{
	struct su_each_symbol *each = data;

	return each->see(each, name, value);
}

int su_symbols_walk(struct su_each_symbol *each)
{
	return su_kallsyms_on_each_symbol(su_each_choose(see_with_module, see_without), each);
}

static int see_own(struct su_each_symbol *each, const char *name, unsigned long value)
{
	unsigned int i;

	for (i = 0; i < OWN_NR; i++) {
		if (own[i].name && !strcmp(own[i].name, name)) {
			own[i].value = value;
			own[i].nr++;
		}
	}
	return 0;
}

static int find_function(enum own_symbol function, struct su_span *code)
{
	if (!SU_STEP(is_function(own[function].value, own[function].name, code), false) ||
	    code->start != own[function].value)
		return su_refuse(NULL, -EADDRNOTAVAIL, "symbol-unmatched", "the kernel does not confirm %s",
				 own[function].name);
	return 0;
}

static int link_function(enum own_symbol function, void *stub)
{
	struct su_span code;
	int ret = find_function(function, &code);

	return ret ? ret : link_stub(stub, code.start);
}

int su_symbols_init(void)
{
	struct su_each_symbol each = { .see = see_own };
	unsigned int i;
	int ret;

	ret = find_kallsyms();
	if (ret)
		return ret;
	ret = su_symbols_walk(&each);
	if (ret)
		return su_refuse(NULL, ret, "symbol-unmatched", "kallsyms cannot be read (%d)", ret);
	for (i = 0; i < OWN_NR; i++) {
		if (own[i].name && SU_STEP(own[i].nr, 0) != 1)
			return su_refuse(NULL, -EADDRNOTAVAIL, "symbol-unmatched", "the kernel has %u symbols %s",
					 own[i].nr, own[i].name);
	}
	ret = find_function(OWN_REGISTER_KPROBE, &register_kprobe_code);
	if (!ret)
		ret = link_function(OWN_GET_KPROBE, su_get_kprobe);
	if (!ret)
		ret = link_function(OWN_STOP_MACHINE, su_stop_machine_cpuslocked);
	if (!ret)
		ret = link_function(OWN_PUT_STACK, su_put_task_stack);
	if (!ret)
		ret = link_function(OWN_FIND_MODULE, su_find_module);
	return ret;
}

struct module *su_module_get(const char *name)
{
	struct module *mod;

	/* find_module() wants module_mutex or this; a module that it finds stays until the next grace period. */
	preempt_disable();
	mod = su_find_module(name);
	if (mod && !try_module_get(mod))
		mod = NULL;
	preempt_enable();
	return mod;
}

struct mutex *su_kprobe_mutex(void)
{
	return (struct mutex *)own[OWN_KPROBE_MUTEX].value;
}

struct su_span su_register_kprobe_code(void)
{
	return register_kprobe_code;
}

struct mutex *su_text_mutex(void)
{
	return (struct mutex *)own[OWN_TEXT_MUTEX].value;
}

struct mutex *su_jump_label_mutex(void)
{
	return (struct mutex *)own[OWN_JUMP_LABEL_MUTEX].value;
}

struct mutex *su_static_call_mutex(void)
{
	return (struct mutex *)own[OWN_STATIC_CALL_MUTEX].value;
}

void su_jump_table(struct jump_entry **first, struct jump_entry **end)
{
	*first = (struct jump_entry *)own[OWN_JUMP_TABLE_START].value;
	*end = (struct jump_entry *)own[OWN_JUMP_TABLE_END].value;
}

void su_static_call_table(struct static_call_site **first, struct static_call_site **end)
{
	*first = (struct static_call_site *)own[OWN_STATIC_CALLS_START].value;
	*end = (struct static_call_site *)own[OWN_STATIC_CALLS_END].value;
}

struct mutex *su_klp_mutex(void)
{
	return (struct mutex *)own[OWN_KLP_MUTEX].value;
}

struct list_head *su_klp_patches(void)
{
	return (struct list_head *)own[OWN_KLP_PATCHES].value;
}

/* The variable is per CPU: its symbol's value is an offset. Idle tasks are in no task list. */
struct task_struct *su_idle_task(int cpu)
{
	return *(struct task_struct **)(own[OWN_IDLE_THREADS].value + per_cpu_offset(cpu));
}

static bool overlaps(unsigned long start, unsigned long end, enum own_symbol first)
{
	return start < own[first + 1].value && own[first].value < end;
}

const char *su_symbols_forbidden(unsigned long start, unsigned long end)
{
	if (overlaps(start, end, OWN_NOINSTR_START))
		return "noinstr";
	if (overlaps(start, end, OWN_ENTRY_START))
		return "entry";
	return NULL;
}
