// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernels that cannot be served are refused by name before anything is made for them. kmod/compat.h has the same list for
 * the core's build, as far as it concerns the core.
 */
#include <string.h>

#include "supported.h"

struct condition {
	const char *option;
	bool wanted;
	const char *why;
};

static const struct condition conditions[] = {
	{ "X86_64", true, "suture knows x86-64 only" },
	{ "MODULES", true, "an update is a module" },
	{ "KALLSYMS_ALL", true, "symbols that are not exported are found by name" },
	{ "KPROBES", true, "the table of symbols is found by a kprobe" },
	{ "TRACEPOINTS", true, "the switch watches the scheduler by a tracepoint" },
	{ "LTO_CLANG", false, "units are not compiled to code one by one" },
	{ "CFI_CLANG", false, "calls through pointers ask for a mark that new code would not have" },
	{ "CFI", false, "calls through pointers ask for a mark that new code would not have" },
	{ "RANDSTRUCT", false, "the order of members hangs on a seed that is not in the source" },
};

int su_config_check(struct su_diags *diags, const struct su_config *config)
{
	int ret = 0;

	for (size_t i = 0; i < SU_ARRAY_SIZE(conditions); i++) {
		const struct condition *c = &conditions[i];
		const char *value = su_config_value(config, c->option);

		if ((value && !strcmp(value, "y")) != c->wanted)
			ret = su_fail(diags, SU_AT(KERNEL, .object = ".config"),
				      "this kernel cannot be served: it is built %s CONFIG_%s: %s",
				      c->wanted ? "without" : "with", c->option, c->why);
	}
	return ret;
}
