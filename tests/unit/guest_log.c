// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of an unwell kernel in console text: lib/guest/log.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/guest/guest.h"

static void is_well(const char *log, const char *const *expected)
{
	char *line = NULL;

	assert_false(su_log_failure(log, expected, &line));
	assert_null(line);
}

static void is_unwell(const char *log, const char *const *expected, const char *want)
{
	char *line = NULL;

	assert_true(su_log_failure(log, expected, &line));
	assert_string_equal(line, want);
	free(line);
}

static void test_well(void **state)
{
	(void)state;
	is_well("", NULL);
	is_well("[    0.000000] Linux version 6.1.0\n[    1.0] suture: loading out-of-tree module taints kernel.\n",
		NULL);
	/* What mitigations say at boot is no warning of the kernel about itself. */
	is_well("[    0.016797] RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable\n", NULL);
}

static void test_each_kind(void **state)
{
	static const char *const lines[] = {
		"[    4.2] Kernel panic - not syncing: sysrq triggered crash",
		"[    4.2] BUG: kernel NULL pointer dereference, address: 0000000000000000",
		"[    4.2] kernel BUG at fs/open.c:12!",
		"[    4.2] WARNING: CPU: 0 PID: 1 at fs/open.c:12 do_sys_open+0x1/0x2",
		"[    4.2] general protection fault, probably for non-canonical address 0xdead: 0000 [#1]",
		"[    4.2] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [sh:1]",
		"[    4.2] INFO: task sh:77 blocked for more than 120 seconds.",
		"[    4.2] WARNING: possible circular locking dependency detected",
		"[    4.2] BUG: KASAN: slab-out-of-bounds in f+0x1/0x2",
		"[    4.2] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
		"[    4.2] refcount_t: underflow; use-after-free.",
	};

	(void)state;
	for (size_t i = 0; i < SU_ARRAY_SIZE(lines); i++) {
		char *log = su_format("[    1.0] all is well\n%s\n[    5.0] more\n", lines[i]);

		is_unwell(log, NULL, lines[i]);
		free(log);
	}
}

#define REPORT \
	"[ 1.0] ------------[ cut here ]------------\n" \
	"[ 1.0] WARNING: CPU: 1 PID: 9 at fs/a.c:1 f+0x1/0x2\n" \
	"[ 1.0] Call Trace:\n" \
	"[ 1.0] ---[ end trace 0000000000000000 ]---\n"

static void test_report(void **state)
{
	static const char *const expected[] = { "at fs/a\\.c:1 ", NULL };
	static const char *const other[] = { "at fs/b\\.c:1 ", NULL };

	(void)state;
	is_unwell(REPORT, NULL, "[ 1.0] WARNING: CPU: 1 PID: 9 at fs/a.c:1 f+0x1/0x2");
	is_unwell(REPORT, other, "[ 1.0] WARNING: CPU: 1 PID: 9 at fs/a.c:1 f+0x1/0x2");
	is_well(REPORT, expected);
	/* What comes behind an expected report counts. */
	is_unwell(REPORT "[ 2.0] Oops: 0002 [#1]\n", expected, "[ 2.0] Oops: 0002 [#1]");
	/* A report whose end is missing ends where the next one begins. */
	is_unwell("[ 0.5] ------------[ cut here ]------------\n[ 0.5] WARNING: CPU: 0 at fs/b.c:1\n" REPORT, expected,
		  "[ 0.5] WARNING: CPU: 0 at fs/b.c:1");
}

static void test_expected_line(void **state)
{
	static const char *const expected[] = { "BUG: .* injected", NULL };

	(void)state;
	is_well("[ 1.0] BUG: this one is injected\n", expected);
	is_unwell("[ 1.0] BUG: this one is injected\n[ 1.1] BUG: this is not\n", expected, "[ 1.1] BUG: this is not");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well),
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_expected_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
