// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which packages make up a Debian kernel and where their parts go in the cache. Fetching is left to package.c. Every
 * unpacked folder is made beside its place and renamed when whole: a run that is killed leaves nothing half done.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "debian.h"
#include "featureset.h"
#include "package.h"
#include "tool.h"

/* Where a part of a package goes. %s is the release. From 7.x on images keep all but modules below usr/lib/modules. */
struct part {
	const char *from[3]; /* candidates, the first that is there is taken */
	const char *to;
};

static const struct part image_parts[] = {
	{ { "boot/vmlinuz-%s", "usr/lib/modules/%s/vmlinuz", "lib/modules/%s/vmlinuz" }, "vmlinuz" },
	{ { "boot/config-%s", "usr/lib/modules/%s/config", "lib/modules/%s/config" }, "config" },
	{ { "lib/modules/%s", "usr/lib/modules/%s", NULL }, "modules" },
};

static const struct part header_parts[] = {
	{ { "usr/src/linux-headers-%s/Module.symvers", NULL, NULL }, "Module.symvers" },
	{ { "usr/src/linux-headers-%s/include/generated", NULL, NULL }, "generated" },
};

/* A release becomes part of paths and package names. */
static bool is_release(const char *release)
{
	const char *p = release;

	while (isalnum((unsigned char)*p) || (*p && strchr(".-+~_", *p)))
		p++;
	return !*p && isdigit((unsigned char)*release) && strlen(release) < 100;
}

/* Return 0 where the part was moved, 1 where the package does not have it. */
static int move_part(struct su_diags *diags, const struct part *part, const char *release, const char *unpacked,
		     const char *to_dir)
{
	SU_CLEANUP_FREE char *to = su_format("%s/%s", to_dir, part->to);
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(part->from) && part->from[i]; i++) {
		SU_CLEANUP_FREE char *from = NULL;
		const char *hole = strstr(part->from[i], "%s");

		from = su_format("%s/%.*s%s%s", unpacked, (int)(hole - part->from[i]), part->from[i], release, hole + 2);
		if (!su_file_exists(from))
			continue;
		if (rename(from, to))
			return su_fail(diags, SU_AT(FILE_WRITE, .object = to), "cannot move it here: %s",
				       strerror(errno));
		return 0;
	}
	return 1;
}

/* Unpack @package beside @dir, keep its @parts and the version, and put the whole in place. */
static int unpack_parts(struct su_diags *diags, const struct su_package *package, const struct part *parts,
			size_t part_nr, const char *release, const char *dir)
{
	SU_CLEANUP_FREE char *made = su_format("%s.new", dir);
	SU_CLEANUP_FREE char *unpacked = su_format("%s.new/package", dir);
	SU_CLEANUP_FREE char *version = su_format("%s.new/version", dir);
	size_t i;
	int err = su_dir_remove(diags, made);

	if (!err)
		err = su_dir_make(diags, unpacked);
	if (!err)
		err = su_package_unpack(diags, package, unpacked);
	for (i = 0; !err && i < part_nr; i++) {
		err = move_part(diags, &parts[i], release, unpacked, made);
		if (err > 0)
			err = su_fail(diags, SU_AT(PACKAGE, .object = package->path), "the package has no %s",
				      parts[i].to);
	}
	if (!err)
		err = su_dir_remove(diags, unpacked);
	if (!err)
		err = su_file_write(diags, version, package->version, strlen(package->version));
	if (!err && rename(made, dir))
		err = su_fail(diags, SU_AT(FILE_WRITE, .object = dir), "cannot put the folder in place: %s",
			      strerror(errno));
	return err;
}

int su_release_open(struct su_diags *diags, const char *release, const char *cache, struct su_release *image)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/images/%s", cache, release);
	SU_CLEANUP_FREE char *version_path = su_format("%s/version", dir);
	SU_CLEANUP_BUF struct su_buf version = { 0 };
	int err;

	if (!is_release(release))
		return su_fail(diags, SU_AT(USAGE, .object = release), "this is not a kernel release");
	if (!su_file_exists(version_path))
		return su_fail(diags, SU_AT(NOT_PREPARED, .object = release, .hint = "run 'suture prepare' first"),
			       "the kernel image is not in the cache");
	err = su_file_read(diags, version_path, &version);
	if (err)
		return err;
	*image = (struct su_release){
		.release = su_strdup(release),
		.version = su_strdup(version.data ? version.data : ""),
		.vmlinuz = su_format("%s/vmlinuz", dir),
		.config = su_format("%s/config", dir),
		.modules = su_format("%s/modules", dir),
	};
	return 0;
}

void su_release_fini(struct su_release *image)
{
	free(image->release);
	free(image->version);
	free(image->vmlinuz);
	free(image->config);
	free(image->modules);
	*image = (struct su_release){ 0 };
}

static int fetch_image(struct su_diags *diags, const char *release, const char *cache, const char *dir,
		       const struct su_progress *progress)
{
	SU_CLEANUP_FREE char *name = su_format("linux-image-%s", release);
	struct su_package package = { 0 };
	int err = su_package_fetch(diags, cache, name, NULL, progress, &package);

	if (err)
		return err;
	su_progress_step(progress, "unpacking %s %s", name, package.version);
	err = unpack_parts(diags, &package, image_parts, SU_ARRAY_SIZE(image_parts), release, dir);
	su_package_fini(&package);
	return err;
}

int su_release_prepare(struct su_diags *diags, const char *release, const char *cache,
		       const struct su_progress *progress, struct su_release *image)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/images/%s", cache, release);
	SU_CLEANUP_FREE char *lock_path = su_format("%s/images.lock", cache);
	int lock, err;

	if (!is_release(release))
		return su_fail(diags, SU_AT(USAGE, .object = release), "this is not a kernel release");
	err = su_dir_make(diags, cache);
	if (!err)
		err = su_lock_take(diags, lock_path, progress, &lock);
	if (err)
		return err;
	if (!su_file_exists(dir))
		err = fetch_image(diags, release, cache, dir, progress);
	su_lock_drop(lock);
	return err ? err : su_release_open(diags, release, cache, image);
}

/* Have @dir filled by @fill under the lock of its @kind, or only look. */
static int have_folder(struct su_diags *diags, const struct su_release *image, const char *cache, bool may_fetch,
		       const struct su_progress *progress, const char *kind, const char *dir,
		       int (*fill)(struct su_diags *diags, const struct su_release *image, const char *cache,
				   const struct su_progress *progress, const char *dir))
{
	SU_CLEANUP_FREE char *lock_path = su_format("%s/%s.lock", cache, kind);
	int lock, err;

	if (su_file_exists(dir))
		return 0;
	if (!may_fetch)
		return su_fail(diags, SU_AT(NOT_PREPARED, .object = image->release, .hint = "run 'suture prepare' first"),
			       "the kernel's %s are not in the cache", kind);
	err = su_lock_take(diags, lock_path, progress, &lock);
	if (err)
		return err;
	if (!su_file_exists(dir))
		err = fill(diags, image, cache, progress, dir);
	su_lock_drop(lock);
	return err;
}

static int fill_headers(struct su_diags *diags, const struct su_release *image, const char *cache,
			const struct su_progress *progress, const char *dir)
{
	SU_CLEANUP_FREE char *name = su_format("linux-headers-%s", image->release);
	struct su_package package = { 0 };
	int err = su_package_fetch(diags, cache, name, image->version, progress, &package);

	if (err)
		return err;
	err = unpack_parts(diags, &package, header_parts, SU_ARRAY_SIZE(header_parts), image->release, dir);
	su_package_fini(&package);
	return err;
}

int su_headers_prepare(struct su_diags *diags, const struct su_release *image, const char *cache, bool may_fetch,
		       const struct su_progress *progress, char **dir)
{
	char *path = su_format("%s/headers/%s_%s", cache, image->release, image->version);
	int err = have_folder(diags, image, cache, may_fetch, progress, "headers", path, fill_headers);

	if (err)
		free(path);
	else
		*dir = path;
	return err;
}

/* "6.1" of "6.1.170-3": Debian names its source packages by the first two numbers. */
static char *version_series(const char *version)
{
	size_t len = strcspn(version, ".");

	len += version[len] ? 1 + strcspn(version + len + 1, ".-~+") : 0;
	return su_format("%.*s", (int)len, version);
}

static int unpack_source(struct su_diags *diags, const struct su_package *package, const char *series, const char *made)
{
	SU_CLEANUP_FREE char *tarball = su_format("%s/usr/src/linux-source-%s.tar.xz", made, series);
	int err = su_dir_remove(diags, made);

	if (!err)
		err = su_dir_make(diags, made);
	if (!err)
		err = su_package_unpack(diags, package, made);
	if (!err)
		err = su_tool_run(diags, SU_ARGV("tar", "-xJf", tarball, "-C", made), NULL, NULL,
				  SU_AT(PACKAGE, .object = package->path, .hint = "is xz-utils installed?"),
				  "the source cannot be unpacked");
	return err;
}

static int fill_source(struct su_diags *diags, const struct su_release *image, const char *cache,
		       const struct su_progress *progress, const char *dir)
{
	const char *featureset = su_featureset(image->release);
	SU_CLEANUP_FREE char *series = version_series(image->version);
	SU_CLEANUP_FREE char *name = su_format("linux-source-%s", series);
	SU_CLEANUP_FREE char *made = su_format("%s.new", dir);
	SU_CLEANUP_FREE char *tree = su_format("%s/linux-source-%s", made, series);
	struct su_package package = { 0 };
	int err = su_package_fetch(diags, cache, name, image->version, progress, &package);

	if (err)
		return err;
	su_progress_step(progress, "unpacking %s %s", name, image->version);
	err = unpack_source(diags, &package, series, made);
	if (!err && featureset)
		err = su_featureset_apply(diags, featureset, image->version, cache, progress, tree);
	if (!err && rename(tree, dir))
		err = su_fail(diags, SU_AT(FILE_WRITE, .object = dir), "cannot put the folder in place: %s",
			      strerror(errno));
	if (!err)
		err = su_dir_remove(diags, made);
	su_package_fini(&package);
	return err;
}

int su_source_prepare(struct su_diags *diags, const struct su_release *image, const char *cache, bool may_fetch,
		      const struct su_progress *progress, char **dir)
{
	const char *featureset = su_featureset(image->release);
	char *path = su_format("%s/sources/linux-%s%s%s", cache, image->version, featureset ? "-" : "",
			       featureset ? featureset : "");
	int err = have_folder(diags, image, cache, may_fetch, progress, "sources", path, fill_source);

	/* The compiler and we must have one name for it, also where a part of the cache is a symbolic link. */
	if (!err)
		*dir = su_path_absolute(path);
	free(path);
	return err;
}
