// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader of unified diffs. It is strict about hunks, whose counts must add up, and about paths, which must stay inside
 * the tree: what it lets through is handed to patch(1).
 */
#include <ctype.h>
#include <string.h>

#include "lib/base/str.h"
#include "patch.h"
#include "lib/base/file.h"

#define LINE_MAX_NR 100000000u /* of a line number: far above any source file */

struct line {
	const char *text;
	size_t len; /* without the newline */
};

struct parser {
	struct su_diags *diags;
	const char *name;
	const char *next, *end;
	size_t line_nr; /* of the line taken last */
	struct su_patch *patch;
	struct su_map seen; /* path -> index in files */
};

static int fail_line(const struct parser *p, const char *what)
{
	return su_fail(p->diags, SU_AT(PATCH_READ, .object = p->name), "line %zu: %s", p->line_nr, what);
}

static bool peek_line(const struct parser *p, struct line *line)
{
	const char *newline;

	if (p->next == p->end)
		return false;
	newline = memchr(p->next, '\n', (size_t)(p->end - p->next));
	*line = (struct line){ .text = p->next, .len = (size_t)((newline ? newline : p->end) - p->next) };
	return true;
}

static bool take_line(struct parser *p, struct line *line)
{
	if (!peek_line(p, line))
		return false;
	p->next = line->text + line->len + (line->text + line->len < p->end);
	p->line_nr++;
	return true;
}

static bool begins(const struct line *line, const char *prefix)
{
	size_t len = strlen(prefix);

	return line->len >= len && !memcmp(line->text, prefix, len);
}

/* ---- paths ---- */

static bool is_inside_tree(const char *path)
{
	const char *p = path;

	if (!*path || *path == '/' || strchr(path, '"'))
		return false;
	for (; *p; p++)
		if (iscntrl((unsigned char)*p))
			return false;
	while (path) {
		if (su_has_prefix(path, "..") && (path[2] == '/' || !path[2]))
			return false;
		path = strchr(path, '/');
		if (path)
			path++;
	}
	return true;
}

/* As patch(1) has it: a time is set off by a tab, behind a name that may have blanks in it; else by the first blank. */
static size_t path_length(const char *text, size_t len)
{
	const char *tab = memchr(text, '\t', len);
	size_t nr = 0;

	if (tab)
		return (size_t)(tab - text);
	while (nr < len && text[nr] != ' ' && text[nr] != '\r')
		nr++;
	return nr;
}

/* The path behind @skip bytes of a line, without its first component and a time behind it; NULL for /dev/null. */
static int take_path(struct parser *p, const struct line *line, size_t skip, const char **path)
{
	size_t len = path_length(line->text + skip, line->len - skip);
	SU_CLEANUP_FREE char *whole = NULL;
	const char *slash;

	whole = su_format("%.*s", (int)len, line->text + skip);
	if (!strcmp(whole, "/dev/null")) {
		*path = NULL;
		return 0;
	}
	slash = strchr(whole, '/');
	if (!slash || *whole == '/' || !is_inside_tree(slash + 1))
		return fail_line(p, "the path is not one below the kernel's tree (a/..., b/...)");
	*path = su_arena_strdup(&p->patch->arena, slash + 1);
	return 0;
}

/* ---- hunks ---- */

static bool take_number(const char **at, const char *end, size_t *value)
{
	const char *p = *at;
	size_t sum = 0;

	for (; p < end && isdigit((unsigned char)*p); p++) {
		sum = sum * 10 + (size_t)(*p - '0');
		if (sum > LINE_MAX_NR)
			return false;
	}
	if (p == *at)
		return false;
	*at = p;
	*value = sum;
	return true;
}

/* "12,3" or "12", behind @sign. */
static bool take_range(const char **at, const char *end, char sign, size_t *start, size_t *nr)
{
	if (*at == end || **at != sign)
		return false;
	(*at)++;
	*nr = 1;
	if (!take_number(at, end, start))
		return false;
	if (*at == end || **at != ',')
		return true;
	(*at)++;
	return take_number(at, end, nr);
}

static bool parse_hunk_head(const struct line *line, struct su_hunk *hunk)
{
	const char *at = line->text + 3, *end = line->text + line->len;

	if (!begins(line, "@@ ") || !take_range(&at, end, '-', &hunk->old_start, &hunk->old_nr))
		return false;
	if (at == end || *at++ != ' ' || !take_range(&at, end, '+', &hunk->new_start, &hunk->new_nr))
		return false;
	return end - at >= 3 && !memcmp(at, " @@", 3);
}

/* Take the hunk's lines: as many of each side as its head says. */
static int take_hunk_body(struct parser *p, const struct su_hunk *hunk)
{
	size_t old_left = hunk->old_nr, new_left = hunk->new_nr;
	struct line line;

	while (old_left || new_left) {
		char sign;

		if (!take_line(p, &line))
			return fail_line(p, "the patch ends within a hunk");
		/* Mailers strip the blank off an empty line of context. */
		sign = line.len && *line.text != '\r' ? *line.text : ' ';
		if (sign == '\\')
			continue;
		if ((sign != ' ' && sign != '-' && sign != '+') || (sign != '+' && !old_left) ||
		    (sign != '-' && !new_left))
			return fail_line(p, "the hunk has other lines than its head says");
		old_left -= sign != '+';
		new_left -= sign != '-';
	}
	if (peek_line(p, &line) && begins(&line, "\\"))
		take_line(p, &line);
	return 0;
}

static bool is_behind(const struct su_hunk *hunk, const struct su_hunk *last)
{
	return hunk->old_start >= last->old_start + last->old_nr && hunk->new_start >= last->new_start + last->new_nr;
}

static int take_hunks(struct parser *p, struct su_patch_file *file)
{
	struct su_hunk hunk;
	struct line line;

	while (peek_line(p, &line) && begins(&line, "@@")) {
		int err;

		take_line(p, &line);
		if (!parse_hunk_head(&line, &hunk))
			return fail_line(p, "the head of the hunk is damaged");
		if (file->hunks.nr && !is_behind(&hunk, &file->hunks.data[file->hunks.nr - 1]))
			return fail_line(p, "the hunks of the file are not in order");
		*su_vec_add(&file->hunks) = hunk;
		err = take_hunk_body(p, &hunk);
		if (err)
			return err;
	}
	return file->hunks.nr ? 0 : fail_line(p, "no hunk follows");
}

/* ---- files ---- */

/* diff -N names a file that comes on both sides; that there was nothing before is said by its hunk only. */
static bool is_from_nothing(const struct su_patch_file *file)
{
	const struct su_hunk *hunk = file->hunks.nr == 1 ? &file->hunks.data[0] : NULL;

	return hunk && !hunk->old_start && !hunk->old_nr;
}

static void name_file(const char *old_path, const char *new_path, struct su_patch_file *file)
{
	*file = (struct su_patch_file){ .path = new_path ? new_path : old_path, .old_path = old_path };
	if (!old_path)
		file->kind = SU_PATCH_CREATED;
	else if (!new_path)
		file->kind = SU_PATCH_DELETED;
	else if (strcmp(old_path, new_path))
		file->kind = SU_PATCH_RENAMED;
}

/* A series may change a file more than once; what lies between is patch(1)'s to know. Takes the hunks over on success. */
static int add_file(struct parser *p, struct su_patch_file *file)
{
	const struct su_patch_file *earlier;
	size_t *index;
	int is_new;

	if (file->kind == SU_PATCH_MODIFIED && is_from_nothing(file)) {
		file->kind = SU_PATCH_CREATED;
		file->old_path = NULL;
	}
	index = su_map_put(&p->seen, file->path, &is_new);
	if (is_new) {
		*index = p->patch->files.nr;
		*su_vec_add(&p->patch->files) = *file;
		return 0;
	}
	earlier = &p->patch->files.data[*index];
	if (file->kind != SU_PATCH_MODIFIED || (earlier->kind != SU_PATCH_MODIFIED && earlier->kind != SU_PATCH_CREATED))
		return fail_line(p, "the file comes, goes or gets another name, and is changed twice in one patch");
	su_vec_fini(&file->hunks);
	return 0;
}

/* @line is "--- old", and "+++ new" follows. */
static int take_file(struct parser *p, const struct line *line)
{
	const char *old_path, *new_path;
	struct su_patch_file file;
	struct line plus;
	int err = take_path(p, line, 4, &old_path);

	if (err)
		return err;
	take_line(p, &plus);
	err = take_path(p, &plus, 4, &new_path);
	if (err)
		return err;
	if (!old_path && !new_path)
		return fail_line(p, "both sides are /dev/null");
	name_file(old_path, new_path, &file);
	err = take_hunks(p, &file);
	if (!err)
		err = add_file(p, &file);
	if (err)
		su_vec_fini(&file.hunks);
	return err;
}

/* git writes these without the a/ and b/, and a rename need not have any hunk. */
static int take_rename(struct parser *p, const struct line *line)
{
	static const char from[] = "rename from ", to[] = "rename to ";
	const char *old_path, *new_path;
	struct su_patch_file file;
	struct line second, next;

	if (!peek_line(p, &second) || !begins(&second, to))
		return 0;
	take_line(p, &second);
	/* With hunks the file's own lines will say the same. */
	if (peek_line(p, &next) && (begins(&next, "index ") || begins(&next, "--- ")))
		return 0;
	old_path = su_arena_format(&p->patch->arena, "%.*s", (int)(line->len - sizeof(from) + 1),
				   line->text + sizeof(from) - 1);
	new_path = su_arena_format(&p->patch->arena, "%.*s", (int)(second.len - sizeof(to) + 1),
				   second.text + sizeof(to) - 1);
	if (!is_inside_tree(old_path) || !is_inside_tree(new_path))
		return fail_line(p, "the path is not one below the kernel's tree");
	name_file(old_path, new_path, &file);
	return add_file(p, &file);
}

static int take_any(struct parser *p, const struct line *line)
{
	struct line next;

	if (begins(line, "--- ") && peek_line(p, &next) && begins(&next, "+++ "))
		return take_file(p, line);
	if (begins(line, "rename from "))
		return take_rename(p, line);
	if (begins(line, "GIT binary patch") ||
	    (begins(line, "Binary files ") && line->len > 7 && !memcmp(line->text + line->len - 7, " differ", 7)))
		return fail_line(p, "binary patches are not supported");
	/* A context diff or a stray hunk would be passed over as text, and with it a part of the change. */
	if (begins(line, "@@ -") || begins(line, "*** a/") || begins(line, "***************"))
		return fail_line(p, "this is not a part of a unified diff");
	return 0;
}

int su_patch_parse(struct su_diags *diags, const char *name, const char *text, size_t sz, struct su_patch *patch)
{
	struct su_patch made = { 0 };
	struct parser p = { .diags = diags, .name = name, .next = text, .end = text + sz, .patch = &made };
	struct line line;
	int err = 0;

	while (!err && take_line(&p, &line))
		err = take_any(&p, &line);
	if (!err && !made.files.nr)
		err = su_fail(diags, SU_AT(PATCH_READ, .object = name), "there is no unified diff in the file");
	su_map_fini(&p.seen);
	if (err)
		su_patch_fini(&made);
	else
		*patch = made;
	return err;
}

int su_patch_read(struct su_diags *diags, const char *path, struct su_patch *patch)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int err = su_file_read(diags, path, &buf);

	return err ? err : su_patch_parse(diags, path, buf.data ? buf.data : "", buf.nr, patch);
}

void su_patch_fini(struct su_patch *patch)
{
	size_t i;

	for (i = 0; i < patch->files.nr; i++)
		su_vec_fini(&patch->files.data[i].hunks);
	su_vec_fini(&patch->files);
	su_arena_fini(&patch->arena);
}
