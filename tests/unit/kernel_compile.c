// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lib/kernel: from a patch to objects, on a tree of a few files made by the test: plan, refusals, overlay, three objects
 * a unit, the cache of objects, messages of patch(1) and of the compiler.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "lib/kernel/compile.h"
#include "lib/kernel/complaint.h"
#include "lib/kernel/srclines.h"
#include "lib/kernel/tool.h"

#define CFLAGS "-O2 -D__KERNEL__ -fmacro-prefix-map=%1$s/src/= -I%1$s/src/include -I./gen"

struct world {
	struct su_diags *diags;
	char *dir; /* holds src/, obj/, cache/ */
	struct su_tree tree;
	struct su_plan plan; /* of the last compile(): its objects point into it */
	char *scratch;	     /* of the last plan() */
	size_t run_nr;
};

static void put(struct world *w, const char *name, const char *text)
{
	folder_put(w->diags, w->dir, name, text);
}

static void make_sources(struct world *w)
{
	put(w, "src/include/a.h", "#define SEVEN 7\n");
	put(w, "src/kernel/local.h", "#define LOCAL 1\n");
	put(w, "src/kernel/sub/deep.h", "#include \"../local.h\"\n");
	put(w, "src/kernel/one.c",
	    "#include <a.h>\n#include \"local.h\"\n#include \"sub/deep.h\"\n#include <made.h>\n"
	    "int first(int x)\n{\n\treturn x + SEVEN;\n}\n\n"
	    "const char *where(int *line)\n{\n\t*line = __LINE__;\n\treturn __FILE__;\n}\n");
	put(w, "src/kernel/part.c", "int part(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/kernel/whole.c", "#include \"part.c\"\n");
	put(w, "src/kernel/two.c", "int two(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/kernel/sub/up.h", "#include \"../two.c\"\n");
	put(w, "src/kernel/three.c", "#include \"sub/up.h\"\nint three(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/other/side.h", "#include \"../kernel/two.c\"\n");
	put(w, "src/kernel/four.c", "#include \"../other/side.h\"\nint four(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/lib/both.c", "int both(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/net/mod.c", "int mod(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/net/shared.c", "int shared(void)\n{\n\treturn 1;\n}\n");
	put(w, "src/kernel/head.S", "nop\n");
	put(w, "src/net/fast.S", "nop\n");
	put(w, "src/kernel/unbuilt.c", "int x;\n");
	put(w, "src/kernel/Makefile", "x\n$(obj)/made.c: $(src)/map.txt\n");
	put(w, "src/um/vmlinux.lds.S", "x\n");
	put(w, "src/tools/Makefile", "TESTS := test.sh\n");
	put(w, "obj/kernel/constants.s", "->CONSTANT $3\n");
	put(w, "src/kernel/broken.c", "int broken(void)\n{\n\treturn nonsense;\n}\n");
	put(w, "src/Documentation/x.rst", "x\n");
	put(w, "obj/include/generated/autoconf.h", "#define CONFIG_X 1\n");
	put(w, "obj/gen/made.h", "#define MADE 3\n");
}

static char *recipe(const struct world *w, const char *object, const char *flags)
{
	SU_CLEANUP_FREE char *common = su_format(CFLAGS, w->dir);

	return su_format("gcc -Wp,-MMD,x.d %s %s -g -c -o %s.o %s/src/%s.c ; ./tools/objtool/objtool x %s.o\n", common,
			 flags, object, w->dir, object, object);
}

static void add_recipe(const struct world *w, struct su_buf *text, const char *object, const char *flags)
{
	SU_CLEANUP_FREE char *line = recipe(w, object, flags);

	su_buf_puts(text, line);
}

static void make_database(struct world *w)
{
	SU_CLEANUP_BUF struct su_buf output = { 0 };
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	add_recipe(w, &output, "kernel/one", "");
	add_recipe(w, &output, "kernel/whole", "");
	add_recipe(w, &output, "kernel/broken", "");
	add_recipe(w, &output, "kernel/two", "");
	add_recipe(w, &output, "kernel/three", "");
	add_recipe(w, &output, "kernel/four", "");
	add_recipe(w, &output, "lib/both", "");
	add_recipe(w, &output, "net/mod", "-DMODULE -DKBUILD_MODFILE='\"net/the-mod\"'");
	add_recipe(w, &output, "net/shared", "-DMODULE -DKBUILD_MODNAME='\"the_mod:other\"'");
	su_buf_format(&output, "gcc -D__KERNEL__ -c -o arch/x86/boot/both.o %s/src/lib/both.c\n", w->dir);
	su_buf_format(&output, "gcc -D__KERNEL__ -D__ASSEMBLY__ -c -o kernel/head.o %s/src/kernel/head.S\n", w->dir);
	su_buf_format(&output, "gcc -D__KERNEL__ -D__ASSEMBLY__ -DMODULE -c -o net/fast.o %s/src/net/fast.S\n", w->dir);
	su_buf_puts(&output, "{ echo net/mod.o net/fast.o; } > net/the-mod.mod\n");
	su_buf_puts(&output,
		    "ar cDPrST built-in.a kernel/one.o kernel/whole.o kernel/broken.o kernel/two.o kernel/three.o kernel/four.o kernel/head.o lib/both.o\n");
	assert_int_equal(su_dryrun_parse(w->diags, output.data, output.nr, w->tree.source, "gcc", &text), 0);
	assert_int_equal(su_database_parse(su_strdup(text.data), text.nr, &w->tree.db), 0);
}

static int set_up(void **state)
{
	struct world *w = su_alloc(sizeof(*w));
	SU_CLEANUP_FREE char *objtool = NULL;

	w->diags = su_diags_create();
	assert_int_equal(su_dir_temp(w->diags, "/tmp", "suture-test", &w->dir), 0);
	w->tree.source = su_format("%s/src", w->dir);
	w->tree.objects = su_format("%s/obj", w->dir);
	w->tree.cache = su_format("%s/cache", w->dir);
	make_sources(w);
	put(w, "obj/tools/objtool/objtool", "#!/bin/sh\ntest -f \"$2\" && echo run >>\"$2\".objtool\n");
	objtool = su_format("%s/obj/tools/objtool/objtool", w->dir);
	assert_int_equal(chmod(objtool, 0755), 0);
	make_database(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	su_plan_fini(&w->plan);
	su_tree_fini(&w->tree);
	if (su_dir_remove(w->diags, w->dir))
		return 1;
	free(w->scratch);
	free(w->dir);
	su_diags_destroy(w->diags);
	free(w);
	return 0;
}

static int plan(struct world *w, const char *patch, struct su_plan *plan_out)
{
	SU_CLEANUP_FREE char *path = su_format("%s/p.patch", w->dir);

	free(w->scratch);
	w->scratch = su_format("%s/run%zu", w->dir, w->run_nr++);
	put(w, "p.patch", patch);
	assert_int_equal(su_dir_make(w->diags, w->scratch), 0);
	return su_plan_create(w->diags, &w->tree, w->scratch, NULL, path, plan_out);
}

static int compile(struct world *w, const char *patch, struct su_objects *objects)
{
	int err;

	su_plan_fini(&w->plan);
	/* Some patches are found not to apply before anything is compiled. */
	err = plan(w, patch, &w->plan);
	return err ? err : su_compile(w->diags, &w->tree, &w->plan, w->scratch, objects);
}

/* Afterwards, the plain objects of some units. */
static int plain(struct world *w, const bool *wanted, struct su_objects *objects)
{
	return su_compile_plain(w->diags, &w->tree, &w->plan, w->scratch, wanted, objects);
}

#define PATCH(path, hunk) "--- a/" path "\n+++ b/" path "\n" hunk
#define ONE_GOOD \
	"@@ -5,5 +5,7 @@\n int first(int x)\n {\n-\treturn x + SEVEN;\n+\tif (x > MADE)\n+\t\treturn LOCAL;\n+\treturn x;\n }\n\n"

static char *symbols(const char *object)
{
	struct su_diags *diags = su_diags_create();
	struct su_buf out = { 0 };

	assert_int_equal(su_tool_run(diags, SU_ARGV("readelf", "-sSW", object), NULL, &out, SU_AT(SYSTEM), "readelf"), 0);
	su_diags_destroy(diags);
	return out.data;
}

static bool holds(const char *object, const char *what)
{
	struct su_buf buf = { 0 };
	struct su_diags *diags = su_diags_create();
	bool found;

	assert_int_equal(su_file_read(diags, object, &buf), 0);
	found = memmem(buf.data, buf.nr, what, strlen(what)) != NULL;
	su_buf_fini(&buf);
	su_diags_destroy(diags);
	return found;
}

static struct timespec file_time(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mtim;
}

static void test_objects(void **state)
{
	struct world *w = *state;
	SU_CLEANUP_FREE char *source = su_format("%s/src/kernel/one.c", w->dir);
	struct timespec before = file_time(source), after;
	struct su_objects objects;
	struct su_unit_objects *unit;
	SU_CLEANUP_FREE char *plain = NULL;
	SU_CLEANUP_FREE char *pre = NULL;
	SU_CLEANUP_FREE char *log = NULL;

	assert_int_equal(compile(w, PATCH("kernel/one.c", ONE_GOOD), &objects), 0);
	assert_int_equal(objects.units.nr, 1);
	unit = &objects.units.data[0];
	assert_string_equal(unit->unit->object, "kernel/one.o");
	assert_null(unit->unit->module);
	plain = symbols(unit->plain);
	pre = symbols(unit->levels[0]);
	assert_null(strstr(plain, ".text.first"));
	assert_non_null(strstr(pre, ".text.first"));
	assert_null(strstr(plain, ".debug_info"));
	/* The overlay's path reaches no object, and the source tree is as it was. */
	assert_false(holds(unit->levels[1], "overlay"));
	after = file_time(source);
	assert_memory_equal(&before, &after, sizeof(before));
	log = su_format("%s.objtool", unit->levels[1]);
	assert_true(su_file_exists(log));
	su_objects_fini(&objects);
}

/* The function behind the change says its own line: only the changed one may differ. */
static void test_lines_kept(void **state)
{
	struct world *w = *state;
	struct su_objects objects;
	struct su_buf pre = { 0 }, post = { 0 };
	SU_CLEANUP_FREE char *cut = su_format("%s/cut", w->dir);

	assert_int_equal(compile(w, PATCH("kernel/one.c", ONE_GOOD), &objects), 0);
	assert_int_equal(su_tool_run(w->diags,
				     SU_ARGV("objcopy", "-O", "binary", "-j", ".text.where",
					     objects.units.data[0].levels[0], cut),
				     NULL, NULL, SU_AT(SYSTEM), "x"),
			 0);
	assert_int_equal(su_file_read(w->diags, cut, &pre), 0);
	assert_int_equal(su_tool_run(w->diags,
				     SU_ARGV("objcopy", "-O", "binary", "-j", ".text.where",
					     objects.units.data[0].levels[1], cut),
				     NULL, NULL, SU_AT(SYSTEM), "x"),
			 0);
	assert_int_equal(su_file_read(w->diags, cut, &post), 0);
	assert_true(pre.nr > 0);
	assert_int_equal(pre.nr, post.nr);
	assert_memory_equal(pre.data, post.data, pre.nr);
	su_buf_fini(&pre);
	su_buf_fini(&post);
	su_objects_fini(&objects);
}

/* kernel/one.c from line 5 on, before and after ONE_GOOD */
static const char *const one_lines[2][9] = {
	{ "int first(int x)", "{", "return x + SEVEN;", "}", "", "const char *where(int *line)", "{",
	  "*line = __LINE__;" },
	{ "int first(int x)", "{", "if (x > MADE)", "return LOCAL;", "return x;", "}" },
};

static void check_line(struct su_srclines *lines, bool is_post, const char *function, bool is_known)
{
	SU_CLEANUP_FREE char *section = su_format(".text.%s", function);
	struct su_srcline found = { 0 };

	assert_int_equal(su_srclines_find(lines, is_post, section, function, 0, &found), is_known);
	if (!is_known)
		return;
	assert_string_equal(found.file, "kernel/one.c");
	assert_in_range(found.line, 5, 12);
	assert_string_equal(found.text, one_lines[is_post][found.line - 5]);
	su_srcline_fini(&found);
}

/*
 * Lines are those of the file as it is on each side. They are asked of code that was compiled again: of where(), which says its own line,
 * that is not the same code after the patch, and nothing is said about it.
 */
static void test_source_lines(void **state)
{
	struct world *w = *state;
	SU_CLEANUP_FREE char *scratch = su_format("%s/lines", w->dir);
	const struct su_unit_objects *unit;
	struct su_objects objects;
	struct su_srclines *lines;

	assert_int_equal(compile(w, PATCH("kernel/one.c", ONE_GOOD), &objects), 0);
	unit = &objects.units.data[0];
	assert_int_equal(su_dir_make(w->diags, scratch), 0);
	assert_int_equal(su_srclines_create(w->diags, &w->tree, &w->plan, unit->unit, unit->levels[0], unit->levels[1],
					    scratch, &lines),
			 0);
	check_line(lines, false, "first", true);
	check_line(lines, true, "first", true);
	check_line(lines, false, "where", true);
	check_line(lines, true, "where", false);
	check_line(lines, true, "unknown", false);
	su_srclines_destroy(lines);
	su_objects_fini(&objects);
}

static size_t objtool_runs(struct world *w, size_t run)
{
	static const char *const names[] = { "plain", "0", "1" };
	size_t i, nr = 0;

	for (i = 0; i < 3; i++) {
		SU_CLEANUP_FREE char *log = su_format("%s/run%zu/0.%s.o.objtool", w->dir, run, names[i]);

		nr += su_file_exists(log);
	}
	return nr;
}

static void run_again(struct world *w, const char *patch, size_t compiled)
{
	struct su_objects objects;

	assert_int_equal(compile(w, patch, &objects), 0);
	assert_int_equal(objtool_runs(w, w->run_nr - 1), compiled);
	su_objects_fini(&objects);
}

static void test_cache(void **state)
{
	static const char good[] = PATCH("kernel/one.c", ONE_GOOD);
	static const char other[] = PATCH("kernel/one.c", "@@ -7 +7 @@\n-\treturn x + SEVEN;\n+\treturn 4;\n");
	struct world *w = *state;

	run_again(w, good, 3);
	run_again(w, good, 0);
	/* Another patch: pre is the same, post is not. Then the first one again. */
	run_again(w, other, 1);
	run_again(w, good, 0);
	/* A header, a generated header: all is made anew, and what was made before is found when it comes back. */
	put(w, "src/include/a.h", "#define SEVEN 8\n");
	run_again(w, good, 3);
	put(w, "obj/include/generated/autoconf.h", "#define CONFIG_X 1\n");
	put(w, "obj/gen/made.h", "#define MADE 4\n");
	run_again(w, good, 3);
	put(w, "src/include/a.h", "#define SEVEN 7\n");
	put(w, "obj/include/generated/autoconf.h", "#define CONFIG_X 1\n");
	put(w, "obj/gen/made.h", "#define MADE 3\n");
	run_again(w, good, 0);
}

static void check_last(struct world *w, enum su_token token, const char *object, const char *text)
{
	const struct su_diag *diag;

	assert_true(su_diags_count(w->diags) > 0);
	diag = su_diags_at(w->diags, su_diags_count(w->diags) - 1);
	assert_int_equal(diag->token, token);
	if (object)
		assert_string_equal(diag->object, object);
	if (text && !strstr(diag->text, text))
		fail_msg("'%s' is not in '%s'", text, diag->text);
}

static void test_fails(void **state)
{
	struct world *w = *state;
	struct su_objects objects;

	assert_int_equal(compile(w, PATCH("kernel/one.c", "@@ -5 +5 @@\n-int second(int x)\n+int third(int x)\n"),
				 &objects),
			 -SU_NOPATCH);
	check_last(w, SU_T_PATCH_APPLY, NULL, "Hunk #1 FAILED at 5");
	/* One line of context off: no fuzz. */
	assert_int_equal(compile(w,
				 PATCH("kernel/one.c",
				       "@@ -5,5 +5,5 @@\n int other(int x)\n {\n-\treturn x + SEVEN;\n+\treturn 1;\n }\n\n"),
				 &objects),
			 -SU_NOPATCH);
	check_last(w, SU_T_PATCH_APPLY, NULL, "kernel/one.c");
	assert_int_equal(compile(w, PATCH("kernel/one.c", "@@ -7 +7 @@\n-\treturn x + SEVEN;\n+\treturn y;\n"), &objects),
			 -SU_NOCOMPILE);
	check_last(w, SU_T_COMPILE, "kernel/one.c", "\nkernel/one.c:");
	assert_int_equal(compile(w, PATCH("kernel/broken.c", "@@ -3 +3 @@\n-\treturn nonsense;\n+\treturn 1;\n"),
				 &objects),
			 -SU_SYSTEM);
	check_last(w, SU_T_PREPARE, "kernel/broken.c", "the unpatched file does not compile");
}

static void test_complaint(void **state)
{
	static const char said[] = "/r/kernel/x.c: In function 'one':\n"
				   "/r/kernel/x.c:3:9: warning: unused variable 'w' [-Wunused-variable]\n"
				   "    3 |     int w;\n"
				   "In file included from /r/include/a.h:1,\n"
				   "                 from /r/kernel/x.c:1:\n"
				   "/r/kernel/x.c: In function 'two':\n"
				   "/r/kernel/x.c:7:9: error: 'y' undeclared\n"
				   "    7 | /* not that line */\n"
				   "      |         ^\n"
				   "      |         x\n"
				   "/r/kernel/x.c:7:9: note: once\n";
	static const char silent[] = "cc1: out of its mind\n";
	struct su_buf words = { .data = (char *)(uintptr_t)said, .nr = sizeof(said) - 1 };
	SU_CLEANUP_FREE char *text = su_complaint(&words, "/r");
	SU_CLEANUP_FREE char *none = su_complaint(&(struct su_buf){ 0 }, "/r");
	SU_CLEANUP_FREE char *other = NULL;

	(void)state;
	assert_string_equal(text, "In file included from include/a.h:1,\n"
				  "                 from kernel/x.c:1:\n"
				  "kernel/x.c: In function 'two':\n"
				  "kernel/x.c:7:9: error: 'y' undeclared\n"
				  "kernel/x.c:7:9: note: once");
	assert_string_equal(none, "");
	words = (struct su_buf){ .data = (char *)(uintptr_t)silent, .nr = sizeof(silent) - 1 };
	other = su_complaint(&words, "/r");
	assert_string_equal(other, "cc1: out of its mind");
}

#define CHANGE(line) "@@ -" line " +" line " @@\n-\treturn 1;\n+\treturn 77;\n"

#define MARK "@@ -3 +3 @@\n-\treturn 1;\n+\treturn 0x5eed;\n" /* of kernel/two.c */
#define IN_CODE "\xed\x5e"

/* All of the patch's units are compiled with the patched kernel/two.c, now and when they come from the cache. */
static void check_marked(struct world *w, const char *patch)
{
	for (int i = 0; i < 2; i++) {
		struct su_objects objects;

		assert_int_equal(compile(w, patch, &objects), 0);
		assert_int_equal(objects.units.nr, 2);
		for (size_t k = 0; k < 2; k++) {
			assert_false(holds(objects.units.data[k].levels[0], IN_CODE));
			assert_true(holds(objects.units.data[k].levels[1], IN_CODE));
		}
		su_objects_fini(&objects);
	}
}

/* A file below the patched one's folder that reaches it by "..": the patched one it has to be. */
static void test_include_from_below(void **state)
{
	check_marked(*state, PATCH("kernel/two.c", MARK) PATCH("kernel/three.c", CHANGE("4")));
}

/* From elsewhere ".." leads out of the patched tree: that is found out, and mended. Also where nothing compiles because of it. */
static void test_include_from_aside(void **state)
{
	check_marked(*state, PATCH("kernel/two.c", MARK) PATCH("kernel/four.c", CHANGE("4")));
	check_marked(*state, PATCH("kernel/two.c", "@@ -1,4 +1,4 @@\n-int two(void)\n+int zwei(void)\n {\n-\treturn 1;\n"
						   "+\treturn 0x5eed;\n }\n")
				     PATCH("kernel/four.c", "@@ -4 +4 @@\n-\treturn 1;\n+\treturn zwei();\n"));
}

/* The unpatched object of a unit that is not changed itself must not be taken for the patched one. */
static void test_include_in_cache(void **state)
{
	struct world *w = *state;
	struct su_objects objects;

	put(w, "src/kernel/part.h", "#define PART 1\n");
	put(w, "src/other/side.h", "#include \"../kernel/part.h\"\n");
	put(w, "src/kernel/four.c", "#include \"../other/side.h\"\nint four(void)\n{\n\treturn PART;\n}\n");
	assert_int_equal(compile(w, PATCH("kernel/four.c", "@@ -4 +4 @@\n-\treturn PART;\n+\treturn 2;\n"), &objects), 0);
	su_objects_fini(&objects);
	assert_int_equal(compile(w, PATCH("kernel/part.h", "@@ -1 +1 @@\n-#define PART 1\n+#define PART 0x5eed\n"),
				 &objects),
			 0);
	assert_int_equal(objects.units.nr, 1);
	assert_false(holds(objects.units.data[0].levels[0], IN_CODE));
	assert_true(holds(objects.units.data[0].levels[1], IN_CODE));
	su_objects_fini(&objects);
}

#define TOUCH "@@ -1 +1 @@\n-x\n+y\n"

static void check_plan_refused(struct world *w, const char *patch, enum su_token token, const char *object,
			       const char *text)
{
	struct su_plan p;

	assert_int_equal(plan(w, patch, &p), -(int)su_token_status(token));
	check_last(w, token, object, text);
}

static void test_refusals(void **state)
{
	struct world *w = *state;

	check_plan_refused(w, PATCH("include/a.h", TOUCH), SU_T_PATCH_APPLY, NULL, NULL);
	check_plan_refused(w, PATCH("kernel/Makefile", TOUCH), SU_T_UNIT_OTHER, "kernel/Makefile", NULL);
	check_plan_refused(w, "--- a/kernel/one.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", SU_T_UNIT_OTHER, "kernel/one.c",
			   "deletes");
	check_plan_refused(w, "rename from kernel/one.c\nrename to kernel/eins.c\n", SU_T_UNIT_OTHER, "kernel/eins.c",
			   "renames");
	check_plan_refused(w, PATCH("kernel/unbuilt.c", "@@ -1 +1 @@\n-int x;\n+int y;\n"), SU_T_NOT_BUILT, NULL,
			   "not affected");
	check_plan_refused(w, PATCH("kernel/vmlinux.lds.S", TOUCH), SU_T_UNIT_OTHER, "kernel/vmlinux.lds.S", NULL);
	check_plan_refused(w, PATCH("um/vmlinux.lds.S", TOUCH), SU_T_NOT_BUILT, NULL, NULL);
	check_plan_refused(w, PATCH("include/vmlinux.lds.h", TOUCH), SU_T_UNIT_OTHER, "include/vmlinux.lds.h", NULL);
	check_plan_refused(w, PATCH("kernel/constants.c", TOUCH), SU_T_UNIT_OTHER, "kernel/constants.c", NULL);
	check_plan_refused(w, PATCH("kernel/map.txt", TOUCH), SU_T_UNIT_OTHER, "kernel/map.txt", NULL);
	check_plan_refused(w, PATCH("tools/test.sh", TOUCH), SU_T_NOT_BUILT, NULL, NULL);
	check_plan_refused(w, PATCH("kernel/prose.txt", TOUCH), SU_T_NOT_BUILT, NULL, NULL);
	check_plan_refused(w, PATCH("Documentation/x.rst", TOUCH), SU_T_NOT_BUILT, NULL, NULL);
	check_plan_refused(w, PATCH("net/shared.c", "@@ -3 +3 @@\n-\treturn 1;\n+\treturn 2;\n"), SU_T_UNIT_MODULE,
			   "net/shared.c", "several modules");
	check_plan_refused(w, PATCH("arch/arm/kernel/x.c", TOUCH), SU_T_NOT_BUILT, NULL, NULL);
}

/* Assembler: of the kernel's own, and of a module whose name no command line has. */
static void test_asm(void **state)
{
	struct world *w = *state;
	struct su_plan p;

	assert_int_equal(plan(w,
			      PATCH("kernel/head.S", "@@ -1 +1 @@\n-nop\n+ret\n")
				      PATCH("net/fast.S", "@@ -1 +1 @@\n-nop\n+ret\n"),
			      &p),
			 0);
	assert_int_equal(p.units.nr, 2);
	assert_string_equal(p.units.data[0].object, "kernel/head.o");
	assert_null(p.units.data[0].module);
	assert_string_equal(p.units.data[1].object, "net/fast.o");
	assert_string_equal(p.units.data[1].module, "the_mod");
	su_plan_fini(&p);
}

/* All refusals are in one run, and what can be done beside them is not done. */
static void test_all_refusals(void **state)
{
	struct world *w = *state;
	struct su_plan p;

	assert_int_equal(plan(w,
			      PATCH("kernel/x.tbl", TOUCH)
				      PATCH("kernel/one.c",
					    ONE_GOOD) "--- a/kernel/head.S\n+++ /dev/null\n@@ -1 +0,0 @@\n-nop\n",
			      &p),
			 -SU_UNSUPPORTED);
	assert_int_equal(su_diags_count(w->diags), 2);
	assert_int_equal(su_diags_at(w->diags, 0)->token, SU_T_UNIT_OTHER);
	assert_int_equal(su_diags_at(w->diags, 1)->token, SU_T_UNIT_OTHER);
}

/* A header leads to those who use what changes; a source to those that include it; both are compiled plain only on demand. */
static void test_header(void **state)
{
	struct world *w = *state;
	struct su_objects objects;
	bool wanted[2] = { true, false };

	assert_int_equal(compile(w,
				 PATCH("include/a.h", "@@ -1 +1 @@\n-#define SEVEN 7\n+#define SEVEN 8\n")
					 PATCH("kernel/part.c", "@@ -3 +3 @@\n-\treturn 1;\n+\treturn 2;\n"),
				 &objects),
			 0);
	assert_int_equal(w->plan.including_nr, 2);
	assert_int_equal(w->plan.reachable_nr, 2);
	assert_int_equal(objects.units.nr, 2);
	assert_string_equal(objects.units.data[0].unit->object, "kernel/one.o");
	assert_string_equal(objects.units.data[1].unit->object, "kernel/whole.o");
	assert_true(objects.units.data[0].unit->by_header);
	assert_null(objects.units.data[0].plain);
	assert_non_null(objects.units.data[0].levels[0]);
	assert_int_equal(plain(w, wanted, &objects), 0);
	assert_true(su_file_exists(objects.units.data[0].plain));
	assert_null(objects.units.data[1].plain);
	su_objects_fini(&objects);
	/* Where few units include a header, all are compiled, whatever their text says. */
	su_plan_fini(&w->plan);
	assert_int_equal(plan(w, PATCH("include/a.h", "@@ -1 +1,2 @@\n #define SEVEN 7\n+#define EIGHT 8\n"), &w->plan),
			 0);
	assert_int_equal(w->plan.units.nr, 1);
	assert_true(w->plan.units.data[0].by_header);
}

/* One that the patch adds is in no graph of the source, and its types are nobody's yet. */
static void test_new_header(void **state)
{
	struct world *w = *state;
	struct su_objects objects;

	assert_int_equal(compile(w,
				 "--- /dev/null\n+++ b/include/new.h\n@@ -0,0 +1 @@\n+enum { NINE = 9 };\n" PATCH(
					 "kernel/two.c",
					 "@@ -1,4 +1,5 @@\n+#include <new.h>\n int two(void)\n {\n-\treturn 1;\n+\treturn NINE;\n }\n"),
				 &objects),
			 0);
	assert_int_equal(su_diags_count(w->diags), 0);
	su_objects_fini(&objects);
}

/* A source that boot code is compiled from too is taken for the kernel's own unit only. */
static void test_boot_copy(void **state)
{
	struct world *w = *state;
	struct su_plan p;

	assert_int_equal(plan(w, PATCH("lib/both.c", "@@ -3 +3 @@\n-\treturn 1;\n+\treturn 2;\n"), &p), 0);
	assert_int_equal(p.units.nr, 1);
	assert_string_equal(p.units.data[0].object, "lib/both.o");
	su_plan_fini(&p);
	assert_int_equal(su_diags_count(w->diags), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_objects, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lines_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_source_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache, set_up, tear_down),
		cmocka_unit_test(test_complaint),
		cmocka_unit_test_setup_teardown(test_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_include_from_below, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_include_from_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_include_in_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_asm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_all_refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_header, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_new_header, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_boot_copy, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
