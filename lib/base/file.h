/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders: whole-file reads, atomic writes, temporary folders, paths, content hashes. */
#ifndef SU_BASE_FILE_H
#define SU_BASE_FILE_H

#include <stdbool.h>

#include "diag.h"
#include "mem.h"

/* Read a whole file; @buf is replaced. FILE_READ on failure. */
int su_file_read(struct su_diags *diags, const char *path, struct su_buf *buf) SU_MUST_CHECK;
/* Write through a temporary file in the same folder and a rename: the file is whole or not there. FILE_WRITE. */
int su_file_write(struct su_diags *diags, const char *path, const void *data, size_t sz) SU_MUST_CHECK;
int su_file_copy(struct su_diags *diags, const char *from, const char *to) SU_MUST_CHECK;
bool su_file_exists(const char *path);
int su_dir_make(struct su_diags *diags, const char *path) SU_MUST_CHECK; /* like mkdir -p */
int su_dir_remove(struct su_diags *diags, const char *path); /* like rm -rf; a path that is not there is no error */
/* A new folder below @parent, whose name begins with @prefix. *path is on the heap. */
int su_dir_temp(struct su_diags *diags, const char *parent, const char *prefix, char **path) SU_MUST_CHECK;
char *su_path_absolute(const char *path); /* heap; symbolic links resolved where the file exists */
/* Take "." and ".." out of an absolute path, as text: symbolic links do not matter. Heap. */
char *su_path_clean(const char *path);

/* SHA-256. */
struct su_hash {
	unsigned char bytes[32];
};
struct su_hasher;
struct su_hasher *su_hasher_create(void);
void su_hasher_add(struct su_hasher *h, const void *data, size_t sz);
void su_hasher_add_string(struct su_hasher *h, const char *s);	  /* its NUL included, so that "ab","c" != "a","bc" */
void su_hasher_finish(struct su_hasher *h, struct su_hash *hash); /* frees @h */
void su_hash_hex(const struct su_hash *hash, char hex[65]);
int su_hash_file(struct su_diags *diags, const char *path, struct su_hash *hash) SU_MUST_CHECK;

#endif
