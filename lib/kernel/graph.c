// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the units' texts and the headers' and joins them by their #includes. Headers are cut into constructs; of other files
 * only the directives are looked at, by a scan that is fast enough to be done anew each time.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "graph.h"
#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/base/str.h"

#define STANDARD_NR 8

static const char *const standard_dirs[STANDARD_NR] = {
	"arch/x86/include",	 "./arch/x86/include/generated",      "include",      "./include",
	"arch/x86/include/uapi", "./arch/x86/include/generated/uapi", "include/uapi", "./include/generated/uapi",
};

/* ---- files ---- */

/* The name by which the graph knows an absolute path: relative where it is in the source. */
static const char *graph_path(const struct su_graph *graph, const char *path)
{
	const char *below = su_path_below(path, graph->tree->source);

	return below ? below : path;
}

static char *absolute_path(const struct su_graph *graph, const char *path)
{
	return *path == '/' ? su_strdup(path) : su_format("%s/%s", graph->tree->source, path);
}

static uint32_t add_file(struct su_graph *graph, const char *path)
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
static uint32_t find_in(struct su_graph *graph, const char *dir, const char *name)
{
	SU_CLEANUP_FREE char *joined = su_format("%s/%s", dir, name);
	SU_CLEANUP_FREE char *clean = su_path_clean(joined);
	const char *path = graph_path(graph, clean);
	const size_t *known = su_map_get(&graph->index, path);

	if (known)
		return (uint32_t)*known;
	return access(clean, R_OK) ? 0 : add_file(graph, path);
}

/* ---- what an #include means ---- */

static uint32_t find_standard(struct su_graph *graph, uint32_t name)
{
	const char *text = su_names_text(&graph->names, name);
	uint32_t found = 0;
	size_t i;

	while (graph->standard.nr <= name)
		*su_vec_add(&graph->standard) = 0;
	if (graph->standard.data[name])
		return graph->standard.data[name] - 1;
	for (i = 0; !found && i < graph->standard_nr; i++)
		found = find_in(graph, graph->standard_dirs[i], text);
	graph->standard.data[name] = found + 1;
	return found;
}

static uint32_t find_beside(struct su_graph *graph, uint32_t from, uint32_t name)
{
	SU_CLEANUP_FREE char *dir = absolute_path(graph, graph->files.data[from].path);

	*strrchr(dir, '/') = '\0';
	return find_in(graph, dir, su_names_text(&graph->names, name));
}

static uint32_t find_in_dirs(struct su_graph *graph, uint32_t dirs, uint32_t name)
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
		found = find_in(graph, list->dirs.data[i], su_names_text(&graph->names, name));
	*su_map_put(&graph->resolved, key, NULL) = found;
	return found;
}

uint32_t su_graph_resolve(struct su_graph *graph, uint32_t from, const struct su_include *include,
			  const struct su_graph_unit *unit)
{
	uint32_t found = include->is_quoted ? find_beside(graph, from, include->name) : 0;

	if (!found && (!unit || graph->dirs.data[unit->dirs].is_standard))
		found = find_standard(graph, include->name);
	if (!found && unit)
		found = find_in_dirs(graph, unit->dirs, include->name);
	return found;
}

/* ---- reading ---- */

static void add_edge(struct su_graph *graph, uint32_t from, const struct su_include *include)
{
	struct su_graph_edge edge = { .include = *include };

	if (!include->is_computed) {
		edge.target = include->is_quoted ? find_beside(graph, from, include->name) : 0;
		if (!edge.target)
			edge.target = find_standard(graph, include->name);
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

static void read_file(struct su_graph *graph, uint32_t file)
{
	struct su_diags *ignored = su_diags_create();
	SU_CLEANUP_FREE char *path = absolute_path(graph, graph->files.data[file].path);
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
	SU_CLEANUP_FREE char *path = absolute_path(graph, f->path);
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

/* ---- units ---- */

static const char *dir_path(struct su_graph *graph, const char *dir)
{
	SU_CLEANUP_FREE char *joined = *dir == '/' ? su_strdup(dir) : su_format("%s/%s", graph->tree->objects, dir);
	SU_CLEANUP_FREE char *clean = su_path_clean(joined);

	return su_arena_strdup(&graph->arena, clean);
}

static bool begins_standard(const struct su_graph *graph, const struct su_graph_dirs *dirs)
{
	size_t i;

	if (dirs->dirs.nr < graph->standard_nr)
		return false;
	for (i = 0; i < graph->standard_nr; i++)
		if (strcmp(dirs->dirs.data[i], graph->standard_dirs[i]))
			return false;
	return true;
}

/* Lists of folders are few: units of one folder share theirs. */
static uint32_t share_dirs(struct su_graph *graph, const struct su_name_list *dirs)
{
	SU_CLEANUP_BUF struct su_buf key = { 0 };
	struct su_graph_dirs made = { 0 };
	size_t i, *slot;
	int is_new;

	su_buf_puts(&key, "");
	for (i = 0; i < dirs->nr; i++)
		su_buf_format(&key, "%s:", su_names_text(&graph->names, dirs->data[i]));
	slot = su_map_put(&graph->dirs_index, key.data, &is_new);
	if (is_new) {
		*slot = graph->dirs.nr;
		for (i = 0; i < dirs->nr; i++)
			*su_vec_add(&made.dirs) = dir_path(graph, su_names_text(&graph->names, dirs->data[i]));
		made.is_standard = begins_standard(graph, &made);
		*su_vec_add(&graph->dirs) = made;
	}
	return (uint32_t)*slot;
}

/* The argument of an option, glued to it or the next word; NULL: this is another option. */
static const char *option_value(const char **words, size_t *i, const char *option)
{
	size_t len = strlen(option);

	if (strncmp(words[*i], option, len))
		return NULL;
	if (words[*i][len])
		return words[*i] + len;
	return words[*i + 1] ? words[++*i] : NULL;
}

static void add_forced(struct su_graph *graph, struct su_graph_unit *unit, const char *path)
{
	const char *clean = dir_path(graph, path);

	*su_vec_add(&unit->forced) = add_file(graph, graph_path(graph, clean));
}

static void add_name(struct su_graph *graph, struct su_name_list *list, const char *text, size_t len)
{
	*su_vec_add(list) = su_names_add(&graph->names, text, len);
}

static void read_command(struct su_graph *graph, struct su_graph_unit *unit)
{
	struct su_arena arena = { 0 };
	struct su_name_list quoted = { 0 }, dirs = { 0 };
	size_t i, nr;
	const char **words = su_database_words(&graph->tree->db, unit->command->compile, &arena, &nr);

	for (i = 0; i < nr; i++) {
		const char *value;

		if ((value = option_value(words, &i, "-include")))
			add_forced(graph, unit, value);
		else if ((value = option_value(words, &i, "-iquote")))
			add_name(graph, &quoted, value, strlen(value));
		else if ((value = option_value(words, &i, "-isystem")) || (value = option_value(words, &i, "-I")))
			add_name(graph, &dirs, value, strlen(value));
		else if ((value = option_value(words, &i, "-D")))
			add_name(graph, &unit->defines, value, strcspn(value, "=("));
	}
	for (i = 0; i < quoted.nr; i++)
		*su_vec_add(&dirs) = quoted.data[i];
	unit->dirs = share_dirs(graph, &dirs);
	su_vec_fini(&quoted);
	su_vec_fini(&dirs);
	su_arena_fini(&arena);
}

static void add_unit(struct su_graph *graph, const struct su_command *command)
{
	struct su_graph_unit unit = { .command = command };
	SU_CLEANUP_FREE char *generated = su_format("%s/%s", graph->tree->objects, command->source);
	SU_CLEANUP_FREE char *clean = su_path_clean(generated);

	if (command->role == SU_ROLE_OTHER && !su_command_is_vdso(command))
		return;
	unit.file = add_file(graph, command->is_generated ? clean : command->source);
	read_command(graph, &unit);
	*su_vec_add(&graph->units) = unit;
}

/* ---- walking ---- */

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
			visit(graph, walk, find_in_dirs(graph, unit->dirs, edge.include.name));
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
			read_file(graph, walk->files.data[i]);
		follow(graph, unit, walk, walk->files.data[i]);
	}
}

/* ---- all of it ---- */

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

		made.standard_dirs[i] = dir_path(&made, path);
	}
	made.standard_nr = STANDARD_NR;
	for (i = 0; !err && i < tree->db.commands.nr; i++)
		add_unit(&made, &tree->db.commands.data[i]);
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
