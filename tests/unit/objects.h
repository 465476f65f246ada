/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For unit tests: objects made from a few lines of C or assembler, as the kernel compiles them. */
#ifndef TESTS_UNIT_OBJECTS_H
#define TESTS_UNIT_OBJECTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/diff/diff.h"

/* The options of the kernel's own command lines that shape code. */
static const char *const compile_options[] = { "-std=gnu11",
					       "-O2",
					       "-fno-PIE",
					       "-mcmodel=kernel",
					       "-mno-red-zone",
					       "-mno-sse",
					       "-fno-common",
					       "-fno-asynchronous-unwind-tables",
					       "-w",
					       "-fcf-protection=none",
					       "-pg",
					       "-fno-strict-aliasing",
					       "-mfentry",
					       "-fno-jump-tables",
					       "-c",
					       "-mrecord-mcount" };

struct compilation {
	char *source, *object;
	const char *argv[SU_ARRAY_SIZE(compile_options) + 8];
};

/* @file: "name.c" or "name.S"; @split: one section a function and datum; @extra: one more option. */
static inline void compilation_init(struct compilation *c, struct su_diags *diags, const char *compiler,
				    const char *dir, const char *file, const char *text, bool split, const char *extra)
{
	size_t nr = 0;

	c->source = su_format("%s/%s", dir, file);
	c->object = su_format("%s/%.*s.o", dir, (int)strcspn(file, "."), file);
	assert_int_equal(su_file_write(diags, c->source, text, strlen(text)), 0);
	c->argv[nr++] = compiler;
	for (size_t i = 0; i < SU_ARRAY_SIZE(compile_options); i++)
		c->argv[nr++] = compile_options[i];
	c->argv[nr++] = split ? "-ffunction-sections" : "-fno-function-sections";
	c->argv[nr++] = split ? "-fdata-sections" : "-fno-data-sections";
	c->argv[nr++] = extra;
	c->argv[nr++] = "-o";
	c->argv[nr++] = c->object;
	c->argv[nr++] = c->source;
	c->argv[nr] = NULL;
}

static inline void compilation_fini(struct compilation *c)
{
	free(c->source);
	free(c->object);
}

static inline struct su_object *open_object(struct su_diags *diags, const char *path)
{
	struct su_object *object = NULL;

	if (su_object_open(diags, path, false, &object))
		fail_msg("%s: %s", path, su_diags_at(diags, su_diags_count(diags) - 1)->text);
	return object;
}

static inline struct su_object *compile_file(struct su_diags *diags, const char *dir, const char *file,
					     const char *text, bool split, const char *extra)
{
	struct compilation c;
	struct su_process p = { .argv = c.argv };
	struct su_object *object;

	compilation_init(&c, diags, "gcc", dir, file, text, split, extra);
	assert_int_equal(su_process_run(diags, &p), 0);
	if (p.exit_code)
		print_error("%s: %s\n", file, p.err.data);
	assert_int_equal(p.exit_code, 0);
	su_process_fini(&p);
	object = open_object(diags, c.object);
	compilation_fini(&c);
	return object;
}

static inline struct su_object *compile_object(struct su_diags *diags, const char *dir, const char *name,
					       const char *source, bool split, const char *extra)
{
	SU_CLEANUP_FREE char *file = su_format("%s.c", name);

	return compile_file(diags, dir, file, source, split, extra);
}

#endif
