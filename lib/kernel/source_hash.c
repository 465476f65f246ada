// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The content hash of a source tree, as far as preparing it reads it: makefiles and Kconfig files anywhere, all of
 * include/, scripts/, tools/ and arch/x86/, and the few units that asm-offsets and their like are compiled from. A
 * change to a driver's .c file must not cost a preparation; such a file is hashed with the objects made from it.
 */
#include <errno.h>
#include <fts.h>
#include <string.h>

#include "inputs.h"
#include "lib/base/str.h"

static const char *const whole_dirs[] = { "include/", "scripts/", "tools/", "arch/x86/", "rust/" };
static const char *const name_prefixes[] = { "Makefile", "Kbuild", "Kconfig" };
static const char *const single_files[] = { "kernel/bounds.c", "init/version.c", "usr/gen_init_cpio.c", "localversion",
					    "certs/extract-cert.c" };
/* Large, and of no use to preparation. */
static const char *const skipped_dirs[] = { "Documentation", ".git", "LICENSES" };

/* @path: relative to the source tree; @name: its last part. */
static bool is_read_by_prepare(const char *path, const char *name)
{
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(whole_dirs); i++)
		if (su_has_prefix(path, whole_dirs[i]))
			return true;
	for (i = 0; i < SU_ARRAY_SIZE(name_prefixes); i++)
		if (su_has_prefix(name, name_prefixes[i]))
			return true;
	for (i = 0; i < SU_ARRAY_SIZE(single_files); i++)
		if (!strcmp(path, single_files[i]))
			return true;
	return false;
}

static bool is_skipped(const FTSENT *entry)
{
	size_t i;

	for (i = 0; entry->fts_level == 1 && i < SU_ARRAY_SIZE(skipped_dirs); i++)
		if (!strcmp(entry->fts_name, skipped_dirs[i]))
			return true;
	return false;
}

static int hash_entry(struct su_diags *diags, struct su_hasher *h, const FTSENT *entry, const char *path)
{
	struct su_hash hash;
	int err;

	if (entry->fts_info != FTS_F || !is_read_by_prepare(path, entry->fts_name))
		return 0;
	err = su_hash_file(diags, entry->fts_accpath, &hash);
	if (err)
		return err;
	su_hasher_add_string(h, path);
	su_hasher_add(h, hash.bytes, sizeof(hash.bytes));
	return 0;
}

static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int su_source_hash(struct su_diags *diags, const char *source, struct su_hash *hash)
{
	SU_CLEANUP_FREE char *root = su_strdup(source);
	char *const roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare_names);
	struct su_hasher *h = su_hasher_create();
	size_t root_len = strlen(source);
	const FTSENT *entry;
	int err = 0;

	while (!err && fts && (entry = fts_read(fts))) {
		if (is_skipped(entry))
			fts_set(fts, (FTSENT *)(uintptr_t)entry, FTS_SKIP);
		else if (entry->fts_pathlen > root_len)
			err = hash_entry(diags, h, entry, entry->fts_path + root_len + 1);
	}
	if (!err && (!fts || errno))
		err = su_fail(diags, SU_AT(FILE_READ, .object = source), "cannot list the source tree: %s",
			      strerror(errno));
	if (fts)
		fts_close(fts);
	su_hasher_finish(h, hash);
	return err;
}
