// SPDX-License-Identifier: GPL-2.0-or-later
/* What the test programs share; see kit.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"
#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/live/core.h"

bool su_kit_option(struct su_kit_options *options, int code, const char *arg)
{
	switch (code) {
	case 'r':
		options->release = arg;
		return true;
	case 'C':
		options->cache = arg;
		return true;
	case 'k':
		options->core = arg;
		return true;
	case 'i':
		options->image = arg;
		return true;
	case 'm':
		options->modules = arg;
		return true;
	case 's':
		options->source = arg;
		return true;
	case 'c':
		options->config = arg;
		return true;
	case 'v':
		options->symvers = arg;
		return true;
	case 'p':
		options->patience = arg;
		return true;
	default:
		return false;
	}
}

/* The folder above ours: build/tool/NAME is beside build/suture. */
static char *build_folder(void)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return su_strdup("build");
	exe[n] = 0;
	*strrchr(exe, '/') = 0;
	*strrchr(exe, '/') = 0;
	return su_strdup(exe);
}

int su_kit_image(struct su_kit *kit, const char *release, struct su_release *image)
{
	return su_release_prepare(kit->diags, release, kit->cache, NULL, image);
}

static int image_open(struct su_kit *kit, const struct su_kit_options *options)
{
	if (!options->image)
		return su_kit_image(kit, kit->release, &kit->image);
	kit->image.vmlinuz = su_strdup(options->image);
	kit->image.modules = options->modules ? su_strdup(options->modules) : NULL;
	return 0;
}

int su_kit_open(struct su_kit *kit, const struct su_kit_options *options)
{
	SU_CLEANUP_FREE char *build = build_folder();
	SU_CLEANUP_FREE char *built_core = NULL;
	int err;

	*kit = (struct su_kit){ .diags = su_diags_create() };
	kit->release = options->release ? options->release : "6.1.0-47-cloud-amd64";
	kit->source = options->source;
	kit->config = options->config;
	kit->symvers = options->symvers;
	kit->patience = options->patience ? (unsigned int)atoi(options->patience) : 1;
	kit->cache = options->cache ? su_strdup(options->cache) : su_cache_default();
	kit->suture = su_format("%s/suture", build);
	built_core = su_format("%s/kmod/%s/suture.ko", build, kit->release);
	kit->core = options->core	       ? su_strdup(options->core) :
		    su_file_exists(built_core) ? su_strdup(built_core) :
						 su_core_find(kit->release);
	if (!kit->core || !su_file_exists(kit->core))
		return su_fail(kit->diags, SU_AT(NO_CORE, .object = kit->core, .hint = "make kmod KDIR=..."),
			       "there is no core for %s", kit->release);
	err = su_dir_temp(kit->diags, getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "suture-test-", &kit->scratch);
	return err ? err : image_open(kit, options);
}

void su_kit_close(struct su_kit *kit)
{
	if (kit->scratch)
		su_dir_remove(kit->diags, kit->scratch);
	free(kit->scratch);
	free(kit->suture);
	free(kit->cache);
	free(kit->core);
	su_release_fini(&kit->image);
	su_diags_destroy(kit->diags);
}

int su_kit_suture(struct su_kit *kit, const char *const *args, struct json_object **answer, int *exit_code)
{
	struct su_process process = { 0 };
	SU_VEC(const char *) argv = { 0 };
	int err;

	*su_vec_add(&argv) = kit->suture;
	*su_vec_add(&argv) = args[0];
	*su_vec_add(&argv) = "--json";
	*su_vec_add(&argv) = "--quiet";
	*su_vec_add(&argv) = "--cache";
	*su_vec_add(&argv) = kit->cache;
	for (args++; *args; args++)
		*su_vec_add(&argv) = *args;
	*su_vec_add(&argv) = NULL;
	process.argv = argv.data;
	err = su_process_run(kit->diags, &process);
	if (!err) {
		*answer = process.out.data ? json_tokener_parse(process.out.data) : NULL;
		*exit_code = process.exit_code;
		if (!*answer && process.err.data)
			fprintf(stderr, "%s", process.err.data);
	}
	su_process_fini(&process);
	su_vec_fini(&argv);
	return err;
}

static const char *first_error(struct json_object *answer, const char *field)
{
	struct json_object *list, *value;

	if (!json_object_object_get_ex(answer, "diagnostics", &list))
		return "";
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *diag = json_object_array_get_idx(list, i);

		if (!json_object_object_get_ex(diag, "severity", &value) ||
		    strcmp(json_object_get_string(value), "error"))
			continue;
		return json_object_object_get_ex(diag, field, &value) ? json_object_get_string(value) : "";
	}
	return "";
}

const char *su_kit_answer_token(struct json_object *answer)
{
	return first_error(answer, "token");
}

const char *su_kit_answer_text(struct json_object *answer)
{
	return first_error(answer, "text");
}

int su_kit_program(struct su_kit *kit, const char *source, const char *out)
{
	const char *const argv[] = { "gcc", "-O1", "-static", "-pthread", "-o", out, source, NULL };
	struct su_process process = { .argv = argv };
	int err = su_process_run(kit->diags, &process);

	if (!err && process.exit_code)
		err = su_fail(kit->diags, SU_AT(COMPILE, .object = source), "the program does not compile: %s",
			      process.err.data ? process.err.data : "");
	su_process_fini(&process);
	return err;
}

static void print_commented(const char *text)
{
	while (*text) {
		int n = (int)strcspn(text, "\n");

		fprintf(stderr, "# %.*s\n", n, text);
		text += n + (text[n] == '\n');
	}
}

void su_kit_complain(struct su_kit *kit)
{
	for (size_t i = 0; i < su_diags_count(kit->diags); i++) {
		const struct su_diag *d = su_diags_at(kit->diags, i);

		fprintf(stderr, "# %s%s%s [%s]\n", d->object ? d->object : "", d->object ? ": " : "", d->text,
			su_token_name(d->token));
		if (d->hint)
			print_commented(d->hint);
	}
	su_diags_destroy(kit->diags);
	kit->diags = su_diags_create();
}

double su_kit_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
