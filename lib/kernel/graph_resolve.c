// SPDX-License-Identifier: GPL-2.0-or-later
/* Which file an #include means: beside the includer, then in the folders of the unit's command, as the compiler looks. */
#include <stdio.h>
#include <string.h>

#include "graphing.h"

uint32_t su_graph_find_standard(struct su_graph *graph, uint32_t name)
{
	const char *text = su_names_text(&graph->names, name);
	uint32_t found = 0;
	size_t i;

	while (graph->standard.nr <= name)
		*su_vec_add(&graph->standard) = 0;
	if (graph->standard.data[name])
		return graph->standard.data[name] - 1;
	for (i = 0; !found && i < graph->standard_nr; i++)
		found = su_graph_find_in(graph, graph->standard_dirs[i], text);
	graph->standard.data[name] = found + 1;
	return found;
}

uint32_t su_graph_find_beside(struct su_graph *graph, uint32_t from, uint32_t name)
{
	SU_CLEANUP_FREE char *dir = su_graph_absolute_path(graph, graph->files.data[from].path);

	*strrchr(dir, '/') = '\0';
	return su_graph_find_in(graph, dir, su_names_text(&graph->names, name));
}

uint32_t su_graph_find_in_dirs(struct su_graph *graph, uint32_t dirs, uint32_t name)
{
	const struct su_graph_dirs *list = &graph->dirs.data[dirs];
	char key[32];
	int is_new;
	size_t *slot, i;
	uint32_t found = 0;

	snprintf(key, sizeof(key), "%u %u", dirs, name);
	slot = su_map_put(&graph->resolved, key, &is_new);
	if (!is_new)
		return (uint32_t)*slot;
	for (i = list->is_standard ? graph->standard_nr : 0; !found && i < list->dirs.nr; i++)
		found = su_graph_find_in(graph, list->dirs.data[i], su_names_text(&graph->names, name));
	*su_map_put(&graph->resolved, key, NULL) = found;
	return found;
}

uint32_t su_graph_resolve(struct su_graph *graph, uint32_t from, const struct su_include *include,
			  const struct su_graph_unit *unit)
{
	uint32_t found = include->is_quoted ? su_graph_find_beside(graph, from, include->name) : 0;

	if (!found && (!unit || graph->dirs.data[unit->dirs].is_standard))
		found = su_graph_find_standard(graph, include->name);
	if (!found && unit)
		found = su_graph_find_in_dirs(graph, unit->dirs, include->name);
	return found;
}
