// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Classes one construct by its tokens. The grammar is that of kernel headers: what does not look like one of their forms is
 * ACTIVE, which costs time but misses nothing.
 */
#include <string.h>

#include "cfile.h"

#define BRACES_MAX 64

struct shape {
	const struct su_ctoken *tokens;
	size_t nr;
	size_t paren;  /* the parenthesis of the first thing called or declared; nr: none */
	size_t brace;  /* the first brace outside of parentheses; nr: none */
	size_t record; /* struct, union or enum before these; nr: none */
	bool is_static, is_inline, is_typedef, is_extern, is_used;
	bool has_value; /* "=" before the brace */
};

static bool is_sign(const struct su_ctoken *token, char sign)
{
	return token->kind == SU_CTOKEN_SIGN && token->len == 1 && *token->text == sign;
}

static bool is_any(const struct su_ctoken *token, const char *const *words, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (su_ctoken_is(token, words[i]))
			return true;
	return false;
}

/* Words that take arguments in a declaration without being what is declared. */
bool su_construct_is_attribute(const struct su_ctoken *token)
{
	static const char *const words[] = {
		"__attribute__", "__attribute",	 "__printf",	   "__scanf",	       "__aligned",	"__section",
		"__alias",	 "__alloc_size", "__realloc_size", "__assume_aligned", "__acquires",	"__releases",
		"__must_hold",	 "__copy",	 "__counted_by",   "__no_sanitize",    "asm",		"__asm__",
		"__asm",	 "typeof",	 "__typeof__",	   "__typeof",	       "__diagnose_as", "__malloc",
		"__alloc_align", "__declspec",	 "_Alignas",	   "__cleanup",	       "__error",	"__warning",
		"__dealloc",
	};

	return is_any(token, words, SU_ARRAY_SIZE(words));
}

static bool is_record_word(const struct su_ctoken *token)
{
	return su_ctoken_is(token, "struct") || su_ctoken_is(token, "union");
}

/* inline, __always_inline, __FORTIFY_INLINE, but not noinline. */
static bool is_inline_word(const struct su_ctoken *token)
{
	bool has_inline = memmem(token->text, token->len, "inline", 6) || memmem(token->text, token->len, "INLINE", 6);

	return has_inline && !memmem(token->text, token->len, "noinline", 8);
}

/* What the compiler keeps although nothing refers to it. */
static bool is_used_word(const struct shape *s, size_t i)
{
	static const char *const words[] = { "__used", "__section", "__attribute_used__" };
	static const char *const attributes[] = { "used", "section", "constructor" };

	if (is_any(&s->tokens[i], words, SU_ARRAY_SIZE(words)))
		return true;
	return i >= 2 && is_sign(&s->tokens[i - 1], '(') && is_sign(&s->tokens[i - 2], '(') &&
	       is_any(&s->tokens[i], attributes, SU_ARRAY_SIZE(attributes));
}

/* The index behind the bracket that closes the one at @at. */
static size_t skip_group(const struct su_ctoken *tokens, size_t nr, size_t at)
{
	size_t depth = 0;

	for (; at < nr; at++) {
		if (is_sign(&tokens[at], '(') || is_sign(&tokens[at], '{') || is_sign(&tokens[at], '['))
			depth++;
		else if ((is_sign(&tokens[at], ')') || is_sign(&tokens[at], '}') || is_sign(&tokens[at], ']')) && !--depth)
			return at + 1;
	}
	return nr;
}

static void see_word(struct shape *s, size_t i)
{
	const struct su_ctoken *token = &s->tokens[i];

	s->is_static |= su_ctoken_is(token, "static");
	s->is_inline |= is_inline_word(token);
	s->is_typedef |= su_ctoken_is(token, "typedef");
	s->is_extern |= su_ctoken_is(token, "extern");
	if (s->record == s->nr && s->paren == s->nr && (is_record_word(token) || su_ctoken_is(token, "enum")))
		s->record = i;
}

static void find_shape(struct shape *s)
{
	size_t i = 0;

	s->paren = s->brace = s->record = s->nr;
	while (i < s->nr && s->brace == s->nr) {
		const struct su_ctoken *token = &s->tokens[i];

		if (token->kind == SU_CTOKEN_WORD)
			see_word(s, i);
		s->has_value |= is_sign(token, '=');
		if (is_sign(token, '{'))
			s->brace = i;
		if (is_sign(token, '(') || is_sign(token, '[')) {
			if (is_sign(token, '(') && s->paren == s->nr && i && s->tokens[i - 1].kind == SU_CTOKEN_WORD &&
			    !su_construct_is_attribute(&s->tokens[i - 1]))
				s->paren = i;
			i = skip_group(s->tokens, s->nr, i);
		} else {
			i++;
		}
	}
	for (i = 0; i < s->nr; i++)
		s->is_used |= is_used_word(s, i);
}

/* A word of another name space: no C word begins with such a mark. */
static uint32_t marked(struct su_names *names, char mark, const struct su_ctoken *word)
{
	char text[200] = { mark };
	size_t len = word->len < sizeof(text) - 1 ? word->len : sizeof(text) - 1;

	memcpy(text + 1, word->text, len);
	return su_names_add(names, text, len + 1);
}

uint32_t su_construct_tag(struct su_names *names, const struct su_ctoken *tag)
{
	return marked(names, '=', tag);
}

uint32_t su_construct_member(struct su_names *names, const struct su_ctoken *member)
{
	return marked(names, '.', member);
}

bool su_construct_is_member(const struct su_ctoken before[2], const struct su_ctoken *next)
{
	if (before[1].kind != SU_CTOKEN_WORD || !before[0].len)
		return false;
	if (is_sign(&before[0], '.') || su_ctoken_is(&before[0], "->"))
		return true;
	/* As an argument of offsetof(), container_of() and the like, and before the colon of old initialisers. */
	if (is_sign(&before[0], ',') || is_sign(&before[0], '('))
		return next->kind == SU_CTOKEN_SIGN;
	return is_sign(&before[0], '{') && is_sign(next, ':');
}

bool su_construct_is_by_value(const struct su_ctoken before[4], const struct su_ctoken *next)
{
	static const char *const qualifiers[] = { "__rcu", "__user", "__percpu", "__iomem", "const", "volatile" };

	if (before[3].kind != SU_CTOKEN_WORD || !is_record_word(&before[2]))
		return false;
	if (su_ctoken_is(&before[0], "sizeof") && is_sign(&before[1], '('))
		return false;
	if (next->kind == SU_CTOKEN_WORD)
		return !is_any(next, qualifiers, SU_ARRAY_SIZE(qualifiers));
	return !is_sign(next, '*') && !is_sign(next, ';') && !is_sign(next, '{') && !is_sign(next, ',');
}

static void define(struct su_names *names, struct su_definitions *defs, const struct su_ctoken *token,
		   enum su_name_kind kind)
{
	*su_vec_add(defs) = (struct su_definition){ .name = su_names_add(names, token->text, token->len), .kind = kind };
}

/* "(" of parameters, not of "(*name)". */
static bool opens_parameters(const struct shape *s, size_t at)
{
	return is_sign(&s->tokens[at], '(') && !(at + 1 < s->nr && is_sign(&s->tokens[at + 1], '*'));
}

static bool is_keyword(const struct su_ctoken *token)
{
	static const char *const words[] = {
		"int",	 "char",     "short",  "long",	 "unsigned", "signed",	"void",	  "_Bool", "float", "double",
		"const", "volatile", "extern", "static", "inline",   "typedef", "struct", "union", "enum",  "restrict",
	};

	return is_any(token, words, SU_ARRAY_SIZE(words));
}

static bool is_type_word(const struct shape *s, size_t at)
{
	static const char *const words[] = {
		"bool", "u8",	 "u16",	  "u32",   "u64",  "s8",    "s16",   "s32",   "s64",
		"__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64",
	};
	const struct su_ctoken *t = &s->tokens[at];

	return is_keyword(t) || is_any(t, words, SU_ARRAY_SIZE(words)) ||
	       (t->len > 2 && !memcmp(t->text + t->len - 2, "_t", 2)) ||
	       (at && (is_record_word(&t[-1]) || su_ctoken_is(&t[-1], "enum")));
}

/* In "int name __read_mostly;" the last word is not the name; one cannot always tell, so both are taken. */
static void define_last(const struct shape *s, size_t at, struct su_names *names, struct su_definitions *defs,
			enum su_name_kind kind)
{
	const struct su_ctoken *t = &s->tokens[at];

	if (is_keyword(t))
		return;
	define(names, defs, t, kind);
	if (at && t->len > 2 && !memcmp(t->text, "__", 2) && t[-1].kind == SU_CTOKEN_WORD && !is_type_word(s, at - 1))
		define(names, defs, &t[-1], kind);
}

static bool ends_name(const struct shape *s, size_t at)
{
	const struct su_ctoken *t = &s->tokens[at];

	return at == s->nr || is_sign(t, ';') || is_sign(t, ',') || is_sign(t, '[') || is_sign(t, '=') ||
	       is_sign(t, ':') || opens_parameters(s, at) || su_construct_is_attribute(t);
}

/* Names declared outside of all braces: "name;", "name[", "name =", "name(", "(*name)". */
static void define_declared(const struct shape *s, struct su_names *names, struct su_definitions *defs,
			    enum su_name_kind kind)
{
	size_t i = 0;

	while (i < s->nr) {
		const struct su_ctoken *t = &s->tokens[i];

		if (is_sign(t, '{') || is_sign(t, '[')) {
			i = skip_group(s->tokens, s->nr, i);
			continue;
		}
		if (is_sign(t, '(')) {
			if (i + 1 < s->nr && is_sign(&t[1], '*')) {
				size_t k, end = skip_group(s->tokens, s->nr, i);

				for (k = i; k < end; k++)
					if (s->tokens[k].kind == SU_CTOKEN_WORD) {
						size_t behind = k + 1;

						if (behind < s->nr && (is_sign(&s->tokens[behind], ')') ||
								       is_sign(&s->tokens[behind], '[')))
							define(names, defs, &s->tokens[k], kind);
					}
			}
			i = skip_group(s->tokens, s->nr, i);
			continue;
		}
		if (is_sign(t, '=')) {
			/* A value, up to the next name. */
			while (i < s->nr && !is_sign(&s->tokens[i], ',') && !is_sign(&s->tokens[i], ';'))
				i = is_sign(&s->tokens[i], '(') || is_sign(&s->tokens[i], '{') ||
						    is_sign(&s->tokens[i], '[') ?
					    skip_group(s->tokens, s->nr, i) :
					    i + 1;
			continue;
		}
		if (t->kind == SU_CTOKEN_WORD && !su_construct_is_attribute(t) && ends_name(s, i + 1))
			define_last(s, i, names, defs, kind);
		if (t->kind == SU_CTOKEN_WORD && i + 1 < s->nr && opens_parameters(s, i + 1) &&
		    !su_construct_is_attribute(t)) {
			/* What stands behind a function's parameters are attributes. */
			while (i < s->nr && !is_sign(&s->tokens[i], ',') && !is_sign(&s->tokens[i], ';'))
				i = is_sign(&s->tokens[i], '(') ? skip_group(s->tokens, s->nr, i) : i + 1;
			continue;
		}
		i++;
	}
}

/* Tags with a body, and enumerators, at whatever depth. */
static bool define_bodies(const struct shape *s, struct su_names *names, struct su_definitions *defs)
{
	bool is_enum[BRACES_MAX] = { false }, is_record = false;
	bool pending_enum = false, pending_record = false;
	const struct su_ctoken *tag = NULL;
	size_t depth = 0, parens = 0, i;

	for (i = 0; i < s->nr; i++) {
		const struct su_ctoken *t = &s->tokens[i];

		if (is_record_word(t) || su_ctoken_is(t, "enum")) {
			pending_enum = su_ctoken_is(t, "enum");
			pending_record = !pending_enum;
			tag = NULL;
		} else if (t->kind == SU_CTOKEN_WORD && (pending_enum || pending_record) &&
			   !su_construct_is_attribute(t)) {
			tag = t;
		} else if (is_sign(t, '{')) {
			is_record |= pending_record;
			if (pending_record && tag)
				*su_vec_add(defs) = (struct su_definition){ .name = su_construct_tag(names, tag),
									    .kind = SU_NAME_TYPE };
			if (depth < BRACES_MAX)
				is_enum[depth] = pending_enum;
			depth++;
			pending_enum = pending_record = false;
		} else if (is_sign(t, '}')) {
			depth -= depth > 0;
		} else if (is_sign(t, '(')) {
			parens++;
		} else if (is_sign(t, ')')) {
			parens -= parens > 0;
		} else if (!is_sign(t, '*') && t->kind == SU_CTOKEN_SIGN) {
			pending_enum = pending_record = false;
		}
		if (t->kind == SU_CTOKEN_WORD && depth && depth <= BRACES_MAX && is_enum[depth - 1] && !parens && i &&
		    (is_sign(&t[-1], '{') || is_sign(&t[-1], ',')))
			define(names, defs, t, SU_NAME_CONST);
	}
	return is_record;
}

static bool is_assertion(const struct su_ctoken *token)
{
	static const char *const words[] = { "_Static_assert", "static_assert", "__static_assert" };

	return is_any(token, words, SU_ARRAY_SIZE(words));
}

/* NAME(...), and at most a semicolon behind it. */
static bool is_call(const struct shape *s)
{
	size_t end;

	if (s->nr < 3 || s->tokens[0].kind != SU_CTOKEN_WORD || !is_sign(&s->tokens[1], '('))
		return false;
	end = skip_group(s->tokens, s->nr, 1);
	return end == s->nr || (end + 1 == s->nr && is_sign(&s->tokens[end], ';'));
}

static enum su_construct_kind class_function(const struct shape *s, struct su_names *names, struct su_definitions *defs)
{
	size_t behind = skip_group(s->tokens, s->nr, s->paren);
	/* In "static int FNAME(walk)(...)" the name is not known without the macro. */
	bool is_computed = behind < s->nr && is_sign(&s->tokens[behind], '(');

	define(names, defs, &s->tokens[s->paren - 1], SU_NAME_OBJECT);
	return (s->is_static || s->is_inline) && !is_computed && !s->is_used ? SU_CONSTRUCT_FUNCTION :
									       SU_CONSTRUCT_ACTIVE;
}

/* Elements of lists that are included into an enum or an array end in our semicolon too, after an expansion. */
static bool begins_declaration(const struct shape *s)
{
	return s->nr > 2 && s->tokens[0].kind == SU_CTOKEN_WORD &&
	       (s->tokens[1].kind == SU_CTOKEN_WORD || is_sign(&s->tokens[1], '*') ||
		su_construct_is_attribute(&s->tokens[0]));
}

static enum su_construct_kind class_plain(const struct shape *s, struct su_names *names, struct su_definitions *defs)
{
	if (is_call(s) && is_assertion(&s->tokens[0]))
		return SU_CONSTRUCT_DECL;
	if (is_call(s))
		return su_construct_is_attribute(&s->tokens[0]) ? SU_CONSTRUCT_ACTIVE : SU_CONSTRUCT_CALL;
	if (!s->nr || !is_sign(&s->tokens[s->nr - 1], ';') || !begins_declaration(s))
		return SU_CONSTRUCT_ACTIVE;
	define_declared(s, names, defs, SU_NAME_OBJECT);
	if (s->has_value)
		return s->is_static && !s->is_used ? SU_CONSTRUCT_FUNCTION : SU_CONSTRUCT_ACTIVE;
	return SU_CONSTRUCT_DECL;
}

enum su_construct_kind su_construct_class(const struct su_ctoken *tokens, size_t nr, struct su_names *names,
					  struct su_definitions *defs, bool *is_record)
{
	struct shape s = { .tokens = tokens, .nr = nr };

	find_shape(&s);
	if (s.is_typedef) {
		*is_record = define_bodies(&s, names, defs);
		define_declared(&s, names, defs, SU_NAME_TYPE);
		return SU_CONSTRUCT_TYPE;
	}
	if (s.brace == nr)
		return class_plain(&s, names, defs);
	if (s.has_value) {
		define_declared(&s, names, defs, SU_NAME_OBJECT);
		return s.is_static && !s.is_used ? SU_CONSTRUCT_FUNCTION : SU_CONSTRUCT_ACTIVE;
	}
	if (s.paren < s.brace)
		return class_function(&s, names, defs);
	if (s.record < s.brace) {
		*is_record = define_bodies(&s, names, defs);
		define_declared(&s, names, defs, SU_NAME_OBJECT);
		return SU_CONSTRUCT_TYPE;
	}
	return SU_CONSTRUCT_ACTIVE;
}
