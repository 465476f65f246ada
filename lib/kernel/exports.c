// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the preprocessor and genksyms over a unit before and after the patch, and compares the types that come out. */
#include <string.h>

#include "exports.h"
#include "pair.h"
#include "scope.h"
#include "symtypes.h"
#include "tool.h"

static const char hint[] =
	"give the new function or struct another name, and leave the old one to those who use it; or reboot into the fixed kernel";

/* ---- comparing ---- */

/* The next member behind @at, in a text of tokens parted by blanks: up to a ';' or ',' at the body's own depth. */
static const char *next_member(const char *at, size_t *nr)
{
	size_t depth = 0;
	const char *p;

	at += strspn(at, " ;,");
	for (p = at; *p && (depth || (*p != ';' && *p != ',' && *p != '}')); p++) {
		depth += *p == '(' || *p == '{';
		depth -= *p == ')' || *p == '}';
	}
	*nr = (size_t)(p - at);
	while (*nr && at[*nr - 1] == ' ')
		--*nr;
	return *nr ? at : NULL;
}

static bool has_member(const char *body, const char *member, size_t member_nr)
{
	const char *at;
	size_t nr;

	for (at = next_member(body, &nr); at; at = next_member(at + nr, &nr))
		if (nr == member_nr && !memcmp(at, member, nr))
			return true;
	return false;
}

/* The first member that is no longer there as it was. Return: NULL where there is none. */
static const char *lost_member(const char *pre, const char *post, size_t *nr)
{
	const char *body = strchr(pre, '{'), *other = strchr(post, '{');
	const char *at;

	if (!body || !other) {
		*nr = strlen(pre);
		return pre;
	}
	for (at = next_member(body + 1, nr); at; at = next_member(at + *nr, nr))
		if (!has_member(other + 1, at, *nr))
			return at;
	return NULL;
}

static bool is_symbol(const char *key)
{
	return !strchr(key, '#');
}

/* genksyms did not see the definition on one side: a forward declaration. */
static bool is_unknown(const char *text)
{
	return strstr(text, "{ UNKNOWN }");
}

static int compare_symbol(struct su_diags *diags, const char *object, const char *key, const char *pre, const char *post)
{
	if (!post) {
		su_report(diags, SU_WARNING, SU_AT(EXPORT, .object = object, .symbol = key),
			  "the export is not taken away: modules can go on using the old function");
		return 0;
	}
	return su_fail(diags, SU_AT(EXPORT, .object = object, .symbol = key, .hint = hint),
		       "the type of the exported symbol changes, and with it its CRC; modules that were built before use the old one\n"
		       "before: %s\nafter:  %s",
		       pre, post);
}

/* An enum's constants are compiled in where they are used: one that gets another value is told, as that often is only the last. */
static int compare_type(struct su_diags *diags, const char *object, const char *key, const char *pre, const char *post)
{
	size_t nr = 0;
	const char *member = lost_member(pre, post, &nr);
	SU_CLEANUP_FREE char *name = su_format("%s%s", *key == 's' ? "struct " : *key == 'u' ? "union " : "", key + 2);

	if (member && *key != 'e')
		return su_fail(diags, SU_AT(EXPORT, .object = object, .symbol = name, .hint = hint),
			       "a member changes, and with it the CRCs of exported symbols; modules that were built before use the old one: %.*s",
			       (int)nr, member);
	su_report(diags, SU_WARNING, SU_AT(EXPORT, .object = object, .symbol = name),
		  "the type grows, and with it the CRCs of exported symbols change; what was built before does not know of the new part");
	return 0;
}

/* Both sides of a key that has another text. What has the same ABI is nothing that a caller could notice. */
static int compare_key(struct su_diags *diags, const char *object, const char *key, const struct su_symtypes *before,
		       const struct su_symtypes *after)
{
	const char *was = su_symtypes_find(before, key), *is = su_symtypes_find(after, key);
	SU_CLEANUP_FREE char *was_abi = su_symtypes_abi(before, was);
	SU_CLEANUP_FREE char *is_abi = is ? su_symtypes_abi(after, is) : NULL;

	if (is_abi && !strcmp(was_abi, is_abi))
		return 0;
	if (is_symbol(key))
		return compare_symbol(diags, object, key, was, is);
	return is && !is_unknown(was) && !is_unknown(is) ? compare_type(diags, object, key, was_abi, is_abi) : 0;
}

int su_exports_compare(struct su_diags *diags, const char *object, const char *pre, const char *post)
{
	struct su_symtypes before = { 0 }, after = { 0 };
	int first = 0;

	su_symtypes_read(&before, pre);
	su_symtypes_read(&after, post);
	for (size_t i = 0; i < before.keys.nr; i++) {
		int err = compare_key(diags, object, before.keys.data[i], &before, &after);

		if (!first)
			first = err;
	}
	su_symtypes_fini(&before);
	su_symtypes_fini(&after);
	return first;
}

/* ---- running ---- */

struct checking {
	struct su_diags *diags;
	const struct su_tree *tree;
	const struct su_plan *plan;
	const struct su_plan_unit *unit;
	const char *scratch;
};

/* What genksyms says of both sides. */
static int write_types(const struct checking *c, char *const preprocessed[2], char *const types[2])
{
	SU_CLEANUP_FREE char *tool = su_format("%s/scripts/genksyms/genksyms", c->tree->objects);
	struct su_buf texts[2] = { 0 };
	struct su_process processes[2] = {
		{ .argv = SU_ARGV(tool, "-r", "/dev/null", "-T", types[0]) },
		{ .argv = SU_ARGV(tool, "-r", "/dev/null", "-T", types[1]) },
	};
	int err = 0;

	for (size_t i = 0; !err && i < 2; i++) {
		err = su_file_read(c->diags, preprocessed[i], &texts[i]);
		processes[i].input = texts[i].data;
		processes[i].input_sz = texts[i].nr;
	}
	if (!err)
		err = su_process_run_all(c->diags, processes, 2, c->tree->jobs);
	for (size_t i = 0; i < 2; i++) {
		if (!err && processes[i].exit_code)
			err = su_fail(c->diags, SU_AT(SYSTEM, .object = c->unit->source), "genksyms failed: %s",
				      processes[i].err.data ? processes[i].err.data : "");
		su_process_fini(&processes[i]);
		su_buf_fini(&texts[i]);
	}
	return err;
}

static int run_preprocessors(const struct checking *c, char *const outputs[2])
{
	const struct su_pair pair = {
		.tree = c->tree,
		.command = c->unit->command,
		.patch = &c->plan->patch,
		.sides = { su_plan_base(c->plan), su_plan_last(c->plan) },
		.outputs = { outputs[0], outputs[1] },
		.more = SU_ARGV("-E", "-D__GENKSYMS__"),
	};
	struct su_process processes[2];
	int err = su_pair_compile(c->diags, &pair, processes);

	for (size_t i = 0; i < 2; i++) {
		if (!err && processes[i].exit_code)
			err = su_tool_check_system(c->diags, c->unit->source, &processes[i]);
		if (!err && processes[i].exit_code)
			err = su_fail(c->diags, SU_AT(COMPILE, .object = c->unit->source),
				      "it cannot be preprocessed: %s",
				      processes[i].err.data ? processes[i].err.data : "");
		su_process_fini(&processes[i]);
	}
	return err;
}

static int compare_texts(const struct checking *c, char *const types[2])
{
	SU_CLEANUP_BUF struct su_buf before = { 0 };
	SU_CLEANUP_BUF struct su_buf after = { 0 };
	int err = su_file_read(c->diags, types[0], &before);

	if (!err)
		err = su_file_read(c->diags, types[1], &after);
	if (err)
		return err;
	return su_exports_compare(c->diags, c->unit->source, before.data ? before.data : "",
				  after.data ? after.data : "");
}

static int compare_unit(const struct checking *c)
{
	char *preprocessed[2], *types[2];
	int err;

	for (size_t i = 0; i < 2; i++) {
		preprocessed[i] = su_format("%s/exports.%zu", c->scratch, i);
		types[i] = su_format("%s.types", preprocessed[i]);
	}
	err = run_preprocessors(c, preprocessed);
	if (!err)
		err = write_types(c, preprocessed, types);
	if (!err)
		err = compare_texts(c, types);
	for (size_t i = 0; i < 2; i++) {
		free(preprocessed[i]);
		free(types[i]);
	}
	return err;
}

/* Does one of the patched files that the unit may be made of declare anything otherwise? */
static bool may_differ(const struct checking *c)
{
	struct su_diags *ignored = su_diags_create();
	bool differs = false;

	for (size_t i = 0; !differs && i < c->plan->patch.files.nr; i++) {
		struct su_buf texts[2] = { 0 };

		differs = su_plan_read_texts(ignored, c->tree, c->plan, c->plan->patch.files.data[i].path, texts);
		/* what the patch brings declares nothing that was there before */
		if (!differs && texts[0].nr)
			differs = !texts[1].nr || su_scope_differs(SU_SCOPE_DECLARATIONS, texts[0].data, texts[0].nr,
								   texts[1].data, texts[1].nr);
		su_buf_fini(&texts[0]);
		su_buf_fini(&texts[1]);
	}
	su_diags_destroy(ignored);
	return differs;
}

int su_exports_check(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		     const struct su_plan_unit *unit, const char *scratch)
{
	SU_CLEANUP_FREE char *tool = su_format("%s/scripts/genksyms/genksyms", tree->objects);
	struct checking c = { .diags = diags, .tree = tree, .plan = plan, .unit = unit, .scratch = scratch };

	return su_file_exists(tool) && may_differ(&c) ? compare_unit(&c) : 0;
}
