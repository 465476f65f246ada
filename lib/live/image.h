/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel to compare an update with: an image on disk (vmlinux, or vmlinuz of any compression) or the running
 * one (/proc/kcore). Gives memory by virtual address and symbols by name. Images are read at their link-time
 * addresses: where the kernel is moved to at boot does not matter to a match.
 */
#ifndef SU_LIVE_IMAGE_H
#define SU_LIVE_IMAGE_H

#include "lib/base/diag.h"
#include "lib/base/mem.h"
#include "lib/live/addresses.h"
#include "match/match.h"

struct su_image_segment {
	uint64_t addr;
	uint64_t size; /* in memory; what the file does not hold reads as zeros */
	uint64_t file_off;
	uint64_t file_sz; /* at most size */
	uint8_t *bytes;	  /* of a module: here instead of in the file; else NULL */
};

/* A module that is in the image. */
struct su_image_module {
	const char *name; /* as in /proc/modules */
	const char *path; /* of its file; NULL: it is in the running kernel */
	struct su_addresses names;
};

/* A function, and what an update that is in the image has put in its place. */
struct su_image_redirect {
	uint64_t from, to;
};

struct su_image {
	char *path;
	char *release;		 /* as uname -r says it */
	enum su_match_mode mode; /* IMAGE or CORE_FILE */
	struct su_buf file;	 /* the ELF file; empty for /proc/kcore */
	int fd;			 /* of /proc/kcore; -1 */
	SU_VEC(struct su_image_segment) segments;
	struct su_addresses names;		  /* of vmlinux */
	SU_VEC(struct su_image_module *) modules; /* module.h */
	uint64_t next_addr;			  /* for the next module's file */
	struct su_arena arena;			  /* owns the modules */
	/* updates that are applied, as it were: base.h */
	size_t base_nr;
	struct su_addresses base_names;		    /* of all of them */
	SU_VEC(struct su_image_redirect) redirects; /* in their order */
};

/**
 * su_image_open - open a kernel image
 * @path: vmlinux or vmlinuz
 * @image: written only on success; su_image_close() frees it
 * Return: 0, FILE_READ or IMAGE.
 */
int su_image_open(struct su_diags *diags, const char *path, struct su_image **image) SU_MUST_CHECK;
/*
 * The same for the running kernel, through /proc/kcore and /proc/kallsyms: needs root, no lockdown,
 * kptr_restrict < 2.
 */
int su_image_open_running(struct su_diags *diags, struct su_image **image) SU_MUST_CHECK;
void su_image_close(struct su_image *image);

/* 0, or -1 where not all of it is in the image. */
int su_image_read(const struct su_image *image, uint64_t addr, void *buf, size_t len) SU_MUST_CHECK;

/* Write into a module's memory. 0, or -1 where there is no module's. */
int su_image_write(struct su_image *image, uint64_t addr, const void *bytes, size_t len) SU_MUST_CHECK;

/* ---- between the files of this folder ---- */

/* Replace a compressed kernel image in @file by the ELF file inside; anything else is left as it is. */
int su_image_unpack(struct su_diags *diags, const char *path, struct su_buf *file) SU_MUST_CHECK;
/*
 * Read the PT_LOAD segments of an ELF file's first bytes. @head: header_sz bytes; file_sz: of the whole file.
 * IMAGE.
 */
int su_image_segments(struct su_diags *diags, struct su_image *image, const void *head, size_t head_sz,
		      uint64_t file_sz) SU_MUST_CHECK;
/* Symbols from the tables that the kernel carries for itself. IMAGE where there are none or they make no sense. */
int su_kallsyms_read(struct su_diags *diags, struct su_image *image) SU_MUST_CHECK;

#endif
