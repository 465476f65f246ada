/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prepared kernel tree: source and config of one kernel, everything generated that compiling a unit needs, and the
 * compile database. Lives in the cache, keyed by content; what comes after (plan, compile) only reads it.
 */
#ifndef SU_KERNEL_TREE_H
#define SU_KERNEL_TREE_H

#include "cache.h"
#include "database.h"
#include "debian.h"

struct su_tree_request {
	const char *release; /* a Debian kernel; or, with source, the name of the kernel's release (may be NULL) */
	const char *source;  /* a kernel source tree, never written to; NULL: that of release, from the archive */
	const char *config;  /* with source: the kernel's .config */
	const char *symvers; /* with source: its Module.symvers; may be NULL */
	const char *cc;	     /* how to call the kernel's compiler, "ccache gcc-12"; NULL: by its name */
	const char *cache;   /* the cache folder */
	unsigned int jobs;   /* 0: one per CPU */
	const struct su_progress *progress; /* may be NULL */
};

struct su_tree {
	char *dir;		    /* its folder in the cache */
	char *source;		    /* the source tree, absolute */
	char *objects;		    /* the prepared O= folder */
	char *release;		    /* the kernel's release, as in UTS_RELEASE */
	char *symvers;		    /* Module.symvers in objects; NULL where the request had none */
	char *compiler;		    /* "gcc-12", as the database's commands begin */
	char *cc;		    /* what to begin them with instead; NULL: nothing else */
	char *compiler_version;	    /* what the compiler says to --version */
	char *cache;		    /* the cache folder */
	unsigned int jobs;	    /* processes side by side; 0: one per CPU */
	struct su_hash key;	    /* names the folder; differs between machines, so never put it into an update */
	struct su_hash source_hash; /* of what was built from, the same wherever the source lies */
	struct su_hash config_hash;
	struct su_database db;
};

/**
 * su_tree_prepare - have a prepared tree in the cache, made now or earlier
 * Two runs at once are safe: the second waits and takes what the first has made. A run that was killed leaves a folder
 * without its mark of completion, which the next one makes anew.
 * Return: 0, USAGE, COMPILER, CONFIG_CHANGED, PREPARE, PACKAGE, TOOL_MISSING, FILE_*.
 */
int su_tree_prepare(struct su_diags *diags, const struct su_tree_request *req, struct su_tree *tree) SU_MUST_CHECK;
/* Only takes a tree that is there: NOT_PREPARED otherwise. Fetches and makes nothing. */
int su_tree_open(struct su_diags *diags, const struct su_tree_request *req, struct su_tree *tree) SU_MUST_CHECK;
void su_tree_fini(struct su_tree *tree);

#endif
