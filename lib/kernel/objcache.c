// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cache of objects. A manifest holds several blocks, the newest first: a post object has another one for
 * each patch. In a manifest a path below the source tree begins with "=/"; others are relative to the objects folder.
 *
 * What the cache cannot see is a new file that would be found earlier on the include path than an old one.
 */
#include <stdio.h>
#include <string.h>

#include "depfile.h"
#include "lib/base/str.h"
#include "objcache.h"

#define MANIFEST_HEAD "suture-manifest 1\n"
#define BLOCKS_MAX 16

void su_objcache_init(struct su_diags *diags, const struct su_tree *tree, struct su_objcache *cache)
{
	*cache = (struct su_objcache){ .diags = diags, .tree = tree, .dir = su_format("%s/objects", tree->cache) };
}

void su_objcache_fini(struct su_objcache *cache)
{
	free(cache->dir);
	su_map_fini(&cache->index);
	su_vec_fini(&cache->hashes);
}

static char *file_path(const struct su_objcache *cache, const char hex[65], const char *suffix)
{
	return su_format("%s/%.2s/%s.%s", cache->dir, hex, hex, suffix);
}

/* The hash of a file as it is now; of a file that cannot be read, a hash that nothing else has. */
static const struct su_hash *hash_file(struct su_objcache *cache, const char *path)
{
	int is_new;
	size_t *slot = su_map_put(&cache->index, path, &is_new);

	if (is_new) {
		struct su_diags *ignored = su_diags_create();
		struct su_hash hash = { { 0 } };

		if (su_hash_file(ignored, path, &hash))
			memset(&hash, 0, sizeof(hash));
		su_diags_destroy(ignored);
		*slot = cache->hashes.nr;
		*su_vec_add(&cache->hashes) = hash;
	}
	return &cache->hashes.data[*slot];
}

/* Where a path of a manifest is in this run; heap. As text: by way of ".." a link would lead out of the root. */
static char *resolve(const struct su_objcache *cache, const char *root, const char *path)
{
	if (su_has_prefix(path, "=/")) {
		SU_CLEANUP_FREE char *clean = su_path_clean(path + 1);

		return su_format("%s%s", root, clean);
	}
	return *path == '/' ? su_strdup(path) : su_format("%s/%s", cache->tree->objects, path);
}

/* The other way: how a manifest names a path that the compiler has read. Heap. */
static char *normalise(const struct su_objcache *cache, const char *root, const char *path)
{
	const char *roots[] = { root, cache->tree->source };

	for (size_t i = 0; i < SU_ARRAY_SIZE(roots); i++) {
		const char *below = su_path_below(path, roots[i]);

		if (below)
			return su_format("=/%s", below);
	}
	return su_strdup(path);
}

static bool is_dep_same(struct su_objcache *cache, const char *root, const char *line)
{
	SU_CLEANUP_FREE char *path = NULL;
	char hex[65];

	if (strlen(line) < 66 || line[64] != ' ')
		return false;
	path = resolve(cache, root, line + 65);
	su_hash_hex(hash_file(cache, path), hex);
	return !memcmp(hex, line, 64);
}

/* Find the block all of whose files are the same now. @text is cut into lines. Return: the object's name, or NULL. */
static const char *find_block(struct su_objcache *cache, const char *root, char *text)
{
	const char *object = NULL;
	bool is_same = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (su_has_prefix(line, "object ")) {
			if (is_same)
				break;
			object = line + 7;
			is_same = true;
		} else if (*line && is_same) {
			is_same = is_dep_same(cache, root, line);
		}
	}
	return is_same ? object : NULL;
}

bool su_objcache_get(struct su_objcache *cache, const struct su_hash *key, const char *root, const char *object)
{
	/* Whatever is wrong with the cache only means that the object has to be compiled. */
	struct su_diags *ignored = su_diags_create();
	SU_CLEANUP_FREE char *manifest = NULL;
	SU_CLEANUP_FREE char *kept = NULL;
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	const char *name = NULL;
	bool found = false;
	char hex[65];

	su_hash_hex(key, hex);
	manifest = file_path(cache, hex, "manifest");
	if (!su_file_read(ignored, manifest, &text) && text.nr > sizeof(MANIFEST_HEAD) &&
	    !memcmp(text.data, MANIFEST_HEAD, sizeof(MANIFEST_HEAD) - 1))
		name = find_block(cache, root, text.data + sizeof(MANIFEST_HEAD) - 1);
	if (name && strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64) {
		kept = file_path(cache, name, "o");
		found = !su_file_copy(ignored, kept, object);
	}
	su_diags_destroy(ignored);
	return found;
}

/* The block's lines, and the hash that names the object: of the command and of all that it read. */
static void make_block(struct su_objcache *cache, const struct su_hash *key, const char *root,
		       const struct su_depfile *deps, struct su_buf *lines, struct su_hash *name)
{
	struct su_hasher *h = su_hasher_create();
	size_t i;

	su_hasher_add(h, key->bytes, sizeof(key->bytes));
	for (i = 0; i < deps->paths.nr; i++) {
		SU_CLEANUP_FREE char *in_manifest = normalise(cache, root, deps->paths.data[i]);
		SU_CLEANUP_FREE char *now = resolve(cache, root, in_manifest);
		const struct su_hash *hash = hash_file(cache, now);
		char hex[65];

		su_hash_hex(hash, hex);
		su_buf_format(lines, "%s %s\n", hex, in_manifest);
		su_hasher_add_string(h, in_manifest);
		su_hasher_add(h, hash->bytes, sizeof(hash->bytes));
	}
	su_hasher_finish(h, name);
}

/* The blocks of the manifest that is there, but the oldest where there are too many. */
static void add_old_blocks(const char *manifest, struct su_buf *text)
{
	struct su_diags *ignored = su_diags_create();
	SU_CLEANUP_BUF struct su_buf old = { 0 };
	const char *at, *end;
	size_t nr = 1;

	if (!su_file_read(ignored, manifest, &old) && old.nr > sizeof(MANIFEST_HEAD) - 1) {
		at = old.data + sizeof(MANIFEST_HEAD) - 1;
		for (end = at; end && *end && nr < BLOCKS_MAX; nr++) {
			end = strstr(end + 1, "\nobject ");
			if (end)
				end++;
		}
		if (end && *end)
			su_buf_add(text, at, (size_t)(end - at));
		else
			su_buf_puts(text, at);
	}
	su_diags_destroy(ignored);
}

static int write_block(struct su_objcache *cache, const char *manifest, const char *name, const struct su_buf *lines)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	su_buf_format(&text, MANIFEST_HEAD "object %s\n", name);
	su_buf_add(&text, lines->data, lines->nr);
	add_old_blocks(manifest, &text);
	return su_file_write(cache->diags, manifest, text.data, text.nr);
}

static int make_parent(struct su_objcache *cache, const char *path)
{
	SU_CLEANUP_FREE char *dir = su_format("%.*s", (int)(strrchr(path, '/') - path), path);

	return su_dir_make(cache->diags, dir);
}

int su_objcache_put(struct su_objcache *cache, const struct su_hash *key, const char *root, const char *deps,
		    const char *object)
{
	SU_CLEANUP_FREE char *manifest = NULL;
	SU_CLEANUP_FREE char *kept = NULL;
	SU_CLEANUP_BUF struct su_buf lines = { 0 };
	struct su_depfile list = { 0 };
	struct su_hash name;
	char hex[65];
	int err = su_depfile_read(cache->diags, deps, &list);

	if (err)
		return err;
	make_block(cache, key, root, &list, &lines, &name);
	su_depfile_fini(&list);
	su_hash_hex(key, hex);
	manifest = file_path(cache, hex, "manifest");
	su_hash_hex(&name, hex);
	kept = file_path(cache, hex, "o");
	err = make_parent(cache, kept);
	if (!err)
		err = make_parent(cache, manifest);
	/* The object first: a manifest never names one that is not there. */
	if (!err)
		err = su_file_copy(cache->diags, object, kept);
	return err ? err : write_block(cache, manifest, hex, &lines);
}
