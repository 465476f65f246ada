// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a kernel's refusal: lib/live/complain.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/live/core.h"

static void check(int error, const char *last, enum su_token token, int status, const char *text)
{
	struct su_diags *diags = su_diags_create();
	const struct su_diag *d;

	assert_int_equal(su_core_complain(diags, error, last, "a.ko"), -status);
	assert_int_equal(su_diags_count(diags), 1);
	d = su_diags_at(diags, 0);
	assert_int_equal(d->token, token);
	assert_string_equal(d->object, "a.ko");
	assert_non_null(d->hint);
	if (text)
		assert_string_equal(d->text, text);
	su_diags_destroy(diags);
}

static void test_core(void **state)
{
	(void)state;
	check(EBUSY, "busy: sh[12] stays in f+0x5\n", SU_T_BUSY, SU_BUSY, "sh[12] stays in f+0x5");
	check(ESTALE, "bytes-differ: a: b: c\n", SU_T_MATCH_BYTES, SU_NOMATCH, "a: b: c");
	check(ETXTBSY, "redirect-altered: f\n", SU_T_UNDO_BYTES, SU_BUSY, "f");
	check(EBADMSG, "update-damaged: x\n", SU_T_UPDATE_FORMAT, SU_NOMATCH, "x");
}

/* The loader's own refusals come before the core sees anything: what last_error says is of another time. */
static void test_loader(void **state)
{
	(void)state;
	check(EPERM, "busy: old\n", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
	check(EKEYREJECTED, "busy: old\n", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
	check(ENOEXEC, "busy: old\n", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
	check(EEXIST, "", SU_T_APPLIED, SU_USAGE, NULL);
}

static void test_unknown(void **state)
{
	(void)state;
	check(EIO, "", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
	check(EBUSY, "no-such-token: text\n", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
	check(EBUSY, "bus: text\n", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
	check(EBUSY, "busy", SU_T_KERNEL_REFUSED, SU_REFUSED, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_core),
		cmocka_unit_test(test_loader),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
