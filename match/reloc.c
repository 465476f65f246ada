// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Relocation arithmetic, both ways: from a field of the running kernel to the value of its symbol (matching),
 * and from a value to the bytes of a field (private relocations). Types and formulas: System V ABI for AMD64,
 * section 4.4.
 */
#include "internal.h"

u32 su_hole_size(u32 type)
{
	switch (type) {
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
	case R_X86_64_32:
	case R_X86_64_32S:
		return 4;
	case R_X86_64_8:
		return 1;
	default:
		return 0;
	}
}

static bool is_pc_relative(u32 type)
{
	return type == R_X86_64_PC32 || type == R_X86_64_PLT32 || type == R_X86_64_PC64;
}

u64 su_hole_value(const struct su_hole *hole, const u8 *field, u64 place)
{
	u64 value;

	if (su_hole_size(hole->type) == 8)
		value = su_get64(field);
	else if (hole->type == R_X86_64_8)
		value = *field;
	else if (hole->type == R_X86_64_32)
		value = su_get32(field);
	else
		value = (u64)(s64)(s32)su_get32(field);
	if (is_pc_relative(hole->type))
		value += place;
	return value - (u64)hole->addend;
}

int su_reloc_field(const struct su_reloc *reloc, u64 place, u64 value, u8 field[8], u32 *len)
{
	u32 size = su_hole_size(reloc->type);

	value += (u64)reloc->addend;
	if (is_pc_relative(reloc->type))
		value -= place;
	if (size == 0)
		return SU_MATCH_RELOC;
	if (size == 1 && value != (u8)value)
		return SU_MATCH_RELOC;
	if (size == 4 && reloc->type == R_X86_64_32 && value != (u32)value)
		return SU_MATCH_RELOC;
	if (size == 4 && reloc->type != R_X86_64_32 && value != (u64)(s64)(s32)value)
		return SU_MATCH_RELOC;
	memcpy(field, &value, size); /* little endian: the low bytes come first */
	*len = size;
	return SU_MATCH_OK;
}
