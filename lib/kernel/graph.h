/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to lib/kernel: who includes whom, found in the text of the unpatched tree. Conditions are followed on both sides
 * unless the configuration decides them, so a unit may seem to include more than it does, never less.
 */
#ifndef SU_KERNEL_GRAPH_H
#define SU_KERNEL_GRAPH_H

#include "cfile.h"
#include "tree.h"

struct su_graph_edge {
	uint32_t target; /* a file; 0: not found without the unit's own folders */
	struct su_include include;
};

struct su_graph_file {
	const char *path; /* relative to the source, or absolute below the objects folder */
	bool is_header;	  /* a .h: cut into constructs. Other files are taken as the text of who includes them */
	bool is_read;
	bool has_paste;	    /* "##" stands in a file that is no header */
	struct su_buf text; /* of headers; of others only while they are read */
	struct su_cfile c;  /* of headers */
	SU_VEC(struct su_graph_edge) edges;
	struct su_name_list defines; /* macros that a file that is no header defines */
};

struct su_graph_unit {
	const struct su_command *command;
	uint32_t file;
	uint32_t dirs;		     /* index in the graph's folder lists */
	struct su_name_list forced;  /* files of -include */
	struct su_name_list defines; /* names of -D */
};

struct su_graph_dirs {
	const char *key;
	SU_VEC(const char *) dirs; /* absolute */
	bool is_standard;	   /* begins with the graph's standard folders */
};

/* A macro whose value is an #include's path. */
struct su_graph_path {
	uint32_t macro;
	struct su_include include;
};

struct su_graph {
	const struct su_tree *tree;
	struct su_arena arena;
	struct su_names names;
	struct su_cfacts facts;
	struct su_map index;		    /* path -> file */
	SU_VEC(struct su_graph_file) files; /* number 0 is none */
	SU_VEC(struct su_graph_unit) units;
	SU_VEC(struct su_graph_dirs) dirs;
	struct su_map dirs_index;
	struct su_map resolved;	      /* "dirs name" -> file */
	struct su_name_list standard; /* [name]: file among the standard folders + 1; 0: not looked up */
	SU_VEC(struct su_graph_path) paths;
	SU_VEC(bool) is_defined; /* [name]: some header defines the macro, not only where it is defined already */
	const char *standard_dirs[8];
	size_t standard_nr;
	/* of the walk in progress */
	SU_VEC(uint32_t) stamps; /* [file] */
	uint32_t stamp;
};

/* A walk over what one unit includes. */
struct su_graph_walk {
	bool only_certain;		   /* only through #includes that no condition is around */
	uint32_t skip_from, skip_name;	   /* an edge that is left out; 0: none */
	const struct su_name_list *closed; /* files that are taken for seen already; NULL: none */
	struct su_name_list files;	   /* result, the unit's own file first */
	bool is_opaque;			   /* result: an #include cannot be followed */
};

/**
 * su_graph_create - read the units and all that they include
 * Units that are neither in vmlinux nor in a module are left out.
 * Return: 0; FILE_READ where the configuration's header cannot be read. Files that are missing are passed over.
 */
int su_graph_create(struct su_diags *diags, const struct su_tree *tree, struct su_graph *graph) SU_MUST_CHECK;
void su_graph_fini(struct su_graph *graph);

/* The file of a path relative to the source; 0: no unit's text leads to it. */
uint32_t su_graph_file(const struct su_graph *graph, const char *path);
/* What @unit includes. The lists of @walk may be used again. */
void su_graph_walk(struct su_graph *graph, const struct su_graph_unit *unit, struct su_graph_walk *walk);
/* The files that an #include written in @from may mean for @unit, where the unit is not known (NULL) the standard folders'. */
uint32_t su_graph_resolve(struct su_graph *graph, uint32_t from, const struct su_include *include,
			  const struct su_graph_unit *unit);
/* The text of a file, from memory or from the disk into @buf. */
int su_graph_text(struct su_graph *graph, uint32_t file, struct su_buf *buf, const char **text, size_t *sz) SU_MUST_CHECK;

#endif
