// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: which changes of a makefile leave the commands of units alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/kernel/makefile.h"

#define BASE "obj-y := a.o b.o\nCFLAGS_a.o := -Os\nobj-$(CONFIG_X) += x.o\nx-objs := x1.o \\\n\tx2.o\n"

static void test_lists(void **state)
{
	(void)state;
	assert_true(su_makefile_lists_only(BASE, BASE));
	assert_true(su_makefile_lists_only(BASE, BASE "# more\nobj-$(CONFIG_NEW) += new.o\nobj-y += sub/\n"));
	assert_true(su_makefile_lists_only(BASE, "obj-y := a.o c.o # b\nCFLAGS_a.o := -Os\nobj-$(CONFIG_X) += x.o\n"
						 "x-objs := x1.o \\\n\tx3.o\n"));
	assert_true(su_makefile_lists_only("", "foo-$(CONFIG_A) += foo-a.o\nfoo-y += foo-b.o\n"));
}

static void test_more_than_lists(void **state)
{
	(void)state;
	assert_false(su_makefile_lists_only(BASE, BASE "CFLAGS_b.o += -fno-inline\n"));
	assert_false(
		su_makefile_lists_only(BASE, "obj-y := a.o b.o\nobj-$(CONFIG_X) += x.o\nx-objs := x1.o \\\n\tx2.o\n"));
	assert_false(su_makefile_lists_only("", "ccflags-y += -DX\n"));
	assert_false(su_makefile_lists_only("", "ccflags-$(CONFIG_X) += dir/\n"));
	assert_false(su_makefile_lists_only("", "ifdef CONFIG_X\n"));
	assert_false(su_makefile_lists_only("", "KASAN_SANITIZE := n\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_more_than_lists),
	};

	return cmocka_run_group_tests_name("kernel_makefile", tests, NULL, NULL);
}
