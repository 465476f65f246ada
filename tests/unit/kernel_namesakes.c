// SPDX-License-Identifier: GPL-2.0-or-later
/* Who else has a name: units of a small tree that define or use it, in its source or in a part of that, and those that only seem to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "folder.h"
#include "lib/kernel/namesakes.h"

struct world {
	struct su_diags *diags;
	char *dir; /* holds src/, obj/, cache/ */
	struct su_tree tree;
	struct su_buf output; /* of the dry run */
	struct su_namesakes found;
};

static void put(struct world *w, const char *name, const char *text)
{
	folder_put(w->diags, w->dir, name, text);
}

static void add_unit(struct world *w, const char *name, const char *flags, const char *text)
{
	SU_CLEANUP_FREE char *path = su_format("src/%s.c", name);

	put(w, path, text);
	su_buf_format(&w->output, "gcc -Wp,-MMD,x.d -O2 -D__KERNEL__ %s -c -o %s.o %s/src/%s.c\n", flags, name, w->dir,
		      name);
}

#define MODULE "-DMODULE -DKBUILD_MODNAME='\"mod\"'"

static void make_units(struct world *w)
{
	add_unit(w, "a/weak", "", "__attribute__((weak)) int n(int a)\n{\n\treturn a;\n}\n");
	add_unit(w, "a/strong", "", "int n(int a)\n{\n\treturn a;\n}\n");
	add_unit(w, "a/patched", "", "int n(int a)\n{\n\treturn a;\n}\n");
	put(w, "src/a/part.c", "int n(int a)\n{\n\treturn a;\n}\n");
	add_unit(w, "a/whole", "", "#include \"part.c\"\n");
	add_unit(w, "a/assembler", "", "asm(\".weak n\\nn: ret\");\n");
	add_unit(w, "a/local", "", "static int n;\nint *l(void)\n{\n\treturn &n;\n}\n");
	/* a compiler would stumble over these: they are none of those that are looked into */
	add_unit(w, "a/calls", "", "int nonsense c(int a)\n{\n\treturn n(a);\n}\n");
	add_unit(w, "a/other", "", "int nonsense more_n(int a), nn; /* n */\n");
	add_unit(w, "b/uses", MODULE, "int u(int a)\n{\n\tint n(int);\n\treturn n(a);\n}\n");
	add_unit(w, "b/shared", "-DMODULE -DKBUILD_MODNAME='\"one:mod\"'", "int n(int a)\n{\n\treturn a;\n}\n");
	add_unit(w, "b/alien", "-DMODULE -DKBUILD_MODNAME='\"model\"'", "int nonsense n(int a);\n");
}

static int set_up(void **state)
{
	struct world *w = su_alloc(sizeof(*w));
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	w->diags = su_diags_create();
	assert_int_equal(su_dir_temp(w->diags, "/tmp", "suture-test", &w->dir), 0);
	w->tree.source = su_format("%s/src", w->dir);
	w->tree.objects = su_format("%s/obj", w->dir);
	w->tree.cache = su_format("%s/cache", w->dir);
	put(w, "obj/include/generated/autoconf.h", "\n");
	make_units(w);
	su_buf_puts(&w->output,
		    "ar cDPrST built-in.a a/weak.o a/strong.o a/patched.o a/whole.o a/assembler.o a/local.o a/calls.o a/other.o\n");
	assert_int_equal(su_dryrun_parse(w->diags, w->output.data, w->output.nr, w->tree.source, "gcc", &text), 0);
	assert_int_equal(su_database_parse(su_strdup(text.data), text.nr, &w->tree.db), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	int ret = su_dir_remove(w->diags, w->dir);

	su_namesakes_fini(&w->found);
	su_tree_fini(&w->tree);
	su_buf_fini(&w->output);
	su_diags_destroy(w->diags);
	free(w->dir);
	free(w);
	return ret;
}

static void find(struct world *w, const char *target, bool wants_uses)
{
	struct su_asked_names names = { 0 };
	struct su_map without = { 0 };
	const struct su_namesakes_request req = {
		.tree = &w->tree, .target = target, .names = &names, .without = &without, .scratch = w->dir
	};

	*su_vec_add(&names) = (struct su_asked_name){ .name = "n", .wants_uses = wants_uses };
	*su_vec_add(&names) = (struct su_asked_name){ .name = "nobody_has_it", .wants_uses = wants_uses };
	su_map_put(&without, "a/patched.o", NULL);
	assert_int_equal(su_namesakes_find(w->diags, &req, &w->found), 0);
	su_vec_fini(&names);
	su_map_fini(&without);
}

static void check(const struct world *w, const char *object, enum su_namesake_kind kind)
{
	for (size_t i = 0; i < w->found.list.nr; i++) {
		const struct su_namesake *n = &w->found.list.data[i];

		if (strcmp(n->object, object))
			continue;
		assert_string_equal(n->name, "n");
		assert_int_equal(n->kind, kind);
		return;
	}
	fail_msg("%s is not found", object);
}

static void test_vmlinux(void **state)
{
	struct world *w = *state;

	find(w, "vmlinux", false);
	check(w, "a/weak.o", SU_NAMESAKE_WEAK);
	check(w, "a/strong.o", SU_NAMESAKE_STRONG);
	check(w, "a/whole.o", SU_NAMESAKE_STRONG);
	check(w, "a/assembler.o", SU_NAMESAKE_WEAK);
	assert_int_equal(w->found.list.nr, 4);
	assert_string_equal(w->found.list.data[0].target, "vmlinux");
}

/* Who uses it is looked for on demand. */
static void test_module(void **state)
{
	struct world *w = *state;

	find(w, "mod", false);
	check(w, "b/shared.o", SU_NAMESAKE_STRONG);
	assert_int_equal(w->found.list.nr, 1);
	find(w, "mod", true);
	check(w, "b/uses.o", SU_NAMESAKE_USE);
	assert_int_equal(w->found.list.nr, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vmlinux),
		TEST(test_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
