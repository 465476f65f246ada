// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds the overlay: real copies of the patched files and their folders, links for all the rest. Whoever compiles in it and is led out of it by a ".." has the folders on that way made real too.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "depfile.h"
#include "lib/base/str.h"
#include "overlay.h"
#include "overlay_patch.h"
#include "plan.h"

/* What is needed while it is built. */
struct building {
	struct su_diags *diags;
	const struct su_plan *plan;
	struct su_overlay *overlay;
};

/* ---- folders ---- */

static int fail_write(struct su_diags *diags, const char *path)
{
	return su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot write: %s", strerror(errno));
}

static int link_entries(struct su_diags *diags, DIR *listing, const char *from, const char *to)
{
	const struct dirent *entry;
	int err = 0;

	while (!err && (entry = readdir(listing))) {
		SU_CLEANUP_FREE char *target = su_format("%s/%s", from, entry->d_name);
		SU_CLEANUP_FREE char *link = su_format("%s/%s", to, entry->d_name);

		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && symlink(target, link))
			err = fail_write(diags, link);
	}
	return err;
}

static int fill_dir(struct su_diags *diags, const char *from, const char *to)
{
	DIR *listing = opendir(from);
	int err;

	/* A folder that only the patch brings has nothing to link to. */
	if (!listing)
		return errno == ENOENT ?
			       0 :
			       su_fail(diags, SU_AT(FILE_READ, .object = from), "cannot list it: %s", strerror(errno));
	err = link_entries(diags, listing, from, to);
	closedir(listing);
	return err;
}

/* @dir, relative to the tree and without "..", and those above it become folders of the overlay's own. */
static int make_real(struct su_diags *diags, struct su_overlay *o, const char *dir)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", o->tree->source, dir);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", o->root, dir);
	const char *slash = strrchr(dir, '/');
	SU_CLEANUP_FREE char *parent = su_format("%.*s", slash ? (int)(slash - dir) : 0, dir);
	int err;

	if (su_map_get(&o->real, dir))
		return 0;
	err = *dir ? make_real(diags, o, parent) : 0;
	if (!err && *dir && unlink(to) && errno != ENOENT)
		err = fail_write(diags, to);
	if (!err && mkdir(to, 0777))
		err = fail_write(diags, to);
	if (!err)
		err = fill_dir(diags, from, to);
	if (!err)
		su_map_put(&o->real, dir, NULL);
	return err;
}

/* The folder that holds @path. */
static int make_parent(struct su_diags *diags, struct su_overlay *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	SU_CLEANUP_FREE char *dir = su_format("%.*s", slash ? (int)(slash - path) : 0, path);

	return make_real(diags, o, dir);
}

/* Where a path goes up (arch/x86/kvm/../../../virt/kvm/x.o) the folders before that must be real, so that it stays inside. */
static int make_way(struct su_diags *diags, struct su_overlay *o, const char *path)
{
	const char *at = path;
	int err = 0;

	while (!err && (at = strstr(at, "/../"))) {
		SU_CLEANUP_FREE char *absolute = su_format("/%.*s", (int)(at - path), path);
		SU_CLEANUP_FREE char *clean = su_path_clean(absolute);

		err = make_real(diags, o, clean + (*clean == '/'));
		at += 3;
	}
	return err;
}

int su_overlay_take(struct su_diags *diags, struct su_overlay *overlay, const struct su_command *command)
{
	int err = command->is_generated ? 0 : make_parent(diags, overlay, command->source);

	return err ? err : make_way(diags, overlay, command->object);
}

/* ---- ways out ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Is @path, as the compiler wrote it, the unpatched file of one that is patched? */
static bool is_unpatched(const struct su_overlay *o, const struct su_patch *patch, const char *path)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < patch->files.nr; i++) {
		const char *patched = patch->files.data[i].path, *below;

		if (*path != '/' || strcmp(base_name(path), base_name(patched)))
			continue;
		below = realpath(path, real) ? su_path_below(real, o->tree->source) : NULL;
		if (below && !strcmp(below, patched))
			return true;
	}
	return false;
}

/* The unpatched files that a dependency file names. Without one the compiler has read nothing. */
static void find_unpatched(const struct su_overlay *o, const struct su_patch *patch, const char *deps,
			   struct su_depfile *found)
{
	struct su_diags *ignored = su_diags_create();
	struct su_depfile all = { 0 };

	*found = (struct su_depfile){ 0 };
	if (!su_depfile_read(ignored, deps, &all))
		for (size_t i = 0; i < all.paths.nr; i++)
			if (is_unpatched(o, patch, all.paths.data[i]))
				*su_vec_add(&found->paths) = su_arena_strdup(&found->arena, all.paths.data[i]);
	su_depfile_fini(&all);
	su_diags_destroy(ignored);
}

bool su_overlay_is_left(const struct su_overlay *overlay, const struct su_patch *patch, const char *deps)
{
	struct su_depfile unpatched;
	bool is_left;

	find_unpatched(overlay, patch, deps, &unpatched);
	is_left = unpatched.paths.nr;
	su_depfile_fini(&unpatched);
	return is_left;
}

int su_overlay_follow(struct su_diags *diags, struct su_overlay *overlay, const struct su_patch *patch,
		      const char *deps, bool *is_new)
{
	size_t before = overlay->real.nr;
	struct su_depfile unpatched;
	int err = 0;

	find_unpatched(overlay, patch, deps, &unpatched);
	for (size_t i = 0; !err && i < unpatched.paths.nr; i++) {
		const char *below = su_path_below(unpatched.paths.data[i], overlay->root);

		err = below ? make_way(diags, overlay, below) : 0;
	}
	su_depfile_fini(&unpatched);
	*is_new = overlay->real.nr > before;
	return err;
}

/* ---- the patch ---- */

static int check_sources(struct building *b)
{
	size_t i;

	for (i = 0; i < b->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &b->plan->patch.files.data[i];
		SU_CLEANUP_FREE char *path = file->old_path ?
						     su_format("%s/%s", b->overlay->tree->source, file->old_path) :
						     NULL;

		if (path && !su_file_exists(path))
			return su_fail(b->diags, SU_AT(PATCH_APPLY, .object = file->old_path),
				       "the patch changes a file that this source does not have");
	}
	return 0;
}

/* A file that the patch creates is not there to be copied. */
static int copy_file(struct building *b, const char *path)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", b->overlay->tree->source, path);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", b->overlay->root, path);
	int err = make_parent(b->diags, b->overlay, path);

	return err || !su_file_exists(from) ? err : su_file_copy(b->diags, from, to);
}

static int copy_files(struct building *b)
{
	int err = 0;

	for (size_t i = 0; !err && i < b->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &b->plan->patch.files.data[i];

		err = copy_file(b, file->path);
		if (!err && file->old_path)
			err = copy_file(b, file->old_path);
	}
	return err;
}

static int create(struct building *b, size_t patch_nr, bool keeps_lines)
{
	int err = check_sources(b);

	if (!err)
		err = make_real(b->diags, b->overlay, "");
	if (!err)
		err = copy_files(b);
	if (!err)
		err = su_overlay_patch(b->diags, b->overlay, b->plan, patch_nr);
	if (!err && keeps_lines)
		err = su_overlay_keep_lines(b->diags, b->overlay, b->plan);
	return err;
}

int su_overlay_create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, size_t patch_nr,
		      const char *root, bool keeps_lines, struct su_overlay *overlay)
{
	struct su_overlay made = { .tree = tree, .root = su_strdup(root) };
	struct building b = { .diags = diags, .plan = plan, .overlay = &made };
	int err = create(&b, patch_nr, keeps_lines);

	if (err)
		su_overlay_fini(&made);
	else
		*overlay = made;
	return err;
}

void su_overlay_fini(struct su_overlay *overlay)
{
	free(overlay->root);
	su_map_fini(&overlay->real);
	*overlay = (struct su_overlay){ 0 };
}
