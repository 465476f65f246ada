/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compile database of a prepared tree: how every object of that kernel is made. Written once from a dry run of
 * Kbuild, and read in a few milliseconds by every create.
 *
 * File format (text, one record a line, fields parted by tabs):
 *	suture-database 1
 *	words N		then N lines, each one word of a command line
 *	units N		then N lines: object, source, role, modfile, indices of the compile command's words, indices of
 *			the objtool command's words (may be empty)
 *	groups N	then N lines: composite object, its members parted by blanks
 */
#ifndef SU_KERNEL_DATABASE_H
#define SU_KERNEL_DATABASE_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

enum su_role {
	SU_ROLE_VMLINUX, /* linked into vmlinux */
	SU_ROLE_MODULE,	 /* part of the module that modfile names */
	SU_ROLE_OTHER,	 /* neither: boot code, vDSO, purgatory */
};

/* A unit of the database. All strings are the database's. */
struct su_command {
	const char *object;  /* relative to the objects folder */
	const char *source;  /* relative to the source tree; to the objects folder where it is generated */
	const char *modfile; /* KBUILD_MODFILE: "net/ipv6/ipv6"; "" where the command has none */
	enum su_role role;
	bool is_generated; /* the source file is made by the build */
	bool is_asm;
	const char *compile; /* indices into the words, for su_database_words() */
	const char *objtool; /* the same; "" where objtool is not run on the object */
};

struct su_group {
	const char *object;  /* foo/bar.o, made of several objects by ld -r */
	const char *members; /* parted by blanks */
};

struct su_database {
	char *text; /* the file; everything points into it */
	SU_VEC(const char *) words;
	SU_VEC(struct su_command) commands; /* ascending by object */
	SU_VEC(struct su_group) groups;	    /* ascending by object */
};

/* Read a database. INTERNAL-free: a damaged file is NOT_PREPARED. */
int su_database_read(struct su_diags *diags, const char *path, struct su_database *db) SU_MUST_CHECK;
/* The parsing part: takes over @text (heap, NUL behind @sz bytes). Return: 0, or -SU_SYSTEM without a diagnostic. */
int su_database_parse(char *text, size_t sz, struct su_database *db) SU_MUST_CHECK;
void su_database_fini(struct su_database *db);

/* The words of a command (su_command.compile or .objtool), ending in NULL; the array is in @arena. */
const char **su_database_words(const struct su_database *db, const char *indices, struct su_arena *arena, size_t *nr);
/* Is the unit part of the vDSO, which is no code of the kernel but is mapped into processes? */
bool su_command_is_vdso(const struct su_command *command);
/* Is it the vDSO as an array of the kernel's? Its source is made of the linked vDSO, which nobody makes here. */
bool su_command_is_vdso_image(const struct su_command *command);
/* The command that makes @object; NULL where there is none. */
const struct su_command *su_database_object(const struct su_database *db, const char *object);

/**
 * su_dryrun_parse - turn the output of a dry run of Kbuild into a database file's text
 * @output: what `make -n V=1 vmlinux modules` printed, with or without --trace
 * @source: the absolute path of the source tree
 * @compiler: the kernel's compiler as the commands name it
 * @text: receives the file
 * Return: 0, or PREPARE where there is no compile command in it at all.
 */
int su_dryrun_parse(struct su_diags *diags, const char *output, size_t sz, const char *source, const char *compiler,
		    struct su_buf *text) SU_MUST_CHECK;

#endif
