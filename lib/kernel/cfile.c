// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cuts a file into constructs: follows its directives, leaves out what the configuration leaves out, and ends a construct
 * where its brackets do. Words of undecided conditions count as mentioned by all that stands under them.
 */
#include <string.h>

#include "cfile.h"

struct frame {
	enum su_truth c, as;		 /* of the branch, with all that is around it: for C and for assembler units */
	enum su_truth taken_c, taken_as; /* of an earlier branch, on its own */
	size_t words;			 /* the condition's words begin here */
	uint32_t needs;
	size_t braces, parens; /* of the construct in which the #if stands */
};

struct parser {
	const struct su_cfile_request *req;
	struct su_cfile *file;
	struct su_clexer lexer;
	SU_VEC(struct frame) frames;
	struct su_name_list condition_words;
	uint32_t guard;
	bool had_directive;
	/* The construct in progress. */
	struct su_ctokens tokens;
	struct su_name_list words;
	size_t braces, parens;
	struct su_ctokens asm_tokens;
	struct su_ctokens line; /* a directive's */
};

static bool is_sign(const struct su_ctoken *token, char sign)
{
	return token->kind == SU_CTOKEN_SIGN && token->len == 1 && *token->text == sign;
}

static enum su_truth truth_c(const struct parser *p)
{
	return p->frames.nr ? p->frames.data[p->frames.nr - 1].c : SU_TRUE;
}

static enum su_truth truth_as(const struct parser *p)
{
	return p->frames.nr ? p->frames.data[p->frames.nr - 1].as : SU_TRUE;
}

static uint32_t number(const struct parser *p, const struct su_ctoken *token)
{
	return su_names_add(p->req->names, token->text, token->len);
}

/* ---- a construct's words ---- */

static int compare_names(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void add_words(struct su_name_list *to, const struct su_name_list *from)
{
	size_t i;

	for (i = 0; i < from->nr; i++)
		*su_vec_add(to) = from->data[i];
}

/* The words of tokens, and "=tag" for a struct that is used by value. */
static void add_token_words(const struct parser *p, const struct su_ctoken *tokens, size_t nr, struct su_name_list *words)
{
	size_t i;

	for (i = 0; i <= nr; i++) {
		static const struct su_ctoken end = { .kind = SU_CTOKEN_SIGN, .text = ";", .len = 1 };
		const struct su_ctoken *next = i < nr ? &tokens[i] : &end;

		if (next->kind == SU_CTOKEN_WORD)
			*su_vec_add(words) = number(p, next);
		if (i >= 2) {
			struct su_ctoken before[4] = { { 0 }, { 0 }, tokens[i - 2], tokens[i - 1] };

			if (su_construct_is_member(&before[2], next))
				*su_vec_add(words) = su_construct_member(p->req->names, &tokens[i - 1]);
			if (i >= 4)
				memcpy(before, tokens + i - 4, sizeof(before));
			if (su_construct_is_by_value(before, next))
				*su_vec_add(words) = su_construct_tag(p->req->names, &tokens[i - 1]);
		}
	}
}

/* Move the words into the file's, each once. */
static void put_words(struct parser *p, struct su_name_list *words, struct su_construct *construct)
{
	struct su_name_list *all = &p->file->words;
	size_t i;

	if (words->nr)
		qsort(words->data, words->nr, sizeof(*words->data), compare_names);
	construct->first_word = all->nr;
	for (i = 0; i < words->nr; i++)
		if (!i || words->data[i] != words->data[i - 1])
			*su_vec_add(all) = words->data[i];
	construct->word_nr = all->nr - construct->first_word;
	words->nr = 0;
}

static uint64_t hash_tokens(const struct su_ctoken *tokens, size_t nr)
{
	uint64_t hash = 0xcbf29ce484222325u;
	size_t i, k;

	for (i = 0; i < nr; i++) {
		for (k = 0; k < tokens[i].len; k++)
			hash = (hash ^ (unsigned char)tokens[i].text[k]) * 0x100000001b3u;
		hash = (hash ^ 0x100) * 0x100000001b3u;
	}
	return hash;
}

static void put_tokens(struct parser *p, const struct su_ctokens *tokens, struct su_construct *construct)
{
	const struct su_ctoken *last = &tokens->data[tokens->nr - 1];
	size_t i;

	construct->hash = hash_tokens(tokens->data, tokens->nr);
	construct->text = tokens->data[0].text;
	construct->sz = (size_t)(last->text + last->len - construct->text);
	construct->first_token = p->file->tokens.nr;
	for (i = 0; p->req->keep_tokens && i < tokens->nr; i++)
		*su_vec_add(&p->file->tokens) = tokens->data[i];
	construct->token_nr = p->file->tokens.nr - construct->first_token;
}

/* ---- constructs ---- */

/* @force: the text ended within the construct. */
static void end_construct(struct parser *p, bool force)
{
	struct su_construct made = { .first_def = p->file->defs.nr, .for_c = true };

	if (p->tokens.nr) {
		made.kind = su_construct_class(p->tokens.data, p->tokens.nr, p->req->names, &p->file->defs,
					       &made.is_record);
		if (force && made.kind != SU_CONSTRUCT_CALL)
			made.kind = SU_CONSTRUCT_ACTIVE;
		made.for_asm = made.kind == SU_CONSTRUCT_ACTIVE && truth_as(p) != SU_FALSE;
		made.def_nr = p->file->defs.nr - made.first_def;
		add_token_words(p, p->tokens.data, p->tokens.nr, &p->words);
		put_words(p, &p->words, &made);
		put_tokens(p, &p->tokens, &made);
		*su_vec_add(&p->file->constructs) = made;
	}
	p->tokens.nr = p->words.nr = 0;
	p->braces = p->parens = 0;
}

static void end_asm(struct parser *p)
{
	struct su_construct made = { .kind = SU_CONSTRUCT_ACTIVE, .for_asm = true };
	struct su_name_list words = { 0 };

	if (!p->asm_tokens.nr)
		return;
	add_token_words(p, p->asm_tokens.data, p->asm_tokens.nr, &words);
	add_words(&words, &p->condition_words);
	put_words(p, &words, &made);
	put_tokens(p, &p->asm_tokens, &made);
	*su_vec_add(&p->file->constructs) = made;
	p->asm_tokens.nr = 0;
	su_vec_fini(&words);
}

/* Is what we have a whole NAME(...)? */
static bool have_call(const struct parser *p)
{
	size_t nr = p->tokens.nr, i, depth = 0;

	if (nr < 3 || p->braces || p->parens || !is_sign(&p->tokens.data[nr - 1], ')') ||
	    p->tokens.data[0].kind != SU_CTOKEN_WORD || !is_sign(&p->tokens.data[1], '('))
		return false;
	for (i = 1; i < nr; i++) {
		depth += is_sign(&p->tokens.data[i], '(');
		depth -= is_sign(&p->tokens.data[i], ')');
		if (!depth)
			return i + 1 == nr;
	}
	return false;
}

static bool is_upper(const struct su_ctoken *token)
{
	size_t i;

	for (i = 0; i < token->len; i++)
		if (token->text[i] >= 'a' && token->text[i] <= 'z')
			return false;
	return true;
}

/* Many macros make whole definitions and stand without a semicolon. Does @token begin something new behind one? */
static bool begins_behind_call(const struct parser *p, const struct su_ctoken *token)
{
	if (token->kind != SU_CTOKEN_WORD || !have_call(p) || su_construct_is_attribute(&p->tokens.data[0]))
		return false;
	return token->is_first || is_upper(&p->tokens.data[0]);
}

static bool is_function_body(const struct parser *p)
{
	size_t i, depth = 0;
	bool has_value = false, has_paren = false;

	for (i = 0; i < p->tokens.nr && !is_sign(&p->tokens.data[i], '{'); i++) {
		const struct su_ctoken *t = &p->tokens.data[i];

		if (su_ctoken_is(t, "typedef"))
			return false;
		depth += is_sign(t, '(');
		has_paren |= is_sign(t, '(') && i && p->tokens.data[i - 1].kind == SU_CTOKEN_WORD &&
			     !su_construct_is_attribute(&p->tokens.data[i - 1]);
		depth -= is_sign(t, ')') && depth;
		has_value |= is_sign(t, '=') && !depth;
	}
	return has_paren && !has_value;
}

static void follow_brackets(struct parser *p, const struct su_ctoken *t)
{
	if (is_sign(t, '}') && t->is_margin && p->braces > 1) {
		/* Where branches of an #if do not balance: in the first column nothing is open but the construct. */
		p->braces = 1;
		p->parens = 0;
	}
	if (is_sign(t, '(') || is_sign(t, '['))
		p->parens++;
	else if (is_sign(t, ')') || is_sign(t, ']'))
		p->parens -= p->parens > 0;
	else if (is_sign(t, '{'))
		p->braces++;
	else if (is_sign(t, '}'))
		p->braces -= p->braces > 0;
}

static void add_token(struct parser *p, const struct su_ctoken *t)
{
	if (begins_behind_call(p, t))
		end_construct(p, false);
	if (!p->tokens.nr) {
		if (is_sign(t, ';'))
			return;
		add_words(&p->words, &p->condition_words);
	}
	*su_vec_add(&p->tokens) = *t;
	follow_brackets(p, t);
	if (p->braces || p->parens)
		return;
	if (is_sign(t, ';') || (is_sign(t, '}') && is_function_body(p)))
		end_construct(p, false);
}

/* ---- directives ---- */

static void take_line(struct parser *p)
{
	struct su_ctoken token;

	p->line.nr = 0;
	for (su_clexer_next(&p->lexer, &token); token.kind != SU_CTOKEN_EOL && token.kind != SU_CTOKEN_END;
	     su_clexer_next(&p->lexer, &token))
		*su_vec_add(&p->line) = token;
}

static bool is_parameter(const struct su_ctoken *word, const struct su_ctoken *from, const struct su_ctoken *to)
{
	for (; from < to; from++)
		if (from->kind == SU_CTOKEN_WORD && from->len == word->len && !memcmp(from->text, word->text, word->len))
			return true;
	return false;
}

static void define_macro(struct parser *p)
{
	struct su_construct made = { .kind = SU_CONSTRUCT_MACRO,
				     .for_c = truth_c(p) != SU_FALSE,
				     .for_asm = truth_as(p) != SU_FALSE,
				     .first_def = p->file->defs.nr,
				     .def_nr = 1 };
	const struct su_ctoken *line = p->line.data;
	struct su_name_list words = { 0 }, kept = { 0 };
	size_t i, body = 2, params = 2, nr = p->line.nr;

	if (nr < 2 || line[1].kind != SU_CTOKEN_WORD || number(p, &line[1]) == p->guard)
		return;
	if (nr > 2 && is_sign(&line[2], '(') && line[2].is_glued) {
		for (body = 3; body < nr && !is_sign(&line[body], ')'); body++)
			;
		params = body;
	}
	*su_vec_add(&p->file->defs) = (struct su_definition){ .name = number(p, &line[1]), .kind = SU_NAME_MACRO };
	for (i = body; i < nr; i++)
		made.is_paste |= su_ctoken_is(&line[i], "##");
	add_token_words(p, line + body, body < nr ? nr - body : 0, &words);
	for (i = 0; i < words.nr; i++) {
		const char *text = su_names_text(p->req->names, words.data[i]);
		struct su_ctoken word = { .text = text, .len = strlen(text) };

		if (params == 2 || !is_parameter(&word, line + 2, line + params))
			*su_vec_add(&kept) = words.data[i];
	}
	add_words(&kept, &p->condition_words);
	put_words(p, &kept, &made);
	put_tokens(p, &p->line, &made);
	*su_vec_add(&p->file->constructs) = made;
	su_vec_fini(&words);
	su_vec_fini(&kept);
}

static uint32_t needed_word(const struct parser *p)
{
	size_t i;

	for (i = p->frames.nr; i > 0; i--)
		if (p->frames.data[i - 1].needs)
			return p->frames.data[i - 1].needs;
	return 0;
}

static void include_file(struct parser *p)
{
	const struct su_ctoken *name = p->line.nr > 1 ? &p->line.data[1] : NULL;
	struct su_include include = { .needs = needed_word(p),
				      .is_certain = truth_c(p) == SU_TRUE && truth_as(p) == SU_TRUE };

	if (!name)
		return;
	if (name->kind == SU_CTOKEN_STRING && name->len > 2) {
		include.is_quoted = *name->text == '"';
		include.name = su_names_add(p->req->names, name->text + 1, name->len - 2);
	} else {
		include.is_computed = true;
		include.name = number(p, name);
	}
	*su_vec_add(&p->file->includes) = include;
}

/* "#ifdef X", "#if defined(X)": the X. */
static uint32_t positive_word(const struct parser *p)
{
	const struct su_ctoken *line = p->line.data;
	size_t nr = p->line.nr;

	if (nr == 2 && su_ctoken_is(&line[0], "ifdef"))
		return number(p, &line[1]);
	if (nr == 5 && su_ctoken_is(&line[0], "if") && su_ctoken_is(&line[1], "defined") && is_sign(&line[2], '('))
		return number(p, &line[3]);
	if (nr == 3 && su_ctoken_is(&line[0], "if") && su_ctoken_is(&line[1], "defined"))
		return number(p, &line[2]);
	return 0;
}

static enum su_truth eval_line(const struct parser *p, bool is_asm)
{
	const struct su_ctoken *line = p->line.data;

	if (p->line.nr < 2)
		return SU_UNKNOWN;
	if (su_ctoken_is(line, "ifdef") || su_ctoken_is(line, "elifdef"))
		return su_condition_defined(p->req->facts, &line[1], is_asm);
	if (su_ctoken_is(line, "ifndef") || su_ctoken_is(line, "elifndef"))
		return su_truth_not(su_condition_defined(p->req->facts, &line[1], is_asm));
	return su_condition_eval(p->req->facts, line + 1, p->line.nr - 1, is_asm);
}

/* Words of a condition that is not decided. Those of the configuration never change. */
static void note_condition(struct parser *p)
{
	size_t i;

	for (i = 1; i < p->line.nr; i++) {
		const struct su_ctoken *t = &p->line.data[i];

		if (t->kind != SU_CTOKEN_WORD || su_ctoken_is(t, "defined") ||
		    (t->len > 7 && !memcmp(t->text, "CONFIG_", 7)))
			continue;
		*su_vec_add(&p->condition_words) = number(p, t);
		if (p->tokens.nr)
			*su_vec_add(&p->words) = number(p, t);
	}
}

/* The first directive is "#ifndef X", and the second "#define X". */
static bool is_guard(const struct parser *p)
{
	struct su_clexer ahead = p->lexer;
	struct su_ctoken hash, word, name;

	if (p->had_directive || p->tokens.nr || p->line.nr != 2 || !su_ctoken_is(&p->line.data[0], "ifndef"))
		return false;
	su_clexer_next(&ahead, &hash);
	su_clexer_next(&ahead, &word);
	su_clexer_next(&ahead, &name);
	return hash.kind == SU_CTOKEN_DIRECTIVE && su_ctoken_is(&word, "define") && name.len == p->line.data[1].len &&
	       !memcmp(name.text, p->line.data[1].text, name.len);
}

static void begin_if(struct parser *p)
{
	enum su_truth c = eval_line(p, false), as = eval_line(p, true);
	struct frame frame = { .words = p->condition_words.nr, .braces = p->braces, .parens = p->parens };

	if (is_guard(p)) {
		p->guard = number(p, &p->line.data[1]);
		c = as = SU_TRUE;
	} else if (c == SU_UNKNOWN || as == SU_UNKNOWN) {
		note_condition(p);
		frame.needs = positive_word(p);
	}
	frame.taken_c = c;
	frame.taken_as = as;
	frame.c = su_truth_and(truth_c(p), c);
	frame.as = su_truth_and(truth_as(p), as);
	*su_vec_add(&p->frames) = frame;
}

static enum su_truth truth_or(enum su_truth a, enum su_truth b)
{
	return su_truth_not(su_truth_and(su_truth_not(a), su_truth_not(b)));
}

/* #else, and #elif with the values of its own condition. */
static void begin_branch(struct parser *p, enum su_truth c, enum su_truth as)
{
	struct frame *frame = &p->frames.data[p->frames.nr - 1];
	const struct frame *outer = p->frames.nr > 1 ? frame - 1 : NULL;

	frame->c = su_truth_and(outer ? outer->c : SU_TRUE, su_truth_and(su_truth_not(frame->taken_c), c));
	frame->as = su_truth_and(outer ? outer->as : SU_TRUE, su_truth_and(su_truth_not(frame->taken_as), as));
	frame->taken_c = truth_or(frame->taken_c, c);
	frame->taken_as = truth_or(frame->taken_as, as);
	frame->needs = 0;
	p->braces = frame->braces;
	p->parens = frame->parens;
}

static bool take_condition(struct parser *p)
{
	const struct su_ctoken *word = &p->line.data[0];

	if (su_ctoken_is(word, "if") || su_ctoken_is(word, "ifdef") || su_ctoken_is(word, "ifndef")) {
		begin_if(p);
		return true;
	}
	if (!p->frames.nr)
		return false;
	if (su_ctoken_is(word, "elif") || su_ctoken_is(word, "elifdef") || su_ctoken_is(word, "elifndef")) {
		note_condition(p);
		begin_branch(p, eval_line(p, false), eval_line(p, true));
	} else if (su_ctoken_is(word, "else")) {
		begin_branch(p, SU_TRUE, SU_TRUE);
	} else if (su_ctoken_is(word, "endif")) {
		p->condition_words.nr = p->frames.data[--p->frames.nr].words;
	} else {
		return false;
	}
	return true;
}

/* #pragma pack and its like reach as far as they please. */
static void take_pragma(struct parser *p)
{
	struct su_construct made = { .kind = SU_CONSTRUCT_ACTIVE, .for_c = true };
	struct su_name_list words = { 0 };

	if (p->line.nr > 1 && su_ctoken_is(&p->line.data[1], "once"))
		return;
	add_token_words(p, p->line.data, p->line.nr, &words);
	put_words(p, &words, &made);
	put_tokens(p, &p->line, &made);
	*su_vec_add(&p->file->constructs) = made;
	su_vec_fini(&words);
}

static void take_directive(struct parser *p)
{
	take_line(p);
	if (!p->line.nr)
		return;
	end_asm(p);
	if (!take_condition(p) && (truth_c(p) != SU_FALSE || truth_as(p) != SU_FALSE)) {
		if (su_ctoken_is(&p->line.data[0], "define") || su_ctoken_is(&p->line.data[0], "undef"))
			define_macro(p);
		else if (su_ctoken_is(&p->line.data[0], "include") || su_ctoken_is(&p->line.data[0], "include_next"))
			include_file(p);
		else if (su_ctoken_is(&p->line.data[0], "pragma"))
			take_pragma(p);
	}
	p->had_directive = true;
}

void su_cfile_parse(const struct su_cfile_request *req, struct su_cfile *file)
{
	struct parser p = { .req = req, .file = file };
	struct su_ctoken token;

	*file = (struct su_cfile){ 0 };
	su_clexer_init(&p.lexer, req->text, req->sz);
	for (su_clexer_next(&p.lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&p.lexer, &token)) {
		if (token.kind == SU_CTOKEN_DIRECTIVE)
			take_directive(&p);
		else if (token.kind != SU_CTOKEN_EOL && truth_c(&p) != SU_FALSE)
			add_token(&p, &token);
		else if (token.kind != SU_CTOKEN_EOL && truth_as(&p) != SU_FALSE)
			*su_vec_add(&p.asm_tokens) = token;
	}
	end_asm(&p);
	end_construct(&p, p.braces || p.parens);
	su_vec_fini(&p.frames);
	su_vec_fini(&p.condition_words);
	su_vec_fini(&p.tokens);
	su_vec_fini(&p.words);
	su_vec_fini(&p.asm_tokens);
	su_vec_fini(&p.line);
}

void su_cfile_fini(struct su_cfile *file)
{
	su_vec_fini(&file->constructs);
	su_vec_fini(&file->includes);
	su_vec_fini(&file->words);
	su_vec_fini(&file->defs);
	su_vec_fini(&file->tokens);
}
