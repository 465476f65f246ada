// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the matcher on an image: memory for it, names for it, and a report that a person can use. */
#include <inttypes.h>
#include <string.h>

#include "base.h"
#include "module.h"
#include "verify.h"

struct verifier {
	struct su_diags *diags;
	const struct su_image *image;
	const struct su_update_file *file;
	bool is_base;	 /* another update is to be verified on it */
	bool sees_bases; /* what has been applied before is known, if only that nothing has */
	struct su_match match;
};

/* ---- what the matcher asks for ---- */

static int read_image(void *ctx, u64 addr, void *buf, size_t len)
{
	struct verifier *v = ctx;

	return su_image_read(v->image, addr, buf, len);
}

static const char *target_name(const struct verifier *v, u32 target)
{
	return su_update_file_string(v->file, v->file->update.targets[target].name);
}

static u32 candidates(void *ctx, u32 symbol, const u64 **addrs)
{
	struct verifier *v = ctx;
	const struct su_update *u = &v->file->update;
	u32 target = u->symbols[symbol].target;
	const struct su_addresses *names;

	if (u->symbols[symbol].flags & SU_SYMBOL_EARLIER)
		names = &v->image->base_names;
	else
		names = su_image_names(v->image, target == SU_NONE ? SU_VMLINUX : target_name(v, target));
	return names ? su_addresses_find(names, su_update_string(u, u->symbols[symbol].name), addrs) : 0;
}

static const u8 *area_bytes(void *ctx, u32 area)
{
	struct verifier *v = ctx;

	return v->file->area_bytes[area];
}

static u64 latest(void *ctx, u64 addr)
{
	struct verifier *v = ctx;

	return su_base_latest(v->image, addr);
}

static const struct su_match_ops ops = { .read = read_image, .candidates = candidates, .bytes = area_bytes };
static const struct su_match_ops ops_on_bases = {
	.read = read_image,
	.candidates = candidates,
	.bytes = area_bytes,
	.latest = latest,
};

static void match_init(struct verifier *v)
{
	const struct su_header *h = v->file->update.header;

	v->match = (struct su_match){
		.update = &v->file->update,
		.ops = v->sees_bases ? &ops_on_bases : &ops,
		.ctx = v,
		.mode = v->image->mode,
		.target = SU_NONE,
		.bases = su_alloc((h->sections.nr + 1u) * sizeof(struct su_value)),
		.values = su_alloc((h->symbols.nr + 1u) * sizeof(struct su_value)),
		.trail = su_alloc(((size_t)h->sections.nr + h->symbols.nr + 1) * sizeof(u32)),
		.matched = su_alloc(h->sections.nr + 1u),
		.scratch_sz = su_match_scratch_sz(&v->file->update),
	};
	v->match.scratch = su_alloc(v->match.scratch_sz + 1);
}

static void match_fini(struct verifier *v)
{
	free(v->match.bases);
	free(v->match.values);
	free(v->match.trail);
	free(v->match.matched);
	free(v->match.scratch);
}

/* ---- why it failed ---- */

static enum su_token status_token(int status)
{
	switch (status) {
	case SU_MATCH_BYTES:
		return SU_T_MATCH_BYTES;
	case SU_MATCH_VALUE:
		return SU_T_MATCH_VALUE;
	case SU_MATCH_SYMBOL:
		return SU_T_SYMBOL;
	case SU_MATCH_AMBIGUOUS:
		return SU_T_SYMBOL_AMBIGUOUS;
	case SU_MATCH_READ:
		return SU_T_IMAGE;
	case SU_MATCH_BASE:
		return SU_T_BASE_ABSENT;
	default:
		return SU_T_UPDATE_FORMAT;
	}
}

static const char *hint(const struct verifier *v, int status)
{
	const struct su_mismatch *mm = &v->match.mismatch;
	bool is_running = v->image->mode == SU_MATCH_CORE_FILE;

	if (status == SU_MATCH_BYTES && is_running && mm->run[0] == 0xcc)
		return "a kprobe or another tracer has put a breakpoint there; remove it and try again";
	if (status == SU_MATCH_BYTES && is_running && mm->run[0] == 0xe9)
		return "an update or another live patch has redirected this function already";
	if (status == SU_MATCH_BASE)
		return "name the updates that it was made on (suture create --on) with --on, in their order";
	if (v->image->base_nr)
		return "this kernel was built otherwise, or the updates named with --on are not those that this one was made on";
	return "this kernel was built from another source, configuration or compiler than the update";
}

static void add_hex(struct su_buf *text, const u8 *bytes, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		su_buf_format(text, i ? " %02x" : "%02x", bytes[i]);
}

static void describe(const struct su_mismatch *mm, int status, struct su_buf *text)
{
	su_buf_format(text, "%s: %s", su_match_status_text(status), mm->what ? mm->what : "?");
	if (mm->byte_nr) {
		su_buf_puts(text, "; the update has ");
		add_hex(text, mm->pre, mm->byte_nr);
		su_buf_puts(text, ", the kernel ");
		add_hex(text, mm->run, mm->byte_nr);
	}
	if (status == SU_MATCH_VALUE)
		su_buf_format(text, "; 0x%" PRIx64 " and 0x%" PRIx64, mm->want, mm->have);
	if (mm->run_addr)
		su_buf_format(text, " (at 0x%" PRIx64 ")", mm->run_addr);
}

/* The place in the update as unit, and function or section, and offset in that. */
static void name_place(const struct verifier *v, struct su_diag *diag)
{
	const struct su_update *u = &v->file->update;
	const struct su_mismatch *mm = &v->match.mismatch;
	u32 symbol = mm->symbol;

	if (mm->section != SU_NONE) {
		const struct su_section *s = &u->sections[mm->section];

		diag->object = su_update_string(u, u->units[s->unit].name);
		diag->symbol = su_update_string(u, s->name);
		diag->offset = mm->off;
		if (s->kind == SU_SECTION_TEXT || symbol == SU_NONE)
			symbol = su_symbol_at(u, mm->section, mm->off);
	}
	if (symbol == SU_NONE || u->symbols[symbol].kind != SU_SYMBOL_NAMED)
		return;
	diag->symbol = su_update_string(u, u->symbols[symbol].name);
	diag->offset = mm->section == u->symbols[symbol].section && mm->off >= u->symbols[symbol].off ?
			       mm->off - u->symbols[symbol].off :
			       SU_NO_OFFSET;
}

/* A value that disagrees is about another symbol than the code in which it was seen. */
static void name_other(const struct verifier *v, const struct su_diag *diag, struct su_buf *text)
{
	const struct su_update *u = &v->file->update;
	u32 symbol = v->match.mismatch.symbol;
	const char *name;

	if (symbol == SU_NONE || u->symbols[symbol].kind != SU_SYMBOL_NAMED)
		return;
	name = su_update_string(u, u->symbols[symbol].name);
	if (!diag->symbol || strcmp(diag->symbol, name))
		su_buf_format(text, ", of '%s'", name);
}

static int complain(struct verifier *v, int status)
{
	struct su_diag diag = { .token = status_token(status), .object = v->image->path, .hint = hint(v, status) };
	SU_CLEANUP_BUF struct su_buf text = { 0 };

	name_place(v, &diag);
	describe(&v->match.mismatch, status, &text);
	name_other(v, &diag, &text);
	if (v->is_base)
		su_buf_format(&text, " (of %s)", v->file->elf->path);
	return su_fail(v->diags, diag, "%s", text.data);
}

/* ---- what it found ---- */

static bool lies_in(const struct su_update *u, const struct su_function *f, u32 section, u64 off)
{
	for (u32 i = f->first_range; i < f->first_range + f->range_nr; i++)
		if (u->ranges[i].section == section && off >= u->ranges[i].off &&
		    off - u->ranges[i].off < u->ranges[i].size)
			return true;
	return false;
}

static bool is_present(const struct verifier *v, u32 target)
{
	return su_image_names(v->image, target_name(v, target)) != NULL;
}

/* Nothing of earlier updates can be compared where they are not known. */
static bool is_unknown(const struct verifier *v, u32 section)
{
	return v->file->update.sections[section].origin != SU_ORIGIN_TARGET && !v->sees_bases;
}

static bool is_matched(const struct verifier *v, const struct su_function *f)
{
	for (u32 i = f->first_range; i < f->first_range + f->range_nr; i++)
		if (!v->match.matched[v->file->update.ranges[i].section])
			return false;
	return true;
}

static enum su_verdict verdict(const struct verifier *v, const struct su_function *f, int status)
{
	const struct su_mismatch *mm = &v->match.mismatch;

	if (status && mm->section != SU_NONE && lies_in(&v->file->update, f, mm->section, mm->off))
		return SU_VERDICT_DIFFERS;
	if (!is_present(v, v->file->update.units[v->file->update.sections[f->section].unit].target))
		return SU_VERDICT_ABSENT;
	if (is_unknown(v, f->section))
		return SU_VERDICT_EARLIER;
	return is_matched(v, f) ? SU_VERDICT_REDIRECT : SU_VERDICT_OPEN;
}

static void report_functions(const struct verifier *v, int status, struct su_verification *report)
{
	const struct su_update *u = &v->file->update;

	for (u32 i = 0; i < u->header->functions.nr; i++) {
		const struct su_function *f = &u->functions[i];
		const struct su_unit *unit = &u->units[u->sections[f->section].unit];
		const struct su_value *base = &v->match.bases[f->section];

		*su_vec_add(&report->functions) = (struct su_verified_function){
			.name = su_update_string(u, f->name),
			.unit = su_update_string(u, unit->name),
			.target = su_update_string(u, u->targets[unit->target].name),
			.addr = base->known ? base->value + f->off : 0,
			.size = f->size,
			.verdict = verdict(v, f, status),
		};
	}
}

static void report_sections(const struct verifier *v, struct su_verification *report)
{
	const struct su_update *u = &v->file->update;

	for (u32 i = 0; i < u->header->sections.nr; i++) {
		bool is_earlier = is_unknown(v, i);

		report->earlier_nr += is_earlier && u->sections[i].kind != SU_SECTION_MERGE;
		if (is_earlier)
			continue;
		if (u->sections[i].kind != SU_SECTION_TEXT && u->sections[i].kind != SU_SECTION_RODATA)
			continue;
		report->section_nr++;
		if (v->match.matched[i]) {
			report->section_matched_nr++;
			report->matched_sz += u->sections[i].size;
		}
	}
}

static void report_values(const struct verifier *v, struct su_verification *report)
{
	const struct su_update *u = &v->file->update;

	for (u32 i = 0; i < u->header->symbols.nr; i++) {
		const struct su_symbol *s = &u->symbols[i];
		bool by_base = s->section != SU_NONE && s->kind != SU_SYMBOL_PIECE;
		const struct su_value *value = by_base ? &v->match.bases[s->section] : &v->match.values[i];

		if (!(s->flags & SU_SYMBOL_WANTED) || !value->known)
			continue;
		report->inferred_nr += value->known == 1 + SU_VALUE_INFERRED;
		report->voted_nr += value->known == 1 + SU_VALUE_VOTED;
		report->named_nr += value->known == 1 + SU_VALUE_NAME;
	}
}

/* ---- all of it ---- */

/* All modules that the update changes have to be in an image on disk; the running kernel has what is loaded. */
static int add_modules(struct su_diags *diags, struct su_image *image, const char *modules,
		       const struct su_update_file *file)
{
	struct su_moddir *dir = NULL;
	int err = 0;

	for (u32 i = 0; !err && i < file->update.header->targets.nr; i++) {
		const char *name = su_update_file_string(file, file->update.targets[i].name);

		if (image->mode != SU_MATCH_IMAGE || !strcmp(name, SU_VMLINUX))
			continue;
		if (!modules)
			return su_fail(diags,
				       SU_AT(USAGE, .object = "--modules",
					     .hint = "give the folder of this kernel's modules with --modules"),
				       "the update changes module %s, and its file is not known", name);
		if (!dir)
			dir = su_moddir_open(modules);
		err = su_image_add_module(diags, image, dir, name);
	}
	su_moddir_close(dir);
	return err;
}

static int match_target(struct verifier *v, u32 target)
{
	if (!is_present(v, target))
		return SU_MATCH_OK;
	v->match.target = target;
	return su_match_run(&v->match);
}

/* Every field of the update that would be filled in has a value by now. */
static int check_values(struct verifier *v)
{
	const struct su_update *u = &v->file->update;
	u64 value;

	for (u32 i = 0; i < u->header->relocs.nr; i++) {
		const struct su_reloc *r = &u->relocs[i];
		int status = SU_MATCH_OK;

		if (is_present(v, r->target) && (v->sees_bases || !(u->symbols[r->symbol].flags & SU_SYMBOL_EARLIER)))
			status = su_match_value(&v->match, r->symbol, &value);
		if (status) {
			v->match.mismatch = (struct su_mismatch){ .section = SU_NONE,
								  .symbol = r->symbol,
								  .what = "symbol that the new code uses" };
			return status;
		}
	}
	return SU_MATCH_OK;
}

/* Where a function lies at any address, only the kernel's image says whether there is room for its redirect. */
static int check_windows(const struct verifier *v)
{
	const struct su_update *u = &v->file->update;
	int err = 0;

	for (u32 i = 0; i < u->header->functions.nr; i++) {
		const struct su_function *f = &u->functions[i];
		const struct su_value *base = &v->match.bases[f->section];

		if (!base->known || su_window_fits(base->value + f->off + f->window_off))
			continue;
		err = su_fail(v->diags,
			      SU_AT(REDIRECT_PLACE,
				    .object = su_update_string(u, u->units[u->sections[f->section].unit].name),
				    .symbol = su_update_string(u, f->name), .offset = f->window_off,
				    .hint = "change its callers instead"),
			      "the redirect would not lie in one aligned 16-byte word");
	}
	return err;
}

/* As the core does it: vmlinux, then the modules, with one memory of what is known. */
static int match_all(struct verifier *v)
{
	int status = SU_MATCH_OK;

	for (int pass = 0; pass < 2; pass++)
		for (u32 i = 0; !status && i < v->file->update.header->targets.nr; i++)
			if (!strcmp(target_name(v, i), SU_VMLINUX) == !pass)
				status = match_target(v, i);
	return status ? status : check_values(v);
}

/* Return: 0 where it was matched, successfully or not, which @status says. */
static int begin(struct verifier *v, struct su_image *image, const char *modules, bool any_release, int *status)
{
	int err;

	v->image = image;
	v->sees_bases = v->is_base || image->base_nr;
	if (!any_release && strcmp(image->release, v->file->release) != 0)
		return su_fail(v->diags,
			       SU_AT(KERNEL_OTHER, .object = v->file->elf->path,
				     .hint = "make an update for that kernel, or choose the image with --image"),
			       "the update is for %s, and %s is %s", v->file->release, image->path, image->release);
	err = add_modules(v->diags, image, modules, v->file);
	if (err)
		return err;
	match_init(v);
	*status = match_all(v);
	return 0;
}

int su_verify(struct su_diags *diags, struct su_image *image, const char *modules, const struct su_update_file *file,
	      bool any_release, struct su_verification *report)
{
	struct verifier v = { .diags = diags, .file = file };
	int status, err = begin(&v, image, modules, any_release, &status);

	if (err)
		return err;
	report_functions(&v, status, report);
	report_sections(&v, report);
	report_values(&v, report);
	err = status ? complain(&v, status) : check_windows(&v);
	match_fini(&v);
	return err;
}

int su_verify_base(struct su_diags *diags, struct su_image *image, const char *modules,
		   const struct su_update_file *file, bool any_release)
{
	struct verifier v = { .diags = diags, .file = file, .is_base = true };
	int status, err = begin(&v, image, modules, any_release, &status);

	if (err)
		return err;
	err = status ? complain(&v, status) : su_base_add(diags, image, file, &v.match);
	match_fini(&v);
	return err;
}

void su_verification_fini(struct su_verification *v)
{
	su_vec_fini(&v->functions);
}

const char *su_verdict_name(enum su_verdict verdict)
{
	switch (verdict) {
	case SU_VERDICT_REDIRECT:
		return "redirect";
	case SU_VERDICT_DIFFERS:
		return "differs";
	case SU_VERDICT_ABSENT:
		return "absent";
	case SU_VERDICT_EARLIER:
		return "earlier";
	default:
		return "open";
	}
}
