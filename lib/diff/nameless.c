// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables that the linker puts together of entries without a name, as the quirks of PCI devices: nothing in the unit refers to them, so that no
 * code tells of a change. What the kernel's loader or the compiler knows how to treat is others' business.
 */
#include <string.h>

#include "diff.h"
#include "lib/base/str.h"

/* Constants that the compiler has placed, and entries that nothing hangs on. */
static bool is_of_no_interest(const char *section)
{
	static const char *const prefixes[] = { ".data",
						".bss",
						".rodata",
						".ref.data",
						"__tracepoints",
						"_kprobe_blacklist",
						".static_call_tramp_key",
						".eh_frame" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(prefixes); i++)
		if (su_has_prefix(section, prefixes[i]))
			return true;
	return false;
}

static bool is_nameless(const struct su_atom *atom)
{
	return !atom->symbol && (atom->kind == SU_ATOM_DATA || atom->kind == SU_ATOM_RODATA) && !atom->is_init &&
	       !is_of_no_interest(atom->section->name);
}

/* The next one from @*at on; NULL: there is none. */
static const struct su_atom *next(const struct su_object *object, size_t *at)
{
	while (*at < object->atom_nr) {
		const struct su_atom *atom = object->atoms[(*at)++];

		if (is_nameless(atom))
			return atom;
	}
	return NULL;
}

const char *su_diff_changed_table(const struct su_diff *diff)
{
	size_t a = 0, b = 0;

	for (;;) {
		const struct su_atom *pre = next(diff->pre, &a), *post = next(diff->post, &b);

		if (!pre && !post)
			return NULL;
		if (!pre || !post || strcmp(pre->section->name, post->section->name) || su_atoms_compare(pre, post).what)
			return (post ? post : pre)->section->name;
	}
}
