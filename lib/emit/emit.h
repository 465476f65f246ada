/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From differences to an update module: selects what the update must carry, lays it out with the pre code and the tables of
 * match/update.h, and links it as an ordinary kernel module.
 */
#ifndef SU_EMIT_EMIT_H
#define SU_EMIT_EMIT_H

#include "../base/file.h"
#include "../diff/diff.h"
#include "../kernel/namesakes.h"
#include "symvers.h"

struct su_emit_unit {
	const char *name;	 /* object path in the kernel's build tree */
	const char *target;	 /* "vmlinux" or a module's name */
	struct su_diff *diff;	 /* of the split objects */
	struct su_object *plain; /* the plain pre object */
};

/* One redirected or new function, for reports. */
struct su_emit_function {
	const char *unit;
	const char *name;
	uint64_t old_sz, new_sz;
	bool is_new;
	const char *why; /* the first difference; NULL for a new function */
	uint64_t why_off;
};

struct su_emit_request {
	const char *id;
	struct su_emit_unit *units;
	size_t unit_nr;
	const struct su_symvers *symvers;
	const struct su_namesake *namesakes; /* of other units, for the names that su_emit_ask_names() gives */
	size_t namesake_nr;
	const char *const *modinfo; /* "key=value", for the module's .modinfo beside what it carries; ends in NULL, may be NULL */
};

/* How the value of a symbol that the new code uses will be known on the running kernel. */
enum su_proof {
	SU_PROOF_EXPORT, /* the kernel's module loader resolves it */
	SU_PROOF_PLACE,	 /* its section is matched, or its base read out of matched code */
	SU_PROOF_FIELD,	 /* matched code holds it */
	SU_PROOF_NAME,	 /* rests on the name: it must be unique in kallsyms */
};

struct su_emit_symbol {
	const char *name;    /* "" for a section's start */
	const char *section; /* SU_PROOF_PLACE: "unit:section"; else "" */
	enum su_proof proof;
	size_t fields; /* SU_PROOF_FIELD: places in matched code that hold it */
};

/* A function or object of the update that uses one. */
struct su_emit_use {
	const struct su_atom *by;
	uint32_t symbol; /* index in the result's symbols */
};

struct su_emit_result {
	struct su_arena arena;			   /* owns the names */
	SU_VEC(struct su_emit_function) functions; /* changed ones first, in the order of units and addresses */
	SU_VEC(struct su_emit_symbol) symbols;	   /* in the order of first use */
	SU_VEC(struct su_emit_use) uses;	   /* in the order of atoms; one may be there more than once */
	size_t changed_nr, new_nr;
	bool stays;	      /* its memory can never be given back: addresses of what is new in it are taken */
	uint64_t new_code_sz; /* bytes of new code */
	uint64_t pre_code_sz; /* bytes of code that is matched */
};

/* Global names that may come to stand for something else by the patch, or for nothing of this unit's; strings in @arena. */
void su_emit_ask_names(const struct su_diff *diff, struct su_arena *arena, struct su_asked_names *names);

/**
 * su_emit_object - write the update's object file
 * @result: filled in on success; su_emit_result_fini()
 *
 * All refusals that can be found are reported before it returns.
 * Return: 0; NO_CHANGE where nothing is left to replace; DATA_*, INIT_CODE, EXPORT, AMBIGUOUS, REDIRECT_*, RELOC,
 * SECTION where the change cannot be carried; FILE_WRITE.
 */
int su_emit_object(struct su_diags *diags, const struct su_emit_request *request, const char *path,
		   struct su_emit_result *result) SU_MUST_CHECK;
void su_emit_result_fini(struct su_emit_result *result);

struct su_link_request {
	const char *id;
	const char *dir;     /* an empty folder to work in */
	const char *objects; /* the kernel's prepared build tree */
	const char *compiler;
	const char *tree;   /* the folder of the prepared tree, lib/kernel/recipe.h */
	const char *output; /* the .ko to write */
};

/**
 * su_emit_link - make a kernel module of <dir>/code.o
 *
 * Kbuild's commands do it, with modpost against the tree's Module.symvers: it knows that release's ways (version records, .mod.c, objtool over
 * the joined object). Nothing of <dir>'s path or of the time gets into the module.
 * Return: 0, LINK with the tool's own message, FILE_WRITE.
 */
int su_emit_link(struct su_diags *diags, const struct su_link_request *request) SU_MUST_CHECK;

#endif
