// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs the kernel's makefiles, always with O=, and with an environment that cannot change what they do. What is to be
 * made, and from what, is left to prepare.c.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kbuild.h"
#include "tool.h"

#define BUILD_HINT "apt-get install build-essential bc bison flex libelf-dev libssl-dev"

int su_kbuild_write_pahole(struct su_diags *diags, const char *path, const struct su_config *config)
{
	const char *value = su_config_value(config, "PAHOLE_VERSION");
	unsigned long version = value ? strtoul(value, NULL, 10) : 0;
	SU_CLEANUP_FREE char *script = su_format("#!/bin/sh\necho v%lu.%02lu\n", version / 100, version % 100);
	int err = su_file_write(diags, path, script, strlen(script));

	if (!err && chmod(path, 0755))
		err = su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot make it a program");
	return err;
}

int su_kbuild_check_source(struct su_diags *diags, const char *source)
{
	static const char *const traces[] = { ".config", "include/config", "include/generated",
					      "arch/x86/include/generated" };
	SU_CLEANUP_FREE char *makefile = su_format("%s/Kbuild", source);
	size_t i;

	if (!su_file_exists(makefile))
		return su_fail(diags, SU_AT(PREPARE, .object = source), "this is not a kernel source tree");
	for (i = 0; i < SU_ARRAY_SIZE(traces); i++) {
		SU_CLEANUP_FREE char *path = su_format("%s/%s", source, traces[i]);

		if (su_file_exists(path))
			return su_fail(diags,
				       SU_AT(PREPARE, .object = source,
					     .hint = "suture never writes there: run 'make mrproper', or give a clean copy"),
				       "the source tree was built in place (it has %s)", traces[i]);
	}
	return 0;
}

/* Strings on the heap, for an argv. */
struct string_list {
	char **data;
	size_t nr, cap;
};

static void add_string(struct string_list *list, char *heap)
{
	*su_vec_add(list) = heap;
}

static void fini_strings(struct string_list *list)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		free(list->data[i]);
	su_vec_fini(list);
}

/* Variables of the caller's that the kernel's makefiles would take for theirs. */
static void add_clean_env(struct string_list *argv)
{
	static const char *const names[] = {
		"MAKEFLAGS",
		"MAKELEVEL",
		"MFLAGS",
		"GNUMAKEFLAGS",
		"KCFLAGS",
		"KCPPFLAGS",
		"KAFLAGS",
		"KBUILD_OUTPUT",
		"KBUILD_EXTMOD",
		"KBUILD_VERBOSE",
		"KBUILD_EXTRA_WARN",
		"KCONFIG_CONFIG",
		"KCONFIG_ALLCONFIG",
		"ARCH",
		"CROSS_COMPILE",
		"LOCALVERSION",
		"LLVM",
		"LLVM_IAS",
		"INSTALL_MOD_PATH",
		"CFLAGS",
		"LDFLAGS",
		"CPPFLAGS",
		"CC",
		"HOSTCC",
		"HOSTCFLAGS",
		"HOSTLDFLAGS",
		"SRCARCH",
		"SUBARCH",
	};
	size_t i;

	add_string(argv, su_strdup("env"));
	for (i = 0; i < SU_ARRAY_SIZE(names); i++) {
		add_string(argv, su_strdup("-u"));
		add_string(argv, su_strdup(names[i]));
	}
	add_string(argv, su_strdup("LC_ALL=C"));
	/* Nothing is to be written into the source tree, be it a by-product. */
	add_string(argv, su_strdup("PYTHONDONTWRITEBYTECODE=1"));
	add_string(argv, su_strdup("GIT_OPTIONAL_LOCKS=0"));
}

static unsigned int job_count(const struct su_kbuild *kbuild)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	if (kbuild->jobs)
		return kbuild->jobs;
	return nr > 0 ? (unsigned int)nr : 1;
}

static void add_make(struct string_list *argv, const struct su_kbuild *kbuild, unsigned int jobs)
{
	add_string(argv, su_strdup("make"));
	add_string(argv, su_strdup("-C"));
	add_string(argv, su_strdup(kbuild->source));
	add_string(argv, su_format("O=%s", kbuild->objects));
	add_string(argv, su_format("CC=%s", kbuild->compiler));
	add_string(argv, su_format("PAHOLE=%s", kbuild->pahole));
	add_string(argv, su_format("-j%u", jobs));
	if (kbuild->release)
		add_string(argv, su_format("KERNELRELEASE=%s", kbuild->release));
}

int su_kbuild_make(struct su_diags *diags, const struct su_kbuild *kbuild, const char *const *targets)
{
	struct string_list argv = { 0 };
	int err;

	add_clean_env(&argv);
	add_make(&argv, kbuild, job_count(kbuild));
	for (; *targets; targets++)
		add_string(&argv, su_strdup(*targets));
	*su_vec_add(&argv) = NULL;
	err = su_tool_run(diags, (const char *const *)argv.data, NULL, NULL,
			  SU_AT(PREPARE, .object = kbuild->source, .hint = BUILD_HINT), "the kernel's makefiles fail");
	fini_strings(&argv);
	return err;
}

int su_kbuild_dryrun(struct su_diags *diags, const struct su_kbuild *kbuild, struct su_buf *out)
{
	struct su_process process = { 0 };
	struct string_list argv = { 0 };
	int err;

	add_clean_env(&argv);
	/* Never in parallel: the lines are longer than what a pipe takes at once, and would come out mixed. */
	add_make(&argv, kbuild, 1);
	add_string(&argv, su_strdup("-n"));
	/*
	 * Go on: the archives that a real run would have made by then are missing, which ends single branches only. So
	 * the exit code says nothing; whether there are compile commands in the output is what counts.
	 */
	add_string(&argv, su_strdup("-k"));
	add_string(&argv, su_strdup("--trace"));
	add_string(&argv, su_strdup("V=1"));
	add_string(&argv, su_strdup("vmlinux"));
	add_string(&argv, su_strdup("modules"));
	*su_vec_add(&argv) = NULL;
	process.argv = (const char *const *)argv.data;
	err = su_process_run(diags, &process);
	if (!err) {
		su_buf_fini(out);
		*out = process.out;
		process.out = (struct su_buf){ 0 };
	}
	su_process_fini(&process);
	fini_strings(&argv);
	return err;
}
