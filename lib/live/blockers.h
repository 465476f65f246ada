/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is in the code that a switch waits for? Looked up in /proc/PID/task/TID/stack, with nothing loaded into the kernel.
 * A sample says less than the core's own check: a task that runs is seen as it happens to be, idle tasks are not seen.
 */
#ifndef SU_LIVE_BLOCKERS_H
#define SU_LIVE_BLOCKERS_H

#include <stdbool.h>

#include "lib/base/diag.h"
#include "lib/base/mem.h"
#include "lib/live/update.h"

/* The code that is of interest. Strings are the caller's. */
struct su_watched {
	const char *name;   /* of a function; NULL: all code of the module */
	const char *module; /* as in /proc/modules; NULL: vmlinux */
	uint32_t size;	    /* of the function, padding not counted */
};

struct su_watch {
	SU_VEC(struct su_watched) code;
};

/* All functions that an update replaces. The strings are the update's. */
void su_watch_add_update(struct su_watch *watch, const struct su_update_file *file);
void su_watch_add_module(struct su_watch *watch, const char *module);
void su_watch_fini(struct su_watch *watch);

/* Is a line of a stack file, "[<0>] name+0x12/0x340 [module]", in that code? @place: heap, "name+0x12"; written if it is. */
bool su_watch_sees(const struct su_watch *watch, const char *line, char **place);

/* A task that was seen there. */
struct su_sighting {
	char *comm;
	char *place; /* function+offset, the innermost one */
	int tid;
	unsigned int samples; /* in so many it stood at this place */
};

struct su_sightings {
	struct su_map index;
	SU_VEC(struct su_sighting) list;
};

/**
 * su_blockers_sample - look at all stacks once and add what is seen
 * Return: 0; KERNEL_REFUSED without the privilege to read all stacks.
 */
int su_blockers_sample(struct su_diags *diags, const struct su_watch *watch, struct su_sightings *seen) SU_MUST_CHECK;
/* Those that were there most often first. */
void su_sightings_sort(struct su_sightings *seen);
void su_sightings_fini(struct su_sightings *seen);

#endif
