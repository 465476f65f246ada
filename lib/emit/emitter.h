/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one emission, shared by the files of lib/emit. */
#ifndef SU_EMIT_EMITTER_H
#define SU_EMIT_EMITTER_H

#include "match/update.h"
#include "emit.h"

#define SU_ENDBR64 "\xf3\x0f\x1e\xfa"

struct su_emit_redirect {
	const struct su_emit_unit *unit;
	uint32_t unit_idx;
	struct su_atom *post;
	const struct su_object *object; /* that holds the old function as it runs: the plain one, or an earlier update's pre */
	const struct su_atom *plain; /* the old function there */
	bool is_stacked;	     /* it is an earlier update's replacement */
	uint32_t window_off;
	bool has_fentry;
};

/* What a reference of the update needs: a private symbol, or an undefined one of the output. */
struct su_emit_reference {
	const struct su_atom *by;
	bool is_private;
	uint32_t symbol;
};

/* What a global name stands for in one of the units. */
struct su_emit_defined {
	struct su_atom *atom;
	uint32_t unit;
};

/* What a section of the update's tables describes: a whole one of a plain object, or one atom that an earlier update carries. */
struct su_emit_matched {
	const struct su_object *object;
	const struct su_elf_section *section;
	struct su_atom *atom; /* NULL: the whole */
	uint32_t nth;	      /* atom: of which update it is an instance */
};

struct su_emitter {
	struct su_diags *diags;
	const struct su_emit_request *request;
	struct su_emit_result *result;
	struct su_arena arena;
	struct su_elf_out out;
	bool stays; /* SU_UPDATE_STAYS */
	SU_VEC(struct su_emit_redirect) redirects;
	SU_VEC(struct su_emit_reference) references;
	struct su_map overridden; /* "unit:name": a weak name that stands for another unit's */
	struct su_map defined; /* "target:name" after the patch -> index in defined_atoms; "export:name" for what it exports newly */
	SU_VEC(struct su_emit_defined) defined_atoms;
	bool *is_needed; /* [unit]: new code uses something of it that only its place tells */

	/* the tables, in the making */
	SU_VEC(struct su_area) areas;
	SU_VEC(struct su_target) targets;
	SU_VEC(struct su_unit) units;
	SU_VEC(struct su_section) sections;
	SU_VEC(struct su_symbol) symbols;
	SU_VEC(struct su_hole) holes;
	SU_VEC(struct su_site) sites;
	SU_VEC(struct su_function) functions;
	SU_VEC(struct su_range) ranges;
	SU_VEC(struct su_reloc) relocs;
	struct su_buf strings;
	struct su_map string_idx;
	struct su_map symbol_idx;		/* by a key that names kind and scope */
	struct su_map section_idx;		/* "unit:section" */
	struct su_map piece_off;		/* "unit:section:start" of post, in the update */
	SU_VEC(uint32_t) area_sections;		/* [area]: its output section */
	SU_VEC(struct su_emit_matched) matched; /* [section] */
	struct su_map earlier; /* global names, by su_emit_scope(), that earlier updates carry -> index */
	SU_VEC(struct su_emit_defined) earlier_atoms;
};

/* review.c: refuses all that an update cannot change in @diff's data and boot code. */
int su_emit_review(struct su_emitter *e, const struct su_diff *diff) SU_MUST_CHECK;
/* moved.c: refuses what the patch moves from one unit to another. */
int su_emit_check_moved(struct su_emitter *e) SU_MUST_CHECK;
/* gone.c: @name of @unit, which @user uses still, is refused, or warned about. Return: 0 or MOVED. */
int su_emit_check_gone(struct su_emitter *e, const struct su_emit_unit *unit, const char *name,
		       const char *user) SU_MUST_CHECK;
/* linked.c: refuses what the linker would decide otherwise; marks what has given way to another unit's. */
int su_emit_link_names(struct su_emitter *e) SU_MUST_CHECK;
/* Does a weak definition of @unit give way? */
bool su_emit_is_overridden(struct su_emitter *e, uint32_t unit, const char *name);
/* renamed.c: refuses a new variable that may be an old one. */
int su_emit_check_renamed(struct su_emitter *e, const struct su_diff *diff) SU_MUST_CHECK;
bool su_emit_is_new_export(const struct su_diff *diff, const char *name);

/* quiescence.c: refuses a function that some thread is always in; warns where that may be. */
int su_emit_check_quiescence(struct su_emitter *e, const struct su_emit_unit *unit,
			     const struct su_atom *pre) SU_MUST_CHECK;

/* select.c: marks every post atom that the update carries, reports what cannot be carried. */
int su_emit_select(struct su_emitter *e) SU_MUST_CHECK;
/* A key for a global name that @unit uses: the same name may mean different things in different targets. */
const char *su_emit_scope(struct su_emitter *e, uint32_t unit, const char *name);
/* What @unit, after the patch, means by a global name that one of the update's units defines; NULL: none does. */
const struct su_emit_defined *su_emit_defined(struct su_emitter *e, uint32_t unit, const char *name);
/* Does the kernel know it by that name too? It may have been static, have another name, or be exported only now. */
bool su_emit_is_known(const struct su_emitter *e, const struct su_emit_defined *defined, const char *name);
/* A place inside of a function (a table's entry for it, a label), not the function as such. */
bool su_emit_is_inner(const struct su_atom *from, const struct su_edge *edge);
/* What a reference of carried code resolves to. */
enum su_emit_target {
	SU_EMIT_CARRIED, /* an atom of the update */
	SU_EMIT_RUNNING, /* the running kernel's instance of *atom (a pre atom) */
	SU_EMIT_SYMBOL,	 /* by name: another unit's */
};
enum su_emit_target su_emit_resolve(const struct su_atom *from, const struct su_edge *edge, struct su_atom **atom);

/* redirect.c: for each changed function where its redirect goes. */
int su_emit_redirects(struct su_emitter *e) SU_MUST_CHECK;

/* tables.c: the update's tables */
uint32_t su_emit_string(struct su_emitter *e, const char *s);
uint32_t su_emit_area(struct su_emitter *e, uint32_t out_section, uint32_t flags);
uint32_t su_emit_target_idx(struct su_emitter *e, const char *name);
/* "vmlinux", or the name of the module that exports it as /proc/modules has it; NULL: not exported. */
const char *su_emit_exporter(struct su_emitter *e, const char *name);
/* Code of target @from uses something of target @to. */
int su_emit_need(struct su_emitter *e, uint32_t from, uint32_t to) SU_MUST_CHECK;
uint32_t su_emit_section(struct su_emitter *e, uint32_t unit, const struct su_elf_section *plain);
/* The update's symbol for a plain object's symbol, or for a name that no unit of the update defines. */
uint32_t su_emit_symbol(struct su_emitter *e, uint32_t unit, const struct su_elf_symbol *plain);
uint32_t su_emit_symbol_named(struct su_emitter *e, uint32_t unit, const char *name);
/* Not the address of a variable of the kernel's but the value that it holds. */
uint32_t su_emit_symbol_content(struct su_emitter *e, uint32_t unit, const char *name, uint64_t size);
/* A section in the making; @key names what it is of. Is it a new one? */
bool su_emit_section_put(struct su_emitter *e, const char *key, uint32_t *idx);
/* The section's bytes from the object's at @off on. */
void su_emit_section_bytes(struct su_emitter *e, struct su_section *section, const struct su_elf_section *from,
			   uint64_t off);
struct su_symbol *su_emit_symbol_put(struct su_emitter *e, const char *key, uint32_t *idx);
uint32_t su_emit_symbol_piece(struct su_emitter *e, uint32_t unit, const struct su_elf_section *plain, uint64_t off);
int su_emit_blob(struct su_emitter *e) SU_MUST_CHECK;
/* modinfo.c: .modinfo, of the request and the report. */
void su_emit_modinfo(struct su_emitter *e);

/* earlier.c: what earlier updates have brought, as it runs in their modules */
void su_emit_earlier_begin(struct su_emitter *e);
/* A global name that @unit uses and that earlier updates carry; NULL: none does. */
const struct su_emit_defined *su_emit_earlier_find(struct su_emitter *e, uint32_t unit, const char *name);
/* Is it a .cold part, which the function's own code leads to? The padding before a function belongs to it too, and has no place. */
bool su_emit_earlier_is_part(const struct su_atom *function, const struct su_atom *attached);
/* The function of an earlier update, to be matched: its latest instance and its .cold parts. */
int su_emit_earlier_function(struct su_emitter *e, uint32_t unit, struct su_atom *atom, uint32_t *section) SU_MUST_CHECK;
/* A function or object that an earlier update has added, and the functions that refer to it, whose match proves where it is. */
int su_emit_earlier_symbol(struct su_emitter *e, uint32_t unit, struct su_atom *atom, uint32_t *symbol) SU_MUST_CHECK;
/* What the field of an earlier update's code or data refers to. */
int su_emit_earlier_target(struct su_emitter *e, uint32_t unit, const struct su_emit_matched *from,
			   const struct su_edge *edge, uint32_t *symbol) SU_MUST_CHECK;

/* pre.c: pre code, its holes and sites */
void su_emit_pre(struct su_emitter *e);			  /* lays out the pre code */
int su_emit_describe(struct su_emitter *e) SU_MUST_CHECK; /* holes and sites of everything that is matched */
/* Where the atoms of a matched section lie in the update: next to each other, as in the object. */
void su_emit_locate(struct su_emitter *e, uint32_t section);
/* pre.c: a plain symbol by the name of a split object's atom; NULL where there is none or more than one. */
const struct su_elf_symbol *su_emit_plain_symbol(const struct su_object *plain, const char *name);
bool su_emit_is_matched_text(const struct su_object *plain, const struct su_elf_section *s);

/* sites.c */
struct su_site_list {
	SU_VEC(struct su_site) sites;
};
void su_emit_sites(const struct su_object *plain, const struct su_elf_section *s, struct su_site_list *list);

/* place.c: the new code and data */
int su_emit_place(struct su_emitter *e) SU_MUST_CHECK;
/* A symbol that the loader itself can resolve for this unit. */
bool su_emit_is_exported(const struct su_emitter *e, const char *name);

/*
 * An entry of the kernel's tables of constants that it writes into its own code at boot (asm/runtime-const.h, since v6.11).
 * A module must not have such tables; a constant is a private relocation, and a hole in the pre code, of this type.
 */
bool su_emit_is_constant(const struct su_atom *entry);
uint16_t su_emit_constant_type(const struct su_atom *entry);
uint32_t su_emit_constant(struct su_emitter *e, uint32_t unit, const struct su_atom *entry);

#endif
