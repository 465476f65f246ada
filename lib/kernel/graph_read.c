// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads files: headers are cut into constructs, of others only the directives are looked at. */
#include <string.h>

#include "graphing.h"
#include "lib/base/file.h"
#include "lib/base/str.h"

static void add_edge(struct su_graph *graph, uint32_t from, const struct su_include *include)
{
	struct su_graph_edge edge = { .include = *include };

	if (!include->is_computed) {
		edge.target = include->is_quoted ? su_graph_find_beside(graph, from, include->name) : 0;
		if (!edge.target)
			edge.target = su_graph_find_standard(graph, include->name);
	}
	*su_vec_add(&graph->files.data[from].edges) = edge;
}

static void note_define(struct su_graph *graph, uint32_t name)
{
	while (graph->is_defined.nr <= name)
		*su_vec_add(&graph->is_defined) = false;
	graph->is_defined.data[name] = true;
}

static bool mentions(const struct su_cfile *c, const struct su_construct *construct, uint32_t name)
{
	size_t i;

	for (i = 0; i < construct->word_nr; i++)
		if (c->words.data[construct->first_word + i] == name)
			return true;
	return false;
}

/* "#define X <path>" */
static void note_path(struct su_graph *graph, uint32_t macro, const char *text, const char *end)
{
	char close;
	const char *stop;
	struct su_include include = { 0 };

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	if (text == end || (*text != '<' && *text != '"'))
		return;
	close = *text == '<' ? '>' : '"';
	stop = memchr(text + 1, close, (size_t)(end - text - 1));
	if (!stop || stop == text + 1)
		return;
	include.is_quoted = close == '"';
	include.name = su_names_add(&graph->names, text + 1, (size_t)(stop - text - 1));
	*su_vec_add(&graph->paths) = (struct su_graph_path){ .macro = macro, .include = include };
}

static void note_macros(struct su_graph *graph, const struct su_cfile *c)
{
	size_t i;

	for (i = 0; i < c->constructs.nr; i++) {
		const struct su_construct *construct = &c->constructs.data[i];
		uint32_t name;
		const char *behind;

		if (construct->kind != SU_CONSTRUCT_MACRO || !su_has_prefix(construct->text, "define"))
			continue;
		name = c->defs.data[construct->first_def].name;
		/* "#ifdef X ... #define X" only says again what is so. */
		if (!mentions(c, construct, name))
			note_define(graph, name);
		behind = memmem(construct->text, construct->sz, su_names_text(&graph->names, name),
				strlen(su_names_text(&graph->names, name)));
		if (behind)
			note_path(graph, name, behind + strlen(su_names_text(&graph->names, name)),
				  construct->text + construct->sz);
	}
}

static void read_header(struct su_graph *graph, uint32_t file)
{
	struct su_cfile_request req = { .facts = &graph->facts, .names = &graph->names };
	struct su_cfile c;
	size_t i;

	req.text = graph->files.data[file].text.data ? graph->files.data[file].text.data : "";
	req.sz = graph->files.data[file].text.nr;
	su_cfile_parse(&req, &c);
	for (i = 0; i < c.includes.nr; i++)
		add_edge(graph, file, &c.includes.data[i]);
	note_macros(graph, &c);
	graph->files.data[file].c = c;
}

struct scan {
	struct su_graph *graph;
	uint32_t file;
	size_t depth; /* of #if */
};

static const char *skip_spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static size_t word_len(const char *p, const char *end)
{
	size_t len = 0;

	while (p + len < end && (p[len] == '_' || (p[len] >= '0' && p[len] <= '9') ||
				 (p[len] >= 'a' && p[len] <= 'z') || (p[len] >= 'A' && p[len] <= 'Z')))
		len++;
	return len;
}

static void scan_include(struct scan *s, const char *p, const char *end)
{
	struct su_include include = { .is_certain = !s->depth };
	const char *stop;

	if (p == end)
		return;
	if (*p == '"' || *p == '<') {
		include.is_quoted = *p == '"';
		stop = memchr(p + 1, *p == '"' ? '"' : '>', (size_t)(end - p - 1));
		if (!stop || stop == p + 1)
			return;
		include.name = su_names_add(&s->graph->names, p + 1, (size_t)(stop - p - 1));
	} else {
		include.is_computed = true;
		include.name = su_names_add(&s->graph->names, p, word_len(p, end));
	}
	add_edge(s->graph, s->file, &include);
}

static void scan_define(struct scan *s, const char *p, const char *end)
{
	size_t len = word_len(p, end);
	uint32_t name = su_names_add(&s->graph->names, p, len);

	*su_vec_add(&s->graph->files.data[s->file].defines) = name;
	note_path(s->graph, name, p + len, end);
}

static void scan_line(struct scan *s, const char *p, const char *end)
{
	size_t len;

	p = skip_spaces(p, end);
	len = word_len(p, end);
	if (len == 7 && !memcmp(p, "include", len))
		scan_include(s, skip_spaces(p + len, end), end);
	else if (len == 6 && !memcmp(p, "define", len))
		scan_define(s, skip_spaces(p + len, end), end);
	else if (len >= 2 && !memcmp(p, "if", 2))
		s->depth++;
	else if (len == 5 && !memcmp(p, "endif", len))
		s->depth -= s->depth > 0;
}

/* Lines that begin with '#'. One in a comment is taken too, which does no harm. */
static void scan_text(struct su_graph *graph, uint32_t file)
{
	struct scan s = { .graph = graph, .file = file };
	const char *text = graph->files.data[file].text.data, *end = text + graph->files.data[file].text.nr;
	const char *at = text;

	while (at && at < end && (at = memchr(at, '#', (size_t)(end - at)))) {
		const char *before = at, *newline = memchr(at, '\n', (size_t)(end - at));

		while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
			before--;
		if (before == text || before[-1] == '\n')
			scan_line(&s, at + 1, newline ? newline : end);
		else if (at + 1 < end && at[1] == '#')
			graph->files.data[file].has_paste = true;
		at++;
	}
	if (text && memmem(text, (size_t)(end - text), "##", 2))
		graph->files.data[file].has_paste = true;
}

void su_graph_read_file(struct su_graph *graph, uint32_t file)
{
	struct su_diags *ignored = su_diags_create();
	SU_CLEANUP_FREE char *path = su_graph_absolute_path(graph, graph->files.data[file].path);
	struct su_buf text = { 0 };

	graph->files.data[file].is_read = true;
	/* What is not there, or cannot be read, is not there for the compiler either. */
	if (!su_file_read(ignored, path, &text)) {
		graph->files.data[file].text = text;
		if (graph->files.data[file].is_header) {
			read_header(graph, file);
		} else {
			scan_text(graph, file);
			su_buf_fini(&graph->files.data[file].text);
			graph->files.data[file].text = (struct su_buf){ 0 };
		}
	}
	su_diags_destroy(ignored);
}

int su_graph_text(struct su_graph *graph, uint32_t file, struct su_buf *buf, const char **text, size_t *sz)
{
	const struct su_graph_file *f = &graph->files.data[file];
	SU_CLEANUP_FREE char *path = su_graph_absolute_path(graph, f->path);
	struct su_diags *ignored;
	int err = 0;

	if (!f->text.data) {
		ignored = su_diags_create();
		err = su_file_read(ignored, path, buf);
		su_diags_destroy(ignored);
	}
	if (err)
		return err;
	*text = f->text.data ? f->text.data : buf->data ? buf->data : "";
	*sz = f->text.data ? f->text.nr : buf->nr;
	return 0;
}
