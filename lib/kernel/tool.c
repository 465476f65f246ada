// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs tools that have to succeed and turns their failure into one diagnostic. Compilers are not run here. */
#include <string.h>
#include <unistd.h>

#include "tool.h"

bool su_tool_exists(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return !access(name, X_OK);
	for (path = path ? path : "/usr/bin:/bin"; *path; path += *path == ':') {
		size_t len = strcspn(path, ":");
		SU_CLEANUP_FREE char *file = su_format("%.*s/%s", (int)len, path, name);

		if (!access(file, X_OK))
			return true;
		path += len;
	}
	return false;
}

char *su_tool_tail(const struct su_buf *text, size_t max)
{
	const char *begin = text->data ? text->data : "";
	const char *end = begin + text->nr;
	const char *p;
	size_t lines = 0;

	while (end > begin && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	for (p = end; p > begin && lines < max; p--)
		if (p[-1] == '\n' && (p - 1 == begin || p[-2] != '\n') && ++lines == max)
			break;
	return su_format("%.*s", (int)(end - p), p);
}

/* Where a tool says nothing on standard error, its standard output has to do. */
static char *last_words(const struct su_process *process)
{
	return su_tool_tail(process->err.nr ? &process->err : &process->out, 8);
}

/* A compiler driver is not ended by a signal itself: it says that its part was. */
int su_tool_check_system(struct su_diags *diags, const char *object, const struct su_process *process)
{
	static const char full[] = "No space left on device", killed[] = "Killed signal terminated program";
	const char *text = process->err.data ? process->err.data : "";

	if (strstr(text, full))
		return su_fail(diags, SU_AT(FILE_WRITE, .object = object, .hint = "make room, and run it again"),
			       "%s cannot write its output: no space left on device", process->argv[0]);
	if (process->exit_code > 128)
		return su_fail(diags, SU_AT(SYSTEM, .object = object, .hint = "out of memory, perhaps: dmesg may say"),
			       "%s was killed by signal %d", process->argv[0], process->exit_code - 128);
	if (strstr(text, killed))
		return su_fail(diags, SU_AT(SYSTEM, .object = object, .hint = "out of memory, perhaps: dmesg may say"),
			       "a part of %s was killed", process->argv[0]);
	return 0;
}

int su_tool_run(struct su_diags *diags, const char *const *argv, const char *dir, struct su_buf *out,
		struct su_diag diag, const char *what)
{
	/* Messages are parsed and shown: one language. */
	struct su_process process = { .argv = argv, .dir = dir, .env = SU_ARGV("LC_ALL=C") };
	int err = su_process_run(diags, &process);

	if (!err && process.exit_code) {
		SU_CLEANUP_FREE char *words = last_words(&process);

		err = su_tool_check_system(diags, diag.object, &process);
		if (!err)
			err = su_fail(diags, diag, "%s: %s", what, *words ? words : "the tool gave no reason");
	}
	if (!err && out) {
		su_buf_fini(out);
		*out = process.out;
		process.out = (struct su_buf){ 0 };
	}
	su_process_fini(&process);
	return err;
}
