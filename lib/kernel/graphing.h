/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to graph*.c. */
#ifndef SU_KERNEL_GRAPHING_H
#define SU_KERNEL_GRAPHING_H

#include "graph.h"

/* graph.c */
const char *su_graph_known_path(const struct su_graph *graph, const char *path);
char *su_graph_absolute_path(const struct su_graph *graph, const char *path);
uint32_t su_graph_add_file(struct su_graph *graph, const char *path);
uint32_t su_graph_find_in(struct su_graph *graph, const char *dir, const char *name);
/* graph_read.c */
void su_graph_read_file(struct su_graph *graph, uint32_t file);
/* graph_resolve.c */
uint32_t su_graph_find_standard(struct su_graph *graph, uint32_t name);
uint32_t su_graph_find_beside(struct su_graph *graph, uint32_t from, uint32_t name);
uint32_t su_graph_find_in_dirs(struct su_graph *graph, uint32_t dirs, uint32_t name);
/* graph_units.c */
const char *su_graph_dir_path(struct su_graph *graph, const char *dir);
void su_graph_add_unit(struct su_graph *graph, const struct su_command *command);

#endif
