// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What only decoding tells: where the instruction around a field ends (PC-relative operands count from there), and branches
 * between functions of one section, for which the assembler leaves no relocation. Decoding is linear: the kernel's compilers put no
 * data into code sections.
 */
#include <Zydis/Zydis.h>
#include <string.h>

#include "diff.h"

struct insn {
	uint64_t off; /* in the atom */
	uint8_t len;
	uint8_t branch_off, branch_sz; /* field of a relative branch; size 0: none */
	int64_t branch;		       /* its value as encoded */
};

static bool decode(const ZydisDecoder *decoder, const struct su_atom *atom, uint64_t off, struct insn *insn)
{
	ZydisDecodedInstruction in;
	const uint8_t *bytes = su_atom_bytes(atom);

	if (!bytes || off >= atom->size ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(decoder, NULL, bytes + off, atom->size - off, &in)))
		return false;
	*insn = (struct insn){ .off = off, .len = in.length };
	if (in.raw.imm[0].size && in.raw.imm[0].is_relative) {
		insn->branch_off = in.raw.imm[0].offset;
		insn->branch_sz = in.raw.imm[0].size / 8;
		insn->branch = in.raw.imm[0].value.s;
	}
	return true;
}

static ZydisDecoder make_decoder(void)
{
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
	return decoder;
}

void su_code_tails(struct su_atom *atom, int64_t *tails)
{
	ZydisDecoder decoder = make_decoder();
	struct insn insn;
	size_t e = 0;

	for (size_t i = 0; i < atom->edge_nr; i++)
		tails[i] = 4;
	for (uint64_t off = 0; off < atom->size && e < atom->edge_nr; off += insn.len) {
		if (!decode(&decoder, atom, off, &insn))
			insn.len = 1;
		for (; e < atom->edge_nr && atom->edges[e].off < off + insn.len; e++) {
			tails[e] = (int64_t)(off + insn.len - atom->edges[e].off);
			if (insn.branch_sz && atom->edges[e].off == off + insn.branch_off)
				atom->edges[e].is_branch = true;
		}
	}
}

static bool has_edge_at(const struct su_atom *atom, uint64_t off)
{
	size_t lo = 0, hi = atom->edge_nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (atom->edges[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < atom->edge_nr && atom->edges[lo].off == off;
}

static int compare_edges(const void *a, const void *b)
{
	const struct su_edge *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

static void add_edges(struct su_object *object, struct su_atom *atom, const struct su_edge *more, size_t nr)
{
	struct su_edge *edges = su_arena_alloc(&object->arena, (atom->edge_nr + nr + 1) * sizeof(*edges));

	memcpy(edges, atom->edges, atom->edge_nr * sizeof(*edges));
	memcpy(edges + atom->edge_nr, more, nr * sizeof(*edges));
	atom->edges = edges;
	atom->edge_nr += nr;
	qsort(edges, atom->edge_nr, sizeof(*edges), compare_edges);
}

int su_code_imply(struct su_diags *diags, struct su_object *object, struct su_atom *atom)
{
	ZydisDecoder decoder = make_decoder();
	SU_VEC(struct su_edge) found = { 0 };
	struct insn insn;
	int ret = 0;

	/* a section of its own: every branch that leaves has a relocation */
	if (object->by_section_nr[atom->section->idx] < 2)
		return 0;
	for (uint64_t off = 0; off < atom->size; off += insn.len) {
		uint64_t field, target;
		struct su_atom *to;

		if (!decode(&decoder, atom, off, &insn)) {
			insn.len = 1;
			continue;
		}
		field = off + insn.branch_off;
		target = atom->off + off + insn.len + (uint64_t)insn.branch;
		if (!insn.branch_sz || has_edge_at(atom, field) ||
		    (target >= atom->off && target < atom->off + atom->size))
			continue;
		to = su_object_atom_at(object, atom->section, target);
		if (!to) {
			ret = su_fail(diags, SU_AT(ELF, .object = object->elf->path, .symbol = atom->name, .offset = off),
				      "a branch leaves the section without a relocation");
			break;
		}
		if (insn.branch_sz == 1)
			atom->has_short_exit = true;
		*su_vec_add(&found) = (struct su_edge){
			.off = (uint32_t)field,
			.type = insn.branch_sz == 1 ? R_X86_64_PC8 : R_X86_64_PLT32,
			.kind = SU_EDGE_ATOM,
			.is_branch = true,
			.is_implied = true,
			.atom = to,
			.addend = (int64_t)(target - to->off) - insn.branch_sz,
		};
	}
	if (!ret && found.nr)
		add_edges(object, atom, found.data, found.nr);
	su_vec_fini(&found);
	return ret;
}

/* "name+0x10" of what an edge refers to. */
static char *edge_text(const struct su_edge *edge)
{
	if (edge->kind == SU_EDGE_PIECE) {
		const char *text = (const char *)edge->section->data + edge->piece_off;
		bool is_string = edge->section->flags & SHF_STRINGS;

		return is_string ? su_format("\"%.40s\"", text) : su_strdup("a constant");
	}
	if (edge->kind == SU_EDGE_UNDEFINED)
		return su_strdup(edge->symbol->name);
	return su_strdup(*edge->atom->name ? edge->atom->name : edge->atom->section->name);
}

static const struct su_edge *edge_in(const struct su_atom *atom, uint64_t off, uint64_t len)
{
	for (size_t e = 0; e < atom->edge_nr; e++)
		if (atom->edges[e].off >= off && atom->edges[e].off < off + len)
			return &atom->edges[e];
	return NULL;
}

static char *format_insn(const struct su_atom *atom, uint64_t off, uint64_t len)
{
	ZydisDecoder decoder;
	ZydisFormatter formatter;
	ZydisDecodedInstruction in;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	const struct su_edge *edge = edge_in(atom, off, len);
	char text[128];

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_ATT);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, su_atom_bytes(atom) + off, atom->size - off, &in, operands)) ||
	    !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &in, operands, in.operand_count_visible, text,
							  sizeof(text), off, NULL)))
		return su_strdup("");
	if (edge) {
		SU_CLEANUP_FREE char *target = edge_text(edge);

		return su_format("%s  # %s", text, target);
	}
	return su_strdup(text);
}

char *su_code_text(const struct su_atom *atom, uint64_t off)
{
	ZydisDecoder decoder = make_decoder();
	struct insn insn;

	for (uint64_t at = 0; at < atom->size; at += insn.len) {
		if (!decode(&decoder, atom, at, &insn))
			insn.len = 1;
		else if (off < at + insn.len)
			return format_insn(atom, at, insn.len);
	}
	return su_strdup("");
}
