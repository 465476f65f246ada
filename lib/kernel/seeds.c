// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds the constructs that only one side has, and the names that they define. Of a struct that is on both sides only the
 * members that differ count, and its use by value: new members may lie where padding was. Whether others moved is layout.c's
 * question.
 */
#include <string.h>

#include "seeds.h"

struct side {
	const struct su_cfile *c;
	bool *is_paired;
};

struct chunk {
	const struct su_ctoken *tokens;
	size_t nr;
	bool is_enumerator;
};
SU_VEC_TYPE(chunks, struct chunk);

static bool is_sign(const struct su_ctoken *token, char sign)
{
	return token->kind == SU_CTOKEN_SIGN && token->len == 1 && *token->text == sign;
}

static bool is_same_token(const struct su_ctoken *a, const struct su_ctoken *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/* The same tokens under the same conditions. */
static bool is_same(const struct su_cfile *a, const struct su_construct *x, const struct su_cfile *b,
		    const struct su_construct *y)
{
	return x->hash == y->hash && x->kind == y->kind && x->for_c == y->for_c && x->for_asm == y->for_asm &&
	       x->word_nr == y->word_nr &&
	       (!x->word_nr || !memcmp(a->words.data + x->first_word, b->words.data + y->first_word,
				       x->word_nr * sizeof(*a->words.data)));
}

static void pair_same(struct side *pre, struct side *post)
{
	size_t i, k, from = 0;

	for (i = 0; i < pre->c->constructs.nr; i++) {
		/* Most stand in the same order: begin behind the last pair. */
		size_t nr = post->c->constructs.nr;

		for (k = 0; k < nr; k++) {
			size_t at = (from + k) % nr;

			if (post->is_paired[at] ||
			    !is_same(pre->c, &pre->c->constructs.data[i], post->c, &post->c->constructs.data[at]))
				continue;
			pre->is_paired[i] = post->is_paired[at] = true;
			from = at + 1;
			break;
		}
	}
}

static void add_name(struct su_seeds *seeds, uint32_t name, enum su_name_kind kind, bool for_asm)
{
	*su_vec_add(&seeds->names) = (struct su_seed){ .name = name, .kind = kind, .for_asm = for_asm };
}

static void add_defs(struct su_seeds *seeds, const struct su_cfile *c, const struct su_construct *construct)
{
	size_t i;

	for (i = 0; i < construct->def_nr; i++) {
		const struct su_definition *def = &c->defs.data[construct->first_def + i];

		add_name(seeds, def->name, def->kind, construct->for_asm);
	}
}

/* ---- types ---- */

/* Cut a type's tokens into members and enumerators. */
static void cut_type(const struct su_ctoken *tokens, size_t nr, struct chunks *chunks)
{
	bool is_enum[64] = { false }, pending = false;
	size_t i, begin = 0, depth = 0, parens = 0;

	for (i = 0; i < nr; i++) {
		bool in_enum = depth && depth <= 64 && is_enum[depth - 1];
		bool ends = is_sign(&tokens[i], ';') || is_sign(&tokens[i], '{') || is_sign(&tokens[i], '}') ||
			    (in_enum && !parens && is_sign(&tokens[i], ','));

		pending |= su_ctoken_is(&tokens[i], "enum");
		parens += is_sign(&tokens[i], '(');
		parens -= is_sign(&tokens[i], ')') && parens;
		if (!ends && i + 1 < nr)
			continue;
		if (i > begin || !ends)
			*su_vec_add(chunks) = (struct chunk){ .tokens = tokens + begin,
							      .nr = i - begin + !ends,
							      .is_enumerator = in_enum };
		begin = i + 1;
		if (is_sign(&tokens[i], '{') && depth++ < 64)
			is_enum[depth - 1] = pending;
		depth -= is_sign(&tokens[i], '}') && depth;
		pending = false;
	}
}

static bool is_same_chunk(const struct chunk *a, const struct chunk *b)
{
	size_t i;

	if (a->nr != b->nr || a->is_enumerator != b->is_enumerator)
		return false;
	for (i = 0; i < a->nr; i++)
		if (!is_same_token(&a->tokens[i], &b->tokens[i]))
			return false;
	return true;
}

static bool has_chunk(const struct chunks *chunks, const struct chunk *chunk)
{
	size_t i;

	for (i = 0; i < chunks->nr; i++)
		if (is_same_chunk(&chunks->data[i], chunk))
			return true;
	return false;
}

/* Behind the parameter list of a function pointer, "(*name)(...)", that begins at @i; @i where none does. */
static size_t skip_parameters(const struct chunk *chunk, size_t i)
{
	size_t depth = 0, end;

	if (!i || i >= chunk->nr || !is_sign(&chunk->tokens[i - 1], ')') || !is_sign(&chunk->tokens[i], '('))
		return i;
	for (end = i; end < chunk->nr; end++) {
		depth += is_sign(&chunk->tokens[end], '(');
		depth -= is_sign(&chunk->tokens[end], ')');
		if (!depth)
			return end + 1;
	}
	return i;
}

/* All words of a member but parameters' names: its name is among them, its type does no harm as a member's name. */
static void add_chunk(struct su_names *names, struct su_seeds *seeds, const struct chunk *chunk)
{
	size_t i;

	for (i = 0; (i = skip_parameters(chunk, i)) < chunk->nr; i++) {
		const struct su_ctoken *t = &chunk->tokens[i];
		bool ends = i + 1 == chunk->nr || is_sign(&t[1], ',') || is_sign(&t[1], '[') || is_sign(&t[1], ':') ||
			    is_sign(&t[1], ')') || is_sign(&t[1], '=') || t[1].kind == SU_CTOKEN_WORD;

		if (t->kind != SU_CTOKEN_WORD || (chunk->is_enumerator && i) ||
		    (!chunk->is_enumerator &&
		     (!ends || (i + 1 < chunk->nr && t[1].kind == SU_CTOKEN_WORD && !su_construct_is_attribute(&t[1])))))
			continue;
		if (chunk->is_enumerator)
			add_name(seeds, su_names_add(names, t->text, t->len), SU_NAME_CONST, false);
		else
			add_name(seeds, su_construct_member(names, t), SU_NAME_MEMBER, false);
	}
}

/* An enumerator's value follows from those before it: all behind the first difference change. */
static void add_missing(struct su_names *names, struct su_seeds *seeds, const struct chunks *of, const struct chunks *in)
{
	bool moved = false;
	size_t i;

	for (i = 0; i < of->nr; i++) {
		const struct chunk *chunk = &of->data[i];

		if (chunk->is_enumerator)
			moved |= i >= in->nr || !is_same_chunk(&in->data[i], chunk);
		else
			moved = false;
		if (chunk->is_enumerator ? moved : !has_chunk(in, chunk))
			add_chunk(names, seeds, chunk);
	}
}

static void compare_types(struct su_names *names, struct su_seeds *seeds, const struct su_cfile *pre_c,
			  const struct su_construct *pre, const struct su_cfile *post_c, const struct su_construct *post)
{
	struct chunks a = { 0 }, b = { 0 };
	size_t i;

	cut_type(pre_c->tokens.data + pre->first_token, pre->token_nr, &a);
	cut_type(post_c->tokens.data + post->first_token, post->token_nr, &b);
	add_missing(names, seeds, &a, &b);
	add_missing(names, seeds, &b, &a);
	for (i = 0; i < pre->def_nr; i++) {
		const struct su_definition *def = &pre_c->defs.data[pre->first_def + i];

		if (def->kind != SU_NAME_TYPE)
			continue;
		add_name(seeds, def->name, def->kind, false);
		if (pre->is_record)
			*su_vec_add(&seeds->records) = def->name;
	}
	su_vec_fini(&a);
	su_vec_fini(&b);
}

static bool shares_type(const struct su_cfile *a, const struct su_construct *x, const struct su_cfile *b,
			const struct su_construct *y)
{
	size_t i, k;

	for (i = 0; i < x->def_nr; i++)
		for (k = 0; k < y->def_nr; k++)
			if (a->defs.data[x->first_def + i].name == b->defs.data[y->first_def + k].name)
				return true;
	return false;
}

/* Types that are on both sides: pair them by a name that both define. */
static void pair_types(struct su_names *names, struct su_seeds *seeds, struct side *pre, struct side *post)
{
	size_t i, k;

	for (i = 0; i < pre->c->constructs.nr; i++) {
		const struct su_construct *x = &pre->c->constructs.data[i];

		for (k = 0; !pre->is_paired[i] && x->kind == SU_CONSTRUCT_TYPE && k < post->c->constructs.nr; k++) {
			const struct su_construct *y = &post->c->constructs.data[k];

			if (post->is_paired[k] || y->kind != x->kind || !shares_type(pre->c, x, post->c, y))
				continue;
			pre->is_paired[i] = post->is_paired[k] = true;
			compare_types(names, seeds, pre->c, x, post->c, y);
		}
	}
}

/* ---- all kinds ---- */

static void add_construct(struct su_seeds *seeds, const struct su_cfile *c, const struct su_construct *construct)
{
	switch (construct->kind) {
	case SU_CONSTRUCT_ACTIVE:
		seeds->is_active |= construct->for_c;
		seeds->is_asm_active |= construct->for_asm;
		break;
	case SU_CONSTRUCT_CALL:
		*su_vec_add(&seeds->calls) = (struct su_seed_call){ .text = construct->text, .sz = construct->sz };
		break;
	default:
		add_defs(seeds, c, construct);
	}
}

/* A declaration of something that was not declared before changes no code: nobody could use it. */
static bool is_only_declared(const struct su_cfile *pre, const struct su_cfile *c, const struct su_construct *construct)
{
	size_t i, k;

	if (construct->kind != SU_CONSTRUCT_DECL)
		return false;
	for (i = 0; i < construct->def_nr; i++)
		for (k = 0; k < pre->defs.nr; k++)
			if (pre->defs.data[k].name == c->defs.data[construct->first_def + i].name)
				return false;
	return true;
}

static void add_unpaired(struct su_seeds *seeds, const struct side *side, const struct su_cfile *pre)
{
	size_t i;

	for (i = 0; i < side->c->constructs.nr; i++) {
		const struct su_construct *construct = &side->c->constructs.data[i];

		if (!side->is_paired[i] && (side->c == pre || !is_only_declared(pre, side->c, construct)))
			add_construct(seeds, side->c, construct);
	}
}

static bool has_include(const struct su_cfile *c, const struct su_include *include)
{
	size_t i;

	for (i = 0; i < c->includes.nr; i++) {
		const struct su_include *x = &c->includes.data[i];

		if (x->name == include->name && x->is_quoted == include->is_quoted && x->needs == include->needs &&
		    x->is_certain == include->is_certain)
			return true;
	}
	return false;
}

static void add_includes(struct su_seeds *seeds, const struct su_cfile *of, const struct su_cfile *in)
{
	size_t i;

	for (i = 0; i < of->includes.nr; i++)
		if (!has_include(in, &of->includes.data[i]))
			*su_vec_add(&seeds->includes) = of->includes.data[i];
}

void su_seeds_find(struct su_names *names, const struct su_cfile *pre, const struct su_cfile *post, struct su_seeds *seeds)
{
	struct side a = { .c = pre, .is_paired = su_alloc(pre->constructs.nr + 1) };
	struct side b = { .c = post, .is_paired = su_alloc(post->constructs.nr + 1) };

	pair_same(&a, &b);
	pair_types(names, seeds, &a, &b);
	add_unpaired(seeds, &a, pre);
	add_unpaired(seeds, &b, pre);
	add_includes(seeds, pre, post);
	add_includes(seeds, post, pre);
	free(a.is_paired);
	free(b.is_paired);
}

void su_seeds_fini(struct su_seeds *seeds)
{
	su_vec_fini(&seeds->names);
	su_vec_fini(&seeds->calls);
	su_vec_fini(&seeds->includes);
	su_vec_fini(&seeds->records);
}
