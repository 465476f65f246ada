/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core in the running kernel: load it, have it apply and undo updates, read their state. Uses only what insmod and
 * a shell could use too: module loading and /sys/kernel/suture (docs/abi.md).
 */
#ifndef SU_LIVE_CORE_H
#define SU_LIVE_CORE_H

#include <stdbool.h>

#include "lib/base/diag.h"
#include "lib/base/mem.h"

#define SU_CORE_SYSFS "/sys/kernel/suture"

struct su_core_function {
	const char *name;
	const char *target;
	const char *unit;
	unsigned int size; /* of the replaced code */
};

struct su_core_target {
	const char *name;
	const char *presence; /* present, absent */
	const char *state;    /* applied, waiting, unpatched */
};

/* An update in the running kernel. Strings live in @arena. */
struct su_core_update {
	struct su_arena arena;
	const char *id;
	const char *state;	   /* linked, applied, superseded, undone */
	const char *superseded_by; /* ID, or "" */
	const char *module;
	bool stays; /* in memory for good, also when undone */
	struct su_core_target *targets;
	size_t target_nr;
	struct su_core_function *functions;
	size_t function_nr;
	unsigned long long pause_ns;
	unsigned int tries;
	const char **blockers; /* lines; empty without privilege */
	size_t blocker_nr;
};

/**
 * su_core_load - have the core in the kernel
 * @file: suture.ko; NULL: leave it to modprobe, or take the one that was built next to our program
 * Return: 0, also where it is loaded already; NO_CORE; KERNEL_REFUSED.
 */
int su_core_load(struct su_diags *diags, const char *file) SU_MUST_CHECK;
bool su_core_is_loaded(void);

/* Path of a suture.ko for @release that was built or installed here (SUTURE_CORE, build folder, modules); heap or NULL. */
char *su_core_find(const char *release);

/**
 * su_core_apply - load an update, whose loading is its application
 * @file: the update
 * @options: for this switch: "timeout_ms=N max_pause_us=N replace=1" (docs/abi.md), or ""
 * @id: the update's ID; heap; written only on success
 * Return: 0; KERNEL_OTHER, KERNEL_REFUSED, APPLIED, or what the core says (docs/abi.md).
 */
int su_core_apply(struct su_diags *diags, const char *file, const char *options, char **id) SU_MUST_CHECK;

/**
 * su_core_undo - undo an update and unload it
 * @id: of an update in the kernel
 * @options: as for su_core_apply(), but no replace
 * One that stays in memory for good is left there, which is told as a note.
 * Return: 0; NOT_APPLIED; or what the core says. An update that is undone but cannot be unloaded yet is a warning.
 */
int su_core_undo(struct su_diags *diags, const char *id, const char *options) SU_MUST_CHECK;

/* The IDs of all updates in the kernel, in alphabetical order; strings in @arena. None where there is no core. */
int su_core_list(struct su_diags *diags, struct su_arena *arena, const char ***ids, size_t *nr) SU_MUST_CHECK;

/**
 * su_core_read - read an update's state
 * @id: of an update in the kernel
 * @update: written only on success; su_core_update_fini() frees it
 * Return: 0 or NOT_APPLIED.
 */
int su_core_read(struct su_diags *diags, const char *id, struct su_core_update *update) SU_MUST_CHECK;
void su_core_update_fini(struct su_core_update *update);

/**
 * su_core_complain - turn the failure of a module load or of a sysfs write into a diagnostic
 * @error: positive errno
 * @last: content of last_error, may be ""
 * @object: the update's file or ID
 * Return: the negated status.
 */
int su_core_complain(struct su_diags *diags, int error, const char *last, const char *object);

#endif
