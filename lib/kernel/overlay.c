// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds the overlay: real copies of the patched files and their folders, links for all the rest; applies the patch to the
 * copies; puts #line into them. Whoever compiles in it and is led out of it by a ".." has the folders on that way made real too.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "depfile.h"
#include "lib/base/str.h"
#include "lines.h"
#include "overlay.h"
#include "plan.h"
#include "tool.h"

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

/* What patch(1) says, the lines about single hunks that failed first. */
static char *patch_words(const struct su_process *process)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	if (process->out.nr)
		su_buf_add(&text, process->out.data, process->out.nr);
	if (process->err.nr)
		su_buf_add(&text, process->err.data, process->err.nr);
	return su_tool_tail(&text, 20);
}

static int apply_patch(struct building *b, const char *path)
{
	/* No fuzz: context that differs means another source. No questions, no backups, no rejects beside the files. */
	struct su_process process = {
		.argv = SU_ARGV("patch", "-p1", "-F0", "-f", "-N", "--no-backup-if-mismatch", "-r", "-", "-d",
				b->overlay->root, "-i", path),
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(b->diags, &process);

	if (!err && process.exit_code)
		err = su_tool_check_system(b->diags, b->overlay->root, &process);
	if (!err && process.exit_code) {
		SU_CLEANUP_FREE char *words = patch_words(&process);

		err = su_fail(b->diags,
			      SU_AT(PATCH_APPLY, .object = path,
				    .hint = "the patch has to fit this kernel's source without fuzz"),
			      "the patch does not apply:\n%s", words);
	}
	su_process_fini(&process);
	return err;
}

static int apply_patches(struct building *b, size_t nr)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = apply_patch(b, i < b->plan->base_nr ? b->plan->base_paths[i] : b->plan->patch_path);
	return err;
}

/* The changes between the two files, as diff -U0 sees them: it knows nothing of the patch's own offsets. */
static int find_changes(struct building *b, const char *from, const char *to, struct su_patch *changes)
{
	struct su_process process = {
		.argv = SU_ARGV("diff", "-U0", "--label", "a/x", "--label", "b/x", from, to),
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(b->diags, &process);

	if (!err && process.exit_code > 1)
		err = su_tool_check_system(b->diags, to, &process);
	if (!err && process.exit_code == 1)
		err = su_patch_parse(b->diags, to, process.out.data ? process.out.data : "", process.out.nr, changes);
	else if (!err && process.exit_code > 1)
		err = su_fail(b->diags, SU_AT(SYSTEM, .object = to), "diff failed: %s",
			      process.err.data ? process.err.data : "");
	su_process_fini(&process);
	return err;
}

static int keep_lines(struct building *b, const struct su_patch_file *file)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", b->overlay->tree->source, file->path);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", b->overlay->root, file->path);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	SU_CLEANUP_BUF struct su_buf kept = { 0 };
	struct su_patch changes = { 0 };
	int err = find_changes(b, from, to, &changes);

	if (!err)
		err = su_file_read(b->diags, to, &text);
	if (!err && changes.files.nr) {
		const struct su_patch_file *change = &changes.files.data[0];

		su_lines_keep(text.data, text.nr, change->hunks.data, change->hunks.nr, &kept);
		err = su_file_write(b->diags, to, kept.data, kept.nr);
	}
	su_patch_fini(&changes);
	return err;
}

static bool is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h") || !strcmp(dot, ".S"));
}

static int keep_all_lines(struct building *b)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < b->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &b->plan->patch.files.data[i];

		if (file->kind == SU_PATCH_MODIFIED && is_source(file->path))
			err = keep_lines(b, file);
	}
	return err;
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
		err = apply_patches(b, patch_nr);
	if (!err && keeps_lines)
		err = keep_all_lines(b);
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
