/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the test programs share: which kernel and which suture are tested, updates made by running suture itself as its
 * users do, static programs for guests, and printing what went wrong.
 */
#ifndef SU_TOOL_KIT_H
#define SU_TOOL_KIT_H

#include <json-c/json.h>

#include "lib/base/diag.h"
#include "lib/base/mem.h"
#include "lib/kernel/debian.h"

struct su_kit {
	struct su_diags *diags;
	const char *release;
	char *suture;			       /* the command */
	char *cache;			       /* its cache */
	char *core;			       /* suture.ko */
	char *scratch;			       /* a folder that is removed at the end */
	struct su_release image;	       /* of the release; only vmlinuz and modules are of use */
	const char *source, *config, *symvers; /* what a kernel that is no package was built from; NULL: the release's */
	unsigned int patience;		       /* how many times slower than usual its guests are */
};

/* Paths chosen on the command line; NULL: the usual ones. */
struct su_kit_options {
	const char *release, *cache, *core, *image, *modules;
	const char *source, *config, *symvers, *patience; /* a kernel of one's own, with image and modules */
};

/* The options as getopt_long() entries and their letters; su_kit_option() takes what getopt returns. */
#define SU_KIT_LONG_OPTIONS \
	{ "release", 1, NULL, 'r' }, { "cache", 1, NULL, 'C' }, { "core", 1, NULL, 'k' }, { "image", 1, NULL, 'i' }, \
		{ "modules", 1, NULL, 'm' }, { "source", 1, NULL, 's' }, { "config", 1, NULL, 'c' }, \
		{ "symvers", 1, NULL, 'v' }, \
	{ \
		"patience", 1, NULL, 'p' \
	}
/* Return: false where @code is none of ours. */
bool su_kit_option(struct su_kit_options *options, int code, const char *arg);

/* Finds everything. NOT_PREPARED, NO_CORE and the like where it is not there. */
int su_kit_open(struct su_kit *kit, const struct su_kit_options *options) SU_MUST_CHECK;
void su_kit_close(struct su_kit *kit);
/* The image of another release from the cache. */
int su_kit_image(struct su_kit *kit, const char *release, struct su_release *image) SU_MUST_CHECK;

/**
 * su_kit_suture - run the command with --json
 * @args: verb and arguments, ends in NULL; --json and --cache are added
 * @answer: what it printed, the caller's to put; NULL where it printed no JSON
 * @exit_code: the command's
 * Return: 0, or SYSTEM where it cannot be run.
 */
int su_kit_suture(struct su_kit *kit, const char *const *args, struct json_object **answer, int *exit_code) SU_MUST_CHECK;

/* The token of an answer's first error; "" where there is none. Valid as long as the answer. */
const char *su_kit_answer_token(struct json_object *answer);
const char *su_kit_answer_text(struct json_object *answer);

/*
 * Copy a module so that the kernel of @release takes it for one of its own: vermagic, and the CRC of each symbol from that
 * kernel's headers. What it contains stays as it is.
 */
int su_kit_forge(struct su_kit *kit, const char *module, const char *release, const char *out) SU_MUST_CHECK;

/* Compile one C file into a static program. COMPILE. */
int su_kit_program(struct su_kit *kit, const char *source, const char *out) SU_MUST_CHECK;

/* Print all diagnostics to standard error as comments and forget them. */
void su_kit_complain(struct su_kit *kit);

double su_kit_seconds(void);

#endif
