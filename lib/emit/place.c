// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The new code and data in the update's object, under the section names that the kernel's loader knows. References to the running kernel that
 * it could not resolve (nothing there is exported) become private relocations, which the core fills in.
 */
#include <string.h>

#include "emitter.h"
#include "lib/base/str.h"

static bool is_switch(const struct su_atom *entry)
{
	const char *name = entry->section->name;

	return entry->kind == SU_ATOM_ENTRY && (!strcmp(name, "__jump_table") || !strcmp(name, ".static_call_sites"));
}

/* Static keys and static calls of the new code: the kernel keeps in them what it has chained to them. */
static void mark_switched(const struct su_atom *entry)
{
	for (size_t i = 0; i < entry->edge_nr; i++)
		if (entry->edges[i].atom)
			entry->edges[i].atom->is_switched = true;
}

/* Data of a module's new code: apart, as it starts anew with each load of the module. */
static const char *module_data(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_atom *atom,
			       const char *name)
{
	if (!unit->plain->is_module || atom->is_switched)
		return name;
	return su_arena_format(&e->arena, "%s.suture.%s", name, unit->target);
}

/* The compiler's per-function and per-object section names fold into one section each; names that mean something stay. */
static const char *out_name(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_atom *atom)
{
	const char *name = atom->section->name;

	if (atom->kind == SU_ATOM_FUNC)
		return ".text";
	if (atom->kind == SU_ATOM_ENTRY || atom->kind == SU_ATOM_FRAGMENT)
		return name;
	if (su_has_prefix(name, ".data..percpu") || su_has_prefix(name, ".data..ro_after_init"))
		return name;
	if (su_has_prefix(name, ".bss"))
		return module_data(e, unit, atom, ".bss");
	if (su_has_prefix(name, ".data"))
		return module_data(e, unit, atom, ".data");
	if (su_has_prefix(name, ".rodata"))
		return ".rodata";
	return name;
}

static uint64_t atom_flags(const struct su_atom *atom)
{
	uint64_t flags = atom->section->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR);

	return atom->kind == SU_ATOM_DATA ? flags & ~(uint64_t)SHF_EXECINSTR : flags;
}

static uint64_t atom_align(const struct su_atom *atom)
{
	uint64_t align = atom->section->align;

	if (atom->kind == SU_ATOM_FUNC)
		return align < 16 ? 16 : align;
	if (atom->kind == SU_ATOM_ENTRY)
		return align >= 8 ? align : 1;
	if (atom->kind == SU_ATOM_FRAGMENT)
		return 1;
	while (align > 1 && atom->off % align)
		align /= 2;
	return align;
}

static void append_parallel(struct su_emitter *e, const struct su_atom *entry)
{
	const struct su_table_spec *t = entry->table;
	uint32_t out = su_elf_out_section(&e->out, t->parallel, SHT_PROGBITS, SHF_ALLOC, 1);

	su_elf_out_append(&e->out, out, entry->parallel, t->parallel_sz, 1);
}

static void name_atom(struct su_emitter *e, const struct su_atom *atom)
{
	bool is_func = atom->kind == SU_ATOM_FUNC;
	/* a second symbol of a kernel function's name would make it ambiguous for kprobes and tracers */
	bool is_known = is_func && (atom->partner || atom->owner);

	if (atom->symbol)
		su_elf_out_symbol(&e->out, su_arena_format(&e->arena, "%s%s", atom->name, is_known ? ".suture" : ""),
				  atom->out_section, atom->out_off, atom->size,
				  is_func			 ? STT_FUNC :
				  atom->kind == SU_ATOM_FRAGMENT ? STT_NOTYPE :
								   STT_OBJECT,
				  STB_LOCAL);
}

static bool is_module_data(const struct su_elf_out_section *out)
{
	return su_has_prefix(out->name, ".data.suture.") || su_has_prefix(out->name, ".bss.suture.");
}

static void place_atom(struct su_emitter *e, uint32_t unit, struct su_atom *atom)
{
	bool nobits = !atom->section->data;
	uint64_t align = atom_align(atom);

	atom->out_section = su_elf_out_section(&e->out, out_name(e, &e->request->units[unit], atom),
					       nobits ? SHT_NOBITS : SHT_PROGBITS, atom_flags(atom),
					       atom->kind == SU_ATOM_ENTRY ? atom->section->align : align);
	atom->out_off = su_elf_out_append(&e->out, atom->out_section, su_atom_bytes(atom), atom->size, align);
	atom->is_placed = true;
	if (is_module_data(&e->out.sections.data[atom->out_section]))
		su_emit_area(e, atom->out_section,
			     SU_AREA_WRITE | (e->units.data[unit].target + 1) << SU_AREA_OWNER_SHIFT);
	if (atom->parallel)
		append_parallel(e, atom);
	name_atom(e, atom);
	if (atom->kind == SU_ATOM_FUNC)
		e->result->new_code_sz += atom->size;
}

/* ---- references ---- */

struct reference {
	uint32_t unit;
	const struct su_atom *from;
	const struct su_edge *edge;
};

static int refuse(struct su_emitter *e, const struct reference *r, const char *what)
{
	return su_fail(e->diags,
		       SU_AT(RELOC, .object = e->request->units[r->unit].name,
			     .symbol = r->from->owner ? r->from->owner->name : r->from->name, .offset = r->edge->off,
			     .hint = "put the change into another function, such as a caller of this one"),
		       "%s: '%s' (section %s)", what, su_edge_name(r->edge), r->from->section->name);
}

static uint64_t field_off(const struct reference *r)
{
	return r->from->out_off + r->edge->off;
}

static void reference_out(struct su_emitter *e, const struct reference *r, uint32_t section, uint64_t off)
{
	su_elf_out_reloc(&e->out, r->from->out_section, field_off(r), r->edge->type,
			 e->out.sections.data[section].symbol, (int64_t)off + r->edge->addend);
}

/* Each piece once and whole: code that runs through a string compares addresses of its start and its end. */
static uint64_t place_piece(struct su_emitter *e, uint32_t unit, const struct su_elf_section *s, uint64_t start,
			    uint32_t out)
{
	int added;
	size_t *off = su_map_put(&e->piece_off,
				 su_arena_format(&e->arena, "%u:%u:%llu", unit, s->idx, (unsigned long long)start),
				 &added);

	if (added)
		*off = su_elf_out_append(&e->out, out, s->data + start, su_elf_piece_size(s, start), s->align);
	return *off;
}

static void reference_piece(struct su_emitter *e, const struct reference *r)
{
	const struct su_elf_section *s = r->edge->section;
	uint64_t start = su_elf_piece_start(s, r->edge->piece_off);
	bool is_string = s->flags & SHF_STRINGS;
	uint32_t out = su_elf_out_section(&e->out, is_string ? ".rodata.str" : ".rodata.cst", SHT_PROGBITS, SHF_ALLOC,
					  s->align);
	uint64_t off = place_piece(e, r->unit, s, start, out);

	reference_out(e, r, out, off + (r->edge->piece_off - start));
}

/* Under a site that the loader rewrites at load it needs the value before the core could bring it. */
static bool is_under_alternative(const struct reference *r)
{
	const struct su_atom *code = r->from;

	if (code->kind == SU_ATOM_FRAGMENT)
		return su_has_prefix(code->section->name, ".altinstr");
	for (size_t i = 0; code->kind == SU_ATOM_FUNC && i < code->attached.nr; i++) {
		const struct su_atom *entry = code->attached.data[i];
		uint64_t start;

		if (entry->kind != SU_ATOM_ENTRY || !entry->edge_nr ||
		    (strcmp(entry->section->name, ".altinstructions") &&
		     strcmp(entry->section->name, ".parainstructions")))
			continue;
		start = (uint64_t)entry->edges[0].addend;
		if (r->edge->off >= start && r->edge->off < start + su_entry_site_len(entry))
			return true;
	}
	return false;
}

/* Sections whose content the loader has already sorted or copied when the core sees the update. */
static bool takes_private(const struct su_atom *from)
{
	const char *name = from->section->name;

	if (from->kind == SU_ATOM_ENTRY)
		return is_switch(from) || !strcmp(name, "__bug_table");
	return !su_has_prefix(name, ".data..percpu");
}

/* The kernel chains these entries to their key when the update is loaded, and itself writes the calls from then on. */
static bool is_switched(const struct reference *r)
{
	const struct su_atom *code = r->from;

	for (size_t i = 0; i < code->attached.nr; i++) {
		const struct su_atom *entry = code->attached.data[i];
		uint64_t start = entry->edge_nr ? (uint64_t)entry->edges[0].addend : 0;

		/* behind an opcode of one byte or, in a conditional call, of two */
		if (is_switch(entry) && (r->edge->off == start + 1 || r->edge->off == start + 2))
			return true;
	}
	return is_switch(code);
}

/* When the core fills it in: as a rule when the module is there that the code is for, which may come after the update. */
static uint32_t when_filled(const struct su_emitter *e, const struct reference *r, const struct su_symbol *symbol)
{
	return is_switched(r) && symbol->target != SU_NONE ? symbol->target : e->units.data[r->unit].target;
}

static uint32_t area_flags(const struct su_atom *from)
{
	if (from->kind == SU_ATOM_FUNC || from->kind == SU_ATOM_FRAGMENT)
		return SU_AREA_EXEC;
	return from->kind == SU_ATOM_DATA ? SU_AREA_WRITE : 0;
}

/* Tables and .cold parts need it for their function. */
static void note_reference(struct su_emitter *e, const struct reference *r, bool is_private, uint32_t symbol)
{
	*su_vec_add(&e->references) = (struct su_emit_reference){
		.by = r->from->owner ? r->from->owner : r->from,
		.is_private = is_private,
		.symbol = symbol,
	};
}

static int reference_private(struct su_emitter *e, const struct reference *r, uint32_t symbol)
{
	int ret;

	if (is_under_alternative(r))
		return refuse(e, r, "a symbol that is not exported is used inside of an alternative");
	if (!takes_private(r->from))
		return refuse(e, r, "a symbol that is not exported is used in a table");
	ret = su_emit_need(e, e->units.data[r->unit].target, e->symbols.data[symbol].target);
	if (ret)
		return ret;
	e->symbols.data[symbol].flags |= SU_SYMBOL_WANTED;
	note_reference(e, r, true, symbol);
	*su_vec_add(&e->relocs) = (struct su_reloc){
		.area = su_emit_area(e, r->from->out_section, area_flags(r->from)),
		.type = r->edge->type,
		.off = field_off(r),
		.addend = r->edge->addend,
		.symbol = symbol,
		.target = when_filled(e, r, &e->symbols.data[symbol]),
	};
	return 0;
}

/* The object has something there itself: the displacement of a branch inside one section, a constant. */
static void clear_field(struct su_emitter *e, const struct reference *r)
{
	struct su_elf_out_section *s = &e->out.sections.data[r->from->out_section];

	memset(s->data.data + field_off(r), 0, su_hole_size(r->edge->type));
}

bool su_emit_is_constant(const struct su_atom *entry)
{
	return entry->kind == SU_ATOM_ENTRY && !strcmp(entry->table->section, "runtime_");
}

uint16_t su_emit_constant_type(const struct su_atom *entry)
{
	const char *name = entry->section->name;

	if (su_has_prefix(name, "runtime_ptr_"))
		return R_X86_64_64;
	return su_has_prefix(name, "runtime_shift_") ? R_X86_64_8 : R_X86_64_32;
}

/* "runtime_ptr_NAME": of the variable NAME, a long; the others' are ints. */
uint32_t su_emit_constant(struct su_emitter *e, uint32_t unit, const struct su_atom *entry)
{
	const char *name = strchr(entry->section->name + strlen("runtime_"), '_');

	return su_emit_symbol_content(e, unit, name ? name + 1 : "", su_emit_constant_type(entry) == R_X86_64_64 ? 8 : 4);
}

/* An operand that the kernel fills in at boot, in its own code only: taken from where it did. */
static int reference_constant(struct su_emitter *e, const struct reference *r)
{
	struct su_atom *code = r->edge->atom;
	const struct su_edge field = { .off = (uint32_t)r->edge->addend, .type = su_emit_constant_type(r->from) };
	const struct reference constant = { r->unit, code, &field };

	if (!code || code->kind != SU_ATOM_FUNC || field.off + su_hole_size(field.type) > code->size)
		return refuse(e, r,
			      "a constant that the kernel writes into its code at boot is used outside of every function");
	clear_field(e, &constant);
	return reference_private(e, &constant, su_emit_constant(e, r->unit, r->from));
}

bool su_emit_is_exported(const struct su_emitter *e, const char *name)
{
	const struct su_export *x = su_symvers_find(e->request->symvers, name);

	/* a namespace would have to be imported; modules may be absent */
	return x && !*x->space && !strcmp(x->module, "vmlinux");
}

/*
 * The address of something new goes where the kernel may keep it: a callback, a list, a timer. Nobody can tell when it is given up.
 * Strings and the compiler's constants are only read while the code runs that names them.
 */
static bool is_kept_address(const struct reference *r, const struct su_atom *to)
{
	bool is_code = r->from->kind == SU_ATOM_FUNC || r->from->kind == SU_ATOM_FRAGMENT;

	if (r->from->kind == SU_ATOM_ENTRY || r->edge->is_branch || to == r->from || to->is_private ||
	    to->kind == SU_ATOM_FRAGMENT)
		return false;
	/* a PC-relative operand in code reads or writes data; of a function it can only be the address */
	return !is_code || !su_reloc_is_pc(r->edge->type) || to->kind == SU_ATOM_FUNC;
}

/* Added by an earlier update, which is held as long as this one is in memory. */
static int reference_earlier(struct su_emitter *e, const struct reference *r, uint32_t unit, struct su_atom *pre)
{
	uint32_t symbol;
	int err = su_emit_earlier_symbol(e, unit, pre, &symbol);

	e->stays |= is_kept_address(r, pre);
	return err ? err : reference_private(e, r, symbol);
}

/* @unit: whose atom it is */
static int reference_running(struct su_emitter *e, const struct reference *r, uint32_t unit, struct su_atom *pre)
{
	const struct su_elf_symbol *plain;

	if (!pre->line.origin)
		return reference_earlier(e, r, unit, pre);
	plain = su_emit_plain_symbol(e->request->units[unit].plain, pre->line.origin);
	if (!plain)
		return su_fail(e->diags,
			       SU_AT(AMBIGUOUS, .object = e->request->units[unit].name, .symbol = pre->line.origin,
				     .hint = "write the change so that the function that is named last does not use it"),
			       "the running kernel has none or several of this name in the unit (used by %s)",
			       r->from->name);
	return reference_private(e, r, su_emit_symbol(e, unit, plain));
}

static bool is_carried(const struct reference *r, const struct su_atom *to)
{
	return to->is_selected && (!to->partner || (to->is_changed && r->edge->is_branch));
}

static int reference_symbol(struct su_emitter *e, const struct reference *r)
{
	const char *name = r->edge->symbol->name;
	const struct su_emit_defined *defined = su_emit_defined(e, r->unit, name);
	uint32_t symbol;

	if (defined && is_carried(r, defined->atom)) {
		e->stays |= !defined->atom->partner && is_kept_address(r, defined->atom);
		reference_out(e, r, defined->atom->out_section, defined->atom->out_off);
		return su_emit_need(e, e->units.data[r->unit].target, e->units.data[defined->unit].target);
	}
	if (defined && !su_emit_is_known(e, defined, name))
		return reference_running(e, r, defined->unit, defined->atom->partner);
	if (!su_emit_is_exported(e, name))
		return reference_private(e, r, su_emit_symbol_named(e, defined ? defined->unit : r->unit, name));
	symbol = su_elf_out_undefined(&e->out, name);
	note_reference(e, r, false, symbol);
	su_elf_out_reloc(&e->out, r->from->out_section, field_off(r), r->edge->type, symbol, r->edge->addend);
	return 0;
}

static int reference(struct su_emitter *e, const struct reference *r)
{
	struct su_atom *to;

	if (r->edge->is_implied && r->edge->type == R_X86_64_PC8)
		return refuse(e, r, "a short jump leads to another function of the section");
	if (r->edge->is_beside)
		return refuse(e, r, "a field points beside every object of a section: which one is meant is not known");
	if (su_emit_is_constant(r->from))
		return reference_constant(e, r);
	if (r->edge->is_implied)
		clear_field(e, r);
	if (r->edge->kind == SU_EDGE_PIECE) {
		reference_piece(e, r);
		return 0;
	}
	switch (su_emit_resolve(r->from, r->edge, &to)) {
	case SU_EMIT_CARRIED:
		e->stays |= !to->partner && is_kept_address(r, to);
		reference_out(e, r, to->out_section, to->out_off);
		return 0;
	case SU_EMIT_RUNNING:
		return reference_running(e, r, r->unit, to);
	case SU_EMIT_SYMBOL:
		return reference_symbol(e, r);
	}
	return 0;
}

int su_emit_place(struct su_emitter *e)
{
	int ret = 0;

	for (size_t u = 0; u < e->request->unit_nr; u++) {
		const struct su_object *post = e->request->units[u].diff->post;

		for (size_t i = 0; i < post->atom_nr; i++)
			if (post->atoms[i]->is_selected && is_switch(post->atoms[i]))
				mark_switched(post->atoms[i]);
		for (size_t i = 0; i < post->atom_nr; i++)
			if (post->atoms[i]->is_selected && !su_emit_is_constant(post->atoms[i]))
				place_atom(e, (uint32_t)u, post->atoms[i]);
	}
	for (size_t u = 0; u < e->request->unit_nr; u++) {
		const struct su_object *post = e->request->units[u].diff->post;

		for (size_t i = 0; i < post->atom_nr; i++) {
			const struct su_atom *atom = post->atoms[i];

			for (size_t k = 0; atom->is_selected && k < atom->edge_nr; k++) {
				struct reference r = { (uint32_t)u, atom, &atom->edges[k] };
				int err = reference(e, &r);

				if (!ret)
					ret = err;
			}
		}
	}
	return ret;
}
