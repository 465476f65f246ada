/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status codes (they are also the exit codes of every command) and attributes used everywhere. */
#ifndef SU_BASE_ERR_H
#define SU_BASE_ERR_H

#define SU_MUST_CHECK __attribute__((warn_unused_result))
#define SU_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define SU_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Functions return 0 or one of these, negated. Stable: scripts branch on them. */
enum su_status {
	SU_OK = 0,
	SU_INTERNAL = 1,    /* a bug of ours */
	SU_USAGE = 2,	    /* wrong usage, bad option */
	SU_NOPATCH = 3,	    /* the patch cannot be read or does not apply */
	SU_NOCOMPILE = 4,   /* the compiler says no */
	SU_NOCHANGE = 5,    /* nothing changed in the code of this kernel */
	SU_UNSUPPORTED = 6, /* refused: no safe update can be made of it */
	SU_NOMATCH = 7,	    /* the running kernel is not what the update was made for */
	SU_BUSY = 8,	    /* a thread stays inside, or another update stands in the way */
	SU_REFUSED = 9,	    /* the kernel refused the module (signature, lockdown, version) */
	SU_SYSTEM = 10,	    /* the system: no such file, no space, a missing package, a failed tool */
};

#endif
