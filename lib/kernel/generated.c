// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A dry run with --trace says before each recipe which file it makes and from what. So the few recipes that make a source
 * or header, and the programs which these use, can be run by themselves, in make's order. No kernel object is compiled.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "generated.h"
#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/base/str.h"
#include "tool.h"

struct rule {
	char *target;
	const char *needs; /* the rest of the line: what it is made from, parted by blanks */
	size_t needs_sz;
	const char *recipe; /* shell commands, in lines */
	size_t recipe_sz;
	bool is_there, is_wanted;
};

struct rules {
	SU_VEC(struct rule) list; /* in make's order: what is needed comes before */
	struct su_map index;	  /* target -> index + 1 */
	const char *objects;
};

/* "FILE:LINE: target 'X' does not exist", "FILE:LINE: update target 'X' due to: A B". NULL: another line. */
static const char *trace_target(const char *line, size_t len)
{
	static const char word[] = "target '";
	const char *at = memmem(line, len, word, sizeof(word) - 1);
	const char *before = at;

	if (!at)
		return NULL;
	if (before - line >= 7 && !memcmp(before - 7, "update ", 7))
		before -= 7;
	if (before - line < 4 || before[-1] != ' ' || before[-2] != ':' || !isdigit((unsigned char)before[-3]) ||
	    memchr(line, '\'', (size_t)(at - line)))
		return NULL;
	return at + sizeof(word) - 1;
}

static void add_rule(struct rules *rules, const char *target, const char *end)
{
	const char *quote = memchr(target, '\'', (size_t)(end - target));
	SU_CLEANUP_FREE char *path = NULL;
	struct rule rule = { .recipe = end };

	if (!quote)
		return;
	rule.target = su_format("%.*s", (int)(quote - target), target);
	rule.needs = quote + 1;
	rule.needs_sz = (size_t)(end - rule.needs);
	path = su_format("%s/%s", rules->objects, rule.target);
	rule.is_there = *rule.target == '/' || su_file_exists(path);
	*su_vec_add(&rules->list) = rule;
	*su_map_put(&rules->index, rule.target, NULL) = rules->list.nr;
}

static void parse(struct rules *rules, const char *output, size_t sz)
{
	const char *end = output + sz;

	while (output < end) {
		const char *newline = memchr(output, '\n', (size_t)(end - output));
		const char *next = newline ? newline + 1 : end;
		const char *target = trace_target(output, (size_t)((newline ? newline : end) - output));

		if (target)
			add_rule(rules, target, next);
		else if (rules->list.nr)
			rules->list.data[rules->list.nr - 1].recipe_sz += (size_t)(next - output);
		output = next;
	}
}

static bool is_kernel_object(const struct rule *rule)
{
	return su_has_suffix(rule->target, ".o") && memmem(rule->recipe, rule->recipe_sz, "-D__KERNEL__", 12);
}

static bool want(struct rules *rules, struct rule *rule);

/* All that the rule needs and that is not there. Return: false where an object of the kernel's is among it. */
static bool want_needs(struct rules *rules, const struct rule *rule)
{
	SU_CLEANUP_FREE char *needs = su_format("%.*s", (int)rule->needs_sz, rule->needs);
	char *save = NULL;

	for (char *word = strtok_r(needs, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		const size_t *idx = su_map_get(&rules->index, word);

		if (idx && !want(rules, &rules->list.data[*idx - 1]))
			return false;
	}
	return true;
}

static bool want(struct rules *rules, struct rule *rule)
{
	if (rule->is_there || rule->is_wanted)
		return true;
	if (is_kernel_object(rule))
		return false;
	rule->is_wanted = true;
	return want_needs(rules, rule);
}

static bool is_source(const char *path)
{
	return su_has_suffix(path, ".c") || su_has_suffix(path, ".h") || su_has_suffix(path, ".S");
}

/* What needs the kernel's objects (the vDSO's image) is left out, and whatever was wanted for it alone. */
static void choose(struct rules *rules)
{
	for (size_t i = 0; i < rules->list.nr; i++) {
		struct rule *rule = &rules->list.data[i];
		SU_VEC(bool) before = { 0 };

		if (!is_source(rule->target))
			continue;
		for (size_t k = 0; k < rules->list.nr; k++)
			*su_vec_add(&before) = rules->list.data[k].is_wanted;
		if (!want(rules, rule))
			for (size_t k = 0; k < rules->list.nr; k++)
				rules->list.data[k].is_wanted = before.data[k];
		su_vec_fini(&before);
	}
}

static int make_one(struct su_diags *diags, const struct rules *rules, const struct rule *rule)
{
	SU_CLEANUP_FREE char *commands = su_format("%.*s", (int)rule->recipe_sz, rule->recipe);
	SU_CLEANUP_FREE char *tail = NULL;
	struct su_process process = {
		.argv = SU_ARGV("/bin/sh", "-e", "-c", commands),
		.dir = rules->objects,
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(diags, &process);

	if (!err && process.exit_code) {
		tail = su_tool_tail(&process.err, 3);
		su_report(diags, SU_WARNING, SU_AT(PREPARE, .object = rule->target),
			  "the build's own file cannot be made: %s", tail);
	}
	su_process_fini(&process);
	return err;
}

int su_generated_make(struct su_diags *diags, const char *output, size_t sz, const char *objects)
{
	struct rules rules = { .objects = objects };
	int err = 0;

	parse(&rules, output, sz);
	choose(&rules);
	for (size_t i = 0; !err && i < rules.list.nr; i++)
		if (rules.list.data[i].is_wanted)
			err = make_one(diags, &rules, &rules.list.data[i]);
	for (size_t i = 0; i < rules.list.nr; i++)
		free(rules.list.data[i].target);
	su_vec_fini(&rules.list);
	su_map_fini(&rules.index);
	return err;
}
