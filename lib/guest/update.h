/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core and updates in a guest: what lib/live does in the running kernel, done in a guest's. */
#ifndef SU_GUEST_UPDATE_H
#define SU_GUEST_UPDATE_H

#include "guest.h"

/* What the core in the guest says of an update after a switch. */
struct su_guest_update {
	char *id;
	char *functions; /* the core's lines, see docs/abi.md */
	unsigned int function_nr;
	unsigned long long pause_ns;
	unsigned int tries;
	bool stays;	/* undone, its module remains; for a caller to set where another update holds it */
	double seconds; /* the module load or the sysfs write took so long, as the host sees it */
};
void su_guest_update_fini(struct su_guest_update *update);
#define SU_CLEANUP_GUEST_UPDATE __attribute__((cleanup(su_guest_update_fini)))

/* Load the core from a file on the host. KERNEL_REFUSED, GUEST. */
int su_guest_core_load(struct su_diags *diags, struct su_guest *guest, const char *core) SU_MUST_CHECK;

/**
 * su_guest_apply - load an update from a file on the host; the core must be in the guest
 * @update: replaced, on success only
 * Return: 0; GUEST; or what the guest's kernel or core says, as su_core_apply() does.
 */
int su_guest_apply(struct su_diags *diags, struct su_guest *guest, const char *file,
		   struct su_guest_update *update) SU_MUST_CHECK;

/* Undo an update; @update (of su_guest_apply()) gets the numbers of this switch. The module is unloaded, unless it stays. */
int su_guest_undo(struct su_diags *diags, struct su_guest *guest, struct su_guest_update *update) SU_MUST_CHECK;

#endif
