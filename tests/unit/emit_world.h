/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of the emitter: a folder, units made from a few lines of C, and the update that was emitted last. */
#ifndef TESTS_UNIT_EMIT_WORLD_H
#define TESTS_UNIT_EMIT_WORLD_H

#include "lib/emit/emit.h"
#include "match/update.h"
#include "objects.h"

struct emit_world {
	struct su_diags *diags;
	char *dir, *path;
	/* what units elsewhere have; for the next emissions */
	const struct su_namesake *namesakes;
	size_t namesake_nr;
	/* of the last emission */
	struct su_emit_result result;
	struct su_elf *elf;
	struct su_update u;
};

static inline int emit_setup(void **data)
{
	struct emit_world *w = *data = su_alloc(sizeof(*w));

	w->diags = su_diags_create();
	if (su_dir_temp(w->diags, "/tmp", "suture-emit-", &w->dir))
		return -1;
	w->path = su_format("%s/code.o", w->dir);
	return 0;
}

static inline void emit_forget(struct emit_world *w)
{
	su_emit_result_fini(&w->result);
	su_elf_close(w->elf);
	w->result = (struct su_emit_result){ 0 };
	w->elf = NULL;
}

static inline int emit_teardown(void **data)
{
	struct emit_world *w = *data;

	emit_forget(w);
	su_dir_remove(w->diags, w->dir);
	su_diags_destroy(w->diags);
	free(w->path);
	free(w->dir);
	free(w);
	return 0;
}

static inline struct su_object *emit_split(struct emit_world *w, const char *name, const char *source)
{
	return compile_object(w->diags, w->dir, name, source, true, "-fdata-sections");
}

static inline struct su_object *emit_plain(struct emit_world *w, const char *name, const char *source)
{
	return compile_object(w->diags, w->dir, name, source, false, "-fno-data-sections");
}

/* The tables of the object just written, checked as the core checks them. */
static inline void emit_open(struct emit_world *w)
{
	const struct su_elf_section *blob;
	const char *where = NULL;
	void *copy;

	assert_int_equal(su_elf_open(w->diags, w->path, &w->elf), 0);
	blob = su_elf_section_find(w->elf, SU_BLOB_SECTION);
	assert_non_null(blob);
	copy = su_arena_alloc(&w->elf->arena, blob->size);
	memcpy(copy, blob->data, blob->size);
	if (su_update_open(copy, blob->size, &w->u, &where))
		fail_msg("the emitter's own tables are refused: %s", where);
	assert_true(su_update_is_whole(&w->u));
}

/* Emits an update of units, whose objects are destroyed; the kernel "exports" what @exports lists. */
static inline int emit_units(struct emit_world *w, struct su_emit_unit *units, size_t nr, const char *exports)
{
	SU_CLEANUP_FREE char *symvers_path = su_format("%s/Module.symvers", w->dir);
	struct su_symvers symvers = { 0 };
	static const char *const modinfo[] = { "description=a test", "suture_id=test", NULL };
	struct su_emit_request request = {
		.id = "test",
		.units = units,
		.unit_nr = nr,
		.symvers = &symvers,
		.namesakes = w->namesakes,
		.namesake_nr = w->namesake_nr,
		.modinfo = modinfo,
	};
	int ret;

	emit_forget(w);
	assert_int_equal(su_file_write(w->diags, symvers_path, exports, strlen(exports)), 0);
	assert_int_equal(su_symvers_read(w->diags, symvers_path, &symvers), 0);
	ret = su_emit_object(w->diags, &request, w->path, &w->result);
	su_symvers_fini(&symvers);
	for (size_t i = 0; i < nr; i++) {
		su_diff_destroy(units[i].diff);
		su_object_destroy(units[i].plain);
	}
	if (!ret)
		emit_open(w);
	return ret;
}

/* The kernel that exports "exported", and the tracer's entry. */
#define EMIT_EXPORTS "0x0\t__fentry__\tvmlinux\tEXPORT_SYMBOL\t\n0x0\texported\tvmlinux\tEXPORT_SYMBOL\t\n"

/* Loader's business: an undefined symbol of the update. */
static inline bool emit_has_undefined(const struct emit_world *w, const char *name)
{
	for (size_t i = 1; i < w->elf->symbol_nr; i++)
		if (!w->elf->symbols[i].section && !strcmp(w->elf->symbols[i].name, name))
			return true;
	return false;
}

#endif
