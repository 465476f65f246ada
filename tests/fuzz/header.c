// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers, on any bytes: lexer, conditions, constructs, the changed names between two halves, and macro expansion. */
#include <stdint.h>
#include <string.h>

#include "lib/kernel/cexpand.h"
#include "lib/kernel/enumerators.h"
#include "lib/kernel/seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz);

static void check_ranges(const struct su_cfile *c, const char *text, size_t sz)
{
	size_t i;

	for (i = 0; i < c->constructs.nr; i++) {
		const struct su_construct *x = &c->constructs.data[i];

		if (x->first_word + x->word_nr > c->words.nr || x->first_def + x->def_nr > c->defs.nr ||
		    x->first_token + x->token_nr > c->tokens.nr || x->text < text || x->text + x->sz > text + sz)
			__builtin_trap();
	}
}

static void expand(const struct su_cfile *macros, const struct su_cfile *calls)
{
	size_t i, k;

	for (i = 0; i < macros->constructs.nr && i < 20; i++)
		for (k = 0; k < calls->constructs.nr && k < 20; k++) {
			const struct su_construct *m = &macros->constructs.data[i], *x = &calls->constructs.data[k];
			struct su_buf out = { 0 };

			if (m->kind == SU_CONSTRUCT_MACRO && x->kind == SU_CONSTRUCT_CALL)
				su_macro_expand(m->text, m->sz, x->text, x->sz, &out);
			su_buf_fini(&out);
		}
}

static void compare_enumerators(char *a, size_t a_sz, char *b, size_t b_sz)
{
	const struct su_buf pre = { .data = a, .nr = a_sz }, post = { .data = b, .nr = b_sz };
	struct su_diags *diags = su_diags_create();

	su_enumerators_compare(diags, "a.h", &pre, &post);
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz)
{
	static const char config[] = "#define CONFIG_A 1\n#define CONFIG_B_MODULE 1\n";
	struct su_names names = { 0 };
	struct su_cfacts facts = { 0 };
	struct su_cfile pre, post;
	struct su_seeds seeds = { 0 };
	/* Two halves, parted by a byte 0; each on the heap, so that reading behind its end is seen. */
	const uint8_t *cut = sz ? memchr(data, 0, sz) : NULL;
	size_t first = cut ? (size_t)(cut - data) : sz, second = cut ? sz - first - 1 : 0;
	char *a = su_alloc(first + 1), *b = su_alloc(second + 1);
	struct su_cfile_request req = { .facts = &facts, .names = &names, .keep_tokens = true };

	a = su_realloc(a, first ? first : 1, 1);
	b = su_realloc(b, second ? second : 1, 1);
	if (first)
		memcpy(a, data, first);
	if (second)
		memcpy(b, cut + 1, second);
	su_cfacts_read(&facts, config, sizeof(config) - 1);
	req.text = a;
	req.sz = first;
	su_cfile_parse(&req, &pre);
	check_ranges(&pre, a, first);
	req.text = b;
	req.sz = second;
	su_cfile_parse(&req, &post);
	check_ranges(&post, b, second);
	su_seeds_find(&names, &pre, &post, &seeds);
	expand(&pre, &post);
	compare_enumerators(a, first, b, second);
	su_seeds_fini(&seeds);
	su_cfile_fini(&pre);
	su_cfile_fini(&post);
	su_cfacts_fini(&facts);
	su_names_fini(&names);
	free(a);
	free(b);
	return 0;
}
