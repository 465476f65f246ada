// SPDX-License-Identifier: GPL-2.0-or-later
/* What invocations of macros at the top level of a file make: names, and code that is compiled wherever they are included. */
#include <string.h>

#include "cexpand.h"
#include "reaching.h"

static bool expand_call(struct su_reaching *x, struct su_reach_tainted *t, const char *text, size_t sz,
			struct su_reach_path path);

void su_reach_make_active(struct su_reach_tainted *t, const struct su_reach_path *path)
{
	*su_vec_add(&t->active) = *path;
}

/* What came out of an expansion is a header's text like any other. */
static void class_expansion(struct su_reaching *x, struct su_reach_tainted *t, const struct su_buf *text,
			    const struct su_reach_path *path)
{
	struct su_cfile_request req = {
		.text = text->data, .sz = text->nr, .facts = &x->graph->facts, .names = &x->graph->names
	};
	struct su_cfile c;
	size_t i, k;

	su_cfile_parse(&req, &c);
	for (i = 0; i < c.constructs.nr; i++) {
		const struct su_construct *made = &c.constructs.data[i];

		for (k = 0; k < made->def_nr; k++)
			*su_vec_add(&t->defs) = c.defs.data[made->first_def + k];
		if (made->kind == SU_CONSTRUCT_ACTIVE ||
		    (made->kind == SU_CONSTRUCT_CALL && !expand_call(x, t, made->text, made->sz, *path)))
			su_reach_make_active(t, path);
	}
	su_cfile_fini(&c);
}

static size_t call_name_len(const char *text, size_t sz)
{
	const char *paren = memchr(text, '(', sz);
	size_t len = paren ? (size_t)(paren - text) : 0;

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* Return: whether any definition of the macro is known. */
static bool expand_call(struct su_reaching *x, struct su_reach_tainted *t, const char *text, size_t sz,
			struct su_reach_path path)
{
	uint32_t name = su_names_find(&x->graph->names, text, call_name_len(text, sz));
	bool found = false;
	size_t i;

	if (!name || name >= x->macros.name_nr || path.nr == SU_EXPAND_DEPTH_MAX)
		return false;
	for (i = x->macros.start[name]; i < x->macros.start[name + 1]; i++) {
		const struct su_reach_place *place = &x->macros.places[i];
		const struct su_construct *macro = &x->graph->files.data[place->file].c.constructs.data[place->construct];
		SU_CLEANUP_BUF struct su_buf out = { 0 };
		struct su_reach_path next = path;

		if (!macro->for_c || !su_macro_expand(macro->text, macro->sz, text, sz, &out))
			continue;
		found = true;
		next.files[next.nr++] = place->file;
		su_buf_puts(&out, " ;");
		class_expansion(x, t, &out, &next);
	}
	return found;
}

/* A list for macros that each includer defines anew. */
static bool is_defined_in_source(const struct su_reaching *x, const char *text, size_t sz)
{
	uint32_t name = su_names_find(&x->graph->names, text, call_name_len(text, sz));

	return name < x->source_macros.nr && x->source_macros.data[name];
}

void su_reach_expand(struct su_reaching *x, struct su_reach_tainted *t, const char *text, size_t sz)
{
	struct su_reach_path path = { .nr = 0 };

	if (!expand_call(x, t, text, sz, path) || is_defined_in_source(x, text, sz))
		su_reach_make_active(t, &path);
}
