// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the kernel's compiler and makes sure it is the very one: its bytes are compared with the running kernel's. */
#include <string.h>

#include "compiler.h"
#include "tool.h"

void su_compiler_fini(struct su_compiler *compiler)
{
	free(compiler->command);
	free(compiler->version);
	*compiler = (struct su_compiler){ 0 };
}

/* The compiler's full name is the same compiler; distcc asks for it by that. */
static const char full_name[] = "x86_64-linux-gnu-";

static const char *skip_full_name(const char *version_text)
{
	size_t len = sizeof(full_name) - 1;

	return strncmp(version_text, full_name, len) ? version_text : version_text + len;
}

char *su_compiler_package(const char *version_text)
{
	static const char mark[] = " (Debian ";
	const char *version;
	size_t len;

	version_text = skip_full_name(version_text);
	version = strstr(version_text, mark);
	if (!version)
		return NULL;
	len = (size_t)(version - version_text);
	version += sizeof(mark) - 1;
	return su_format("%.*s=%.*s", (int)len, version_text, (int)strcspn(version, ")"), version);
}

static int fail_compiler(struct su_diags *diags, const char *command, const char *wanted, const char *have)
{
	SU_CLEANUP_FREE char *package = su_compiler_package(wanted);
	SU_CLEANUP_FREE char *hint = package ? su_format("apt-get install %s", package) :
					       su_format("put the kernel's own compiler into PATH as %s", command);

	if (!have)
		return su_fail(diags, SU_AT(COMPILER, .object = command, .hint = hint),
			       "the kernel's compiler '%s' is not installed", wanted);
	return su_fail(diags, SU_AT(COMPILER, .object = command, .hint = hint),
		       "the kernel was built by '%s', here is '%s'", wanted, have);
}

/* What @cc, or @command, says to --version. */
static int ask_version(struct su_diags *diags, const char *command, const char *cc, struct su_buf *out)
{
	struct su_arena arena = { 0 };
	const char **words, **argv;
	size_t nr = 0;
	int err = su_words_split(&arena, cc ? cc : command, &words, &nr);

	if (err || !nr) {
		su_arena_fini(&arena);
		return su_fail(diags, SU_AT(USAGE, .object = cc), "this is no command line");
	}
	argv = su_arena_alloc(&arena, (nr + 2) * sizeof(*argv));
	memcpy(argv, words, nr * sizeof(*argv));
	argv[nr] = "--version";
	err = su_tool_run(diags, argv, NULL, out, SU_AT(COMPILER, .object = cc ? cc : command),
			  "the compiler does not run");
	su_arena_fini(&arena);
	return err;
}

int su_compiler_find(struct su_diags *diags, struct su_config *config, const char *cc, struct su_compiler *compiler)
{
	const char *wanted = su_config_string(config, "CC_VERSION_TEXT");
	SU_CLEANUP_FREE char *command = NULL;
	SU_CLEANUP_FREE char *first = NULL;
	SU_CLEANUP_BUF struct su_buf out = { 0 };
	int err;

	if (!wanted || !*wanted)
		return su_fail(diags, SU_AT(COMPILER, .object = ".config"),
			       "the configuration does not say which compiler built the kernel (CONFIG_CC_VERSION_TEXT)");
	command = su_format("%.*s", (int)strcspn(wanted, " "), wanted);
	if (!cc && !su_tool_exists(command))
		return fail_compiler(diags, command, wanted, NULL);
	err = ask_version(diags, command, cc, &out);
	if (err)
		return err;
	first = su_format("%.*s", out.data ? (int)strcspn(out.data, "\n") : 0, out.data ? out.data : "");
	if (strcmp(skip_full_name(first), skip_full_name(wanted)) != 0)
		return fail_compiler(diags, command, wanted, first);
	compiler->command = command;
	/* by whatever name it was asked, it is the kernel's own that has its say in keys and updates */
	compiler->version = su_format("%s%s", wanted, out.data + strlen(first));
	command = NULL;
	return 0;
}
