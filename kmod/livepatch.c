// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Live patches of the kernel's own kind. They take a function over at its fentry site, which lies before our JMP: of a
 * function that both replace only theirs would run, and nobody would know.
 */
#include <linux/livepatch.h>
#include <linux/mutex.h>

#include "compat.h"
#include "suture.h"

static bool has_function(struct klp_patch *patch, unsigned long entry)
{
	struct klp_object *object;
	struct klp_func *func;

	klp_for_each_object(patch, object) {
		klp_for_each_func(object, func) {
			if ((unsigned long)func->old_func == entry)
				return true;
		}
	}
	return false;
}

bool su_livepatch_has(unsigned long entry)
{
	struct klp_patch *patch;
	bool has = false;

	mutex_lock(su_klp_mutex());
	list_for_each_entry(patch, su_klp_patches(), list)
		has |= has_function(patch, entry);
	mutex_unlock(su_klp_mutex());
	return has;
}
