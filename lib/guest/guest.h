/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests: boot a kernel in QEMU with an initramfs made on the spot, put files into it, run commands in it and watch its
 * console. One guest serves any number of commands. A guest lives no longer than the process that booted it.
 * What is run in a guest, and what its failure means, is for the callers to say.
 */
#ifndef SU_GUEST_GUEST_H
#define SU_GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/diag.h"
#include "lib/base/mem.h"

struct su_guest;

/* A file that is in the guest from the start. */
struct su_guest_file {
	const char *host; /* path here; NULL: take bytes */
	const void *bytes;
	size_t sz;
	const char *path;  /* absolute, in the guest; missing folders are made */
	unsigned int mode; /* permission bits */
};

struct su_guest_request {
	const char *image;	      /* bzImage */
	const char *modules;	      /* folder with that kernel's modules, any layout; NULL: none */
	unsigned int cpus;	      /* 0: 2 */
	unsigned int memory_mb;	      /* 0: 512 */
	const char *append;	      /* more of the kernel's command line; NULL: none */
	const char *const *qemu_args; /* more of QEMU's, ends in NULL; NULL: none. A -cpu here replaces ours */
	unsigned int timeout;	      /* seconds until the guest must answer; 0: 120 */
	unsigned int instruction_ns; /* the clock counts instructions, each a power of two long; no KVM. 0: the host's */
	const struct su_guest_file *files;
	size_t file_nr;
};

struct su_guest_result {
	int exit_code;	      /* 0..255, or 128 + signal */
	bool timed_out;	      /* killed when its time was up; the guest is well */
	double seconds;	      /* as the host sees it */
	struct su_buf output; /* standard output and error as they came */
};

/**
 * su_guest_boot - start a guest and wait until its agent answers
 * @request: strings need not outlive the call, but for request->modules
 * @guest: written only on success; su_guest_stop() frees it
 * Return: 0; -SU_SYSTEM (GUEST: does not start or come up, with the console's tail; TOOL_MISSING; FILE_READ).
 */
int su_guest_boot(struct su_diags *diags, const struct su_guest_request *request, struct su_guest **guest) SU_MUST_CHECK;

/* End the guest and free it. NULL is allowed. */
void su_guest_stop(struct su_guest *guest);

static inline void su_guest_stopp(struct su_guest **guest)
{
	su_guest_stop(*guest);
}
#define SU_CLEANUP_GUEST __attribute__((cleanup(su_guest_stopp)))

/**
 * su_guest_put - write a file in the guest
 * @path: absolute; missing folders are made, an existing file is replaced
 * @mode: permission bits
 * Return: 0; -SU_SYSTEM (GUEST: the guest died, hangs or cannot write).
 */
int su_guest_put(struct su_diags *diags, struct su_guest *guest, const void *bytes, size_t sz, const char *path,
		 unsigned int mode) SU_MUST_CHECK;
int su_guest_put_file(struct su_diags *diags, struct su_guest *guest, const char *host, const char *path,
		      unsigned int mode) SU_MUST_CHECK;

/**
 * su_guest_run - run a shell command in the guest and wait for its end
 * @timeout: seconds after which its process group is killed
 * @result: replaced, on success only; su_guest_result_fini()
 *
 * A command that fails or is killed is a success of this call. A command may leave processes in the background.
 * Return: 0; -SU_SYSTEM (GUEST: the guest died or does not answer; it can only be stopped then).
 */
int su_guest_run(struct su_diags *diags, struct su_guest *guest, const char *command, unsigned int timeout,
		 struct su_guest_result *result) SU_MUST_CHECK;
void su_guest_result_fini(struct su_guest_result *result);

/* From now on commands' output is also told to @listener as it comes, in pieces of any size. */
void su_guest_listen(struct su_guest *guest, void (*listener)(void *arg, const char *bytes, size_t sz), void *arg);

#define SU_CLEANUP_GUEST_RESULT __attribute__((cleanup(su_guest_result_fini)))

/* Load a module of request->modules, after those it depends on; built-in or loaded ones are no error. */
int su_guest_modprobe(struct su_diags *diags, struct su_guest *guest, const char *name) SU_MUST_CHECK;
/* The same without the module itself. */
int su_guest_modprobe_needs(struct su_diags *diags, struct su_guest *guest, const char *name) SU_MUST_CHECK;

/* False once the guest has died or failed to answer. */
bool su_guest_is_alive(const struct su_guest *guest);

/* The console's text so far, from byte @from on; appended to @text. Return: bytes of the console so far. */
size_t su_guest_log(const struct su_guest *guest, size_t from, struct su_buf *text);

/**
 * su_log_failure - look for a sign of an unwell kernel in console text
 * @log: console text
 * @expected: extended regular expressions, ends in NULL (or NULL): a matching line, and the whole report ("cut here"
 *	to "end trace") that holds it, is no failure
 * @line: receives the first line that tells of a failure; heap; written only where there is one
 * Return: whether there is one: panic, oops, BUG, WARN, hang, lockdep, KASAN and their like.
 */
bool su_log_failure(const char *log, const char *const *expected, char **line);

/* su_log_failure() of the console since byte @from. A guest that is not alive has failed, too. */
bool su_guest_failed(const struct su_guest *guest, size_t from, const char *const *expected, char **line);

#endif
