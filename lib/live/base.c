// SPDX-License-Identifier: GPL-2.0-or-later
/* Earlier updates in an image: laid out by module.c, linked with what their match has found, their redirects noted. */
#include <string.h>

#include "base.h"
#include "module.h"

struct base {
	struct su_diags *diags;
	struct su_image *image;
	const struct su_update_file *file;
	const struct su_match *match;
	uint64_t areas_va; /* of its table of areas, in which the addresses are filled in */
};

static int unusable(const struct base *b, const char *what)
{
	return su_fail(b->diags, SU_AT(UPDATE_FORMAT, .object = b->file->elf->path, .hint = "make the update again"),
		       "the update is damaged: %s", what);
}

static int find_areas(struct base *b, const struct su_addresses *names)
{
	const uint64_t *blob;

	if (su_addresses_find(names, SU_BLOB_SYMBOL, &blob) != 1)
		return unusable(b, "it has not one symbol " SU_BLOB_SYMBOL);
	b->areas_va = *blob + b->file->update.header->areas.off;
	return 0;
}

/* Where something in an area lies in the image. */
static int place_of(const struct base *b, uint32_t area, uint64_t off, uint64_t *addr)
{
	uint64_t at = b->areas_va + area * sizeof(struct su_area) + offsetof(struct su_area, addr);

	if (su_image_read(b->image, at, addr, sizeof(*addr)))
		return unusable(b, "its areas lie outside its memory");
	*addr += off;
	return 0;
}

static int link_one(const struct base *b, const struct su_reloc *r)
{
	uint8_t field[8];
	uint64_t place;
	u64 value;
	u32 len;
	int err = place_of(b, r->area, r->off, &place);

	if (err)
		return err;
	if (su_match_value(b->match, r->symbol, &value) || su_reloc_field(r, place, value, field, &len) ||
	    su_image_write(b->image, place, field, len))
		return unusable(b, "a field that cannot be filled in");
	return 0;
}

static int link_all(const struct base *b)
{
	const struct su_update *u = &b->file->update;
	int err = 0;

	for (u32 i = 0; !err && i < u->header->relocs.nr; i++)
		err = link_one(b, &u->relocs[i]);
	return err;
}

static int redirect_all(const struct base *b)
{
	const struct su_update *u = &b->file->update;

	for (u32 i = 0; i < u->header->functions.nr; i++) {
		const struct su_function *f = &u->functions[i];
		struct su_image_redirect redirect = { .from = b->match->bases[f->section].value + f->off };
		int err = place_of(b, f->new_area, f->new_off, &redirect.to);

		if (err)
			return err;
		*su_vec_add(&b->image->redirects) = redirect;
	}
	return 0;
}

static void add_names(const struct base *b, const struct su_addresses *names)
{
	for (size_t i = 0; i < names->entries.nr; i++)
		su_addresses_add(&b->image->base_names, names->entries.data[i].name, names->entries.data[i].addr);
	su_addresses_sort(&b->image->base_names);
}

int su_base_add(struct su_diags *diags, struct su_image *image, const struct su_update_file *file,
		const struct su_match *match)
{
	struct base b = { .diags = diags, .image = image, .file = file, .match = match };
	const struct su_addresses *names;
	int err = su_image_add_update(diags, image, file->elf->path, &names);

	if (!err)
		err = find_areas(&b, names);
	if (!err)
		err = link_all(&b);
	if (!err)
		err = redirect_all(&b);
	if (err)
		return err;
	add_names(&b, names);
	image->base_nr++;
	return 0;
}

uint64_t su_base_latest(const struct su_image *image, uint64_t addr)
{
	uint64_t latest = 0;

	/* What replaces a replacement comes later. */
	for (size_t i = 0; i < image->redirects.nr; i++)
		if (image->redirects.data[i].from == addr)
			latest = addr = image->redirects.data[i].to;
	return latest;
}
