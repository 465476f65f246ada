// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Module loading and the core's sysfs, as little of both as there can be: every judgement is the core's. The state
 * files are read in state.c, failures are explained in complain.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core.h"
#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/elf/modinfo.h"

#define UNLOAD_TRIES 20 /* of 50 ms */

bool su_core_is_loaded(void)
{
	return su_file_exists(SU_CORE_SYSFS "/abi");
}

static void last_error_read(char *line, size_t sz)
{
	FILE *f = fopen(SU_CORE_SYSFS "/last_error", "re");

	line[0] = 0;
	if (!f)
		return;
	if (!fgets(line, (int)sz, f))
		line[0] = 0;
	fclose(f);
}

/* Return: 0 or a positive errno. */
static int module_load(const char *file, const char *options)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return errno;
	ret = syscall(SYS_finit_module, fd, options, 0) ? errno : 0;
	close(fd);
	return ret;
}

/* ---- the core itself ---- */

static char *built_core(const char *release)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return NULL;
	exe[n] = 0;
	*strrchr(exe, '/') = 0;
	return su_format("%s/kmod/%s/suture.ko", exe, release);
}

char *su_core_find(const char *release)
{
	static const char *const folders[] = { "updates", "updates/dkms", "extra", "kernel" };
	const char *chosen = getenv("SUTURE_CORE");
	char *path = chosen ? su_strdup(chosen) : built_core(release);

	if (path && su_file_exists(path))
		return path;
	free(path);
	for (size_t i = 0; i < SU_ARRAY_SIZE(folders); i++) {
		path = su_format("/lib/modules/%s/%s/suture.ko", release, folders[i]);
		if (su_file_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

static int core_modprobe(struct su_diags *diags)
{
	static const char *const argv[] = { "modprobe", "suture", NULL };
	struct su_process process = { .argv = argv };
	int ret = su_process_run(diags, &process);

	if (!ret && process.exit_code)
		ret = su_fail(diags,
			      SU_AT(NO_CORE, .hint = "install the core for this kernel, or name it with --core FILE"),
			      "the core cannot be loaded: modprobe says: %.*s",
			      (int)strcspn(process.err.data ? process.err.data : "", "\n"),
			      process.err.data ? process.err.data : "");
	su_process_fini(&process);
	return ret;
}

int su_core_load(struct su_diags *diags, const char *file)
{
	SU_CLEANUP_FREE char *found = NULL;
	struct utsname name;
	int error;

	if (su_core_is_loaded())
		return 0;
	if (!file && !uname(&name))
		file = found = su_core_find(name.release);
	if (!file)
		return core_modprobe(diags);
	if (!su_file_exists(file))
		return su_fail(diags, SU_AT(NO_CORE, .object = file), "no such file");
	error = module_load(file, "");
	return error && error != EEXIST ? su_core_complain(diags, error, "", file) : 0;
}

/* ---- updates ---- */

static int release_check(struct su_diags *diags, const struct su_modinfo *info, const char *file)
{
	SU_CLEANUP_FREE char *release = su_modinfo_release(info);
	struct utsname name;

	if (!release || uname(&name) || !strcmp(release, name.release))
		return 0;
	return su_fail(diags,
		       SU_AT(KERNEL_OTHER, .object = file, .hint = "suture create --release makes one for this kernel"),
		       "the update is for %s, and this kernel is %s", release, name.release);
}

/* Return: 0 or a positive errno. */
static int core_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t nr = (ssize_t)strlen(text);
	int ret;

	if (fd < 0)
		return errno;
	ret = write(fd, text, (size_t)nr) == nr ? 0 : errno;
	close(fd);
	return ret;
}

static int switch_write(const char *id, const char *file, const char *options)
{
	SU_CLEANUP_FREE char *path = su_format(SU_CORE_SYSFS "/updates/%s/%s", id, file);
	SU_CLEANUP_FREE char *text = su_format("1 %s", options);

	return core_write(path, text);
}

/* The last threads may still be on their way out of the update's code: give them a moment. 0 or a positive errno. */
static int module_unload(const char *module)
{
	int error = 0;

	for (int i = 0; i < UNLOAD_TRIES; i++) {
		if (!syscall(SYS_delete_module, module, O_NONBLOCK))
			return 0;
		error = errno;
		if (error != EAGAIN && error != EBUSY)
			break;
		usleep(50000);
	}
	return error;
}

/* An update that an earlier undo, or one that was killed, has left. */
static bool is_undone(struct su_diags *diags, const char *id, struct su_core_update *update)
{
	SU_CLEANUP_FREE char *path = su_format(SU_CORE_SYSFS "/updates/%s/state", id);

	if (!su_file_exists(path) || su_core_read(diags, id, update))
		return false;
	if (!strcmp(update->state, "undone"))
		return true;
	su_core_update_fini(update);
	return false;
}

/* Return: 0 or a positive errno. */
static int update_load(struct su_diags *diags, const char *id, const char *file, const char *options)
{
	struct su_core_update left;
	int error;

	if (!is_undone(diags, id, &left))
		return module_load(file, options);
	/* or another one that stays holds it */
	if (left.stays || module_unload(left.module))
		error = switch_write(id, "apply", options);
	else
		error = module_load(file, options);
	su_core_update_fini(&left);
	return error;
}

int su_core_apply(struct su_diags *diags, const char *file, const char *options, char **id)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int error, ret = su_modinfo_read(diags, file, &info);
	const char *name;
	char last[4096];

	if (ret)
		return ret;
	name = su_modinfo_get(&info, "suture_id");
	if (!name)
		return su_fail(diags, SU_AT(UPDATE_FORMAT, .object = file), "this module is no update");
	ret = release_check(diags, &info, file);
	if (ret)
		return ret;
	error = update_load(diags, name, file, options);
	if (error) {
		last_error_read(last, sizeof(last));
		return su_core_complain(diags, error, last, file);
	}
	*id = su_strdup(name);
	return 0;
}

int su_core_undo(struct su_diags *diags, const char *id, const char *options)
{
	struct su_core_update update;
	int error, module_error, ret = su_core_read(diags, id, &update);
	char last[4096];

	if (ret)
		return ret;
	error = strcmp(update.state, "undone") ? switch_write(id, "undo", options) : 0;
	if (!error && update.stays) {
		su_report(diags, SU_NOTE, SU_AT(NOT_APPLIED, .object = id, .hint = "it can be applied again as it is"),
			  "the update is undone; its module stays in memory, as the kernel may have kept addresses in it");
	} else if (!error) {
		module_error = module_unload(update.module);
		if (module_error)
			su_report(diags, SU_WARNING, SU_AT(SYSTEM, .object = update.module, .hint = "rmmod it later"),
				  "the update is undone, but its module cannot be unloaded: %s", strerror(module_error));
	} else {
		last_error_read(last, sizeof(last));
		ret = su_core_complain(diags, error, last, id);
	}
	su_core_update_fini(&update);
	return ret;
}
