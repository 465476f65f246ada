// SPDX-License-Identifier: GPL-2.0-or-later
/* Brings together who includes what (graph.c), what changed (seeds.c) and whom that reaches (reach.c). */
#include <string.h>

#include "headers.h"
#include "lib/base/file.h"

bool su_headers_is_header(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".h");
}

static void parse(struct su_headers *headers, const char *text, size_t sz, struct su_cfile *c)
{
	const struct su_cfile_request req = {
		.text = text,
		.sz = sz,
		.facts = &headers->graph.facts,
		.names = &headers->graph.names,
		.keep_tokens = true,
	};

	su_cfile_parse(&req, c);
}

/* The text before the patch; none where the patch creates the file. */
static void parse_pre(struct su_headers *headers, uint32_t file, struct su_headers_post *post)
{
	const struct su_buf *text = &headers->graph.files.data[file].text;

	if (file && text->data)
		parse(headers, text->data, text->nr, &post->pre);
}

static int add_header(struct su_diags *diags, struct su_headers *headers, const char *path, uint32_t file,
		      const char *overlay)
{
	SU_CLEANUP_FREE char *patched = su_format("%s/%s", overlay, path);
	struct su_reach_source source = { .file = file };
	struct su_headers_post post = { 0 };
	int err = su_file_read(diags, patched, &post.text);

	if (err)
		return err;
	parse(headers, post.text.data ? post.text.data : "", post.text.nr, &post.post);
	parse_pre(headers, file, &post);
	su_seeds_find(&headers->graph.names, &post.pre, &post.post, &source.seeds);
	*su_vec_add(&headers->reach.sources) = source;
	*su_vec_add(&headers->posts) = post;
	return 0;
}

/* A source, template or the like: all who include it compile all of it. */
static void add_text(struct su_headers *headers, uint32_t file)
{
	struct su_reach_source source = { .file = file };

	source.seeds.is_active = source.seeds.is_asm_active = true;
	*su_vec_add(&headers->reach.sources) = source;
}

static int add_file(struct su_diags *diags, struct su_headers *headers, const struct su_patch_file *file,
		    const char *overlay)
{
	uint32_t known = su_graph_file(&headers->graph, file->path);
	bool is_header = su_headers_is_header(file->path);

	if (file->kind != SU_PATCH_MODIFIED && !(is_header && file->kind == SU_PATCH_CREATED))
		return 0;
	if (is_header && (known || file->kind == SU_PATCH_CREATED))
		return add_header(diags, headers, file->path, known, overlay);
	if (known)
		add_text(headers, known);
	else
		*su_vec_add(&headers->unused) = file->path;
	return 0;
}

int su_headers_find(struct su_diags *diags, const struct su_tree *tree, const struct su_patch *patch,
		    const char *overlay, struct su_headers *headers)
{
	struct su_headers made = { 0 };
	size_t i;
	int err = su_graph_create(diags, tree, &made.graph);

	for (i = 0; !err && i < patch->files.nr; i++)
		err = add_file(diags, &made, &patch->files.data[i], overlay);
	if (err) {
		su_headers_fini(&made);
		return err;
	}
	*headers = made;
	headers->reach.graph = &headers->graph;
	if (headers->reach.sources.nr)
		su_reach_find(&headers->reach);
	return 0;
}

void su_headers_fini(struct su_headers *headers)
{
	size_t i;

	for (i = 0; i < headers->posts.nr; i++) {
		su_buf_fini(&headers->posts.data[i].text);
		su_cfile_fini(&headers->posts.data[i].pre);
		su_cfile_fini(&headers->posts.data[i].post);
	}
	su_vec_fini(&headers->posts);
	su_vec_fini(&headers->unused);
	su_reach_fini(&headers->reach);
	su_graph_fini(&headers->graph);
}
