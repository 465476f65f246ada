// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: which files of the build are made by themselves: from what a dry run says, with real recipes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/kernel/generated.h"

static const char dryrun[] =
	"make -f /src/scripts/Makefile.build obj=a\n"
	/* a program, and what it makes; both lines of the recipe count */
	"/src/Makefile:3: update target 'a/tool' due to: /src/a/tool.c FORCE\n"
	"set -e;  echo '  HOSTCC a/tool'; mkdir -p a; printf '#!/bin/sh\\necho \"#define A 1\"\\n' > a/tool; chmod +x a/tool\n"
	"/src/Makefile:9: update target 'a/one.h' due to: a/tool FORCE\n"
	"a/tool > a/one.h\n"
	"echo '/* the end */' >> a/one.h\n"
	"/src/Makefile:255: update target 'a/x.o' due to: /src/a/x.c FORCE a/one.h\n"
	"gcc -D__KERNEL__ -c -o a/x.o /src/a/x.c; echo object > a/x.o\n"
	/* needs an object of the kernel's; so what only it needs is not made either */
	"/src/Makefile:12: target 'a/helper' does not exist\n"
	"echo > a/helper\n"
	"/src/Makefile:13: update target 'a/image.c' due to: a/helper a/x.o\n"
	"echo > a/image.c\n"
	/* is there already, and must stay as it is */
	"/src/Makefile:14: target 'kept.h' does not exist\n"
	"echo other > kept.h\n"
	/* cannot be made */
	"/src/Makefile:15: update target 'a/broken.c' due to: FORCE\n"
	"echo no such generator >&2; false; echo > a/broken.c\n"
	/* neither source nor header */
	"/src/Makefile:16: update target 'a/list' due to: FORCE\n"
	"echo > a/list\n"
	"echo 'in the target '\\''a/quoted.c'\\'' of nothing'\n";

struct state {
	struct su_diags *diags;
	char *dir;
};

static int setup(void **data)
{
	struct state *s = su_alloc(sizeof(*s));
	SU_CLEANUP_FREE char *kept = NULL;
	int err;

	s->diags = su_diags_create();
	*data = s;
	err = su_dir_temp(s->diags, "/tmp", "suture-generated-", &s->dir);
	kept = su_format("%s/kept.h", s->dir);
	return err ? err : su_file_write(s->diags, kept, "mine\n", 5);
}

static int teardown(void **data)
{
	struct state *s = *data;
	int err = su_dir_remove(s->diags, s->dir);

	su_diags_destroy(s->diags);
	free(s->dir);
	free(s);
	return err;
}

static void check_text(struct state *s, const char *name, const char *want)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", s->dir, name);
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	assert_int_equal(su_file_read(s->diags, path, &text), 0);
	assert_string_equal(text.data, want);
}

static bool is_there(const struct state *s, const char *name)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", s->dir, name);

	return su_file_exists(path);
}

static void test_make(void **data)
{
	struct state *s = *data;
	const struct su_diag *d;

	assert_int_equal(su_generated_make(s->diags, dryrun, sizeof(dryrun) - 1, s->dir), 0);
	check_text(s, "a/one.h", "#define A 1\n/* the end */\n");
	check_text(s, "kept.h", "mine\n");
	assert_true(is_there(s, "a/tool"));
	assert_false(is_there(s, "a/x.o"));
	assert_false(is_there(s, "a/helper"));
	assert_false(is_there(s, "a/image.c"));
	assert_false(is_there(s, "a/broken.c"));
	assert_false(is_there(s, "a/list"));
	assert_int_equal(su_diags_count(s->diags), 1);
	d = su_diags_at(s->diags, 0);
	assert_int_equal(d->severity, SU_WARNING);
	assert_string_equal(d->object, "a/broken.c");
	assert_non_null(strstr(d->text, "no such generator"));
}

static void test_nothing(void **data)
{
	struct state *s = *data;

	assert_int_equal(su_generated_make(s->diags, "", 0, s->dir), 0);
	assert_int_equal(su_diags_count(s->diags), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_make, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("kernel_generated", tests, NULL, NULL);
}
