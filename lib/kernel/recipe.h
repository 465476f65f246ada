/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a kernel makes a module out of the update's two parts, shim.o, which is the same in all, and code.o. Kbuild is asked once,
 * when the tree is prepared: it compiles the shim, and saves each command that it ran in a .cmd file. What it does besides, mostly trying out what the compiler
 * can do, takes longer than these commands.
 *
 * File format of a recipe (text): "suture-recipe 1", then a line for each command, in order: the file that it makes, a
 * tab, the command as for a shell in the objects folder. @DIR@, @NAME@ and @MODNAME@ stand for the folder, for the
 * module's file name without its suffix, and for its name in the kernel.
 */
#ifndef SU_KERNEL_RECIPE_H
#define SU_KERNEL_RECIPE_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"

struct su_recipe {
	const char *objects;  /* the tree's objects folder */
	const char *compiler; /* "gcc-12" */
	const char *dir;      /* the tree's folder: holds recipe, shim.o and core.symvers */
};

/*
 * Link a module without code in the folder @dir by way of Kbuild, and keep the shim and the commands. No file of commands where it
 * saves not all of them.
 */
int su_recipe_record(struct su_diags *diags, const struct su_recipe *recipe, const char *dir) SU_MUST_CHECK;
/*
 * Make <dir>/<name>.ko of the shim and <dir>/code.o; by Kbuild itself where there is no recipe. LINK with the
 * failing tool's words; @output: whose linking it is, for messages.
 */
int su_recipe_link(struct su_diags *diags, const struct su_recipe *recipe, const char *dir, const char *name,
		   const char *output) SU_MUST_CHECK;

/*
 * One line of the recipe out of a .cmd file's text, for a module @name that was made in @dir. false: it holds none
 * that makes <dir>/<file>.
 */
bool su_recipe_add(struct su_buf *recipe, const char *file, const char *cmd, const char *dir, const char *name);
/* A line's words for the shell, for another folder and name. */
void su_recipe_fill(struct su_buf *command, const char *line, const char *dir, const char *name);

#endif
