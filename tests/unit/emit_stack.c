// SPDX-License-Identifier: GPL-2.0-or-later
/* Updates on updates: what the tables say of code and data that an earlier update has brought. */
#include <string.h>

#include "lib/emit/emit.h"
#include "match/update.h"
#include "objects.h"

#define HEAD "int exported(int); int hidden(int); static int count; int f(int); const char *g(int);\n"
#define HELPER "__attribute__((noipa)) static int helper(int a) { return hidden(a) + 1; }\n"
#define FRESH "static int fresh;\n"
#define LIMIT "__attribute__((noipa)) static int limit(int a) { return a > fresh ? fresh++ : a; }\n"
#define F_KERNEL "int f(int a) { count += a; return exported(helper(a)) + helper(a + 1); }\n"
#define F_FIRST "int f(int a) { count += a; return exported(helper(limit(a))) + helper(a + 1); }\n"
#define F_SECOND "int f(int a) { count += a; return exported(helper(limit(a))) + helper(limit(a + 2)); }\n"
#define G_KERNEL "const char *g(int a) { return a ? \"yes\" : \"no\"; }\n"
#define G_ALONE "const char *g(int a) { return a > 1 ? \"yes\" : \"no\"; }\n"
#define G_FRESH "const char *g(int a) { return a > fresh ? \"yes\" : \"no\"; }\n"

static const char kernel[] = HEAD HELPER F_KERNEL G_KERNEL;
static const char first[] = HEAD FRESH HELPER LIMIT F_FIRST G_KERNEL;

struct state {
	struct su_diags *diags;
	char *dir, *path;
	struct su_elf *elf;
	struct su_update u;
};

static int setup(void **data)
{
	struct state *s = su_alloc(sizeof(*s));

	s->diags = su_diags_create();
	*data = s;
	if (su_dir_temp(s->diags, "/tmp", "suture-stack-", &s->dir))
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

static struct su_object *split(struct state *s, const char *name, const char *text)
{
	return compile_object(s->diags, s->dir, name, text, true, "-fdata-sections");
}

/* The first update's difference, whose lineage the pre object of the second one's takes over. */
static struct su_object *follow_first(struct state *s)
{
	struct su_object *next = split(s, "next", first);
	struct su_diff *diff = su_diff_create("test.o", split(s, "kernel", kernel), split(s, "first", first));

	su_lineage_step(diff->post, 1);
	su_lineage_copy(diff->post, next);
	su_diff_destroy(diff);
	return next;
}

static void open_update(struct state *s)
{
	const struct su_elf_section *blob;
	const char *where = NULL;
	void *copy;

	assert_int_equal(su_elf_open(s->diags, s->path, &s->elf), 0);
	blob = su_elf_section_find(s->elf, SU_BLOB_SECTION);
	assert_non_null(blob);
	copy = su_arena_alloc(&s->elf->arena, blob->size);
	memcpy(copy, blob->data, blob->size);
	if (su_update_open(copy, blob->size, &s->u, &where))
		fail_msg("the emitter's own tables are refused: %s", where);
}

/* The update from the kernel with the first patch to @second. */
static void emit(struct state *s, const char *second, struct su_emit_result *result)
{
	static const char exports[] =
		"0x0\t__fentry__\tvmlinux\tEXPORT_SYMBOL\t\n0x0\texported\tvmlinux\tEXPORT_SYMBOL\t\n";
	SU_CLEANUP_FREE char *symvers_path = su_format("%s/Module.symvers", s->dir);
	struct su_symvers symvers = { 0 };
	struct su_emit_unit unit = { .name = "test.o", .target = "vmlinux" };
	struct su_emit_request request = { .id = "test", .units = &unit, .unit_nr = 1, .symvers = &symvers };

	unit.plain = compile_object(s->diags, s->dir, "plain", kernel, false, "-fno-data-sections");
	unit.diff = su_diff_create(unit.name, follow_first(s), split(s, "second", second));
	assert_int_equal(su_file_write(s->diags, symvers_path, exports, strlen(exports)), 0);
	assert_int_equal(su_symvers_read(s->diags, symvers_path, &symvers), 0);
	assert_int_equal(su_emit_object(s->diags, &request, s->path, result), 0);
	su_symvers_fini(&symvers);
	su_diff_destroy(unit.diff);
	su_object_destroy(unit.plain);
	open_update(s);
}

static const struct su_symbol *find_symbol(const struct su_update *u, const char *name)
{
	for (u32 i = 0; i < u->header->symbols.nr; i++)
		if (!strcmp(su_update_string(u, u->symbols[i].name), name))
			return &u->symbols[i];
	return NULL;
}

static u32 origin_of(const struct su_update *u, const char *symbol)
{
	const struct su_symbol *s = find_symbol(u, symbol);

	assert_non_null(s);
	assert_int_not_equal(s->section, SU_NONE);
	assert_int_equal(!!(s->flags & SU_SYMBOL_EARLIER), u->sections[s->section].origin != SU_ORIGIN_TARGET);
	return u->sections[s->section].origin;
}

static size_t earlier_sections(const struct su_update *u)
{
	size_t nr = 0;

	for (u32 i = 0; i < u->header->sections.nr; i++)
		nr += u->sections[i].origin != SU_ORIGIN_TARGET;
	return nr;
}

/* f() is replaced where its replacement runs; what the first has added is found there. */
static void test_replacement_is_replaced(void **data)
{
	struct state *s = *data;
	struct su_emit_result result = { 0 };
	const struct su_section *old;

	emit(s, HEAD FRESH HELPER LIMIT F_SECOND G_KERNEL, &result);
	assert_int_equal(result.changed_nr, 1);
	assert_int_equal(result.new_nr, 0);
	assert_int_equal(s->u.header->functions.nr, 1);
	assert_string_equal(su_update_string(&s->u, s->u.functions[0].name), "f");
	assert_int_equal(s->u.functions[0].off, 0);
	assert_int_equal(s->u.functions[0].window_off, 5);
	old = &s->u.sections[s->u.functions[0].section];
	assert_ptr_equal(&s->u.symbols[su_section_latest(old)], find_symbol(&s->u, "f"));
	assert_int_equal(origin_of(&s->u, "f"), SU_ORIGIN_TARGET);
	assert_int_equal(origin_of(&s->u, "f.suture"), old->origin);
	assert_int_equal(origin_of(&s->u, "limit"), SU_ORIGIN_EARLIER);
	assert_true(find_symbol(&s->u, "limit")->flags & SU_SYMBOL_WANTED);
	/* what the kernel has is the kernel's */
	assert_int_equal(origin_of(&s->u, "helper"), SU_ORIGIN_TARGET);
	assert_int_equal(origin_of(&s->u, "count"), SU_ORIGIN_TARGET);
	su_emit_result_fini(&result);
}

/* A function of the first, which the kernel does not have, is replaced in the first's module. */
static void test_added_function_is_replaced(void **data)
{
	struct state *s = *data;
	struct su_emit_result result = { 0 };

	emit(s,
	     HEAD FRESH HELPER
	     "__attribute__((noipa)) static int limit(int a) { return a > fresh ? fresh : a; }\n" F_FIRST G_KERNEL,
	     &result);
	assert_int_equal(s->u.header->functions.nr, 1);
	assert_string_equal(su_update_string(&s->u, s->u.functions[0].name), "limit");
	assert_int_equal(s->u.sections[s->u.functions[0].section].origin, SU_ORIGIN_EARLIER);
	assert_int_equal(origin_of(&s->u, "limit"), SU_ORIGIN_EARLIER);
	su_emit_result_fini(&result);
}

/* Another function uses a variable of the first: the code there that refers to it comes along, and is not replaced. */
static void test_added_data_is_used(void **data)
{
	struct state *s = *data;
	struct su_emit_result result = { 0 };
	const struct su_symbol *fresh;

	emit(s, HEAD FRESH HELPER LIMIT F_FIRST G_FRESH, &result);
	assert_int_equal(result.new_nr, 0);
	assert_int_equal(s->u.header->functions.nr, 1);
	assert_int_equal(s->u.sections[s->u.functions[0].section].origin, SU_ORIGIN_TARGET);
	fresh = find_symbol(&s->u, "fresh");
	assert_int_equal(origin_of(&s->u, "fresh"), SU_ORIGIN_EARLIER);
	assert_true(fresh->flags & SU_SYMBOL_WANTED);
	assert_int_equal(s->u.sections[fresh->section].kind, SU_SECTION_PLACE);
	assert_int_equal(origin_of(&s->u, "limit"), SU_ORIGIN_EARLIER);
	su_emit_result_fini(&result);
}

/* What has nothing of the first does not stand on it. */
static void test_independent(void **data)
{
	struct state *s = *data;
	struct su_emit_result result = { 0 };

	emit(s, HEAD FRESH HELPER LIMIT F_FIRST G_ALONE, &result);
	assert_int_equal(s->u.header->functions.nr, 1);
	assert_int_equal(earlier_sections(&s->u), 0);
	su_emit_result_fini(&result);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replacement_is_replaced),
		TEST(test_added_function_is_replaced),
		TEST(test_added_data_is_used),
		TEST(test_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
