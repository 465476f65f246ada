// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds the overlay: real copies of the patched files and their folders, links for all the rest; applies the patch to the
 * copies; puts #line into them.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"
#include "overlay.h"
#include "tool.h"
#include "upward.h"

/* Below a deep folder all folders are real from which files include by way of "..": that has to lead to the patched file. */
enum place { PLACE_DIR = 1, PLACE_DEEP_DIR, PLACE_FILE };

struct overlay {
	struct su_diags *diags;
	const struct su_tree *tree;
	const struct su_plan *plan;
	const char *root;
	struct su_map places; /* path relative to the tree -> enum place: what is real */
	struct su_map upward; /* su_includes_upward()'s */
};

/* A file that is to be real, and with it the folders on the way; the one that holds it is deep. */
static void add_place(struct overlay *o, const char *path)
{
	SU_CLEANUP_FREE char *part = su_strdup(path);
	size_t kind = PLACE_DEEP_DIR;
	char *slash;

	*su_map_put(&o->places, part, NULL) = PLACE_FILE;
	while ((slash = strrchr(part, '/'))) {
		size_t *place;

		*slash = '\0';
		place = su_map_put(&o->places, part, NULL);
		if (*place < kind)
			*place = kind;
		kind = PLACE_DIR;
	}
}

static void add_dir(struct overlay *o, const char *path, size_t len)
{
	SU_CLEANUP_FREE char *absolute = su_format("/%.*s", (int)len, path);
	SU_CLEANUP_FREE char *clean = su_path_clean(absolute);
	char *slash;

	for (; *clean; *slash = '\0') {
		size_t *place = su_map_put(&o->places, clean + 1, NULL);

		if (!*place)
			*place = PLACE_DIR;
		slash = strrchr(clean, '/');
	}
}

/* Where a unit is named through ".." (arch/x86/kvm/../../../virt/kvm/x.o) the folders before it must be real as well. */
static void add_way(struct overlay *o, const char *object)
{
	const char *at = object;

	while ((at = strstr(at, "/../"))) {
		add_dir(o, object, (size_t)(at - object));
		at += 3;
	}
}

static int fail_write(const struct overlay *o, const char *path)
{
	return su_fail(o->diags, SU_AT(FILE_WRITE, .object = path), "cannot write: %s", strerror(errno));
}

static int build_dir(struct overlay *o, const char *dir, bool is_deep);

/* @path is relative to both trees; @is_deep: it lies below a deep folder. */
static int build_entry(struct overlay *o, const char *path, bool is_dir, bool is_deep)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", o->tree->source, path);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", o->root, path);
	const size_t *place = su_map_get(&o->places, path);
	bool is_real = place;
	int err = 0;

	if (place && *place == PLACE_FILE)
		return su_file_copy(o->diags, from, to);
	if (!is_real && is_dir && is_deep)
		err = su_includes_upward(o->diags, from, &o->upward, &is_real);
	if (!err && is_real)
		return build_dir(o, path, is_deep || *place == PLACE_DEEP_DIR);
	if (!err && symlink(from, to))
		err = fail_write(o, to);
	return err;
}

static int build_entries(struct overlay *o, DIR *listing, const char *dir, bool is_deep)
{
	const struct dirent *entry;
	int err = 0;

	while (!err && (entry = readdir(listing))) {
		SU_CLEANUP_FREE char *path = su_format("%s%s%s", dir, *dir ? "/" : "", entry->d_name);

		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			err = build_entry(o, path, entry->d_type == DT_DIR, is_deep);
	}
	return err;
}

static int build_dir(struct overlay *o, const char *dir, bool is_deep)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", o->tree->source, dir);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", o->root, dir);
	DIR *listing;
	int err;

	if (mkdir(to, 0777) && errno != EEXIST)
		return fail_write(o, to);
	listing = opendir(from);
	/* A folder that only the patch brings has nothing to link to. */
	if (!listing)
		return errno == ENOENT ?
			       0 :
			       su_fail(o->diags, SU_AT(FILE_READ, .object = from), "cannot list it: %s", strerror(errno));
	err = build_entries(o, listing, dir, is_deep);
	closedir(listing);
	return err;
}

static int check_sources(struct overlay *o)
{
	size_t i;

	for (i = 0; i < o->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &o->plan->patch.files.data[i];
		SU_CLEANUP_FREE char *path = file->old_path ? su_format("%s/%s", o->tree->source, file->old_path) : NULL;

		if (path && !su_file_exists(path))
			return su_fail(o->diags, SU_AT(PATCH_APPLY, .object = file->old_path),
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

static int apply_patch(struct overlay *o, const char *path)
{
	/* No fuzz: context that differs means another source. No questions, no backups, no rejects beside the files. */
	struct su_process process = {
		.argv = SU_ARGV("patch", "-p1", "-F0", "-f", "-N", "--no-backup-if-mismatch", "-r", "-", "-d", o->root,
				"-i", path),
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(o->diags, &process);

	if (!err && process.exit_code)
		err = su_tool_check_system(o->diags, o->root, &process);
	if (!err && process.exit_code) {
		SU_CLEANUP_FREE char *words = patch_words(&process);

		err = su_fail(o->diags,
			      SU_AT(PATCH_APPLY, .object = path,
				    .hint = "the patch has to fit this kernel's source without fuzz"),
			      "the patch does not apply:\n%s", words);
	}
	su_process_fini(&process);
	return err;
}

static int apply_patches(struct overlay *o, size_t nr)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = apply_patch(o, i < o->plan->base_nr ? o->plan->base_paths[i] : o->plan->patch_path);
	return err;
}

/* The changes between the two files, as diff -U0 sees them: it knows nothing of the patch's own offsets. */
static int find_changes(struct overlay *o, const char *from, const char *to, struct su_patch *changes)
{
	struct su_process process = {
		.argv = SU_ARGV("diff", "-U0", "--label", "a/x", "--label", "b/x", from, to),
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(o->diags, &process);

	if (!err && process.exit_code > 1)
		err = su_tool_check_system(o->diags, to, &process);
	if (!err && process.exit_code == 1)
		err = su_patch_parse(o->diags, to, process.out.data ? process.out.data : "", process.out.nr, changes);
	else if (!err && process.exit_code > 1)
		err = su_fail(o->diags, SU_AT(SYSTEM, .object = to), "diff failed: %s",
			      process.err.data ? process.err.data : "");
	su_process_fini(&process);
	return err;
}

static int keep_lines(struct overlay *o, const struct su_patch_file *file)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", o->tree->source, file->path);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", o->root, file->path);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	SU_CLEANUP_BUF struct su_buf kept = { 0 };
	struct su_patch changes = { 0 };
	int err = find_changes(o, from, to, &changes);

	if (!err)
		err = su_file_read(o->diags, to, &text);
	if (!err && changes.files.nr) {
		const struct su_patch_file *change = &changes.files.data[0];

		su_lines_keep(text.data, text.nr, change->hunks.data, change->hunks.nr, &kept);
		err = su_file_write(o->diags, to, kept.data, kept.nr);
	}
	su_patch_fini(&changes);
	return err;
}

static bool is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h") || !strcmp(dot, ".S"));
}

static int keep_all_lines(struct overlay *o)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < o->plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &o->plan->patch.files.data[i];

		if (file->kind == SU_PATCH_MODIFIED && is_source(file->path))
			err = keep_lines(o, file);
	}
	return err;
}

static int create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, size_t patch_nr,
		  const char *root, bool keeps_lines)
{
	struct overlay o = { .diags = diags, .tree = tree, .plan = plan, .root = root };
	size_t i;
	int err = check_sources(&o);

	for (i = 0; i < plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &plan->patch.files.data[i];

		/* A file that the patch creates is not there to be copied, but its folders must be real. */
		add_place(&o, file->path);
		if (file->old_path)
			add_place(&o, file->old_path);
	}
	/* Includes with ".." from the unit's own folder must not leave the overlay either. */
	for (i = 0; i < plan->units.nr; i++) {
		if (!su_map_get(&o.places, plan->units.data[i].source) && !plan->units.data[i].command->is_generated)
			add_place(&o, plan->units.data[i].source);
		add_way(&o, plan->units.data[i].object);
	}
	if (!err)
		err = build_dir(&o, "", false);
	if (!err)
		err = apply_patches(&o, patch_nr);
	if (!err && keeps_lines)
		err = keep_all_lines(&o);
	su_map_fini(&o.places);
	su_map_fini(&o.upward);
	return err;
}

int su_overlay_create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, size_t patch_nr,
		      const char *root)
{
	return create(diags, tree, plan, patch_nr, root, true);
}

int su_overlay_create_plain(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
			    size_t patch_nr, const char *root)
{
	return create(diags, tree, plan, patch_nr, root, false);
}

char *su_overlay_path(const struct su_tree *tree, const char *scratch, size_t patch_nr)
{
	return patch_nr ? su_format("%s/overlay-%zu", scratch, patch_nr) : su_strdup(tree->source);
}
