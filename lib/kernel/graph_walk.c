// SPDX-License-Identifier: GPL-2.0-or-later
/* What a unit includes, by way of everything that it includes. */
#include <string.h>

#include "graphing.h"
#include "lib/base/str.h"

static bool has_name(const struct su_name_list *list, uint32_t name)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		if (list->data[i] == name)
			return true;
	return false;
}

/* May this #include be in force? Where only the unit itself could define the word that it needs, see whether it does. */
static bool may_follow(const struct su_graph *graph, const struct su_graph_unit *unit, const struct su_include *include)
{
	uint32_t needs = include->needs;

	if (!needs || (needs < graph->is_defined.nr && graph->is_defined.data[needs]))
		return true;
	/* The compiler's own. */
	if (su_has_prefix(su_names_text(&graph->names, needs), "__"))
		return true;
	return has_name(&graph->files.data[unit->file].defines, needs) || has_name(&unit->defines, needs);
}

static void visit(struct su_graph *graph, struct su_graph_walk *walk, uint32_t file)
{
	if (!file || graph->stamps.data[file] == graph->stamp)
		return;
	graph->stamps.data[file] = graph->stamp;
	*su_vec_add(&walk->files) = file;
}

static void visit_computed(struct su_graph *graph, const struct su_graph_unit *unit, struct su_graph_walk *walk,
			   uint32_t from, const struct su_include *include)
{
	const char *name = su_names_text(&graph->names, include->name);
	bool found = false;
	size_t i;

	/* A trace header includes itself by this; a path that the configuration does not give is not included. */
	if (!strcmp(name, "TRACE_INCLUDE") || (su_has_prefix(name, "CONFIG_") && !su_map_get(&graph->facts.config, name)))
		return;
	for (i = 0; i < graph->paths.nr; i++)
		if (graph->paths.data[i].macro == include->name) {
			struct su_include path = graph->paths.data[i].include;

			found = true;
			visit(graph, walk, su_graph_resolve(graph, from, &path, unit));
		}
	walk->is_opaque |= !found;
}

static void follow(struct su_graph *graph, const struct su_graph_unit *unit, struct su_graph_walk *walk, uint32_t from)
{
	size_t i;

	for (i = 0; i < graph->files.data[from].edges.nr; i++) {
		struct su_graph_edge edge = graph->files.data[from].edges.data[i];

		if (walk->only_certain && !edge.include.is_certain)
			continue;
		if (walk->skip_from == from && walk->skip_name && walk->skip_name == edge.include.name)
			continue;
		if (!may_follow(graph, unit, &edge.include))
			continue;
		if (edge.include.is_computed)
			visit_computed(graph, unit, walk, from, &edge.include);
		else if (!edge.target)
			visit(graph, walk, su_graph_find_in_dirs(graph, unit->dirs, edge.include.name));
		else if (graph->dirs.data[unit->dirs].is_standard)
			visit(graph, walk, edge.target);
		else
			visit(graph, walk, su_graph_resolve(graph, from, &edge.include, unit));
	}
}

void su_graph_walk(struct su_graph *graph, const struct su_graph_unit *unit, struct su_graph_walk *walk)
{
	size_t i;

	graph->stamp++;
	walk->files.nr = 0;
	walk->is_opaque = false;
	for (i = 0; walk->closed && i < walk->closed->nr; i++)
		graph->stamps.data[walk->closed->data[i]] = graph->stamp;
	visit(graph, walk, unit->file);
	for (i = 0; i < unit->forced.nr; i++)
		visit(graph, walk, unit->forced.data[i]);
	for (i = 0; i < walk->files.nr; i++) {
		if (!graph->files.data[walk->files.data[i]].is_read)
			su_graph_read_file(graph, walk->files.data[i]);
		follow(graph, unit, walk, walk->files.data[i]);
	}
}
