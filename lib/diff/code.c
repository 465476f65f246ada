// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What only decoding tells: where the instruction around a field ends (PC-relative operands count from there), what leads from one
 * function of a section to another, for which the assembler leaves no relocation, and where code ends. Decoding is linear: the kernel's
 * compilers put no data into code sections.
 */
#include <Zydis/Zydis.h>
#include <string.h>

#include "diff.h"

struct insn {
	uint64_t off; /* in the atom */
	uint8_t len;
	uint8_t field_off, field_sz; /* of a relative branch or a PC-relative operand; size 0: none */
	int64_t field;		     /* its value as encoded */
	bool is_branch;
	ZydisMnemonic mnemonic;
	ZydisInstructionCategory category;
};

static void find_field(const ZydisDecodedInstruction *in, struct insn *insn)
{
	if (in->raw.imm[0].size && in->raw.imm[0].is_relative) {
		insn->field_off = in->raw.imm[0].offset;
		insn->field_sz = in->raw.imm[0].size / 8;
		insn->field = in->raw.imm[0].value.s;
		insn->is_branch = true;
	} else if (in->attributes & ZYDIS_ATTRIB_HAS_MODRM && in->raw.modrm.mod == 0 && in->raw.modrm.rm == 5 &&
		   in->raw.disp.size == 32) {
		insn->field_off = in->raw.disp.offset;
		insn->field_sz = 4;
		insn->field = in->raw.disp.value;
	}
}

static bool decode_bytes(const ZydisDecoder *decoder, const uint8_t *bytes, uint64_t nr, struct insn *insn)
{
	ZydisDecodedInstruction in;

	if (!bytes || !nr || !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(decoder, NULL, bytes, nr, &in)))
		return false;
	*insn = (struct insn){ .len = in.length, .mnemonic = in.mnemonic, .category = in.meta.category };
	find_field(&in, insn);
	return true;
}

/* What is no instruction counts as one byte. */
static bool decode(const ZydisDecoder *decoder, const struct su_atom *atom, uint64_t off, struct insn *insn)
{
	const uint8_t *bytes = su_atom_bytes(atom);
	bool is_insn;

	*insn = (struct insn){ .len = 1 };
	is_insn = off < atom->size && decode_bytes(decoder, bytes ? bytes + off : NULL, atom->size - off, insn);
	insn->off = off;
	return is_insn;
}

/* Lengths and fields. */
static ZydisDecoder make_decoder(void)
{
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
	return decoder;
}

/* What an instruction is as well. */
static ZydisDecoder make_full_decoder(void)
{
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
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
		decode(&decoder, atom, off, &insn);
		for (; e < atom->edge_nr && atom->edges[e].off < off + insn.len; e++) {
			tails[e] = (int64_t)(off + insn.len - atom->edges[e].off);
			if (insn.is_branch && atom->edges[e].off == off + insn.field_off)
				atom->edges[e].is_branch = true;
		}
	}
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

/* The edge of a field that leads out of the atom; false where it does not, or has a relocation. */
static bool imply_edge(const struct su_object *object, const struct su_atom *atom, const struct insn *insn,
		       struct su_edge *edge)
{
	uint64_t target = atom->off + insn->off + insn->len + (uint64_t)insn->field;

	if (!insn->field_sz || su_atom_edge_in(atom, insn->off + insn->field_off, 1) ||
	    (target >= atom->off && target < atom->off + atom->size))
		return false;
	*edge = (struct su_edge){
		.off = (uint32_t)(insn->off + insn->field_off),
		.type = insn->field_sz == 1 ? R_X86_64_PC8 :
			insn->is_branch	    ? R_X86_64_PLT32 :
					      R_X86_64_PC32,
		.kind = SU_EDGE_ATOM,
		.is_branch = insn->is_branch,
		.is_implied = true,
		.atom = su_object_atom_at(object, atom->section, target),
	};
	if (edge->atom)
		edge->addend = (int64_t)(target - edge->atom->off) - (insn->len - insn->field_off);
	return true;
}

int su_code_imply(struct su_diags *diags, struct su_object *object, struct su_atom *atom)
{
	ZydisDecoder decoder = make_decoder();
	SU_VEC(struct su_edge) found = { 0 };
	struct insn insn;
	int ret = 0;

	/* a section of its own: everything that leaves has a relocation */
	if (object->by_section_nr[atom->section->idx] < 2)
		return 0;
	for (uint64_t off = 0; off < atom->size; off += insn.len) {
		struct su_edge edge;

		if (!decode(&decoder, atom, off, &insn) || !imply_edge(object, atom, &insn, &edge))
			continue;
		if (edge.atom)
			*su_vec_add(&found) = edge;
		else if (edge.is_branch)
			ret = su_fail(diags, SU_AT(ELF, .object = object->elf->path, .symbol = atom->name, .offset = off),
				      "a branch leaves the section without a relocation");
	}
	if (!ret && found.nr)
		add_edges(object, atom, found.data, found.nr);
	su_vec_fini(&found);
	return ret;
}

uint64_t su_code_padding_sz(const uint8_t *bytes, uint64_t nr)
{
	ZydisDecoder decoder = make_full_decoder();
	struct insn insn;
	uint64_t off = 0;

	while (decode_bytes(&decoder, bytes + off, nr - off, &insn) &&
	       (insn.mnemonic == ZYDIS_MNEMONIC_NOP || insn.mnemonic == ZYDIS_MNEMONIC_INT3))
		off += insn.len;
	return off;
}

bool su_code_falls_through(const struct su_atom *atom)
{
	ZydisDecoder decoder = make_full_decoder();
	struct insn insn = { 0 };

	for (uint64_t off = 0; off < atom->size; off += insn.len)
		decode(&decoder, atom, off, &insn);
	switch (insn.category) {
	case ZYDIS_CATEGORY_RET:
	case ZYDIS_CATEGORY_UNCOND_BR:
	case ZYDIS_CATEGORY_CALL:
	case ZYDIS_CATEGORY_INTERRUPT:
	case ZYDIS_CATEGORY_SYSRET:
		return false;
	default:
		return insn.mnemonic != ZYDIS_MNEMONIC_UD2 && insn.mnemonic != ZYDIS_MNEMONIC_HLT;
	}
}

#define TEXT_MAX 40

/* As it would be written in C: a kernel's message begins with control characters and ends a line. */
static char *string_text(const char *text)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };

	su_buf_puts(&buf, "\"");
	for (size_t i = 0; i < TEXT_MAX && text[i]; i++) {
		if (text[i] == '\n')
			su_buf_puts(&buf, "\\n");
		else if ((unsigned char)text[i] < ' ')
			su_buf_format(&buf, "\\%03o", text[i]);
		else
			su_buf_add(&buf, &text[i], 1);
	}
	su_buf_puts(&buf, "\"");
	return su_strdup(buf.data);
}

/* Of what an edge refers to: its name, or its text. */
static char *edge_text(const struct su_edge *edge)
{
	if (edge->kind == SU_EDGE_PIECE) {
		const char *text = (const char *)edge->section->data + edge->piece_off;

		return edge->section->flags & SHF_STRINGS ? string_text(text) : su_strdup("a constant");
	}
	if (edge->kind == SU_EDGE_UNDEFINED)
		return su_strdup(edge->symbol->name);
	return su_strdup(*edge->atom->name ? edge->atom->name : edge->atom->section->name);
}

/* Do two fields refer to what has the same name, as people see it? */
static bool is_same_edge(const struct su_edge *pre, const struct su_edge *post)
{
	SU_CLEANUP_FREE char *a = pre ? edge_text(pre) : su_strdup("");
	SU_CLEANUP_FREE char *b = post ? edge_text(post) : su_strdup("");

	if (pre && post && pre->kind == SU_EDGE_ATOM && post->kind == SU_EDGE_ATOM)
		return !strcmp(pre->atom->key, post->atom->key) && pre->addend == post->addend;
	return !strcmp(a, b) && (!pre || pre->addend == post->addend);
}

/* Is it the same, but for how far a jump inside of the function goes? */
static bool is_same_insn(const struct su_atom *pre, const struct insn *a, const struct su_atom *post,
			 const struct insn *b)
{
	const struct su_edge *from = su_atom_edge_in(pre, a->off, a->len), *to = su_atom_edge_in(post, b->off, b->len);
	const uint8_t *x = su_atom_bytes(pre) + a->off, *y = su_atom_bytes(post) + b->off;

	if (!from != !to || a->is_branch != b->is_branch || !is_same_edge(from, to))
		return false;
	if (a->is_branch && !from)
		return a->mnemonic == b->mnemonic; /* whether its distance has one byte or four */
	return a->len == b->len && !memcmp(x, y, a->len);
}

bool su_code_first_difference(const struct su_atom *pre, const struct su_atom *post, uint64_t *pre_off, uint64_t *post_off)
{
	ZydisDecoder decoder = make_decoder();
	struct insn a = { 0 }, b = { 0 };

	while (decode(&decoder, pre, a.off + a.len, &a) && decode(&decoder, post, b.off + b.len, &b)) {
		if (is_same_insn(pre, &a, post, &b))
			continue;
		*pre_off = a.off;
		*post_off = b.off;
		return true;
	}
	return false;
}

static char *format_insn(const struct su_atom *atom, uint64_t off, uint64_t len)
{
	ZydisDecoder decoder;
	ZydisFormatter formatter;
	ZydisDecodedInstruction in;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	const struct su_edge *edge = su_atom_edge_in(atom, off, len);
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
		if (decode(&decoder, atom, at, &insn) && off < at + insn.len)
			return format_insn(atom, at, insn.len);
	}
	return su_strdup("");
}
