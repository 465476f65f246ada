// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/base: child processes and the splitting of command lines. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/process.h"

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int set_up(void **state)
{
	*state = su_diags_create();
	return 0;
}

static int tear_down(void **state)
{
	su_diags_destroy(*state);
	return 0;
}

static void test_output(void **state)
{
	struct su_process p = { .argv = ARGV("sh", "-c", "pwd; echo $SUTURE_X >&2; exit 7"),
				.dir = "/usr",
				.env = ARGV("SUTURE_X=y z") };

	assert_int_equal(su_process_run(*state, &p), 0);
	assert_int_equal(p.exit_code, 7);
	assert_string_equal(p.out.data, "/usr\n");
	assert_string_equal(p.err.data, "y z\n");
	su_process_fini(&p);
}

/* More than a pipe holds, both ways: a loop that only writes, then reads, would hang. */
static void test_input(void **state)
{
	size_t sz = 3000000;
	char *input = su_alloc(sz);
	struct su_process p = { .argv = ARGV("cat"), .input = input, .input_sz = sz };

	memset(input, 'x', sz);
	assert_int_equal(su_process_run(*state, &p), 0);
	assert_int_equal(p.out.nr, sz);
	assert_memory_equal(p.out.data, input, sz);
	su_process_fini(&p);
	p = (struct su_process){ .argv = ARGV("true"), .input = input, .input_sz = sz };
	assert_int_equal(su_process_run(*state, &p), 0);
	assert_int_equal(p.exit_code, 0);
	su_process_fini(&p);
	free(input);
}

static void test_missing(void **state)
{
	struct su_process p = { .argv = ARGV("suture-no-such-program") };

	assert_int_equal(su_process_run(*state, &p), -SU_SYSTEM);
	assert_int_equal(su_diags_at(*state, 0)->token, SU_T_TOOL_MISSING);
	assert_int_equal(p.exit_code, 127);
	p = (struct su_process){ .argv = ARGV("true"), .dir = "/nonexistent" };
	assert_int_equal(su_process_run(*state, &p), -SU_SYSTEM);
	assert_int_equal(su_diags_at(*state, 1)->token, SU_T_SYSTEM);
	/* 127 of the program's own is no missing program. */
	p = (struct su_process){ .argv = ARGV("sh", "-c", "exit 127") };
	assert_int_equal(su_process_run(*state, &p), 0);
	assert_int_equal(p.exit_code, 127);
	su_process_fini(&p);
}

static void test_signal_exit(void **state)
{
	struct su_process p = { .argv = ARGV("sh", "-c", "kill -9 $$") };

	assert_int_equal(su_process_run(*state, &p), 0);
	assert_int_equal(p.exit_code, 128 + SIGKILL);
	su_process_fini(&p);
}

/* A grandchild that keeps the pipes open must not hold us up. */
static void test_background(void **state)
{
	struct su_process p = { .argv = ARGV("sh", "-c", "sleep 20 & echo started") };
	time_t begin = time(NULL);

	assert_int_equal(su_process_run(*state, &p), 0);
	assert_string_equal(p.out.data, "started\n");
	assert_true(time(NULL) - begin < 10);
	su_process_fini(&p);
}

static void test_many(void **state)
{
	const char *const *missing = ARGV("suture-no-such-program");
	const char *const *good = ARGV("sh", "-c", "cat; echo x");
	struct su_process all[20];
	size_t i;

	for (i = 0; i < 20; i++)
		all[i] = (struct su_process){ .argv = i == 3 ? missing : good, .input = "in ", .input_sz = 3 };
	assert_int_equal(su_process_run_all(*state, all, 20, 3), -SU_SYSTEM);
	assert_int_equal(su_diags_count(*state), 1);
	for (i = 0; i < 20; i++) {
		if (i != 3)
			assert_string_equal(all[i].out.data, "in x\n");
		su_process_fini(&all[i]);
	}
	assert_int_equal(su_process_run_all(*state, all, 0, 3), 0);
}

/* Told to stop: the whole process group of the child ends, and the handlers are as before. */
static void test_interrupt(void **state)
{
	SU_CLEANUP_FREE char *script = su_format("(sleep 30; echo late) & kill -TERM %d; wait", (int)getpid());
	struct su_process p = { .argv = ARGV("sh", "-c", script) };
	struct sigaction now;
	time_t begin = time(NULL);

	assert_int_equal(su_process_run(*state, &p), -SU_SYSTEM);
	assert_int_equal(su_diags_at(*state, 0)->token, SU_T_INTERRUPTED);
	assert_int_equal(p.exit_code, 128 + SIGTERM);
	assert_true(time(NULL) - begin < 10);
	sigaction(SIGTERM, NULL, &now);
	assert_true(now.sa_handler == SIG_DFL);
	su_process_fini(&p);
}

static void check_words(const char *line, const char *const *want)
{
	struct su_arena arena = { 0 };
	const char **words;
	size_t nr, i;

	assert_int_equal(su_words_split(&arena, line, &words, &nr), 0);
	for (i = 0; want[i]; i++) {
		assert_true(i < nr);
		assert_string_equal(words[i], want[i]);
	}
	assert_int_equal(nr, i);
	assert_null(words[nr]);
	su_arena_fini(&arena);
}

static void test_words(void **state)
{
	struct su_arena arena = { 0 };
	const char **words;
	size_t nr;

	(void)state;
	check_words("", (const char *const[]){ NULL });
	check_words("  a\tb\n c ", ARGV("a", "b", "c"));
	check_words("-DX='\"a b\"' \"q\\\"$x\\y\"", ARGV("-DX=\"a b\"", "q\"$x\\y"));
	check_words("a;b ; 'c;d' e\\;f", ARGV("a", ";", "b", ";", "c;d", "e;f"));
	check_words("'' x''y", ARGV("", "xy"));
	check_words("a\\ b '\\' \\\n c", ARGV("a b", "\\", "c"));
	check_words("'it'\\''s'", ARGV("it's"));
	assert_int_equal(su_words_split(&arena, "a 'b", &words, &nr), -SU_SYSTEM);
	assert_int_equal(su_words_split(&arena, "a \"b\\\"", &words, &nr), -SU_SYSTEM);
	su_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_output, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_input, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_signal_exit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_background, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_interrupt, set_up, tear_down),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
