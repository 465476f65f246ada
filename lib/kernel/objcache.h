/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: objects compiled before, by content. Under the hash of a command lies a manifest: which
 * files, with which content, it read, and which object came out. Files are known by content only, never by time.
 */
#ifndef SU_KERNEL_OBJCACHE_H
#define SU_KERNEL_OBJCACHE_H

#include "lib/base/file.h"
#include "tree.h"

struct su_objcache {
	struct su_diags *diags;
	const struct su_tree *tree;
	char *dir;
	struct su_map index; /* path -> index in hashes: each file is read once a run */
	SU_VEC(struct su_hash) hashes;
};

void su_objcache_init(struct su_diags *diags, const struct su_tree *tree, struct su_objcache *cache);
void su_objcache_fini(struct su_objcache *cache);

/**
 * su_objcache_get - fetch an object
 * @key: hash of the command, without paths of this run
 * @root: what stands for the source tree in this compilation: the source itself, or an overlay
 * @object: where to put it
 * Return: whether it was there.
 */
bool su_objcache_get(struct su_objcache *cache, const struct su_hash *key, const char *root,
		     const char *object) SU_MUST_CHECK;
/* Keep @object, which was made from the files that the dependency file @deps names. */
int su_objcache_put(struct su_objcache *cache, const struct su_hash *key, const char *root, const char *deps,
		    const char *object) SU_MUST_CHECK;

#endif
