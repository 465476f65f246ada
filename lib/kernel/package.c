// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fetches Debian packages without installing them: apt-get download into a folder of its own, then a rename into
 * cache/downloads, so that a file there is whole and was checked by apt.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "package.h"
#include "tool.h"

#define UPDATE_HINT "run 'apt-get update'; the release may also have left the configured sources (deb lines for it)"

void su_package_fini(struct su_package *package)
{
	free(package->path);
	free(package->version);
	*package = (struct su_package){ 0 };
}

/* The last in order of names of the files NAME_VERSION_ARCH.deb in @dir; heap, or NULL. */
static char *find_file(const char *dir, const char *name, const char *version)
{
	SU_CLEANUP_FREE char *pattern = su_format("%s/%s_%s_*.deb", dir, name, version ? version : "*");
	glob_t found = { 0 };
	char *path = NULL;

	if (!glob(pattern, 0, NULL, &found) && found.gl_pathc)
		path = su_strdup(found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return path;
}

/* Run apt-get in a folder of its own and take what it brings. */
static int download(struct su_diags *diags, const char *dir, const char *name, const char *version)
{
	SU_CLEANUP_FREE char *wanted = version ? su_format("%s=%s", name, version) : su_strdup(name);
	SU_CLEANUP_FREE char *temp = NULL;
	SU_CLEANUP_FREE char *got = NULL;
	SU_CLEANUP_FREE char *to = NULL;
	int err = su_dir_temp(diags, dir, "fetch", &temp);

	if (err)
		return err;
	err = su_tool_run(diags, SU_ARGV("apt-get", "-q", "download", wanted), temp, NULL,
			  SU_AT(PACKAGE, .object = wanted, .hint = UPDATE_HINT), "the package cannot be fetched");
	got = err ? NULL : find_file(temp, name, NULL);
	if (!err && !got)
		err = su_fail(diags, SU_AT(PACKAGE, .object = wanted, .hint = UPDATE_HINT), "apt-get fetched nothing");
	if (got) {
		to = su_format("%s/%s", dir, strrchr(got, '/') + 1);
		if (rename(got, to))
			err = su_fail(diags, SU_AT(FILE_WRITE, .object = to), "cannot move it here: %s", strerror(errno));
	}
	/* The download's own error, if there is one, is what matters. */
	if (su_dir_remove(diags, temp) && !err)
		err = -SU_SYSTEM;
	return err;
}

static int read_version(struct su_diags *diags, const char *path, char **version)
{
	SU_CLEANUP_BUF struct su_buf out = { 0 };
	int err = su_tool_run(diags, SU_ARGV("dpkg-deb", "-f", path, "Version"), NULL, &out,
			      SU_AT(PACKAGE, .object = path, .hint = "remove the file to fetch it again"),
			      "the package cannot be read");

	if (!err)
		*version = su_format("%.*s", out.data ? (int)strcspn(out.data, "\n") : 0, out.data ? out.data : "");
	return err;
}

int su_package_fetch(struct su_diags *diags, const char *cache, const char *name, const char *version,
		     const struct su_progress *progress, struct su_package *package)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/downloads", cache);
	char *path = find_file(dir, name, version);
	int err = 0;

	if (!path) {
		err = su_dir_make(diags, dir);
		if (!err) {
			su_progress_step(progress, "fetching %s%s%s", name, version ? " " : "", version ? version : "");
			err = download(diags, dir, name, version);
		}
		path = err ? NULL : find_file(dir, name, version);
		if (!err && !path)
			err = su_fail(diags, SU_AT(PACKAGE, .object = name, .hint = UPDATE_HINT),
				      "apt-get fetched another version than %s", version ? version : "expected");
	}
	if (!err)
		err = read_version(diags, path, &package->version);
	if (err)
		free(path);
	else
		package->path = path;
	return err;
}

int su_package_unpack(struct su_diags *diags, const struct su_package *package, const char *dir)
{
	return su_tool_run(diags, SU_ARGV("dpkg-deb", "-x", package->path, dir), NULL, NULL,
			   SU_AT(PACKAGE, .object = package->path, .hint = "remove the file to fetch it again"),
			   "the package cannot be unpacked");
}
