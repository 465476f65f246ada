// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Featuresets of Debian's kernel: the rt flavours are built from the common source and a second series of patches, which no
 * binary package has. It is taken from the source package's debian folder. Most machines have no deb-src lines, and
 * suture does not change their configuration: apt-get gets a state of its own below the cache.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "featureset.h"
#include "tool.h"

#define SOURCE_PACKAGE "linux"

const char *su_featureset(const char *release)
{
	return strstr(release, "-rt-") ? "rt" : NULL;
}

/* A line "deb-src ..." for each part of Debian's archive that binary packages are taken from. */
static int list_sources(struct su_diags *diags, const char *path)
{
	SU_CLEANUP_BUF struct su_buf lines = { 0 };
	int err =
		su_tool_run(diags,
			    SU_ARGV("apt-get", "indextargets", "--format", "deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)",
				    "Created-By: Packages", "Origin: Debian"),
			    NULL, &lines, SU_AT(PACKAGE, .object = SOURCE_PACKAGE), "apt-get does not say its sources");

	if (!err && !lines.nr)
		err = su_fail(diags, SU_AT(PACKAGE, .object = SOURCE_PACKAGE, .hint = "run 'apt-get update'"),
			      "apt-get knows no part of Debian's archive");
	return err ? err : su_file_write(diags, path, lines.data, lines.nr);
}

/* Fetch the source package's debian folder into @dir, which is ours alone. */
static int download(struct su_diags *diags, const char *dir, const char *version)
{
	SU_CLEANUP_FREE char *list = su_format("%s/sources.list", dir);
	SU_CLEANUP_FREE char *partial = su_format("%s/lists/partial", dir);
	SU_CLEANUP_FREE char *lists = su_format("Dir::State::lists=%s/lists", dir);
	SU_CLEANUP_FREE char *sources = su_format("Dir::Etc::sourcelist=%s", list);
	SU_CLEANUP_FREE char *cache = su_format("Dir::Cache=%s", dir);
	SU_CLEANUP_FREE char *wanted = su_format(SOURCE_PACKAGE "=%s", version);
	int err = su_dir_make(diags, partial);

	if (!err)
		err = list_sources(diags, list);
	if (!err)
		err = su_tool_run(diags,
				  SU_ARGV("apt-get", "-q", "-o", lists, "-o", sources, "-o", "Dir::Etc::sourceparts=-",
					  "-o", cache, "update"),
				  dir, NULL, SU_AT(PACKAGE, .object = wanted),
				  "the list of source packages cannot be fetched");
	if (!err)
		err = su_tool_run(diags,
				  SU_ARGV("apt-get", "-q", "-o", lists, "-o", sources, "-o", "Dir::Etc::sourceparts=-",
					  "-o", cache, "source", "--diff-only", "--download-only", wanted),
				  dir, NULL,
				  SU_AT(PACKAGE, .object = wanted,
					.hint = "the release may have left the configured sources"),
				  "the source package cannot be fetched");
	return err;
}

static int fetch(struct su_diags *diags, const char *version, const char *cache, const struct su_progress *progress,
		 const char *path)
{
	SU_CLEANUP_FREE char *downloads = su_format("%s/downloads", cache);
	SU_CLEANUP_FREE char *temp = NULL;
	SU_CLEANUP_FREE char *got = NULL;
	int err = su_dir_temp(diags, downloads, "fetch", &temp);

	if (err)
		return err;
	su_progress_step(progress, "fetching the source package " SOURCE_PACKAGE " %s", version);
	err = download(diags, temp, version);
	got = su_format("%s/%s", temp, strrchr(path, '/') + 1);
	if (!err && rename(got, path))
		err = su_fail(diags, SU_AT(PACKAGE, .object = got), "apt-get has not fetched it: %s", strerror(errno));
	/* The download's own error, if there is one, is what matters. */
	if (su_dir_remove(diags, temp) && !err)
		err = -SU_SYSTEM;
	return err;
}

/* Quilt's file of patches: one a line, comments begin with '#'. */
static int apply_series(struct su_diags *diags, const char *patches, const char *dir)
{
	SU_CLEANUP_FREE char *path = su_format("%s/series", patches);
	SU_CLEANUP_BUF struct su_buf series = { 0 };
	char *save = NULL;
	int err = su_file_read(diags, path, &series);

	for (char *line = err || !series.data ? NULL : strtok_r(series.data, "\n", &save); line && !err;
	     line = strtok_r(NULL, "\n", &save)) {
		SU_CLEANUP_FREE char *patch = su_format("%s/%.*s", patches, (int)strcspn(line, " \t"), line);

		if (*line == '#')
			continue;
		err = su_tool_run(diags,
				  SU_ARGV("patch", "-p1", "-s", "-f", "--no-backup-if-mismatch", "-d", dir, "-i", patch),
				  NULL, NULL, SU_AT(PREPARE, .object = line), "the featureset's patch does not apply");
	}
	return err;
}

int su_featureset_apply(struct su_diags *diags, const char *featureset, const char *version, const char *cache,
			const struct su_progress *progress, const char *dir)
{
	SU_CLEANUP_FREE char *archive = su_format("%s/downloads/" SOURCE_PACKAGE "_%s.debian.tar.xz", cache, version);
	SU_CLEANUP_FREE char *unpacked = su_format("%s.%s", dir, featureset);
	SU_CLEANUP_FREE char *patches = su_format("%s/debian/patches-%s", unpacked, featureset);
	int err = su_file_exists(archive) ? 0 : fetch(diags, version, cache, progress, archive);

	if (!err)
		err = su_dir_remove(diags, unpacked);
	if (!err)
		err = su_dir_make(diags, unpacked);
	if (!err)
		err = su_tool_run(diags, SU_ARGV("tar", "-xJf", archive, "-C", unpacked, "debian"), NULL, NULL,
				  SU_AT(PACKAGE, .object = archive, .hint = "remove the file to fetch it again"),
				  "the source package cannot be unpacked");
	if (!err)
		err = apply_series(diags, patches, dir);
	return err ? err : su_dir_remove(diags, unpacked);
}
