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

char *su_compiler_package(const char *version_text)
{
	static const char prefix[] = "x86_64-linux-gnu-";
	static const char mark[] = " (Debian ";
	const char *version;
	size_t len;

	if (!strncmp(version_text, prefix, sizeof(prefix) - 1))
		version_text += sizeof(prefix) - 1;
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

int su_compiler_find(struct su_diags *diags, struct su_config *config, struct su_compiler *compiler)
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
	if (!su_tool_exists(command))
		return fail_compiler(diags, command, wanted, NULL);
	err = su_tool_run(diags, SU_ARGV(command, "--version"), NULL, &out, SU_AT(COMPILER, .object = command),
			  "the compiler does not run");
	if (err)
		return err;
	first = su_format("%.*s", out.data ? (int)strcspn(out.data, "\n") : 0, out.data ? out.data : "");
	if (strcmp(first, wanted))
		return fail_compiler(diags, command, wanted, first);
	compiler->command = command;
	compiler->version = out.data;
	command = NULL;
	out = (struct su_buf){ 0 };
	return 0;
}
