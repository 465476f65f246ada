/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For unit tests: objects compiled from a few lines of C, as the kernel compiles them. */
#ifndef TESTS_UNIT_OBJECTS_H
#define TESTS_UNIT_OBJECTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/diff/diff.h"

/* The options of the kernel's own command lines that shape code; split: one section a function and datum. */
static inline struct su_object *compile_object(struct su_diags *diags, const char *dir, const char *name,
					       const char *source, bool split, const char *extra)
{
	SU_CLEANUP_FREE char *c = su_format("%s/%s.c", dir, name);
	SU_CLEANUP_FREE char *o = su_format("%s/%s.o", dir, name);
	const char *argv[] = { "gcc",
			       "-std=gnu11",
			       "-O2",
			       "-fno-PIE",
			       "-mcmodel=kernel",
			       "-mno-red-zone",
			       "-mno-sse",
			       "-fno-asynchronous-unwind-tables",
			       "-fcf-protection=none",
			       "-fno-common",
			       "-fno-strict-aliasing",
			       "-fno-jump-tables",
			       "-w",
			       "-pg",
			       "-mfentry",
			       "-mrecord-mcount",
			       "-c",
			       "-o",
			       o,
			       c,
			       split ? "-ffunction-sections" : "-fno-function-sections",
			       split ? "-fdata-sections" : "-fno-data-sections",
			       extra,
			       NULL };
	struct su_process p = { .argv = argv };
	struct su_object *object = NULL;

	assert_int_equal(su_file_write(diags, c, source, strlen(source)), 0);
	assert_int_equal(su_process_run(diags, &p), 0);
	if (p.exit_code)
		print_error("%s: %s\n", name, p.err.data);
	assert_int_equal(p.exit_code, 0);
	su_process_fini(&p);
	assert_int_equal(su_object_open(diags, o, false, &object), 0);
	return object;
}

#endif
