// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes that code alone cannot make: of data that is in use, of code that has run. All of them are refused in one run. */
#include <string.h>

#include "emitter.h"
#include "lib/base/str.h"

static bool begins_with_one_of(const char *section, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (su_has_prefix(section, *prefixes))
			return true;
	return false;
}

/* Sections whose content is just there, with no table around it that somebody walks. */
static const char *const plain_data[] = { ".data",	   ".bss",     ".rodata",	".ref.data",
					  "__tracepoints", "__dyndbg", ".printk_index", NULL };

/* Tables by which the kernel knows what may be traced, or must not be: code runs the same without a new entry. */
static const char *const tracers_tables[] = { "__tracepoints_ptrs",
					      "_ftrace_events",
					      "_ftrace_eval_map",
					      "__bpf_raw_tp_map",
					      "_kprobe_blacklist",
					      "_error_injection_whitelist",
					      NULL };

bool su_emit_is_new_export(const struct su_diff *diff, const char *name)
{
	return su_map_get(&diff->post->exports, name) && !su_map_get(&diff->pre->exports, name);
}

static void review_exports(struct su_emitter *e, const struct su_diff *diff)
{
	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		const char *name = diff->post->atoms[i]->name;

		if (*name && su_emit_is_new_export(diff, name))
			su_report(e->diags, SU_WARNING, SU_AT(EXPORT, .object = diff->unit, .symbol = name),
				  "the new export is not carried: only this update can use it");
	}
}

/* What boot has prepared is gone, and its successor would be as it was at first: then it matters that boot does not run again. */
static bool uses_what_goes(const struct su_diff *diff, const struct su_atom *function)
{
	for (size_t i = 0; i < diff->pre->atom_nr; i++) {
		const struct su_atom *atom = diff->pre->atoms[i];

		if (atom->kind == SU_ATOM_DATA && su_atom_is_lone(atom) && su_atom_refers_to(function, atom))
			return true;
	}
	return false;
}

static int review_init(struct su_emitter *e, const struct su_diff *diff, const struct su_atom *atom)
{
	/* .exit of built-in code is thrown away at link time: it never runs */
	if (atom->kind != SU_ATOM_FUNC || atom->owner || (atom->partner && !atom->is_changed) ||
	    su_has_prefix(atom->section->name, ".exit"))
		return 0;
	if (atom->is_kept && !uses_what_goes(diff, atom->partner)) {
		su_report(e->diags, SU_WARNING, SU_AT(INIT_CODE, .object = diff->unit, .symbol = atom->name),
			  "what the patch changes is also inlined into code that has run at boot: what that did stays as it is");
		return 0;
	}
	return su_fail(e->diags,
		       SU_AT(INIT_CODE, .object = diff->unit, .symbol = atom->name,
			     .hint = "what it did then must be changed by hand (a hook), or by a reboot; take its hunk out of the patch if it is not needed"),
		       "the patch changes code that runs only %s (section %s)",
		       diff->post->is_module ? "when its module is loaded" : "at boot", atom->section->name);
}

/* Other units know it by its name, and by the place where it was. */
static int refuse_past(struct su_emitter *e, const struct su_diff *diff, const struct su_atom *atom)
{
	return su_fail(e->diags,
		       SU_AT(SECTION, .object = diff->unit, .symbol = atom->name,
			     .hint = "give it another name, and all who use it"),
		       "it moves from section %s to %s: who uses it in other units goes on doing so where it was",
		       atom->past->section->name, atom->section->name);
}

/* Not by how it is used, but by how it was made: one for each CPU, or closed to writers after boot. */
static bool is_of_other_make(const char *pre, const char *post)
{
	static const char percpu[] = ".data..percpu", closed[] = ".data..ro_after_init";

	return su_has_prefix(pre, percpu) != su_has_prefix(post, percpu) ||
	       (su_has_prefix(pre, closed) && !su_has_prefix(post, closed));
}

/* As its section says, where it is the only one there; 0: not known. */
static uint64_t alignment(const struct su_object *object, const struct su_atom *atom)
{
	return object->by_section_nr[atom->section->idx] == 1 ? atom->section->align : 0;
}

/* Where the running one lies is known on the machine only, and nobody moves it. */
static int review_alignment(struct su_emitter *e, const struct su_diff *diff, const struct su_atom *atom)
{
	uint64_t pre = alignment(diff->pre, atom->partner), post = alignment(diff->post, atom);

	if (!pre || post <= pre)
		return 0;
	return su_fail(e->diags,
		       SU_AT(DATA_SIZE, .object = diff->unit, .symbol = atom->name,
			     .hint = "the object in use lies where it lies; use a new one of another name, if it need not hold what the old one does"),
		       "the alignment of existing data grows from %llu to %llu bytes (section %s)",
		       (unsigned long long)pre, (unsigned long long)post, atom->section->name);
}

static int review_data(struct su_emitter *e, const struct su_diff *diff, const struct su_atom *atom)
{
	if (atom->kind == SU_ATOM_DATA && is_of_other_make(atom->partner->section->name, atom->section->name))
		return su_fail(e->diags,
			       SU_AT(SECTION, .object = diff->unit, .symbol = atom->name,
				     .hint = "the object is in use where it is; take the hunk out of the patch, or reboot into the fixed kernel"),
			       "existing data moves from section %s to %s", atom->partner->section->name,
			       atom->section->name);
	if (atom->partner->size != atom->size)
		return su_fail(e->diags,
			       SU_AT(DATA_SIZE, .object = diff->unit, .symbol = atom->name,
				     .hint = "objects of the old size are in use; split the patch so that it leaves this object alone"),
			       "the size of existing data changes from %llu to %llu bytes (section %s)",
			       (unsigned long long)atom->partner->size, (unsigned long long)atom->size,
			       atom->section->name);
	if (!atom->is_changed)
		return review_alignment(e, diff, atom);
	return su_fail(e->diags,
		       SU_AT(DATA_INIT, .object = diff->unit, .symbol = atom->name, .offset = atom->why_off,
			     .hint = "data cannot be changed in place yet; take the hunk out of the patch if the code does not need it"),
		       "the initial value of existing data changes (section %s, %s)", atom->section->name, atom->why);
}

static int review_atom(struct su_emitter *e, const struct su_diff *diff, const struct su_atom *atom)
{
	if (atom->kind == SU_ATOM_ENTRY || atom->kind == SU_ATOM_FRAGMENT || atom->is_overridden)
		return 0;
	if (atom->past && atom->symbol->bind != STB_LOCAL)
		return refuse_past(e, diff, atom);
	if (atom->is_init)
		return review_init(e, diff, atom);
	if (atom->kind == SU_ATOM_FUNC || atom->is_private)
		return 0;
	if (atom->partner)
		return review_data(e, diff, atom);
	if (begins_with_one_of(atom->section->name, tracers_tables)) {
		su_report(e->diags, SU_WARNING, SU_AT(SECTION, .object = diff->unit, .symbol = atom->name),
			  "the new entry of section %s is not carried: tracers do not know of it", atom->section->name);
		return 0;
	}
	if (!begins_with_one_of(atom->section->name, plain_data))
		return su_fail(e->diags,
			       SU_AT(SECTION, .object = diff->unit, .symbol = atom->name,
				     .hint = "the kernel reads this section at boot; leave the addition out of the patch"),
			       "new content in section %s, which suture does not carry", atom->section->name);
	return 0;
}

/* The function that a global name leads into; NULL: none that stays in memory. */
static const struct su_atom *function_named(const struct su_object *object, const struct su_elf_symbol *symbol)
{
	const struct su_atom *atom = NULL;

	if (symbol->section && symbol->bind != STB_LOCAL && *symbol->name)
		atom = su_object_atom_at(object, symbol->section, symbol->value);
	return atom && atom->kind == SU_ATOM_FUNC && !atom->is_init ? atom : NULL;
}

/*
 * Other units call what a name was linked to: where it was an alias of one function and is another one now, or the reverse, no
 * redirect of that function sends both names where they belong.
 */
static int review_names(struct su_emitter *e, const struct su_diff *diff)
{
	const struct su_elf *pre = diff->pre->elf, *post = diff->post->elf;
	struct su_map names = { 0 };
	int ret = 0;

	for (size_t i = 1; i < pre->symbol_nr; i++)
		if (function_named(diff->pre, &pre->symbols[i]))
			*su_map_put(&names, pre->symbols[i].name, NULL) = i;
	for (size_t i = 1; !ret && i < post->symbol_nr; i++) {
		const struct su_atom *b = function_named(diff->post, &post->symbols[i]);
		const size_t *idx = b ? su_map_get(&names, post->symbols[i].name) : NULL;
		const struct su_atom *a = idx ? function_named(diff->pre, &pre->symbols[*idx]) : NULL;

		if (a && a->partner != b)
			ret = su_fail(e->diags,
				      SU_AT(AMBIGUOUS, .object = diff->unit, .symbol = post->symbols[i].name,
					    .hint = "give the function that is new another name"),
				      "the name stood for %s before and does not now: who calls it elsewhere goes there still",
				      a->name);
	}
	su_map_fini(&names);
	return ret;
}

static int review_tables(struct su_emitter *e, const struct su_diff *diff)
{
	const char *section = su_diff_changed_table(diff);

	if (!section)
		return 0;
	return su_fail(e->diags,
		       SU_AT(SECTION, .object = diff->unit, .symbol = section,
			     .hint = "the kernel has this table as it was built; leave its change out of the patch if the fix does not need it"),
		       "the patch changes the entries of a table that the linker makes");
}

int su_emit_review(struct su_emitter *e, const struct su_diff *diff)
{
	int err, ret = review_names(e, diff);

	err = review_tables(e, diff);
	if (!ret)
		ret = err;

	review_exports(e, diff);
	for (size_t i = 0; i < diff->post->atom_nr; i++) {
		err = review_atom(e, diff, diff->post->atoms[i]);

		if (!ret)
			ret = err;
	}
	return ret;
}
