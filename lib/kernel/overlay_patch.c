// SPDX-License-Identifier: GPL-2.0-or-later
/* Applies patches to the real files of an overlay, and puts #line into them. */
#include <string.h>

#include "lines.h"
#include "overlay_patch.h"
#include "plan.h"
#include "tool.h"

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

static int apply_patch(struct su_diags *diags, const struct su_overlay *o, const char *path)
{
	/* No fuzz: context that differs means another source. No questions, no backups, no rejects beside the files. */
	struct su_process process = {
		.argv = SU_ARGV("patch", "-p1", "-F0", "-f", "-N", "--no-backup-if-mismatch", "-r", "-", "-d", o->root,
				"-i", path),
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(diags, &process);

	if (!err && process.exit_code)
		err = su_tool_check_system(diags, o->root, &process);
	if (!err && process.exit_code) {
		SU_CLEANUP_FREE char *words = patch_words(&process);

		err = su_fail(diags,
			      SU_AT(PATCH_APPLY, .object = path,
				    .hint = "the patch has to fit this kernel's source without fuzz"),
			      "the patch does not apply:\n%s", words);
	}
	su_process_fini(&process);
	return err;
}

int su_overlay_patch(struct su_diags *diags, const struct su_overlay *o, const struct su_plan *plan, size_t nr)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = apply_patch(diags, o, i < plan->base_nr ? plan->base_paths[i] : plan->patch_path);
	return err;
}

/* The changes between the two files, as diff -U0 sees them: it knows nothing of the patch's own offsets. */
static int find_changes(struct su_diags *diags, const char *from, const char *to, struct su_patch *changes)
{
	struct su_process process = {
		.argv = SU_ARGV("diff", "-U0", "--label", "a/x", "--label", "b/x", from, to),
		.env = SU_ARGV("LC_ALL=C"),
	};
	int err = su_process_run(diags, &process);

	if (!err && process.exit_code > 1)
		err = su_tool_check_system(diags, to, &process);
	if (!err && process.exit_code == 1)
		err = su_patch_parse(diags, to, process.out.data ? process.out.data : "", process.out.nr, changes);
	else if (!err && process.exit_code > 1)
		err = su_fail(diags, SU_AT(SYSTEM, .object = to), "diff failed: %s",
			      process.err.data ? process.err.data : "");
	su_process_fini(&process);
	return err;
}

static int keep_lines(struct su_diags *diags, const struct su_overlay *o, const struct su_patch_file *file)
{
	SU_CLEANUP_FREE char *from = su_format("%s/%s", o->tree->source, file->path);
	SU_CLEANUP_FREE char *to = su_format("%s/%s", o->root, file->path);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	SU_CLEANUP_BUF struct su_buf kept = { 0 };
	struct su_patch changes = { 0 };
	int err = find_changes(diags, from, to, &changes);

	if (!err)
		err = su_file_read(diags, to, &text);
	if (!err && changes.files.nr) {
		const struct su_patch_file *change = &changes.files.data[0];

		su_lines_keep(text.data, text.nr, change->hunks.data, change->hunks.nr, &kept);
		err = su_file_write(diags, to, kept.data, kept.nr);
	}
	su_patch_fini(&changes);
	return err;
}

static bool is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h") || !strcmp(dot, ".S"));
}

int su_overlay_keep_lines(struct su_diags *diags, const struct su_overlay *o, const struct su_plan *plan)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < plan->patch.files.nr; i++) {
		const struct su_patch_file *file = &plan->patch.files.data[i];

		if (file->kind == SU_PATCH_MODIFIED && is_source(file->path))
			err = keep_lines(diags, o, file);
	}
	return err;
}
