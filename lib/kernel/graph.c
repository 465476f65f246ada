// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the units' texts and the headers' and joins them by their #includes. Headers are cut into constructs; of other files
 * only the directives are looked at, by a scan that is fast enough to be done anew each time.
 */
#include <unistd.h>

#include "graphing.h"
#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/base/str.h"

#define STANDARD_NR 8

static const char *const standard_dirs[STANDARD_NR] = {
	"arch/x86/include",	 "./arch/x86/include/generated",      "include",      "./include",
	"arch/x86/include/uapi", "./arch/x86/include/generated/uapi", "include/uapi", "./include/generated/uapi",
};

/* The name by which the graph knows an absolute path: relative where it is in the source. */
const char *su_graph_known_path(const struct su_graph *graph, const char *path)
{
	const char *below = su_path_below(path, graph->tree->source);

	return below ? below : path;
}

char *su_graph_absolute_path(const struct su_graph *graph, const char *path)
{
	return *path == '/' ? su_strdup(path) : su_format("%s/%s", graph->tree->source, path);
}

uint32_t su_graph_add_file(struct su_graph *graph, const char *path)
{
	int is_new;
	size_t *slot = su_map_put(&graph->index, path, &is_new);

	if (is_new) {
		*slot = graph->files.nr;
		*su_vec_add(&graph->files) = (struct su_graph_file){ .path = su_arena_strdup(&graph->arena, path),
								     .is_header = su_has_suffix(path, ".h") };
		*su_vec_add(&graph->stamps) = 0;
	}
	return (uint32_t)*slot;
}

/* The file @name in a folder; 0: it is not there. */
uint32_t su_graph_find_in(struct su_graph *graph, const char *dir, const char *name)
{
	SU_CLEANUP_FREE char *joined = su_format("%s/%s", dir, name);
	SU_CLEANUP_FREE char *clean = su_path_clean(joined);
	const char *path = su_graph_known_path(graph, clean);
	const size_t *known = su_map_get(&graph->index, path);

	if (known)
		return (uint32_t)*known;
	return access(clean, R_OK) ? 0 : su_graph_add_file(graph, path);
}

static int read_facts(struct su_diags *diags, struct su_graph *graph)
{
	SU_CLEANUP_FREE char *path = su_format("%s/include/generated/autoconf.h", graph->tree->objects);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	int err = su_file_read(diags, path, &text);

	if (!err)
		su_cfacts_read(&graph->facts, text.data ? text.data : "", text.nr);
	return err;
}

static int read_all(struct su_diags *diags, struct su_graph *graph)
{
	struct su_graph_walk walk = { 0 };
	size_t i, known;
	int err = 0;

	/* Which macros the headers define is known only when all are read: go on until no walk reads another. */
	do {
		known = graph->files.nr;
		for (i = 0; !err && i < graph->units.nr; i++) {
			su_graph_walk(graph, &graph->units.data[i], &walk);
			err = su_signals_check(diags);
		}
	} while (!err && graph->files.nr != known);
	su_vec_fini(&walk.files);
	return err;
}

int su_graph_create(struct su_diags *diags, const struct su_tree *tree, struct su_graph *graph)
{
	struct su_graph made = { .tree = tree };
	size_t i;
	int err;

	*su_vec_add(&made.files) = (struct su_graph_file){ .path = "" };
	*su_vec_add(&made.stamps) = 0;
	err = read_facts(diags, &made);
	for (i = 0; i < STANDARD_NR; i++) {
		const char *dir = standard_dirs[i];
		SU_CLEANUP_FREE char *path = *dir == '.' ? su_strdup(dir) : su_format("%s/%s", tree->source, dir);

		made.standard_dirs[i] = su_graph_dir_path(&made, path);
	}
	made.standard_nr = STANDARD_NR;
	for (i = 0; !err && i < tree->db.commands.nr; i++)
		su_graph_add_unit(&made, &tree->db.commands.data[i]);
	if (!err)
		err = read_all(diags, &made);
	if (err)
		su_graph_fini(&made);
	else
		*graph = made;
	return err;
}

uint32_t su_graph_file(const struct su_graph *graph, const char *path)
{
	const size_t *found = su_map_get(&graph->index, path);

	return found ? (uint32_t)*found : 0;
}

void su_graph_fini(struct su_graph *graph)
{
	size_t i;

	for (i = 0; i < graph->files.nr; i++) {
		su_buf_fini(&graph->files.data[i].text);
		su_cfile_fini(&graph->files.data[i].c);
		su_vec_fini(&graph->files.data[i].edges);
		su_vec_fini(&graph->files.data[i].defines);
	}
	for (i = 0; i < graph->units.nr; i++) {
		su_vec_fini(&graph->units.data[i].forced);
		su_vec_fini(&graph->units.data[i].defines);
	}
	for (i = 0; i < graph->dirs.nr; i++)
		su_vec_fini(&graph->dirs.data[i].dirs);
	su_vec_fini(&graph->files);
	su_vec_fini(&graph->units);
	su_vec_fini(&graph->dirs);
	su_vec_fini(&graph->paths);
	su_vec_fini(&graph->is_defined);
	su_vec_fini(&graph->stamps);
	su_vec_fini(&graph->standard);
	su_map_fini(&graph->index);
	su_map_fini(&graph->dirs_index);
	su_map_fini(&graph->resolved);
	su_cfacts_fini(&graph->facts);
	su_names_fini(&graph->names);
	su_arena_fini(&graph->arena);
	*graph = (struct su_graph){ 0 };
}
