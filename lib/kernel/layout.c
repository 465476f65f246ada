// SPDX-License-Identifier: GPL-2.0-or-later
/* Chooses the probes, compiles them, and compares the structs that the patch's headers define before and after. */
#include <string.h>
#include <sys/stat.h>

#include "automatic.h"
#include "complaint.h"
#include "enumerators.h"
#include "layout.h"
#include "pair.h"
#include "scope.h"
#include "tool.h"

#define PROBES_MAX 3 /* for one header: a unit may leave a struct incomplete */

struct checking {
	struct su_diags *diags;
	const struct su_tree *tree;
	struct su_headers *headers;
	const struct su_plan *plan;
	const char *scratch;
	struct su_map is_checked;   /* names */
	const struct su_buf *texts; /* of a patched source, before and after; NULL: the probe is a header's */
};

/* ---- comparing ---- */

const struct su_layout_member *su_layout_member_find(const struct su_layout *layout, const char *name)
{
	size_t i;

	for (i = 0; i < layout->members.nr; i++)
		if (!strcmp(layout->members.data[i].name, name))
			return &layout->members.data[i];
	return NULL;
}

static const char hint[] =
	"objects of the old layout are in use: put the new member into padding, or keep it outside of the struct";

static int compare_member(struct su_diags *diags, const char *object, const struct su_layout *post,
			  const struct su_layout_member *was)
{
	const struct su_layout_member *is = su_layout_member_find(post, was->name);
	SU_CLEANUP_FREE char *symbol = su_format("%s.%s", post->name, was->name);

	if (!is || (is->bit == was->bit && is->bits == was->bits))
		return 0;
	if (is->bit != was->bit)
		return su_fail(diags, SU_AT(LAYOUT, .object = object, .symbol = symbol, .hint = hint),
			       "the member moves from offset %llu to %llu of the struct",
			       (unsigned long long)was->bit / 8, (unsigned long long)is->bit / 8);
	return su_fail(diags, SU_AT(LAYOUT, .object = object, .symbol = symbol, .hint = hint),
		       "the size of the member changes from %llu to %llu bytes (offset %llu)",
		       (unsigned long long)was->bits / 8, (unsigned long long)is->bits / 8,
		       (unsigned long long)was->bit / 8);
}

/* The member that was where another one is now, gone or in a union with it; NULL: there was nothing. */
static const struct su_layout_member *predecessor(const struct su_layout *pre, const struct su_layout_member *is)
{
	for (size_t i = 0; i < pre->members.nr; i++) {
		const struct su_layout_member *was = &pre->members.data[i];

		if (was->bit < is->bit + is->bits && is->bit < was->bit + was->bits)
			return was;
	}
	return NULL;
}

static void warn_new_member(struct su_diags *diags, const char *object, const struct su_layout *pre,
			    const struct su_layout *post, const struct su_layout_member *member)
{
	SU_CLEANUP_FREE char *symbol = su_format("%s.%s", post->name, member->name);
	const struct su_layout_member *was = predecessor(pre, member);

	if (was)
		su_report(diags, SU_WARNING, SU_AT(LAYOUT, .object = object, .symbol = symbol),
			  "the new member is where '%s' was (offset %llu): in objects that exist it has that one's value",
			  was->name, (unsigned long long)member->bit / 8);
	else
		su_report(diags, SU_WARNING, SU_AT(LAYOUT, .object = object, .symbol = symbol),
			  "the new member lies at offset %llu, where nothing was: in objects that exist it was never set",
			  (unsigned long long)member->bit / 8);
}

static void warn_new_members(struct su_diags *diags, const char *object, const struct su_layout *pre,
			     const struct su_layout *post)
{
	for (size_t i = 0; i < post->members.nr; i++)
		if (!su_layout_member_find(pre, post->members.data[i].name))
			warn_new_member(diags, object, pre, post, &post->members.data[i]);
}

int su_layout_compare(struct su_diags *diags, const char *object, const struct su_layout *pre,
		      const struct su_layout *post)
{
	size_t i;
	int err;

	for (i = 0; i < pre->members.nr; i++) {
		err = compare_member(diags, object, post, &pre->members.data[i]);
		if (err)
			return err;
	}
	if (pre->size != post->size)
		return su_fail(diags, SU_AT(LAYOUT, .object = object, .symbol = post->name, .hint = hint),
			       "the size of the struct changes from %llu to %llu bytes", (unsigned long long)pre->size,
			       (unsigned long long)post->size);
	warn_new_members(diags, object, pre, post);
	return 0;
}

/* ---- probing ---- */

static int run_probe(struct checking *c, const struct su_command *command, const char *pre, const char *post)
{
	const struct su_pair pair = {
		.tree = c->tree,
		.command = command,
		.patch = &c->plan->patch,
		.sides = { NULL, su_plan_last(c->plan) },
		.outputs = { pre, post },
		/* Types that the unit does not use are described too. */
		.more = SU_ARGV("-g", "-fno-eliminate-unused-debug-types"),
	};
	struct su_process processes[2];
	int err = su_pair_compile(c->diags, &pair, processes);
	size_t i;

	for (i = 0; i < 2; i++) {
		if (!err && processes[i].exit_code)
			err = su_tool_check_system(c->diags, command->source, &processes[i]);
		if (!err && processes[i].exit_code) {
			const char *root = su_overlay_root(pair.sides[i], c->tree);
			SU_CLEANUP_FREE char *message = su_complaint(&processes[i].err, root);

			err = i ? su_fail(c->diags, SU_AT(COMPILE, .object = command->source),
					  "the patched file does not compile:\n%s", message) :
				  su_fail(c->diags, SU_AT(PREPARE, .object = command->source),
					  "the unpatched file does not compile:\n%s", message);
		}
		su_process_fini(&processes[i]);
	}
	return err;
}

/* The name as DWARF has it: without the mark of a tag. */
static const char *record_name(const struct checking *c, uint32_t name)
{
	const char *text = su_names_text(&c->headers->graph.names, name);

	return text + (*text == '=');
}

static int compare_records(struct checking *c, const struct su_reach_source *source, const struct su_layouts *pre,
			   const struct su_layouts *post)
{
	const char *path = c->headers->graph.files.data[source->file].path;
	size_t i;
	int first = 0;

	for (i = 0; i < source->seeds.records.nr; i++) {
		const char *name = record_name(c, source->seeds.records.data[i]);
		const struct su_layout *was = su_layouts_find(pre, name), *is = su_layouts_find(post, name);
		int err;

		if (!was || !is || su_map_get(&c->is_checked, name))
			continue;
		su_map_put(&c->is_checked, name, NULL);
		err = su_layout_compare(c->diags, path, was, is);
		if (!first)
			first = err;
	}
	return first;
}

/* Objects on stacks are gone by the switch, where the functions that make them change. */
static bool is_automatic(const struct checking *c, const struct su_layout *was, const struct su_layout *is)
{
	for (size_t i = 0; i < 2; i++)
		if (!c->texts || !c->texts[i].data ||
		    !su_record_is_automatic(c->texts[i].data, c->texts[i].nr, was->name))
			return false;
	return was->size != is->size;
}

/* All types that both objects know and that were not compared yet: what changed may lead to others. */
static int compare_rest(struct checking *c, const char *object, const struct su_layouts *pre,
			const struct su_layouts *post)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < pre->list.nr; i++) {
		const struct su_layout *is = su_layouts_find(post, pre->list.data[i].name);

		if (is && !su_map_get(&c->is_checked, is->name) && !is_automatic(c, &pre->list.data[i], is))
			err = su_layout_compare(c->diags, object, &pre->list.data[i], is);
	}
	return err;
}

/* @source: the header whose structs are asked for by name; NULL: the unit's own source is what is patched. */
static int compare_probe(struct checking *c, const struct su_reach_source *source, const struct su_command *command)
{
	SU_CLEANUP_FREE char *pre_path = su_format("%s/probe.pre.o", c->scratch);
	SU_CLEANUP_FREE char *post_path = su_format("%s/probe.post.o", c->scratch);
	const char *object = source ? c->headers->graph.files.data[source->file].path : command->source;
	struct su_layouts pre = { 0 }, post = { 0 };
	int err = run_probe(c, command, pre_path, post_path);

	if (!err)
		err = su_layouts_read(c->diags, pre_path, &pre);
	if (!err)
		err = su_layouts_read(c->diags, post_path, &post);
	if (!err && source)
		err = compare_records(c, source, &pre, &post);
	if (!err)
		err = compare_rest(c, object, &pre, &post);
	su_layouts_fini(&pre);
	su_layouts_fini(&post);
	return err;
}

static off_t source_size(const struct checking *c, const struct su_command *command)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", command->is_generated ? c->tree->objects : c->tree->source,
					       command->source);
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size;
}

static bool does_include(struct checking *c, const struct su_graph_unit *unit, uint32_t file, struct su_graph_walk *walk)
{
	size_t i;

	su_graph_walk(&c->headers->graph, unit, walk);
	for (i = 0; i < walk->files.nr; i++)
		if (walk->files.data[i] == file)
			return true;
	return false;
}

/* The smallest unit that includes the header in any case, greater than @above. NULL: there is none. */
static const struct su_command *choose_unit(struct checking *c, const struct su_reach_source *source, off_t above)
{
	struct su_graph_walk walk = { .only_certain = true };
	const struct su_command *best = NULL;
	off_t best_size = 0;
	size_t i;

	for (i = 0; i < c->headers->reach.including.nr; i++) {
		const struct su_graph_unit *unit = &c->headers->graph.units.data[c->headers->reach.including.data[i]];
		off_t size = source_size(c, unit->command);

		if (unit->command->is_asm || unit->command->is_generated || unit->command->role == SU_ROLE_OTHER ||
		    size <= above || (best && size >= best_size) || !does_include(c, unit, source->file, &walk))
			continue;
		best = unit->command;
		best_size = size;
	}
	su_vec_fini(&walk.files);
	return best;
}

static const char *unchecked_record(const struct checking *c, const struct su_reach_source *source)
{
	size_t i;

	for (i = 0; i < source->seeds.records.nr; i++) {
		const char *name = record_name(c, source->seeds.records.data[i]);

		if (!su_map_get(&c->is_checked, name))
			return name;
	}
	return NULL;
}

static void compare_enumerators(struct checking *c, const char *path, const struct su_buf texts[2])
{
	if (texts[0].data && texts[1].data)
		su_enumerators_compare(c->diags, path, &texts[0], &texts[1]);
}

static int check_source(struct checking *c, const struct su_reach_source *source)
{
	const char *path = c->headers->graph.files.data[source->file].path;
	const struct su_command *unit = NULL;
	struct su_buf texts[2] = { 0 };
	const char *open;
	size_t tries;
	int err = su_plan_read_texts(c->diags, c->tree, c->plan, path, texts);

	if (!err)
		compare_enumerators(c, path, texts);
	su_buf_fini(&texts[0]);
	su_buf_fini(&texts[1]);
	for (tries = 0; !err && tries < PROBES_MAX && (open = unchecked_record(c, source)); tries++) {
		unit = choose_unit(c, source, unit ? source_size(c, unit) : 0);
		if (!unit)
			break;
		err = compare_probe(c, source, unit);
	}
	open = err ? NULL : unchecked_record(c, source);
	if (!open)
		return err;
	return su_fail(c->diags,
		       SU_AT(LAYOUT, .object = path, .symbol = open,
			     .hint = "leave the change of the struct out of the patch"),
		       "no unit tells how the struct is laid out");
}

int su_layout_check(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		    struct su_headers *headers, const char *scratch)
{
	struct checking c = { .diags = diags, .tree = tree, .headers = headers, .plan = plan, .scratch = scratch };
	size_t i;
	int first = 0;

	for (i = 0; i < headers->reach.sources.nr; i++) {
		/* nobody has used what a new header declares */
		bool is_new = !headers->reach.sources.data[i].file;
		int err = is_new ? 0 : check_source(&c, &headers->reach.sources.data[i]);

		if (!first)
			first = err;
	}
	su_map_fini(&c.is_checked);
	return first;
}

/* ---- patched sources ---- */

static int check_unit(struct checking *c, const struct su_command *command)
{
	struct su_buf texts[2] = { 0 };
	int err = su_plan_read_texts(c->diags, c->tree, c->plan, command->source, texts);

	if (!err)
		compare_enumerators(c, command->source, texts);
	if (!err && texts[0].data && texts[1].data &&
	    su_scope_differs(SU_SCOPE_TYPES, texts[0].data, texts[0].nr, texts[1].data, texts[1].nr)) {
		c->texts = texts;
		err = compare_probe(c, NULL, command);
		c->texts = NULL;
	}
	su_buf_fini(&texts[0]);
	su_buf_fini(&texts[1]);
	return err;
}

int su_layout_check_sources(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
			    const char *scratch)
{
	struct checking c = { .diags = diags, .tree = tree, .plan = plan, .scratch = scratch };
	size_t i;
	int first = 0;

	for (i = 0; i < plan->units.nr; i++) {
		const struct su_plan_unit *unit = &plan->units.data[i];
		int err = unit->by_header || unit->command->is_generated || unit->command->is_asm ?
				  0 :
				  check_unit(&c, unit->command);

		if (!first)
			first = err;
	}
	return first;
}
