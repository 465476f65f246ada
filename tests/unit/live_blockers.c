// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of stack files: which are in the code that an update replaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/live/blockers.h"

static struct su_watch watch;

static int set_up(void **state)
{
	(void)state;
	watch = (struct su_watch){ 0 };
	*su_vec_add(&watch.code) = (struct su_watched){ .name = "pipe_read", .size = 0x3e1 };
	*su_vec_add(&watch.code) = (struct su_watched){ .name = "send.isra.0", .module = "vsock", .size = 0x20 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	su_watch_fini(&watch);
	return 0;
}

static void check(const char *line, const char *place)
{
	char *seen = NULL;

	assert_int_equal(su_watch_sees(&watch, line, &seen), place != NULL);
	if (place)
		assert_string_equal(seen, place);
	else
		assert_null(seen);
	free(seen);
}

static void test_functions(void **state)
{
	(void)state;
	check("[<0>] pipe_read+0x2b4/0x3f0\n", "pipe_read+0x2b4");
	check("[<0>] pipe_read.cold+0x5/0x12\n", "pipe_read.cold+0x5");
	check("[<0>] pipe_readable+0x5/0x3f0\n", NULL);
	check("[<0>] send.isra.0+0x10/0x30 [vsock]\n", "send.isra.0+0x10");
}

/* Another function of the name: in another module, or of another size. */
static void test_namesakes(void **state)
{
	(void)state;
	check("[<0>] pipe_read+0x2b4/0x3f0 [other]\n", NULL);
	check("[<0>] send.isra.0+0x10/0x30\n", NULL);
	check("[<0>] pipe_read+0x24/0x300\n", NULL);
	check("[<0>] pipe_read+0x24/0x500\n", NULL);
}

static void test_module(void **state)
{
	(void)state;
	su_watch_add_module(&watch, "suture_a");
	check("[<0>] anything+0x1/0x2 [suture_a]\n", "anything+0x1");
	check("[<0>] anything+0x1/0x2 [suture_ab]\n", NULL);
	check("[<0>] anything+0x1/0x2\n", NULL);
}

static void test_other_lines(void **state)
{
	static const char *const lines[] = { "",
					     "\n",
					     "[<0>] 0xffffffffffffffff\n",
					     "pipe_read+0x2b4/0x3f0\n",
					     "[<0>] pipe_read\n",
					     "[<0>] pipe_read+0x2b4\n" };

	(void)state;
	for (size_t i = 0; i < SU_ARRAY_SIZE(lines); i++)
		check(lines[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_functions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_namesakes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_module, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_lines, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
