// SPDX-License-Identifier: GPL-2.0-or-later
/* The emitter and units of modules: whose symbols are whose, what stays in memory, what starts anew with its module. */
#include <string.h>

#include "lib/emit/emit.h"
#include "match/update.h"
#include "objects.h"

#define EXPORTS \
	"0x0\t__fentry__\tvmlinux\tEXPORT_SYMBOL\t\n0x0\tof_vmlinux\tvmlinux\tEXPORT_SYMBOL\t\n" \
	"0x0\tof_beta\tdrivers/a-path/beta\tEXPORT_SYMBOL_GPL\t\n"

struct source {
	const char *target, *pre, *post;
};

struct state {
	struct su_diags *diags;
	char *dir, *path;
	struct su_elf *elf;
	struct su_update u;
};

static int setup(void **data)
{
	struct state *s = *data = su_alloc(sizeof(*s));

	s->diags = su_diags_create();
	if (su_dir_temp(s->diags, "/tmp", "suture-emit-", &s->dir))
		return -1;
	s->path = su_format("%s/code.o", s->dir);
	return 0;
}

static int teardown(void **data)
{
	struct state *s = *data;

	su_elf_close(s->elf);
	su_dir_remove(s->diags, s->dir);
	su_diags_destroy(s->diags);
	free(s->path);
	free(s->dir);
	free(s);
	return 0;
}

static struct su_emit_unit unit_create(struct state *s, const struct source *source, size_t i)
{
	SU_CLEANUP_FREE char *pre = su_format("pre%zu", i), *post = su_format("post%zu", i);
	SU_CLEANUP_FREE char *plain = su_format("plain%zu", i);
	bool is_module = strcmp(source->target, "vmlinux") != 0;
	struct su_object *a = compile_object(s->diags, s->dir, pre, source->pre, true, "-fdata-sections");
	struct su_object *b = compile_object(s->diags, s->dir, post, source->post, true, "-fdata-sections");
	struct su_emit_unit unit = { .name = su_format("%s/unit%zu.o", source->target, i), .target = source->target };

	unit.plain = compile_object(s->diags, s->dir, plain, source->pre, false, "-fno-data-sections");
	a->is_module = b->is_module = unit.plain->is_module = is_module;
	unit.diff = su_diff_create(unit.name, a, b);
	return unit;
}

/* Emits an update of these units; @s->u are its tables, checked as the core checks them. */
static void emit(struct state *s, const struct source *sources, size_t nr)
{
	SU_CLEANUP_FREE char *symvers_path = su_format("%s/Module.symvers", s->dir);
	struct su_emit_unit *units = su_alloc(nr * sizeof(*units));
	struct su_symvers symvers = { 0 };
	struct su_emit_request request = { .id = "test", .units = units, .unit_nr = nr, .symvers = &symvers };
	struct su_emit_result result = { 0 };
	const struct su_elf_section *blob;
	const char *where = NULL;
	void *copy;

	for (size_t i = 0; i < nr; i++)
		units[i] = unit_create(s, &sources[i], i);
	assert_int_equal(su_file_write(s->diags, symvers_path, EXPORTS, strlen(EXPORTS)), 0);
	assert_int_equal(su_symvers_read(s->diags, symvers_path, &symvers), 0);
	assert_int_equal(su_emit_object(s->diags, &request, s->path, &result), 0);
	su_emit_result_fini(&result);
	su_symvers_fini(&symvers);
	for (size_t i = 0; i < nr; i++) {
		free((char *)units[i].name);
		su_diff_destroy(units[i].diff);
		su_object_destroy(units[i].plain);
	}
	free(units);
	assert_int_equal(su_elf_open(s->diags, s->path, &s->elf), 0);
	blob = su_elf_section_find(s->elf, SU_BLOB_SECTION);
	copy = su_arena_alloc(&s->elf->arena, blob->size);
	memcpy(copy, blob->data, blob->size);
	if (su_update_open(copy, blob->size, &s->u, &where))
		fail_msg("the emitter's own tables are refused: %s", where);
}

/* ---- what is asked of the tables ---- */

static const char *target_name(const struct state *s, u32 target)
{
	return su_update_string(&s->u, s->u.targets[target].name);
}

static u32 target_of(const struct state *s, const char *name)
{
	for (u32 i = 0; i < s->u.header->targets.nr; i++)
		if (!strcmp(target_name(s, i), name))
			return i;
	return SU_NONE;
}

static bool needs(const struct state *s, const char *target, const char *needed)
{
	return s->u.targets[target_of(s, target)].needs >> target_of(s, needed) & 1;
}

/* The private relocation of code of @target against symbol @name; NULL: none. */
static const struct su_reloc *reloc_of(const struct state *s, const char *target, const char *name)
{
	for (u32 i = 0; i < s->u.header->relocs.nr; i++) {
		const struct su_reloc *r = &s->u.relocs[i];

		if (r->target == target_of(s, target) &&
		    !strcmp(su_update_string(&s->u, s->u.symbols[r->symbol].name), name))
			return r;
	}
	return NULL;
}

static const char *symbol_target(const struct state *s, const struct su_reloc *reloc)
{
	assert_non_null(reloc);
	return target_name(s, s->u.symbols[reloc->symbol].target);
}

static bool has_undefined(const struct state *s, const char *name)
{
	for (size_t i = 1; i < s->elf->symbol_nr; i++)
		if (!s->elf->symbols[i].section && !strcmp(s->elf->symbols[i].name, name))
			return true;
	return false;
}

/* ---- tests ---- */

static const struct source one_module = {
	"alpha",
	"int of_vmlinux(int), of_beta(int), of_alpha(int); extern char __this_module[]; static int count;\n"
	"int f(int a) { return of_vmlinux(a) + of_beta(a) + of_alpha(a) + (long)__this_module + count++; }\n",
	"int of_vmlinux(int), of_beta(int), of_alpha(int); extern char __this_module[]; static int count;\n"
	"static int fresh = 3, zero;\n"
	"int f(int a) { zero += a; return of_vmlinux(fresh++) + of_beta(a) + of_alpha(zero) + (long)__this_module + count++; }\n",
};

static void test_whose_symbols(void **data)
{
	struct state *s = *data;

	emit(s, &one_module, 1);
	assert_string_equal(target_name(s, s->u.units[0].target), "alpha");
	/* vmlinux is always there; what a module exports would hold that module if the loader resolved it */
	assert_true(has_undefined(s, "of_vmlinux"));
	assert_false(has_undefined(s, "of_beta"));
	assert_false(has_undefined(s, "__this_module"));
	assert_string_equal(symbol_target(s, reloc_of(s, "alpha", "of_beta")), "beta");
	assert_string_equal(symbol_target(s, reloc_of(s, "alpha", "of_alpha")), "alpha");
	assert_string_equal(symbol_target(s, reloc_of(s, "alpha", "__this_module")), "alpha");
	assert_string_equal(symbol_target(s, reloc_of(s, "alpha", "count")), "alpha");
	assert_true(needs(s, "alpha", "beta"));
	assert_false(needs(s, "beta", "alpha"));
}

/* Pre code is compared whenever the module comes: it must not be in memory that is freed after init. */
static void test_pre_code_stays(void **data)
{
	struct state *s = *data;

	emit(s, &one_module, 1);
	assert_null(su_elf_section_find(s->elf, ".init.text"));
	assert_non_null(su_elf_section_find(s->elf, ".text.suture.pre"));
}

static void assert_owned(const struct state *s, const char *section, const char *owner)
{
	for (u32 i = 0; i < s->u.header->areas.nr; i++) {
		if (strcmp(su_update_string(&s->u, s->u.areas[i].name), section) != 0)
			continue;
		assert_string_equal(target_name(s, su_area_owner(&s->u.areas[i])), owner);
		assert_true(s->u.areas[i].size > 0);
		return;
	}
	fail_msg("there is no area %s", section);
}

static void test_own_data_starts_anew(void **data)
{
	struct state *s = *data;

	emit(s, &one_module, 1);
	assert_owned(s, ".data.suture.alpha", "alpha");
	assert_owned(s, ".bss.suture.alpha", "alpha");
	assert_null(su_elf_section_find(s->elf, ".data"));
}

static void test_data_of_vmlinux_is_plain(void **data)
{
	struct state *s = *data;
	struct source source = one_module;

	source.target = "vmlinux";
	emit(s, &source, 1);
	assert_non_null(su_elf_section_find(s->elf, ".data"));
	for (u32 i = 0; i < s->u.header->areas.nr; i++)
		assert_int_equal(su_area_owner(&s->u.areas[i]), SU_NONE);
}

/* Both modules have a function setup() of their own; only that of the first one changes. */
static void test_one_name_in_two_modules(void **data)
{
	static const struct source sources[] = {
		{ "alpha", "int x(int); int setup(int a) { return x(a) + 1; }",
		  "int x(int); int setup(int a) { return x(a) + 2; }" },
		{ "gamma", "int setup(int); int g(int a) { return setup(a) + 1; }",
		  "int setup(int); int g(int a) { return setup(a) + 2; }" },
	};
	struct state *s = *data;

	emit(s, sources, 2);
	assert_string_equal(symbol_target(s, reloc_of(s, "gamma", "setup")), "gamma");
	assert_false(needs(s, "gamma", "alpha"));
	assert_string_equal(symbol_target(s, reloc_of(s, "alpha", "x")), "alpha");
	assert_null(reloc_of(s, "gamma", "x"));
}

/* A function that the patch adds and exports in one module, and calls from another. */
static void test_new_export_of_another_module(void **data)
{
	static const struct source sources[] = {
		{ "alpha", "int x(int); int f(int a) { return x(a); }",
		  "int x(int); int f(int a) { return x(a) + 1; }\n"
		  "int helper(int a) { return x(a) * 7; }\n"
		  "asm(\".pushsection \\\"___ksymtab+helper\\\",\\\"a\\\"\\n.long 0\\n.popsection\");" },
		{ "gamma", "int x(int); int g(int a) { return x(a) + 1; }",
		  "int helper(int); int g(int a) { return helper(a) + 2; }" },
	};
	struct state *s = *data;

	emit(s, sources, 2);
	assert_null(reloc_of(s, "gamma", "helper"));
	assert_true(needs(s, "gamma", "alpha"));
	assert_false(needs(s, "alpha", "gamma"));
	assert_non_null(reloc_of(s, "alpha", "x"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whose_symbols),	       TEST(pre_code_stays),
		TEST(own_data_starts_anew),    TEST(data_of_vmlinux_is_plain),
		TEST(one_name_in_two_modules), TEST(new_export_of_another_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
