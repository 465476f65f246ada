// SPDX-License-Identifier: GPL-2.0-or-later
/* Linking a module by Kbuild's own commands, which were recorded when the tree was prepared. */
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/base/str.h"
#include "recipe.h"
#include "shim.h"
#include "tool.h"

#define HEADING "suture-recipe 1\n"
#define RECORDED_NAME "suture-recorded"

/* The files that Kbuild makes, in order; not every kernel makes the ones in brackets. */
static const char *const made[] = { "@NAME@.mod",	 "modules.order", "@NAME@.o", "Module.symvers",
				    "[.module-common.o", "@NAME@.mod.o",  "@NAME@.ko" };

static char *module_name(const char *name)
{
	char *modname = su_strdup(name);

	su_module_name_normalise(modname);
	return modname;
}

/* Append @text with each of @from (ends in NULL) replaced by its counterpart in @to; the first that fits wins. */
static void replace(struct su_buf *buf, const char *text, const char *const *from, const char *const *to)
{
	while (*text) {
		size_t i = 0;

		while (from[i] && !su_has_prefix(text, from[i]))
			i++;
		if (from[i])
			su_buf_puts(buf, to[i]);
		else
			su_buf_add(buf, text, 1);
		text += from[i] ? strlen(from[i]) : 1;
	}
}

bool su_recipe_add(struct su_buf *recipe, const char *file, const char *cmd, const char *dir, const char *name)
{
	SU_CLEANUP_FREE char *modname = module_name(name);
	SU_CLEANUP_FREE char *makes = su_format("@DIR@/%s", file);
	SU_CLEANUP_FREE char *line = NULL;
	SU_CLEANUP_BUF struct su_buf command = { 0 };
	const char *at = strstr(cmd, " := ");

	/* "cmd_FILE := ...", in later kernels "savedcmd_FILE := ...", with make's quoting */
	if (!at || (!su_has_prefix(cmd, "cmd_") && !su_has_prefix(cmd, "savedcmd_")))
		return false;
	at += 4;
	line = su_format("%.*s", (int)strcspn(at, "\n"), at);
	replace(&command, line, (const char *const[]){ "$(pound)", "$$", dir, name, modname, NULL },
		(const char *const[]){ "#", "$", "@DIR@", "@NAME@", "@MODNAME@" });
	/* from 6.13 on Kbuild works in the module's folder: the names are not of the form that is relied upon here */
	if (!command.data || !strstr(command.data, makes))
		return false;
	su_buf_format(recipe, "%s\t%s\n", file, command.data);
	return true;
}

void su_recipe_fill(struct su_buf *command, const char *line, const char *dir, const char *name)
{
	SU_CLEANUP_FREE char *modname = module_name(name);

	replace(command, line, (const char *const[]){ "@DIR@", "@NAME@", "@MODNAME@", NULL },
		(const char *const[]){ dir, name, modname });
}

static int write_file(struct su_diags *diags, const char *dir, const char *name, const char *text)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", dir, name);

	return su_file_write(diags, path, text, strlen(text));
}

static int write_kbuild(struct su_diags *diags, const char *dir, const char *name)
{
	/*
	 * objtool has seen the units that code.o is made of. Kernels that run it late, over the joined object
	 * (delay-objtool in scripts/Makefile.lib), must not run it again: the pre code's fields are empty.
	 */
	SU_CLEANUP_FREE char *kbuild = su_format("obj-m := %s.o\n%s-y := shim.o code.o\n"
						 "$(obj)/shim.o: private override objtool-enabled := y\n"
						 "$(obj)/%s.o: private override objtool-enabled :=\n",
						 name, name, name);
	SU_CLEANUP_FREE char *code = su_format("%s/code.o", dir);
	SU_CLEANUP_FREE char *shipped = su_format("%s/code.o_shipped", dir);
	int err = write_file(diags, dir, "Kbuild", kbuild);

	if (!err && rename(code, shipped))
		err = su_fail(diags, SU_AT(FILE_WRITE, .object = shipped), "cannot rename: %m");
	return err;
}

static int run(struct su_diags *diags, struct su_process *p, const char *output)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	int err;

	p->env = env;
	err = su_process_run(diags, p);
	if (!err && p->exit_code)
		err = su_tool_check_system(diags, output, p);
	if (!err && p->exit_code)
		err = su_fail(diags, SU_AT(LINK, .object = output), "Kbuild could not link the update:\n%s%s",
			      p->out.data ? p->out.data : "", p->err.data ? p->err.data : "");
	su_process_fini(p);
	return err;
}

static int link_by_kbuild(struct su_diags *diags, const struct su_recipe *recipe, const char *dir, const char *name,
			  const char *output)
{
	SU_CLEANUP_FREE char *m = su_format("M=%s", dir);
	SU_CLEANUP_FREE char *cc = su_format("CC=%s", recipe->compiler);
	SU_CLEANUP_FREE char *symbols = su_format("KBUILD_EXTRA_SYMBOLS=%s/core.symvers", dir);
	/* no debug information: it would carry the folder's path */
	struct su_process p = { .argv = SU_ARGV("make", "-s", "-C", recipe->objects, m, cc, symbols, "KCFLAGS=-g0",
						"modules") };
	int err = write_kbuild(diags, dir, name);

	return err ? err : run(diags, &p, output);
}

/* All of Kbuild's saved commands. @is_whole: none was missing. */
static int collect(struct su_diags *diags, const char *dir, struct su_buf *text, bool *is_whole)
{
	int err = 0;

	su_buf_puts(text, HEADING);
	*is_whole = true;
	for (size_t i = 0; !err && i < SU_ARRAY_SIZE(made); i++) {
		bool may_lack = *made[i] == '[';
		SU_CLEANUP_BUF struct su_buf file = { 0 }, cmd = { 0 };
		SU_CLEANUP_FREE char *path = NULL;

		su_recipe_fill(&file, made[i] + may_lack, dir, RECORDED_NAME);
		path = su_format("%s/.%s.cmd", dir, file.data);
		if (su_file_exists(path))
			err = su_file_read(diags, path, &cmd);
		if (!err && (!cmd.data || !su_recipe_add(text, made[i] + may_lack, cmd.data, dir, RECORDED_NAME)))
			*is_whole &= may_lack;
	}
	return err;
}

static int write_parts(struct su_diags *diags, const struct su_recipe *recipe, const char *dir)
{
	SU_CLEANUP_FREE char *code = su_format("%s/code.o", dir);
	int err = su_dir_make(diags, dir);

	if (!err)
		err = su_shim_write(diags, recipe->objects, dir);
	if (!err)
		err = write_file(diags, dir, ".code.o.cmd", "cmd_code.o := true\n");
	if (!err)
		err = su_tool_run(diags, SU_ARGV(recipe->compiler, "-c", "-x", "c", "-o", code, "/dev/null"), NULL,
				  NULL, SU_AT(PREPARE, .object = recipe->compiler), "an empty file cannot be compiled");
	return err;
}

static int copy(struct su_diags *diags, const char *from_dir, const char *from, const char *to_dir, const char *to)
{
	SU_CLEANUP_FREE char *source = su_format("%s/%s", from_dir, from);
	SU_CLEANUP_FREE char *target = su_format("%s/%s", to_dir, to);

	return su_file_copy(diags, source, target);
}

int su_recipe_record(struct su_diags *diags, const struct su_recipe *recipe, const char *dir)
{
	SU_CLEANUP_FREE char *path = su_format("%s/recipe", recipe->dir);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	bool is_whole = false;
	int err = write_parts(diags, recipe, dir);

	if (!err)
		err = link_by_kbuild(diags, recipe, dir, RECORDED_NAME, RECORDED_NAME);
	if (!err)
		err = copy(diags, dir, "shim.o", recipe->dir, "shim.o");
	if (!err)
		err = copy(diags, dir, "core.symvers", recipe->dir, "core.symvers");
	if (!err)
		err = collect(diags, dir, &text, &is_whole);
	if (!err && is_whole)
		err = su_file_write(diags, path, text.data, text.nr);
	return err;
}

static int fail_damaged(struct su_diags *diags, const char *path)
{
	return su_fail(diags, SU_AT(NOT_PREPARED, .object = path, .hint = "remove the folder and prepare again"),
		       "the recipe of the link is damaged");
}

static int run_line(struct su_diags *diags, const struct su_recipe *recipe, const char *line, const char *dir,
		    const char *name, const char *output)
{
	SU_CLEANUP_BUF struct su_buf command = { 0 };
	const char *tab = strchr(line, '\t');
	struct su_process p = { .dir = recipe->objects };

	if (!tab)
		return fail_damaged(diags, recipe->dir);
	su_recipe_fill(&command, tab + 1, dir, name);
	p.argv = SU_ARGV("/bin/sh", "-e", "-c", command.data);
	return run(diags, &p, output);
}

/* What Kbuild, or its commands, are to find in the folder beside code.o. modpost reads the parts' saved commands. */
static int put_parts(struct su_diags *diags, const struct su_recipe *recipe, const char *dir, const char *shim)
{
	int err = copy(diags, recipe->dir, "shim.o", dir, shim);

	if (!err)
		err = copy(diags, recipe->dir, "core.symvers", dir, "core.symvers");
	if (!err)
		err = write_file(diags, dir, ".shim.o.cmd", "cmd_shim.o := true\n");
	return err ? err : write_file(diags, dir, ".code.o.cmd", "cmd_code.o := true\n");
}

static int run_lines(struct su_diags *diags, const struct su_recipe *recipe, const char *path, const char *dir,
		     const char *name, const char *output)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	char *save = NULL;
	int err = su_file_read(diags, path, &text);

	if (err)
		return err;
	if (text.nr < sizeof(HEADING) || strncmp(text.data, HEADING, sizeof(HEADING) - 1))
		return fail_damaged(diags, path);
	for (char *line = strtok_r(text.data + sizeof(HEADING) - 1, "\n", &save); !err && line;
	     line = strtok_r(NULL, "\n", &save))
		err = run_line(diags, recipe, line, dir, name, output);
	return err;
}

int su_recipe_link(struct su_diags *diags, const struct su_recipe *recipe, const char *dir, const char *name,
		   const char *output)
{
	SU_CLEANUP_FREE char *path = su_format("%s/recipe", recipe->dir);
	bool has_recipe = su_file_exists(path);
	int err = put_parts(diags, recipe, dir, has_recipe ? "shim.o" : "shim.o_shipped");

	if (err)
		return err;
	return has_recipe ? run_lines(diags, recipe, path, dir, name, output) :
			    link_by_kbuild(diags, recipe, dir, name, output);
}
