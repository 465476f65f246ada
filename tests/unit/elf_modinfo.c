// SPDX-License-Identifier: GPL-2.0-or-later
/* Fields of a module: lib/elf/modinfo.c. The module is made with gcc and xz; damaged ones are made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/elf/modinfo.h"

static const char source[] =
	"#define FIELD(n, t) static const char n[] "
	"__attribute__((used, section(\".modinfo\"), aligned(1))) = t\n"
	"FIELD(a, \"license=GPL\"); FIELD(b, \"target=vmlinux\"); FIELD(c, \"target=vsock\");\n"
	"FIELD(d, \"targets=no\"); FIELD(e, \"vermagic=6.1.0-1-amd64 SMP\"); FIELD(f, \"depends=\");\n";

struct fixture {
	struct su_diags *diags;
	char *folder, *object;
};

static void run(struct fixture *f, const char *const *argv)
{
	struct su_process process = { .argv = argv };

	assert_int_equal(su_process_run(f->diags, &process), 0);
	assert_int_equal(process.exit_code, 0);
	su_process_fini(&process);
}

static int setup(void **state)
{
	struct fixture *f = su_alloc(sizeof(*f));
	SU_CLEANUP_FREE char *c = NULL;

	f->diags = su_diags_create();
	if (su_dir_temp(f->diags, "/tmp", "suture-modinfo-", &f->folder))
		return -1;
	f->object = su_format("%s/a.ko", f->folder);
	c = su_format("%s/a.c", f->folder);
	if (su_file_write(f->diags, c, source, strlen(source)))
		return -1;
	run(f, (const char *const[]){ "gcc", "-c", "-o", f->object, c, NULL });
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	su_dir_remove(f->diags, f->folder);
	su_diags_destroy(f->diags);
	free(f->folder);
	free(f->object);
	free(f);
	return 0;
}

static void check_fields(struct fixture *f, const char *path)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	SU_CLEANUP_FREE char *release = NULL;
	const char *target;

	assert_int_equal(su_modinfo_read(f->diags, path, &info), 0);
	assert_string_equal(su_modinfo_get(&info, "license"), "GPL");
	assert_string_equal(su_modinfo_get(&info, "depends"), "");
	assert_null(su_modinfo_get(&info, "nothing"));
	assert_null(su_modinfo_get(&info, "lic"));
	target = su_modinfo_next(&info, "target", NULL);
	assert_string_equal(target, "vmlinux");
	target = su_modinfo_next(&info, "target", target);
	assert_string_equal(target, "vsock");
	assert_null(su_modinfo_next(&info, "target", target));
	release = su_modinfo_release(&info);
	assert_string_equal(release, "6.1.0-1-amd64");
}

static void test_fields(void **state)
{
	struct fixture *f = *state;

	check_fields(f, f->object);
}

static void test_compressed(void **state)
{
	struct fixture *f = *state;
	SU_CLEANUP_FREE char *path = su_format("%s.xz", f->object);

	run(f, (const char *const[]){ "xz", "-k", "-f", f->object, NULL });
	check_fields(f, path);
}

static void test_damaged(void **state)
{
	struct fixture *f = *state;
	SU_CLEANUP_FREE char *path = su_format("%s/damaged.ko", f->folder);
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	struct su_modinfo info;

	assert_int_equal(su_file_read(f->diags, f->object, &buf), 0);
	/* Cut anywhere the file is no module: its section headers are at the end. */
	for (size_t sz = 1; sz < buf.nr; sz += 37) {
		assert_int_equal(su_file_write(f->diags, path, buf.data, sz), 0);
		assert_int_not_equal(su_modinfo_read(f->diags, path, &info), 0);
	}
	/* No byte that is wrong may lead out of the file: the sanitizers watch. */
	for (size_t i = 0; i < buf.nr; i += 3) {
		buf.data[i] ^= 0xff;
		assert_int_equal(su_file_write(f->diags, path, buf.data, buf.nr), 0);
		if (!su_modinfo_read(f->diags, path, &info)) {
			(void)su_modinfo_get(&info, "nothing");
			su_modinfo_fini(&info);
		}
		buf.data[i] ^= 0xff;
	}
}

static void test_absent(void **state)
{
	struct fixture *f = *state;
	struct su_modinfo info;

	assert_int_not_equal(su_modinfo_read(f->diags, "/nonexistent.ko", &info), 0);
	assert_int_equal(su_diags_at(f->diags, su_diags_count(f->diags) - 1)->token, SU_T_FILE_READ);
	assert_int_not_equal(su_modinfo_read(f->diags, "/proc/self/exe", &info), 0);
	assert_int_equal(su_diags_at(f->diags, su_diags_count(f->diags) - 1)->token, SU_T_ELF);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_compressed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
