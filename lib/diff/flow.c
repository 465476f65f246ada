// SPDX-License-Identifier: GPL-2.0-or-later
/* What a function's instructions say of its control flow: does it loop, can it return, whose address does it pass. */
#include <Zydis/Zydis.h>
#include <string.h>

#include "diff.h"

struct flow {
	bool has_loop, can_return;
};

static bool is_own(const struct su_atom *atom, const struct su_atom *to)
{
	const struct su_atom *function = atom->owner ? atom->owner : atom;

	return to && (to == function || to->owner == function);
}

/* A jump without a relocation stays inside; a conditional one that leaves is a tail call like any other. A loop does not go by the .cold part. */
static void follow_jump(const struct su_atom *atom, uint64_t off, const ZydisDecodedInstruction *in, struct flow *flow)
{
	const struct su_edge *edge = su_atom_edge_in(atom, off, in->length);

	if (!in->raw.imm[0].is_relative)
		flow->can_return = true; /* indirect: nobody knows where to */
	else if (edge)
		flow->can_return |= !is_own(atom, edge->atom);
	else
		flow->has_loop |= in->raw.imm[0].value.s < 0;
}

static bool is_jump(const ZydisDecodedInstruction *in)
{
	return in->meta.category == ZYDIS_CATEGORY_COND_BR || in->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
}

static void scan(const struct su_atom *atom, struct flow *flow)
{
	const uint8_t *bytes = su_atom_bytes(atom);
	ZydisDecoder decoder;
	ZydisDecodedInstruction in;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (uint64_t off = 0; bytes && off < atom->size; off += in.length) {
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes + off, atom->size - off, &in))) {
			flow->can_return = true;
			return;
		}
		if (in.meta.category == ZYDIS_CATEGORY_RET)
			flow->can_return = true;
		else if (is_jump(&in))
			follow_jump(atom, off, &in, flow);
	}
}

static struct flow scan_all(const struct su_atom *function)
{
	struct flow flow = { 0 };

	scan(function, &flow);
	for (size_t i = 0; i < function->attached.nr; i++)
		if (function->attached.data[i]->kind == SU_ATOM_FUNC)
			scan(function->attached.data[i], &flow);
	return flow;
}

bool su_code_has_loop(const struct su_atom *function)
{
	return scan_all(function).has_loop;
}

bool su_code_can_return(const struct su_atom *function)
{
	return scan_all(function).can_return;
}

/* mov $address, %rdi or lea address(%rip), %rdi: the field is the instruction's last. */
static bool is_load_of_rdi(const struct su_atom *atom, const struct su_edge *edge)
{
	const uint8_t *at = su_atom_bytes(atom) + edge->off - 3;

	return edge->off >= 3 && (!memcmp(at, "\x48\xc7\xc7", 3) || !memcmp(at, "\x48\x8d\x3d", 3));
}

struct su_atom *su_code_first_argument(const struct su_atom *caller, const struct su_edge *edge)
{
	/* back to the call before it, which leaves nothing in the register */
	for (const struct su_edge *e = edge; e > caller->edges && !e[-1].is_branch; e--)
		if (is_load_of_rdi(caller, &e[-1]))
			return e[-1].atom && e[-1].atom->kind == SU_ATOM_FUNC ? e[-1].atom : NULL;
	return NULL;
}
