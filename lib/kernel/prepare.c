// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes a prepared tree: configure, compare the configuration, make what units need to be compiled, put the
 * headers of the kernel's own build in place, write the compile database and the recipe of the link. The tree is made under its final name, since
 * Kbuild writes absolute paths into it.
 */
#include <stdio.h>
#include <string.h>

#include "generated.h"
#include "kbuild.h"
#include "prepare.h"
#include "recipe.h"
#include "tool.h"

struct making {
	struct su_diags *diags;
	const struct su_tree_request *req;
	const struct su_inputs *inputs;
	const char *dir;
	char *objects, *pahole;
	struct su_kbuild kbuild;
};

static int configure(struct making *m)
{
	SU_CLEANUP_FREE char *path = su_format("%s/.config", m->objects);
	struct su_config have = { 0 };
	int err = su_file_copy(m->diags, m->inputs->config, path);

	if (!err)
		err = su_kbuild_write_pahole(m->diags, m->pahole, &m->inputs->wanted);
	if (!err)
		err = su_kbuild_make(m->diags, &m->kbuild, SU_ARGV("olddefconfig"));
	if (!err)
		err = su_config_read(m->diags, path, &have);
	if (err)
		return err;
	err = su_config_compare(m->diags, &m->inputs->wanted, &have);
	su_config_fini(&have);
	return err;
}

/*
 * The kernel's own build has its host, user and version in these. They reach code (the boot banner, the vermagic), so
 * ours must be the same.
 */
static int copy_generated(struct making *m)
{
	static const char *const names[] = { "utsrelease.h", "compile.h", "package.h", "utsversion.h" };
	size_t i;
	int err = 0;

	for (i = 0; !err && m->inputs->generated && i < SU_ARRAY_SIZE(names); i++) {
		SU_CLEANUP_FREE char *from = su_format("%s/%s", m->inputs->generated, names[i]);
		SU_CLEANUP_FREE char *to = su_format("%s/include/generated/%s", m->objects, names[i]);

		if (su_file_exists(from))
			err = su_file_copy(m->diags, from, to);
	}
	return err;
}

static int copy_symvers(struct making *m)
{
	SU_CLEANUP_FREE char *to = su_format("%s/Module.symvers", m->objects);

	return m->inputs->symvers ? su_file_copy(m->diags, m->inputs->symvers, to) : 0;
}

static int write_database(struct making *m, const struct su_buf *dryrun)
{
	SU_CLEANUP_FREE char *path = su_format("%s/database", m->dir);
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	int err = su_dryrun_parse(m->diags, dryrun->data, dryrun->nr, m->inputs->source, m->kbuild.compiler, &text);

	return err ? err : su_file_write(m->diags, path, text.data, text.nr);
}

/* All that Kbuild's commands tell: how units are compiled, and what they need that is made on the way. */
static int use_commands(struct making *m)
{
	SU_CLEANUP_BUF struct su_buf dryrun = { 0 };
	int err;

	su_progress_step(m->req->progress, "asking Kbuild for all its commands");
	err = su_kbuild_dryrun(m->diags, &m->kbuild, &dryrun);
	if (!err)
		err = write_database(m, &dryrun);
	if (err)
		return err;
	su_progress_step(m->req->progress, "making generated sources");
	return su_generated_make(m->diags, dryrun.data, dryrun.nr, m->objects);
}

/* KERNELRELEASE does not reach this file, from which modules take their vermagic's release. */
static int write_release(struct making *m)
{
	SU_CLEANUP_FREE char *path = su_format("%s/include/config/kernel.release", m->objects);
	SU_CLEANUP_FREE char *text = NULL;

	if (!m->inputs->release)
		return 0;
	text = su_format("%s\n", m->inputs->release);
	return su_file_write(m->diags, path, text, strlen(text));
}

static int record_recipe(struct making *m)
{
	SU_CLEANUP_FREE char *work = su_format("%s/link", m->dir);
	struct su_recipe recipe = { .objects = m->objects, .compiler = m->kbuild.compiler, .dir = m->dir };
	int err;

	su_progress_step(m->req->progress, "recording how a module is linked");
	err = su_recipe_record(m->diags, &recipe, work);
	return err ? err : su_dir_remove(m->diags, work);
}

static int make_parts(struct making *m)
{
	const struct su_progress *progress = m->req->progress;
	int err = su_dir_make(m->diags, m->objects);

	if (err)
		return err;
	su_progress_step(progress, "configuring");
	err = configure(m);
	if (err)
		return err;
	su_progress_step(progress, "preparing");
	err = su_kbuild_make(m->diags, &m->kbuild, SU_ARGV("prepare", "modules_prepare"));
	if (!err)
		err = copy_symvers(m);
	if (err)
		return err;
	err = use_commands(m);
	/* Last: make would take foreign files for outdated and write its own. */
	if (!err)
		err = write_release(m);
	if (!err)
		err = copy_generated(m);
	return err ? err : record_recipe(m);
}

int su_tree_make(struct su_diags *diags, const struct su_tree_request *req, const struct su_inputs *inputs,
		 const char *dir)
{
	SU_CLEANUP_FREE char *mark = su_format("%s/complete", dir);
	SU_CLEANUP_FREE char *objects = su_format("%s/objects", dir);
	SU_CLEANUP_FREE char *pahole = su_format("%s/pahole", dir);
	struct making m = {
		.diags = diags, .req = req, .inputs = inputs, .dir = dir, .objects = objects, .pahole = pahole,
		.kbuild = {
			.source = inputs->source, .objects = objects, .compiler = inputs->compiler.command,
			.release = inputs->release, .pahole = pahole, .jobs = req->jobs,
		},
	};
	int err = su_dir_remove(diags, dir);

	if (!err)
		err = make_parts(&m);
	return err ? err : su_file_write(diags, mark, "", 0);
}
