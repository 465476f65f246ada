// SPDX-License-Identifier: GPL-2.0-or-later
/* The comparison of pre and post objects: what the tables of diff_*.c cannot say. */
#include "diff_cases.h"

/* The state that a static local holds must go on being used, whatever number the compiler gives it. */
static void test_static_keeps_identity(void **data)
{
	struct su_diff *diff = make_diff(*data, "int f(int a) { static int count; return count += a; }",
					 "int z(void) { static int other; return other++; } "
					 "int f(int a) { static int count; return count += a * 5; }",
					 NULL);
	const struct su_atom *count = find_atom(diff->post, "count");

	assert_non_null(count);
	assert_ptr_equal(count->partner, find_atom(diff->pre, "count"));
	su_diff_destroy(diff);
}

/* A lock class has no bytes without lockdep: an object in an empty section is an object all the same. */
static void test_object_without_bytes(void **data)
{
	struct su_diff *diff =
		make_diff(*data,
			  "struct none { }; int x(void *); int f(int a) { static struct none __key; return x(&__key) + a; }",
			  "struct none { }; int x(void *); int y(int a) { static struct none __key; return x(&__key) - a; } "
			  "int f(int a) { static struct none __key; return x(&__key) + a * 3; }",
			  NULL);
	const struct su_atom *f = find_atom(diff->post, "f");
	size_t keys = 0;

	assert_true(f->is_changed);
	for (size_t i = 0; i < f->edge_nr; i++)
		if (f->edges[i].kind == SU_EDGE_ATOM && !strcmp(f->edges[i].atom->key, "__key")) {
			assert_int_equal(f->edges[i].atom->size, 0);
			keys++;
		}
	assert_int_equal(keys, 1);
	su_diff_destroy(diff);
}

static void check_empty(void *dir, const char *pre, const char *post, bool want)
{
	struct su_diff *diff = make_diff(dir, pre, post, NULL);

	assert_int_equal(su_diff_is_empty(diff), want);
	su_diff_destroy(diff);
}

#define INITCALL(nr) "int f(void); void *call_" nr " __attribute__((used, section(\".initcall6.init\"))) = f;"

#define PLACES \
	"void p(const char *); void f(void) { p(__func__); } void g(int *a) { p(__func__); asm volatile(\"1: mov (%0), %%eax\\n2:\\n" \
	".pushsection __ex_table,\\\"a\\\"\\n.long 1b - ., 2b - ., 3\\n.popsection\" :: \"r\"(a) : \"eax\"); }"

/* What makes a unit that only includes a patched header count. */
static void test_empty(void **data)
{
	static const char function[] = "int x(int); int f(int a) { return x(a) + 1; } int t = 1;";

	check_empty(*data, function, function, true);
	check_empty(*data, function, "int x(int); int f(int a) { return x(a) + 2; } int t = 1;", false);
	check_empty(*data, function, "int x(int); int f(int a) { return x(a) + 1; } int t = 2;", false);
	check_empty(*data, function, "int x(int); int f(int a) { return x(a) + 1; } int t = 1, more = 1;", false);
	/* entries of tables, and what belongs to one place, have no partners where nothing changes */
	check_empty(*data, PLACES, PLACES, true);
	/* an initcall's entry is named by a counter that a header moves on */
	check_empty(*data, INITCALL("645"), INITCALL("646"), true);
}

#define INIT "__attribute__((section(\".init.text\"), noinline)) "

/* A change of nothing but code that has run is told apart from one that the kernel would need. */
static void test_boot_only(void **data)
{
	static const char pre[] = "int x(int); " INIT "int s(int a) { return x(a); } int f(int a) { return x(a) + 1; }";
	static const char init[] = "int x(int); " INIT
				   "int s(int a) { return x(a) + 9; } int f(int a) { return x(a) + 1; }";
	static const char both[] = "int x(int); " INIT
				   "int s(int a) { return x(a) + 9; } int f(int a) { return x(a) + 2; }";
	struct su_diff *diff = make_diff(*data, pre, pre, NULL);

	assert_false(su_diff_is_boot_only(diff));
	su_diff_destroy(diff);
	diff = make_diff(*data, pre, init, NULL);
	assert_true(su_diff_is_boot_only(diff));
	su_diff_destroy(diff);
	diff = make_diff(*data, pre, both, NULL);
	assert_false(su_diff_is_boot_only(diff));
	su_diff_destroy(diff);
}

static void check_why(void **data, const char *pre, const char *post, const char *why, const char *cold_why)
{
	struct su_diff *diff = make_diff(*data, pre, post, NULL);
	const struct su_atom *f = find_atom(diff->post, "f");

	assert_true(f->is_changed);
	assert_string_equal(f->why, why);
	for (size_t i = 0; i < f->attached.nr; i++)
		if (f->attached.data[i]->kind == SU_ATOM_FUNC)
			assert_string_equal(f->attached.data[i]->why, cold_why);
	su_diff_destroy(diff);
}

/* A function and its .cold part change together, whichever it is that differs. */
static void test_why(void **data)
{
	static const char pre[] = "int x(int); void c(int) __attribute__((cold)); "
				  "int f(int a) { if (a > 5) { c(a); c(1); } return x(a) + 1; }";
	static const char cold[] = "int x(int); void c(int) __attribute__((cold)); "
				   "int f(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; }";
	static const char warm[] = "int x(int); void c(int) __attribute__((cold)); "
				   "int f(int a) { if (a > 5) { c(a); c(1); } return x(a) + 2; }";

	check_why(data, pre, cold, "cold part", "bytes");
	check_why(data, pre, warm, "bytes", "its function changed");
}

/* One name for two, as no compiler gives them: the symbol table is edited. */
static struct su_object *make_namesakes(struct diff_state *s, const char *name, const char *source)
{
	SU_CLEANUP_BUF struct su_buf bytes = { 0 };
	struct su_object *object = compile_object(s->diags, s->dir, name, source, true, "-fdata-sections");
	SU_CLEANUP_FREE char *path = su_strdup(object->elf->path);

	su_object_destroy(object);
	assert_int_equal(su_file_read(s->diags, path, &bytes), 0);
	for (char *at; (at = memmem(bytes.data, bytes.nr, "same_two", 9));)
		memcpy(at, "same_one", 8);
	assert_int_equal(su_file_write(s->diags, path, bytes.data, bytes.nr), 0);
	return open_object(s->diags, path);
}

/* Two of one name of the file's scope: neither is taken for the other's, or for its own, by the name. */
static void test_namesakes(void **data)
{
	struct diff_state *s = *data;
	struct su_object *pre = make_namesakes(s, "pre",
					       "static int same_one, same_two; int f(int a) { return same_one += a; } "
					       "int g(int a) { return same_two -= a; }");
	struct su_object *post = make_namesakes(s, "post",
						"static int same_one, same_two; int f(int a) { return (same_one += a) * 3; } "
						"int g(int a) { return same_two -= a; }");
	struct su_diff *diff = su_diff_create("test.o", pre, post);
	size_t nr = 0;

	for (size_t i = 0; i < post->atom_nr; i++) {
		const struct su_atom *atom = post->atoms[i];

		if (strcmp(atom->name, "same_one") != 0)
			continue;
		assert_false(atom->is_sure);
		/* told apart by who uses them all the same */
		assert_non_null(atom->partner);
		nr++;
	}
	assert_int_equal(nr, 2);
	su_diff_destroy(diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_why, diff_setup, diff_teardown),
		cmocka_unit_test_setup_teardown(test_namesakes, diff_setup, diff_teardown),
		cmocka_unit_test_setup_teardown(test_boot_only, diff_setup, diff_teardown),
		cmocka_unit_test_setup_teardown(test_empty, diff_setup, diff_teardown),
		cmocka_unit_test_setup_teardown(test_static_keeps_identity, diff_setup, diff_teardown),
		cmocka_unit_test_setup_teardown(test_object_without_bytes, diff_setup, diff_teardown),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
