/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules in a kernel image: their files laid out and relocated at made-up addresses, as the kernel's loader would do
 * it, so that the same match reads vmlinux and them. Nothing is patched for a CPU: as in an image.
 */
#ifndef SU_LIVE_MODULE_H
#define SU_LIVE_MODULE_H

#include "lib/elf/moddir.h"
#include "lib/live/image.h"

/**
 * su_image_add_module - put a module, and those whose symbols it uses, into an image on disk
 * @dir: the kernel's modules
 * @name: as in /proc/modules; one that is there already is no error
 * Return: 0; IMAGE where a file is missing, or needs a symbol that nobody exports; FILE_READ, ELF.
 */
int su_image_add_module(struct su_diags *diags, struct su_image *image, const struct su_moddir *dir,
			const char *name) SU_MUST_CHECK;

/**
 * su_image_add_update - put an update's file into an image as the module that it is
 * @names: receives its symbols, which the image owns
 * Return: 0; IMAGE where it needs a symbol that vmlinux does not export; FILE_READ, ELF.
 */
int su_image_add_update(struct su_diags *diags, struct su_image *image, const char *path,
			const struct su_addresses **names) SU_MUST_CHECK;

/* Symbols of the target "vmlinux" or of a module; NULL: it is not in the image. */
const struct su_addresses *su_image_names(const struct su_image *image, const char *target);

#endif
