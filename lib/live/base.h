/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Earlier updates in a kernel image, for one that was made on them: what the core makes of an update when it is applied,
 * but for the JMPs, through which a match would look anyway.
 */
#ifndef SU_LIVE_BASE_H
#define SU_LIVE_BASE_H

#include "lib/live/image.h"
#include "lib/live/update.h"

/**
 * su_base_add - apply an update to an image on disk, as it were
 * @match: of @file with @image, successful, and @image as it was then
 * Return: 0; IMAGE, FILE_READ or ELF where its module cannot be laid out; UPDATE_FORMAT where a field cannot be filled in.
 */
int su_base_add(struct su_diags *diags, struct su_image *image, const struct su_update_file *file,
		const struct su_match *match) SU_MUST_CHECK;

/* Entry of what the updates in the image have put in the place of the function at @addr at last; 0: none has. */
uint64_t su_base_latest(const struct su_image *image, uint64_t addr);

#endif
