/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Would an update apply to this kernel? The core's own matcher, run on an image or on /proc/kcore. */
#ifndef SU_LIVE_VERIFY_H
#define SU_LIVE_VERIFY_H

#include "lib/live/image.h"
#include "lib/live/update.h"

enum su_verdict {
	SU_VERDICT_REDIRECT, /* its code matches: it would be redirected */
	SU_VERDICT_DIFFERS,  /* its code is not what the update was made for */
	SU_VERDICT_OPEN,     /* not compared, as the match failed before */
	SU_VERDICT_ABSENT,   /* its module is not loaded: it would wait for it */
	SU_VERDICT_EARLIER,  /* an earlier update's replacement, and no earlier update is there */
};

struct su_verified_function {
	const char *name; /* all strings are the update's */
	const char *unit;
	const char *target;
	uint64_t addr; /* in the kernel; 0 where not known */
	uint32_t size;
	enum su_verdict verdict;
};

struct su_verification {
	SU_VEC(struct su_verified_function) functions;
	size_t section_nr, section_matched_nr; /* of code and read-only data */
	size_t earlier_nr;		       /* functions and objects of earlier updates that were not looked at */
	uint64_t matched_sz;
	size_t inferred_nr, voted_nr, named_nr; /* values that the update uses, by how they were found */
};

/**
 * su_verify - match an update with a kernel
 * @image: for an update of modules these are added to an image on disk from @modules; in a running kernel one that is not
 *	   loaded is left out
 * @modules: folder of the image's modules; may be NULL
 * @v: filled in on success and on a failed match alike; su_verification_fini()
 * Return: 0; KERNEL_OTHER unless @any_release; MATCH_BYTES, MATCH_VALUE, SYMBOL, SYMBOL_AMBIGUOUS, BASE_ABSENT; IMAGE.
 */
int su_verify(struct su_diags *diags, struct su_image *image, const char *modules, const struct su_update_file *file,
	      bool any_release, struct su_verification *v) SU_MUST_CHECK;

/**
 * su_verify_base - match an update with an image on disk, and go on as if it were applied
 * The next update is matched with what is there then. Several: in the order in which they are applied.
 * Return: as su_verify(); and IMAGE, FILE_READ, ELF, UPDATE_FORMAT where the update cannot be laid out.
 */
int su_verify_base(struct su_diags *diags, struct su_image *image, const char *modules,
		   const struct su_update_file *file, bool any_release) SU_MUST_CHECK;
void su_verification_fini(struct su_verification *v);
const char *su_verdict_name(enum su_verdict verdict);

#endif
