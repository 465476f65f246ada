// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Console text of a kernel: is there any sign that it is unwell? Works on text alone, so that the tests and the
 * corpus runner judge alike.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

/*
 * Each of these is printed by a kernel only in trouble. "WARNING:" counts where it begins the message, behind the time:
 * mitigations use the word at boot with a prefix of their own. Sources: lib/, kernel/, mm/, arch/x86/ of Linux 5.10 to 7.
 */
static const char *const signs[] = {
	"Kernel panic",
	"BUG:",
	"kernel BUG at",
	"] WARNING:",
	"Oops:",
	"general protection fault",
	"unable to handle",
	"double fault",
	"stack guard page",
	"divide error:",
	"invalid opcode:",
	"soft lockup",
	"hard LOCKUP",
	"detected stall",
	"blocked for more than",
	"circular locking",
	"recursive locking",
	"inconsistent lock state",
	"suspicious RCU",
	"sleeping function called",
	"scheduling while atomic",
	"KASAN:",
	"KCSAN:",
	"KMSAN:",
	"KFENCE:",
	"UBSAN:",
	"refcount_t:",
	"bad page state",
	"Bad page state",
	"list_add corruption",
	"list_del corruption",
	"unexpected op",
	"jump_label: Fatal",
	"ftrace failed",
	"Unpatched return thunk",
	"missing return thunk",
	"unregister_netdevice: waiting",
	"memory leak",
	"------------[ cut here ]------",
};

#define REPORT_BEGIN "------------[ cut here ]------"
#define REPORT_END "---[ end trace"

static bool is_sign(const char *line)
{
	for (size_t i = 0; i < SU_ARRAY_SIZE(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

static bool is_expected(const regex_t *regexes, size_t nr, const char *line)
{
	for (size_t i = 0; i < nr; i++)
		if (!regexec(&regexes[i], line, 0, NULL, 0))
			return true;
	return false;
}

/* The lines of @log, cut in place. A report that is expected in any of its lines is cut to one empty line. */
struct lines {
	SU_VEC(char *) v;
};

static void lines_split(char *log, struct lines *lines)
{
	char *save = NULL;

	for (char *p = strtok_r(log, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
		*su_vec_add(&lines->v) = p;
}

/* The line behind the report that begins at @i. */
static size_t report_end(const struct lines *lines, size_t i)
{
	for (i++; i < lines->v.nr; i++) {
		if (strstr(lines->v.data[i], REPORT_END))
			return i + 1;
		if (strstr(lines->v.data[i], REPORT_BEGIN))
			return i;
	}
	return i;
}

static bool range_is_expected(const struct lines *lines, size_t from, size_t to, const regex_t *regexes, size_t nr)
{
	for (size_t i = from; i < to; i++)
		if (is_expected(regexes, nr, lines->v.data[i]))
			return true;
	return false;
}

static const char *first_failure(const struct lines *lines, const regex_t *regexes, size_t nr)
{
	for (size_t i = 0; i < lines->v.nr;) {
		const char *line = lines->v.data[i];
		size_t end = strstr(line, REPORT_BEGIN) ? report_end(lines, i) : i + 1;

		if (range_is_expected(lines, i, end, regexes, nr)) {
			i = end;
			continue;
		}
		/* "cut here" says nothing: what follows it does. */
		if (strstr(line, REPORT_BEGIN) && end > i + 1)
			return lines->v.data[i + 1];
		if (is_sign(line))
			return line;
		i = end;
	}
	return NULL;
}

/* A pattern that is none expects nothing, so that its author sees the failure. */
static size_t regexes_compile(const char *const *expected, regex_t **regexes)
{
	size_t nr = 0, used = 0;

	while (expected && expected[nr])
		nr++;
	*regexes = su_alloc((nr + 1) * sizeof(**regexes));
	for (size_t i = 0; i < nr; i++)
		if (!regcomp(&(*regexes)[used], expected[i], REG_EXTENDED | REG_NOSUB))
			used++;
	return used;
}

bool su_log_failure(const char *log, const char *const *expected, char **line)
{
	SU_CLEANUP_FREE char *copy = su_strdup(log);
	struct lines lines = { 0 };
	regex_t *regexes;
	size_t nr = regexes_compile(expected, &regexes);
	const char *failure;

	lines_split(copy, &lines);
	failure = first_failure(&lines, regexes, nr);
	if (failure)
		*line = su_strdup(failure);
	for (size_t i = 0; i < nr; i++)
		regfree(&regexes[i]);
	free(regexes);
	su_vec_fini(&lines.v);
	return failure;
}
