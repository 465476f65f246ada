// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples the kernel stacks of all tasks, as /proc shows them to root. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockers.h"

#define NAME_MAX_SZ 512
#define COLD ".cold"

/* How many bytes the linker may have put behind a function: kallsyms takes them for the function's. */
#define PADDING_MAX 64

/* ---- what is watched ---- */

void su_watch_add_module(struct su_watch *watch, const char *module)
{
	*su_vec_add(&watch->code) = (struct su_watched){ .module = module };
}

void su_watch_add_update(struct su_watch *watch, const struct su_update_file *file)
{
	const struct su_update *u = &file->update;

	for (uint32_t i = 0; i < u->header->functions.nr; i++) {
		const struct su_function *f = &u->functions[i];
		const struct su_unit *unit = &u->units[u->sections[f->section].unit];
		const char *target = su_update_string(u, u->targets[unit->target].name);

		*su_vec_add(&watch->code) = (struct su_watched){
			.name = su_update_string(u, f->name),
			.module = strcmp(target, SU_VMLINUX) ? target : NULL,
			.size = f->size,
		};
	}
}

void su_watch_fini(struct su_watch *watch)
{
	su_vec_fini(&watch->code);
}

/* A line of a stack file, taken apart. */
struct frame {
	char name[NAME_MAX_SZ];
	char module[64]; /* "" for vmlinux */
	unsigned long off, size;
};

static bool frame_parse(const char *line, struct frame *f)
{
	f->module[0] = '\0';
	return sscanf(line, "[<%*[^>]>] %511[^+ ]+0x%lx/0x%lx [%63[^] ]", f->name, &f->off, &f->size, f->module) >= 3;
}

/* The size tells functions of one name apart; the part of a function that is rarely run has a symbol of its own. */
static bool is_function(const struct su_watched *code, const struct frame *f)
{
	size_t len = strlen(code->name);

	if (strncmp(f->name, code->name, len) != 0)
		return false;
	if (!strncmp(f->name + len, COLD, sizeof(COLD) - 1))
		return true;
	return !f->name[len] && f->size >= code->size && f->size - code->size <= PADDING_MAX;
}

static bool is_watched(const struct su_watch *watch, const struct frame *f)
{
	for (size_t i = 0; i < watch->code.nr; i++) {
		const struct su_watched *code = &watch->code.data[i];

		if (!strcmp(f->module, code->module ? code->module : "") && (!code->name || is_function(code, f)))
			return true;
	}
	return false;
}

bool su_watch_sees(const struct su_watch *watch, const char *line, char **place)
{
	struct frame f;

	if (!frame_parse(line, &f) || !is_watched(watch, &f))
		return false;
	*place = su_format("%s+0x%lx", f.name, f.off);
	return true;
}

/* ---- /proc ---- */

static char *comm_read(const char *pid, const char *tid)
{
	SU_CLEANUP_FREE char *path = su_format("/proc/%s/task/%s/comm", pid, tid);
	char text[64] = "?";
	FILE *f = fopen(path, "re");

	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return su_strdup(text);
}

static void add_sighting(struct su_sightings *seen, const char *pid, const char *tid, char *place)
{
	SU_CLEANUP_FREE char *key = su_format("%s %s", tid, place);
	int is_new;
	size_t *slot = su_map_put(&seen->index, key, &is_new);

	if (is_new) {
		*slot = seen->list.nr;
		*su_vec_add(&seen->list) = (struct su_sighting){
			.comm = comm_read(pid, tid),
			.place = su_strdup(place),
			.tid = atoi(tid),
		};
	}
	seen->list.data[*slot].samples++;
}

/* Return: may we read the stack? One of a task that has gone is no refusal. */
static bool look_at_task(const struct su_watch *watch, struct su_sightings *seen, const char *pid, const char *tid)
{
	SU_CLEANUP_FREE char *path = su_format("/proc/%s/task/%s/stack", pid, tid);
	FILE *f = fopen(path, "re");
	bool is_found = false, is_refused = !f && errno == EACCES;
	char line[1024];

	while (f && !is_found && fgets(line, sizeof(line), f)) {
		char *place = NULL;

		is_found = su_watch_sees(watch, line, &place);
		if (is_found)
			add_sighting(seen, pid, tid, place);
		free(place);
	}
	/* without the privilege it can be opened, but not read */
	if (f && ferror(f))
		is_refused = errno == EPERM || errno == EACCES;
	if (f)
		fclose(f);
	return !is_refused;
}

static bool look_at_process(const struct su_watch *watch, struct su_sightings *seen, const char *pid)
{
	SU_CLEANUP_FREE char *path = su_format("/proc/%s/task", pid);
	DIR *d = opendir(path);
	struct dirent *e;
	bool is_allowed = true;

	while (d && is_allowed && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]))
			is_allowed = look_at_task(watch, seen, pid, e->d_name);
	if (d)
		closedir(d);
	return is_allowed;
}

int su_blockers_sample(struct su_diags *diags, const struct su_watch *watch, struct su_sightings *seen)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool is_allowed = d != NULL;

	while (is_allowed && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]))
			is_allowed = look_at_process(watch, seen, e->d_name);
	if (d)
		closedir(d);
	if (is_allowed)
		return 0;
	return su_fail(diags, SU_AT(KERNEL_REFUSED, .object = "/proc", .hint = "be root"),
		       "the stacks of other tasks cannot be read");
}

static int compare_sightings(const void *a, const void *b)
{
	const struct su_sighting *x = a, *y = b;

	if (x->samples != y->samples)
		return x->samples < y->samples ? 1 : -1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return strcmp(x->place, y->place);
}

void su_sightings_sort(struct su_sightings *seen)
{
	if (seen->list.nr)
		qsort(seen->list.data, seen->list.nr, sizeof(*seen->list.data), compare_sightings);
	/* the order that the index knew has gone */
	su_map_fini(&seen->index);
}

void su_sightings_fini(struct su_sightings *seen)
{
	for (size_t i = 0; i < seen->list.nr; i++) {
		free(seen->list.data[i].comm);
		free(seen->list.data[i].place);
	}
	su_vec_fini(&seen->list);
	su_map_fini(&seen->index);
}
