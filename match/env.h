/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only file of match/ that knows whether it is built into the kernel or into user space. */
#ifndef SU_MATCH_ENV_H
#define SU_MATCH_ENV_H

#ifdef __KERNEL__
#include <linux/elf.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
#endif

#endif
