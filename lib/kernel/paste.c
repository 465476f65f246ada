// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Patterns are the fixed ends of a chain of ##, so that what is between them may itself be put together. Where nothing is fixed
 * ("a ## b"), a name may come of any two parts that both are mentioned.
 */
#include <string.h>

#include "paste.h"

#define PART_MIN 2 /* letters of a part of a name that has no fixed end */

struct macro_tokens {
	struct su_ctokens tokens;
	size_t body; /* behind the parameters */
};

static void take_tokens(const struct su_construct *construct, struct macro_tokens *m)
{
	struct su_clexer lexer;
	struct su_ctoken token;

	su_clexer_init(&lexer, construct->text, construct->sz);
	lexer.in_directive = true;
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END && token.kind != SU_CTOKEN_EOL;
	     su_clexer_next(&lexer, &token))
		*su_vec_add(&m->tokens) = token;
	m->body = 2;
	if (m->tokens.nr > 2 && su_ctoken_is(&m->tokens.data[2], "(") && m->tokens.data[2].is_glued)
		while (m->body < m->tokens.nr && !su_ctoken_is(&m->tokens.data[m->body], ")"))
			m->body++;
}

static bool is_parameter(const struct macro_tokens *m, const struct su_ctoken *word)
{
	size_t i;

	for (i = 3; i < m->body; i++)
		if (m->tokens.data[i].len == word->len && !memcmp(m->tokens.data[i].text, word->text, word->len))
			return true;
	return su_ctoken_is(word, "__VA_ARGS__");
}

static bool is_paste(const struct macro_tokens *m, size_t i)
{
	return i < m->tokens.nr && su_ctoken_is(&m->tokens.data[i], "##");
}

/* The chain whose first token is at @i; the index behind it. */
static size_t add_chain(struct su_pastes *pastes, const struct macro_tokens *m, size_t i, uint32_t macro)
{
	struct su_paste_pattern pattern = { .macro = macro, .prefix = "", .suffix = "" };
	const struct su_ctoken *first = &m->tokens.data[i], *last;

	while (is_paste(m, i + 1) && i + 2 < m->tokens.nr)
		i += 2;
	last = &m->tokens.data[i];
	if (first->kind == SU_CTOKEN_WORD && !is_parameter(m, first)) {
		pattern.prefix = first->text;
		pattern.prefix_len = first->len;
	}
	if ((last->kind == SU_CTOKEN_WORD || last->kind == SU_CTOKEN_NUMBER) && !is_parameter(m, last)) {
		pattern.suffix = last->text;
		pattern.suffix_len = last->len;
	}
	if ((first->kind == SU_CTOKEN_WORD || last->kind == SU_CTOKEN_WORD) && pattern.prefix_len + pattern.suffix_len)
		*su_vec_add(&pastes->patterns) = pattern;
	return i + 1;
}

static void add_macro(struct su_graph *graph, struct su_pastes *pastes, const struct su_cfile *c,
		      const struct su_construct *construct)
{
	struct macro_tokens m = { 0 };
	uint32_t macro = (uint32_t)pastes->macros.nr;
	size_t i;

	(void)graph;
	*su_vec_add(&pastes->macros) = (struct su_paste_macro){ .name = c->defs.data[construct->first_def].name };
	take_tokens(construct, &m);
	i = m.body;
	while (i < m.tokens.nr)
		i = is_paste(&m, i + 1) ? add_chain(pastes, &m, i, macro) : i + 1;
	su_vec_fini(&m.tokens);
}

void su_pastes_find(struct su_graph *graph, struct su_pastes *pastes)
{
	size_t i, k;

	for (i = 0; i < graph->files.nr; i++) {
		const struct su_cfile *c = &graph->files.data[i].c;

		for (k = 0; k < c->constructs.nr; k++)
			if (c->constructs.data[k].is_paste && c->constructs.data[k].for_c)
				add_macro(graph, pastes, c, &c->constructs.data[k]);
	}
}

static void use_pattern(struct su_graph *graph, const struct su_paste_pattern *pattern, uint32_t name,
			struct su_paste_uses *uses)
{
	const char *text = su_names_text(&graph->names, name);
	size_t len = strlen(text), fixed = pattern->prefix_len + pattern->suffix_len;

	if (len <= fixed || memcmp(text, pattern->prefix, pattern->prefix_len) ||
	    memcmp(text + len - pattern->suffix_len, pattern->suffix, pattern->suffix_len))
		return;
	*su_vec_add(uses) = (struct su_paste_use){
		.name = name,
		.part = su_names_add(&graph->names, text + pattern->prefix_len, len - fixed),
		.macro = pattern->macro,
	};
}

void su_pastes_uses(struct su_graph *graph, const struct su_pastes *pastes, uint32_t name, struct su_paste_uses *uses)
{
	SU_CLEANUP_FREE char *text = su_strdup(su_names_text(&graph->names, name));
	size_t i, len = strlen(text);

	/* Uses by value and members have marks that no pasting makes. */
	if (*text == '=' || *text == '.')
		return;
	for (i = 0; i < pastes->patterns.nr; i++)
		use_pattern(graph, &pastes->patterns.data[i], name, uses);
	for (i = PART_MIN; i + PART_MIN <= len; i++)
		*su_vec_add(uses) = (struct su_paste_use){
			.name = name,
			.part = su_names_add(&graph->names, text, i),
			.other = su_names_add(&graph->names, text + i, len - i),
		};
}

void su_pastes_fini(struct su_pastes *pastes)
{
	size_t i;

	for (i = 0; i < pastes->macros.nr; i++)
		su_vec_fini(&pastes->macros.data[i].names);
	su_vec_fini(&pastes->macros);
	su_vec_fini(&pastes->patterns);
}
