// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds what a tree is to be prepared from, in the archive's packages or in the user's folders, and computes its key. */
#include <string.h>

#include "featureset.h"
#include "inputs.h"
#include "kbuild.h"
#include "supported.h"

/* Part of the key: raise it when objects compiled by an older suture from the same inputs can no longer be used. */
#define INPUTS_FORMAT "suture-tree 2"

void su_inputs_fini(struct su_inputs *inputs)
{
	free(inputs->source);
	free(inputs->config);
	free(inputs->symvers);
	free(inputs->generated);
	free(inputs->release);
	su_config_fini(&inputs->wanted);
	su_compiler_fini(&inputs->compiler);
}

/* A package's content is known by its name and version: apt has checked both. */
static void hash_package_source(const struct su_release *image, struct su_hash *hash)
{
	const char *featureset = su_featureset(image->release);
	struct su_hasher *h = su_hasher_create();

	su_hasher_add_string(h, "debian");
	su_hasher_add_string(h, image->version);
	if (featureset)
		su_hasher_add_string(h, featureset);
	su_hasher_finish(h, hash);
}

static int find_packages(struct su_diags *diags, const struct su_tree_request *req, bool may_fetch,
			 struct su_inputs *inputs)
{
	SU_CLEANUP_FREE char *headers = NULL;
	struct su_release image = { 0 };
	int err;

	if (may_fetch)
		err = su_release_prepare(diags, req->release, req->cache, req->progress, &image);
	else
		err = su_release_open(diags, req->release, req->cache, &image);
	if (!err)
		err = su_headers_prepare(diags, &image, req->cache, may_fetch, req->progress, &headers);
	if (!err)
		err = su_source_prepare(diags, &image, req->cache, may_fetch, req->progress, &inputs->source);
	if (!err) {
		inputs->config = su_strdup(image.config);
		inputs->symvers = su_format("%s/Module.symvers", headers);
		inputs->generated = su_format("%s/generated", headers);
		inputs->release = su_strdup(req->release);
		hash_package_source(&image, &inputs->source_hash);
	}
	su_release_fini(&image);
	return err;
}

static int find_folders(struct su_diags *diags, const struct su_tree_request *req, struct su_inputs *inputs)
{
	int err;

	if (!req->config)
		return su_fail(diags,
			       SU_AT(USAGE, .object = "--source",
				     .hint = "for the running kernel it is /boot/config-$(uname -r)"),
			       "a source tree needs --config, the kernel's own configuration");
	inputs->source = su_path_absolute(req->source);
	inputs->config = su_path_absolute(req->config);
	inputs->symvers = req->symvers ? su_path_absolute(req->symvers) : NULL;
	inputs->release = req->release ? su_strdup(req->release) : NULL;
	err = su_kbuild_check_source(diags, inputs->source);
	if (err)
		return err;
	su_progress_step(req->progress, "reading %s", inputs->source);
	return su_source_hash(diags, inputs->source, &inputs->source_hash);
}

static int hash_inputs(struct su_diags *diags, struct su_inputs *inputs)
{
	struct su_hash symvers = { { 0 } };
	struct su_hasher *h;
	int err = su_hash_file(diags, inputs->config, &inputs->config_hash);

	if (!err && inputs->symvers)
		err = su_hash_file(diags, inputs->symvers, &symvers);
	if (err)
		return err;
	h = su_hasher_create();
	su_hasher_add_string(h, INPUTS_FORMAT);
	su_hasher_add_string(h, inputs->release ? inputs->release : "");
	/* The O= folder's makefile and the database name the source by its path. */
	su_hasher_add_string(h, inputs->source);
	su_hasher_add(h, inputs->source_hash.bytes, sizeof(inputs->source_hash.bytes));
	su_hasher_add(h, inputs->config_hash.bytes, sizeof(inputs->config_hash.bytes));
	su_hasher_add(h, symvers.bytes, sizeof(symvers.bytes));
	su_hasher_add_string(h, inputs->compiler.version);
	su_hasher_finish(h, &inputs->key);
	return 0;
}

int su_inputs_find(struct su_diags *diags, const struct su_tree_request *req, bool may_fetch, struct su_inputs *inputs)
{
	struct su_inputs found = { 0 };
	int err;

	if (req->source)
		err = find_folders(diags, req, &found);
	else if (req->release)
		err = find_packages(diags, req, may_fetch, &found);
	else
		err = su_fail(diags, SU_AT(USAGE), "neither a release nor a source tree is given");
	if (!err)
		err = su_config_read(diags, found.config, &found.wanted);
	if (!err)
		err = su_config_check(diags, &found.wanted);
	if (!err)
		err = su_compiler_find(diags, &found.wanted, req->cc, &found.compiler);
	if (!err)
		err = hash_inputs(diags, &found);
	if (err)
		su_inputs_fini(&found);
	else
		*inputs = found;
	return err;
}
