/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of lib/guest share: the guest itself, its QEMU process and its channel. */
#ifndef SU_GUEST_INTERNAL_H
#define SU_GUEST_INTERNAL_H

#include <sys/types.h>

#include "guest.h"
#include "protocol.h"

struct su_guest {
	pid_t pid;	 /* QEMU; 0: reaped */
	int channel;	 /* our end of the agent's line */
	int console;	 /* memory file that QEMU writes the console into */
	void *window;	 /* memory shared with the agent, SU_WINDOW_SZ bytes */
	bool has_window; /* the agent sees it */
	bool alive;
	void (*listener)(void *arg, const char *bytes, size_t sz); /* may be NULL */
	void *listener_arg;
	char *modules;		       /* folder, may be NULL */
	struct su_module_index *index; /* made at the first use of modules */
};

/* A cpio of the agent, busybox and @files in a memory file; *fd is the caller's. */
int su_initramfs_create(struct su_diags *diags, const struct su_guest_file *files, size_t nr, int *fd) SU_MUST_CHECK;

/* Whether KVM looks usable here. Whether it is, only a boot tells. */
bool su_qemu_has_kvm(void);

/* Start QEMU; fills in pid, channel, console and window. */
int su_qemu_start(struct su_diags *diags, const struct su_guest_request *request, bool use_kvm, int initramfs,
		  struct su_guest *guest) SU_MUST_CHECK;

/* Monotonic time in milliseconds; deadlines are such times. */
long long su_clock_ms(void);

/*
 * Send and receive one frame. 0, or -1: the line is closed, broken or the deadline has passed, which the caller reports.
 * @payload is replaced.
 */
int su_channel_send(int fd, uint32_t type, const void *head, size_t head_sz, const void *body, size_t body_sz,
		    long long deadline) SU_MUST_CHECK;
int su_channel_receive(int fd, struct su_frame *frame, struct su_buf *payload, long long deadline) SU_MUST_CHECK;

struct su_module_index;
void su_module_index_destroy(struct su_module_index *index);

#endif
