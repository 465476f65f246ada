/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that the host (channel.c) and the agent, PID 1 of a guest (agent/main.c), say to each other over a serial
 * line. A frame is this header and len bytes. The host speaks first and waits for the answer, always: a serial line has
 * no flow control worth the name, and what is unanswered never exceeds SU_CHUNK_SZ, which the guest's line buffers hold.
 *
 * The line brings 66 KB/s into a guest (measured, translated code: an interrupt for every eight bytes). So the bytes of
 * files go through the window where there is one: memory that host and guest share, a PCI device (ivshmem) without
 * interrupts that needs no driver. A kernel that is locked down from its start does not let the agent map it.
 */
#ifndef SU_GUEST_PROTOCOL_H
#define SU_GUEST_PROTOCOL_H

#include <stdint.h>

#define SU_PROTOCOL_VERSION 1
#define SU_CHUNK_SZ 16384
#define SU_WINDOW_SZ (1u << 20)
#define SU_WINDOW_VENDOR "0x1af4"
#define SU_WINDOW_DEVICE "0x1110"
#define SU_AGENT_PORT "/dev/ttyS1"

enum su_frame_type {
	SU_FRAME_HELLO = 0x53550001, /* agent: ready. struct su_frame_hello */
	SU_FRAME_PUT,		     /* host: create a file. u32 mode, path */
	SU_FRAME_DATA,		     /* host: more of its bytes */
	SU_FRAME_WINDOW,	     /* host: more of its bytes are in the window. u32 how many */
	SU_FRAME_END,		     /* host: that was all of it */
	SU_FRAME_ACK,		     /* agent: i32 errno of PUT, DATA, WINDOW, END */
	SU_FRAME_RUN,		     /* host: u32 timeout in ms, shell command */
	SU_FRAME_OUTPUT,	     /* agent: what the command prints */
	SU_FRAME_EXIT,		     /* agent: struct su_frame_exit */
};

struct su_frame {
	uint32_t type;
	uint32_t len;
};

struct su_frame_hello {
	uint32_t version;
	uint32_t has_window;
};

struct su_frame_exit {
	int32_t code;	    /* 0..255, or 128 + signal */
	uint32_t timed_out; /* the command was killed */
};

#endif
