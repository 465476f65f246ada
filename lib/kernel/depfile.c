// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads a dependency file: one make rule, "target: source header header \" over many lines. */
#include <string.h>

#include "depfile.h"
#include "lib/base/file.h"

static void add_path(struct su_depfile *deps, struct su_map *seen, const struct su_buf *word)
{
	int is_new;

	su_map_put(seen, word->data, &is_new);
	if (is_new)
		*su_vec_add(&deps->paths) = su_arena_strdup(&deps->arena, word->data);
}

/* Take one word off @p, make's escapes undone. */
static const char *take_word(const char *p, const char *end, struct su_buf *word)
{
	word->nr = 0;
	for (; p < end && *p != ' ' && *p != '\n' && *p != '\t'; p++) {
		if (p + 1 < end && ((*p == '\\' && strchr(" #:\\", p[1]) && p[1]) || (*p == '$' && p[1] == '$')))
			p++;
		else if (p + 1 < end && *p == '\\' && p[1] == '\n')
			break;
		su_buf_add(word, p, 1);
	}
	return p;
}

void su_depfile_parse(const char *text, size_t sz, struct su_depfile *deps)
{
	SU_CLEANUP_BUF struct su_buf word = { 0 };
	const char *end = sz ? text + sz : text;
	const char *colon = sz ? memmem(text, sz, ": ", 2) : NULL;
	struct su_map seen = { 0 };
	const char *p = colon ? colon + 2 : end;

	while (p < end) {
		p = take_word(p, end, &word);
		if (word.nr)
			add_path(deps, &seen, &word);
		else
			p++;
	}
	su_map_fini(&seen);
}

int su_depfile_read(struct su_diags *diags, const char *path, struct su_depfile *deps)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int err = su_file_read(diags, path, &buf);

	if (err)
		return err;
	*deps = (struct su_depfile){ 0 };
	su_depfile_parse(buf.data, buf.nr, deps);
	return 0;
}

void su_depfile_fini(struct su_depfile *deps)
{
	su_vec_fini(&deps->paths);
	su_arena_fini(&deps->arena);
}
