// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: the recipe of a link: from Kbuild's saved commands to those for another folder and name; running them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "lib/base/file.h"
#include "lib/kernel/recipe.h"

static void check_line(const char *file, const char *cmd, const char *want)
{
	struct su_buf recipe = { 0 };

	assert_int_equal(su_recipe_add(&recipe, file, cmd, "/t/d", "suture-x"), want != NULL);
	assert_int_equal(recipe.nr, want ? strlen(want) : 0);
	if (want)
		assert_memory_equal(recipe.data, want, recipe.nr);
	su_buf_fini(&recipe);
}

static void test_add(void **state)
{
	(void)state;
	check_line("shim.o",
		   "cmd_/t/d/shim.o := gcc -DN='\"suture_x\"' -c -o /t/d/shim.o /t/d/shim.c\n\nsource_shim.o := x\n",
		   "shim.o\tgcc -DN='\"@MODNAME@\"' -c -o @DIR@/shim.o @DIR@/shim.c\n");
	/* as later kernels write it; with make's quoting */
	check_line("@NAME@.mod", "savedcmd_/t/d/suture-x.mod := printf $(pound) | awk '!x[$$0]' > /t/d/suture-x.mod\n",
		   "@NAME@.mod\tprintf # | awk '!x[$0]' > @DIR@/@NAME@.mod\n");
	check_line("shim.o", "# nothing := /t/d/shim.o\n", NULL);
	check_line("shim.o", "cmd_/t/d/shim.o\n", NULL);
	check_line("shim.o", "", NULL);
	/* names that only hold in the module's folder */
	check_line("shim.o", "savedcmd_shim.o := gcc -c -o shim.o /t/d/shim.c\n", NULL);
}

static void test_fill(void **state)
{
	struct su_buf command = { 0 };

	(void)state;
	su_recipe_fill(&command, "x -D@MODNAME@ @DIR@/@NAME@.o @DIR", "/other", "suture-a-b");
	assert_string_equal(command.data, "x -Dsuture_a_b /other/suture-a-b.o @DIR");
	su_buf_fini(&command);
}

/* Run @text as a recipe in a folder of its own. Return: su_recipe_link()'s; @token: of its only diagnostic. */
static int link_by(const char *text, enum su_token *token, char **said)
{
	struct su_diags *diags = su_diags_create();
	SU_CLEANUP_FREE char *dir = NULL;
	SU_CLEANUP_FREE char *link = NULL;
	SU_CLEANUP_FREE char *log = NULL;
	SU_CLEANUP_BUF struct su_buf made = { 0 };
	struct su_recipe recipe = { .objects = "/", .compiler = "gcc" };
	int err;

	assert_int_equal(su_dir_temp(diags, "/tmp", "recipe-", &dir), 0);
	link = su_format("%s/link", dir);
	log = su_format("%s/log", link);
	recipe.dir = dir;
	folder_put(diags, dir, "recipe", text);
	folder_put(diags, dir, "shim.o", "shim");
	folder_put(diags, dir, "core.symvers", "core");
	assert_int_equal(su_dir_make(diags, link), 0);
	err = su_recipe_link(diags, &recipe, link, "suture-x", "out.ko");
	if (err) {
		assert_int_equal(su_diags_count(diags), 1);
		*token = su_diags_at(diags, 0)->token;
	}
	if (su_file_exists(log))
		assert_int_equal(su_file_read(diags, log, &made), 0);
	*said = su_format("%.*s", (int)made.nr, made.data ? made.data : "");
	assert_int_equal(su_dir_remove(diags, dir), 0);
	su_diags_destroy(diags);
	return err;
}

static void check_link(const char *text, enum su_token token, const char *said)
{
	SU_CLEANUP_FREE char *have = NULL;
	enum su_token found = token;
	int err = link_by(text, &found, &have);

	assert_int_equal(err != 0, token != 0);
	assert_int_equal(found, token);
	assert_string_equal(have, said);
}

/* In order, in the objects folder; the first that fails ends it. */
static void test_link(void **state)
{
	(void)state;
	check_link("suture-recipe 1\na\tpwd >@DIR@/log\nb\techo @NAME@ >>@DIR@/log\n", 0, "/\nsuture-x\n");
	check_link("suture-recipe 1\na\tcat @DIR@/shim.o @DIR@/core.symvers >@DIR@/log\n", 0, "shimcore");
	check_link("suture-recipe 1\na\techo a >@DIR@/log; false; true\nb\techo b >>@DIR@/log\n", SU_T_LINK, "a\n");
	check_link("suture-recipe 1\nno command\n", SU_T_NOT_PREPARED, "");
	check_link("suture-recipe 2\na\techo a >@DIR@/log\n", SU_T_NOT_PREPARED, "");
	check_link("", SU_T_NOT_PREPARED, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
