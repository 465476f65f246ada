// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/base: files, folders, paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/str.h"

struct place {
	struct su_diags *diags;
	char *dir;
};

static int set_up(void **state)
{
	struct place *place = su_alloc(sizeof(*place));

	place->diags = su_diags_create();
	*state = place;
	return su_dir_temp(place->diags, "/tmp", "suture-test", &place->dir);
}

static int tear_down(void **state)
{
	struct place *place = *state;
	int err = su_dir_remove(place->diags, place->dir);

	free(place->dir);
	su_diags_destroy(place->diags);
	free(place);
	return err;
}

static void test_write_read(void **state)
{
	struct place *place = *state;
	SU_CLEANUP_FREE char *path = su_format("%s/f", place->dir);
	SU_CLEANUP_FREE char *copy = su_format("%s/copy", place->dir);
	struct su_buf buf = { 0 };
	struct stat st;

	assert_int_equal(su_file_write(place->diags, path, "a\0b", 3), 0);
	chmod(path, 0500);
	assert_int_equal(su_file_copy(place->diags, path, copy), 0);
	assert_int_equal(su_file_read(place->diags, copy, &buf), 0);
	assert_int_equal(buf.nr, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
	assert_int_equal(stat(copy, &st), 0);
	assert_true(st.st_mode & 0100);
	assert_true(st.st_mode & 0200);
	su_buf_fini(&buf);
	assert_int_equal(su_diags_count(place->diags), 0);
}

static void test_read_fails(void **state)
{
	struct place *place = *state;
	struct su_buf buf = { 0 };

	su_buf_puts(&buf, "kept");
	assert_int_equal(su_file_read(place->diags, "/nonexistent/f", &buf), -SU_SYSTEM);
	assert_string_equal(buf.data, "kept");
	assert_int_equal(su_diags_at(place->diags, 0)->token, SU_T_FILE_READ);
	assert_int_equal(su_file_write(place->diags, "/nonexistent/f", "", 0), -SU_SYSTEM);
	assert_int_equal(su_diags_at(place->diags, 1)->token, SU_T_FILE_WRITE);
	su_buf_fini(&buf);
}

static void test_dirs(void **state)
{
	struct place *place = *state;
	SU_CLEANUP_FREE char *deep = su_format("%s/a/b/c", place->dir);
	SU_CLEANUP_FREE char *file = su_format("%s/file", deep);
	SU_CLEANUP_FREE char *link = su_format("%s/a/link", place->dir);
	SU_CLEANUP_FREE char *top = su_format("%s/a", place->dir);
	SU_CLEANUP_FREE char *kept = su_format("%s/kept", place->dir);
	SU_CLEANUP_FREE char *below = su_format("%s/kept/x", place->dir);

	assert_int_equal(su_dir_make(place->diags, deep), 0);
	assert_int_equal(su_dir_make(place->diags, deep), 0);
	assert_int_equal(su_file_write(place->diags, file, "", 0), 0);
	assert_int_equal(su_dir_make(place->diags, file), -SU_SYSTEM);
	assert_int_equal(su_file_write(place->diags, kept, "k", 1), 0);
	assert_int_equal(su_dir_make(place->diags, below), -SU_SYSTEM);
	/* What a link points to must survive. */
	assert_int_equal(symlink(kept, link), 0);
	assert_int_equal(su_dir_remove(place->diags, top), 0);
	assert_false(su_file_exists(top));
	assert_true(su_file_exists(kept));
	assert_int_equal(su_dir_remove(place->diags, top), 0);
}

static void check_path(const char *path, const char *want)
{
	char *have = su_path_absolute(path);

	assert_string_equal(have, want);
	free(have);
}

static void test_paths(void **state)
{
	(void)state;
	check_path("/", "/");
	check_path("/nonexistent/../x//./y/", "/x/y");
	check_path("/nonexistent/../../..", "/");
	check_path("/usr/../usr/bin/..", "/usr");
}

static void test_clean_paths(void **state)
{
	SU_CLEANUP_FREE char *up = su_path_clean("/src/arch/x86/kvm/../../../virt//kvm/./x.c");
	SU_CLEANUP_FREE char *beyond = su_path_clean("/a/../../b");

	(void)state;
	assert_string_equal(up, "/src/virt/kvm/x.c");
	assert_string_equal(beyond, "/b");
}

static void test_ends(void **state)
{
	(void)state;
	assert_true(su_has_prefix("path", "") && su_has_prefix("path", "pa") && su_has_prefix("path", "path"));
	assert_false(su_has_prefix("pa", "path") || su_has_prefix("path", "at"));
	assert_true(su_has_suffix("path", "") && su_has_suffix("path", "th") && su_has_suffix("path", "path"));
	assert_false(su_has_suffix("th", "path") || su_has_suffix("path", "at"));
}

static void test_below(void **state)
{
	(void)state;
	assert_string_equal(su_path_below("/src/fs/open.c", "/src"), "fs/open.c");
	assert_null(su_path_below("/src2/fs", "/src"));
	assert_null(su_path_below("/src", "/src"));
	assert_null(su_path_below("/", "/src"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dirs, set_up, tear_down),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_clean_paths),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
