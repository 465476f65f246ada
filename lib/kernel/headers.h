/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which units a patch's headers can change. The tree's text is enough: no unit is compiled for it. What is found is a
 * superset, and compiling and comparing decides.
 */
#ifndef SU_KERNEL_HEADERS_H
#define SU_KERNEL_HEADERS_H

#include "reach.h"
#include "patch.h"

struct su_headers_post {
	struct su_buf text;
	struct su_cfile pre, post;
};

struct su_headers {
	struct su_graph graph;
	struct su_reach reach; /* .including, .units: indices into the graph's units */
	SU_VEC(struct su_headers_post) posts;
	SU_VEC(const char *) unused; /* paths of the patch that no unit of this kernel includes */
};

/**
 * su_headers_find - find the units that a patch's headers, and sources that others include, can change
 * @overlay: the patched tree
 * Units whose own source is patched are found only where a header leads to them too.
 * Return: 0; FILE_READ.
 */
int su_headers_find(struct su_diags *diags, const struct su_tree *tree, const struct su_patch *patch,
		    const char *overlay, struct su_headers *headers) SU_MUST_CHECK;
void su_headers_fini(struct su_headers *headers);

/* Does the file's name say that others include it? */
bool su_headers_is_header(const char *path);

#endif
