// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where each redirect goes: behind the fentry site where there is one, else at the entry (behind endbr64). What cannot be redirected is
 * refused here, never found out on the live machine.
 */
#include <string.h>

#include "emitter.h"
#include "lib/base/str.h"

/* Sections whose code runs where no redirect may be met: where the kernel's own state is not set up, or during the switch. */
static bool is_forbidden_section(const char *name)
{
	static const char *const names[] = { ".noinstr.text", ".entry.text", ".cpuidle.text", ".irqentry.text",
					     ".static_call.text" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	/* thunks, some of them read by address */
	return su_has_prefix(name, ".text..__x86.");
}

static struct su_atom *find_function(const struct su_object *object, const char *name)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		if (object->atoms[i]->kind == SU_ATOM_FUNC && !strcmp(object->atoms[i]->name, name))
			return object->atoms[i];
	return NULL;
}

/* Offset behind the entry's fentry call, 0 where there is none. */
static uint32_t behind_fentry(const struct su_atom *plain)
{
	for (size_t i = 0; i < plain->attached.nr; i++) {
		const struct su_atom *entry = plain->attached.data[i];

		if (entry->kind == SU_ATOM_ENTRY && !strcmp(entry->section->name, "__mcount_loc") && entry->edge_nr &&
		    entry->edges[0].addend >= 0 && entry->edges[0].addend <= 8)
			return (uint32_t)entry->edges[0].addend + SU_JMP_SZ;
	}
	return 0;
}

static void find_window(struct su_emit_redirect *r)
{
	const uint8_t *bytes = su_atom_bytes(r->plain);

	r->window_off = behind_fentry(r->plain);
	r->has_fentry = r->window_off != 0;
	if (!r->has_fentry && r->plain->size >= 4 && !memcmp(bytes, SU_ENDBR64, 4))
		r->window_off = 4;
}

/* The section's bytes up to @end are this function's or padding behind it. */
static bool has_room(const struct su_object *plain, const struct su_atom *f, uint64_t end)
{
	uint64_t own = f->off + f->size;

	if (end <= own)
		return true;
	if (end > f->section->size)
		return false;
	for (size_t i = 0; i < plain->by_section_nr[f->section->idx]; i++) {
		const struct su_atom *next = plain->by_section[f->section->idx][i];

		if (next->off >= own && next->off < end)
			return false;
	}
	return su_code_padding_sz(f->section->data + own, f->section->size - own) >= end - own;
}

/*
 * The core retires static keys and static calls under a redirect and brings them back at undo; of a conditional tail
 * call (a jump of six bytes that is a static call) it could not tell what to bring back.
 */
static int check_sites(struct su_emitter *e, const struct su_emit_redirect *r, const struct su_site_list *list)
{
	uint64_t start = r->plain->off + r->window_off;

	for (size_t i = 0; i < list->sites.nr; i++) {
		const struct su_site *site = &list->sites.data[i];

		if (site->kind != SU_SITE_STATIC_CALL || site->len <= SU_JMP_SZ || site->off >= start + SU_JMP_SZ ||
		    site->off + site->len <= start)
			continue;
		return su_fail(e->diags,
			       SU_AT(REDIRECT_SITE, .object = r->unit->name, .symbol = r->plain->name,
				     .offset = site->off - r->plain->off,
				     .hint = "change a caller of the function instead"),
			       "a conditional static call stands where the redirect must go");
	}
	return 0;
}

/* An update places a function on its own, aligned to 16 bytes, and only its own bytes are matched there. */
static bool is_in_word(const struct su_emit_redirect *r)
{
	uint64_t start = (r->is_stacked ? 0 : r->plain->off) + r->window_off;

	/* where the section is placed less strictly the core looks */
	return (!r->is_stacked && r->plain->section->align < SU_WORD_SZ) || su_window_fits(start);
}

static int check_window(struct su_emitter *e, const struct su_emit_redirect *r)
{
	bool has_place = r->is_stacked ? r->window_off + SU_JMP_SZ <= r->plain->size :
					 has_room(r->object, r->plain, r->plain->off + r->window_off + SU_JMP_SZ);

	if (!has_place)
		return su_fail(e->diags,
			       SU_AT(REDIRECT_SHORT, .object = r->unit->name, .symbol = r->plain->name,
				     .hint = "change its callers instead"),
			       "the function has %llu bytes: no room for the redirect",
			       (unsigned long long)r->plain->size);
	/* one aligned 16-byte word is written at once */
	if (!is_in_word(r))
		return su_fail(e->diags,
			       SU_AT(REDIRECT_SHORT, .object = r->unit->name, .symbol = r->plain->name,
				     .hint = "change its callers instead"),
			       "the redirect would not lie in one aligned 16-byte word");
	return 0;
}

/* Another name inside of the function, by which others enter it. */
static const char *second_entry(const struct su_object *plain, const struct su_atom *f)
{
	for (size_t i = 0; i < plain->elf->symbol_nr; i++) {
		const struct su_elf_symbol *s = &plain->elf->symbols[i];

		if (s->section == f->section && s->bind != STB_LOCAL && s->value > f->off && s->value < f->off + f->size)
			return s->name;
	}
	return NULL;
}

/* What only assembler does. */
static int check_form(struct su_emitter *e, const struct su_emit_redirect *r)
{
	const struct su_object *post = r->unit->diff->post;
	const char *entry = second_entry(r->unit->plain, r->plain);
	const struct su_atom *f = r->post;

	if (!f->symbol || f->symbol->type != STT_FUNC)
		return su_fail(e->diags,
			       SU_AT(REDIRECT_PLACE, .object = r->unit->name, .symbol = f->name,
				     .hint = "this change needs a reboot"),
			       "the changed code is not a function that is called");
	if (entry)
		return su_fail(e->diags,
			       SU_AT(REDIRECT_PLACE, .object = r->unit->name, .symbol = f->name,
				     .hint = "change its callers instead"),
			       "the function has a second entry, '%s', which the redirect would not reach", entry);
	if (post->by_section_nr[f->section->idx] > 1 && f->off + f->size < f->section->size && su_code_falls_through(f))
		return su_fail(e->diags,
			       SU_AT(REDIRECT_PLACE, .object = r->unit->name, .symbol = f->name,
				     .hint = "change its callers instead"),
			       "the function ends in the one that follows it in its section");
	return 0;
}

static int plan_redirect(struct su_emitter *e, struct su_emit_redirect *r)
{
	struct su_site_list list = { 0 };
	const struct su_atom *pre = r->post->partner;
	const char *name = pre->line.origin ? pre->line.origin : pre->name;
	int ret;

	r->is_stacked = pre->line.carried != 0;
	r->object = r->is_stacked ? r->unit->diff->pre : r->unit->plain;
	r->plain = r->is_stacked ? pre : find_function(r->unit->plain, name);
	if (!r->plain)
		return su_fail(e->diags,
			       SU_AT(AMBIGUOUS, .object = r->unit->name, .symbol = name,
				     .hint = "change a caller of the function instead"),
			       "the running kernel has no function of this name in the unit: its compiler has made others of it");
	if (is_forbidden_section(r->plain->section->name))
		return su_fail(e->diags,
			       SU_AT(REDIRECT_PLACE, .object = r->unit->name, .symbol = name,
				     .hint = "this change needs a reboot"),
			       "code of section %s must not be redirected: it runs where the kernel's own state is not set up",
			       r->plain->section->name);
	ret = su_emit_check_quiescence(e, r->unit, r->post->partner);
	if (ret)
		return ret;
	find_window(r);
	ret = check_form(e, r);
	if (!ret)
		ret = check_window(e, r);
	if (ret)
		return ret;
	su_emit_sites(r->object, r->plain->section, &list);
	ret = check_sites(e, r, &list);
	su_vec_fini(&list.sites);
	return ret;
}

static bool needs_redirect(const struct su_atom *atom)
{
	return atom->kind == SU_ATOM_FUNC && atom->is_selected && atom->partner && atom->is_changed && !atom->owner;
}

int su_emit_redirects(struct su_emitter *e)
{
	int ret = 0;

	for (size_t u = 0; u < e->request->unit_nr; u++) {
		const struct su_emit_unit *unit = &e->request->units[u];

		for (size_t i = 0; i < unit->diff->post->atom_nr; i++) {
			struct su_emit_redirect r = { .unit = unit,
						      .unit_idx = (uint32_t)u,
						      .post = unit->diff->post->atoms[i] };
			int err;

			if (!needs_redirect(r.post))
				continue;
			err = plan_redirect(e, &r);
			if (!ret)
				ret = err;
			*su_vec_add(&e->redirects) = r;
		}
	}
	return ret;
}
