/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: a header's text cut into top-level constructs: what each defines and which words it mentions. Text
 * that the configuration leaves out is not there. No macro is expanded and nothing is compiled: what cannot be classed is
 * taken for code that every includer compiles.
 */
#ifndef SU_KERNEL_CFILE_H
#define SU_KERNEL_CFILE_H

#include "ccondition.h"

enum su_construct_kind {
	SU_CONSTRUCT_MACRO,    /* #define or #undef */
	SU_CONSTRUCT_FUNCTION, /* inline, or a static function or variable: nothing where it is not used */
	SU_CONSTRUCT_TYPE,
	SU_CONSTRUCT_DECL,
	SU_CONSTRUCT_CALL,   /* NAME(...): a macro that makes something of the kinds around it */
	SU_CONSTRUCT_ACTIVE, /* all else: taken for code that each includer compiles */
};

/* What a name stands for: bits. */
enum su_name_kind {
	SU_NAME_MACRO = 1,
	SU_NAME_CONST = 2,   /* an enumerator */
	SU_NAME_TYPE = 4,    /* of a typedef, or "=tag": a struct or union that is used by value */
	SU_NAME_OBJECT = 8,  /* a function or variable */
	SU_NAME_MEMBER = 16, /* ".name" */
};

struct su_definition {
	uint32_t name;
	enum su_name_kind kind;
};
SU_VEC_TYPE(su_definitions, struct su_definition);

struct su_construct {
	enum su_construct_kind kind;
	bool for_c, for_asm;	      /* which units see it */
	bool is_paste;		      /* a macro with ## in it */
	bool is_record;		      /* TYPE: a struct or union is defined in it */
	uint64_t hash;		      /* of its tokens */
	const char *text;	      /* from its first token ... */
	size_t sz;		      /* ... to its last, text that was left out included */
	size_t first_word, word_nr;   /* in the file's words */
	size_t first_def, def_nr;     /* in the file's definitions */
	size_t first_token, token_nr; /* in the file's tokens; where they are kept */
};

struct su_include {
	uint32_t name;	/* the path as it is written; of a computed one the macro's name */
	uint32_t needs; /* a word that must be defined for it; 0: none is known */
	bool is_quoted, is_computed;
	bool is_certain; /* no condition is around it */
};

struct su_cfile {
	SU_VEC(struct su_construct) constructs;
	SU_VEC(struct su_include) includes;
	struct su_name_list words;
	struct su_definitions defs;
	struct su_ctokens tokens;
};

struct su_cfile_request {
	const char *text; /* must outlive the result */
	size_t sz;
	const struct su_cfacts *facts;
	struct su_names *names;
	bool keep_tokens; /* point into the text */
};

void su_cfile_parse(const struct su_cfile_request *req, struct su_cfile *file);
void su_cfile_fini(struct su_cfile *file);

/* cconstruct.c: class a construct's tokens (no MACRO), and find what it defines. */
enum su_construct_kind su_construct_class(const struct su_ctoken *tokens, size_t nr, struct su_names *names,
					  struct su_definitions *defs, bool *is_record);
/* Words that take arguments in a declaration without being what is declared: __printf, __aligned. */
bool su_construct_is_attribute(const struct su_ctoken *token);
/* Do four tokens, the last two "struct TAG", and the next one use the struct by value? Its size alone is no such use. */
bool su_construct_is_by_value(const struct su_ctoken before[4], const struct su_ctoken *next);
/* Can the second of two tokens be a member's name: "->x", ".x", "(x," "{ x:"? It counts as a mention of ".x". */
bool su_construct_is_member(const struct su_ctoken before[2], const struct su_ctoken *next);
uint32_t su_construct_member(struct su_names *names, const struct su_ctoken *member);
/* The number of "=tag". */
uint32_t su_construct_tag(struct su_names *names, const struct su_ctoken *tag);

#endif
