// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens a prepared tree, or has it made by prepare.c under a lock. The folder is complete exactly when it holds the file
 * "complete", which is written last.
 */
#include <stdio.h>
#include <string.h>

#include "inputs.h"
#include "prepare.h"

/* Raise it when prepared trees of an older suture lack something, or the shim changes. Compiled objects stay: they are known by content. */
#define TREE_FORMAT 5

void su_tree_fini(struct su_tree *tree)
{
	free(tree->dir);
	free(tree->source);
	free(tree->objects);
	free(tree->release);
	free(tree->symvers);
	free(tree->compiler);
	free(tree->cc);
	free(tree->compiler_version);
	free(tree->cache);
	su_database_fini(&tree->db);
	*tree = (struct su_tree){ 0 };
}

/* trees/RELEASE-KEY.FORMAT, or trees/local-KEY.FORMAT for a source that was not given a name. */
static char *tree_dir(const struct su_tree_request *req, const struct su_inputs *inputs)
{
	char hex[65];

	su_hash_hex(&inputs->key, hex);
	return su_format("%s/trees/%s-%.16s.%d", req->cache, inputs->release ? inputs->release : "local", hex,
			 TREE_FORMAT);
}

static bool is_complete(const char *dir)
{
	SU_CLEANUP_FREE char *mark = su_format("%s/complete", dir);

	return su_file_exists(mark);
}

static int read_release(struct su_diags *diags, const char *objects, char **release)
{
	SU_CLEANUP_FREE char *path = su_format("%s/include/config/kernel.release", objects);
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int err = su_file_read(diags, path, &buf);

	if (!err)
		*release = su_format("%.*s", buf.data ? (int)strcspn(buf.data, "\n") : 0, buf.data ? buf.data : "");
	return err;
}

static int load_tree(struct su_diags *diags, const struct su_tree_request *req, const struct su_inputs *inputs,
		     const char *dir, struct su_tree *tree)
{
	SU_CLEANUP_FREE char *database = su_format("%s/database", dir);
	struct su_tree made = {
		.dir = su_strdup(dir),
		.source = su_strdup(inputs->source),
		.objects = su_format("%s/objects", dir),
		.symvers = inputs->symvers ? su_format("%s/objects/Module.symvers", dir) : NULL,
		.compiler = su_strdup(inputs->compiler.command),
		.cc = req->cc ? su_strdup(req->cc) : NULL,
		.compiler_version = su_strdup(inputs->compiler.version),
		.cache = su_strdup(req->cache),
		.jobs = req->jobs,
		.key = inputs->key,
		.source_hash = inputs->source_hash,
		.config_hash = inputs->config_hash,
	};
	int err = su_database_read(diags, database, &made.db);

	if (!err)
		err = read_release(diags, made.objects, &made.release);
	if (err)
		su_tree_fini(&made);
	else
		*tree = made;
	return err;
}

/* Make the tree, unless somebody else has while we waited for the lock. */
static int make_tree(struct su_diags *diags, const struct su_tree_request *req, const struct su_inputs *inputs,
		     const char *dir)
{
	SU_CLEANUP_FREE char *trees = su_format("%s/trees", req->cache);
	SU_CLEANUP_FREE char *lock_path = su_format("%s.lock", dir);
	int lock, err = su_dir_make(diags, trees);

	if (!err)
		err = su_lock_take(diags, lock_path, req->progress, &lock);
	if (err)
		return err;
	if (!is_complete(dir))
		err = su_tree_make(diags, req, inputs, dir);
	su_lock_drop(lock);
	return err;
}

int su_tree_prepare(struct su_diags *diags, const struct su_tree_request *req, struct su_tree *tree)
{
	SU_CLEANUP_FREE char *dir = NULL;
	struct su_inputs inputs = { 0 };
	int err = su_inputs_find(diags, req, true, &inputs);

	if (err)
		return err;
	dir = tree_dir(req, &inputs);
	if (!is_complete(dir))
		err = make_tree(diags, req, &inputs, dir);
	if (!err)
		err = load_tree(diags, req, &inputs, dir, tree);
	su_inputs_fini(&inputs);
	return err;
}

int su_tree_open(struct su_diags *diags, const struct su_tree_request *req, struct su_tree *tree)
{
	SU_CLEANUP_FREE char *dir = NULL;
	struct su_inputs inputs = { 0 };
	int err = su_inputs_find(diags, req, false, &inputs);

	if (err)
		return err;
	dir = tree_dir(req, &inputs);
	if (is_complete(dir))
		err = load_tree(diags, req, &inputs, dir, tree);
	else
		err = su_fail(diags,
			      SU_AT(NOT_PREPARED, .object = inputs.release ? inputs.release : inputs.source,
				    .hint = "run 'suture prepare' first"),
			      "this kernel's tree is not prepared");
	su_inputs_fini(&inputs);
	return err;
}
