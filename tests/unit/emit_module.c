// SPDX-License-Identifier: GPL-2.0-or-later
/* The emitter and units of modules: whose symbols are whose, what stays in memory, what starts anew with its module. */
#include <string.h>

#include "emit_world.h"

#define EXPORTS \
	"0x0\t__fentry__\tvmlinux\tEXPORT_SYMBOL\t\n0x0\tof_vmlinux\tvmlinux\tEXPORT_SYMBOL\t\n" \
	"0x0\tof_beta\tdrivers/a-path/beta\tEXPORT_SYMBOL_GPL\t\n" \
	"0x0\tkey\tbeta\tEXPORT_SYMBOL\t\n0x0\t__SCK__n\tbeta\tEXPORT_SYMBOL\t\n0x0\t__SCT__n\tbeta\tEXPORT_SYMBOL\t\n"

struct source {
	const char *target, *pre, *post;
};

static struct su_emit_unit unit_create(struct emit_world *w, const struct source *source, size_t i)
{
	SU_CLEANUP_FREE char *pre = su_format("pre%zu", i), *post = su_format("post%zu", i);
	SU_CLEANUP_FREE char *plain = su_format("plain%zu", i);
	bool is_module = strcmp(source->target, "vmlinux") != 0;
	struct su_object *a = compile_object(w->diags, w->dir, pre, source->pre, true, "-fdata-sections");
	struct su_object *b = compile_object(w->diags, w->dir, post, source->post, true, "-fdata-sections");
	struct su_emit_unit unit = { .name = su_format("%s/unit%zu.o", source->target, i), .target = source->target };

	unit.plain = compile_object(w->diags, w->dir, plain, source->pre, false, "-fno-data-sections");
	a->is_module = b->is_module = unit.plain->is_module = is_module;
	unit.diff = su_diff_create(unit.name, a, b);
	return unit;
}

static int try_emit(struct emit_world *w, const struct source *sources, size_t nr)
{
	struct su_emit_unit *units = su_alloc(nr * sizeof(*units));
	int ret;

	for (size_t i = 0; i < nr; i++)
		units[i] = unit_create(w, &sources[i], i);
	ret = emit_units(w, units, nr, EXPORTS);
	for (size_t i = 0; i < nr; i++)
		free((char *)units[i].name);
	free(units);
	return ret;
}

static void emit(struct emit_world *w, const struct source *sources, size_t nr)
{
	assert_int_equal(try_emit(w, sources, nr), 0);
}

/* ---- what is asked of the tables ---- */

static const char *target_name(const struct emit_world *w, u32 target)
{
	return su_update_string(&w->u, w->u.targets[target].name);
}

static u32 target_of(const struct emit_world *w, const char *name)
{
	for (u32 i = 0; i < w->u.header->targets.nr; i++)
		if (!strcmp(target_name(w, i), name))
			return i;
	return SU_NONE;
}

static bool needs(const struct emit_world *w, const char *target, const char *needed)
{
	return w->u.targets[target_of(w, target)].needs >> target_of(w, needed) & 1;
}

/* The private relocation against symbol @name that is filled in when @target is there; NULL: none. */
static const struct su_reloc *reloc_of(const struct emit_world *w, const char *target, const char *name)
{
	for (u32 i = 0; i < w->u.header->relocs.nr; i++) {
		const struct su_reloc *r = &w->u.relocs[i];

		if (r->target == target_of(w, target) &&
		    !strcmp(su_update_string(&w->u, w->u.symbols[r->symbol].name), name))
			return r;
	}
	return NULL;
}

static const char *symbol_target(const struct emit_world *w, const struct su_reloc *reloc)
{
	assert_non_null(reloc);
	return target_name(w, w->u.symbols[reloc->symbol].target);
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
	struct emit_world *w = *data;

	emit(w, &one_module, 1);
	assert_string_equal(target_name(w, w->u.units[0].target), "alpha");
	/* vmlinux is always there; what a module exports would hold that module if the loader resolved it */
	assert_true(emit_has_undefined(w, "of_vmlinux"));
	assert_false(emit_has_undefined(w, "of_beta"));
	assert_false(emit_has_undefined(w, "__this_module"));
	assert_string_equal(symbol_target(w, reloc_of(w, "alpha", "of_beta")), "beta");
	assert_string_equal(symbol_target(w, reloc_of(w, "alpha", "of_alpha")), "alpha");
	assert_string_equal(symbol_target(w, reloc_of(w, "alpha", "__this_module")), "alpha");
	assert_string_equal(symbol_target(w, reloc_of(w, "alpha", "count")), "alpha");
	assert_true(needs(w, "alpha", "beta"));
	assert_false(needs(w, "beta", "alpha"));
}

#define SWITCHES \
	"int f(int a) {" \
	"asm goto(\"1: .byte 0x0f, 0x1f, 0x44, 0, 0\\n.pushsection __jump_table,\\\"aw\\\"\\n.balign 8\\n" \
	".long 1b - ., %l[yes] - .\\n.quad %c0 - .\\n.popsection\" :: \"i\"(&key) :: yes);" \
	"asm volatile(\"1: call __SCT__n\\n.pushsection .static_call_sites,\\\"aw\\\"\\n.balign 4\\n" \
	".long 1b - ., __SCK__n - .\\n.popsection\");"

#define OF_BETA "int of_beta(int); extern long key;"

/* The kernel follows these from the update's load on: they are filled in then, whether or not alpha is there. */
static void test_switches_of_another_module(void **data)
{
	static const struct source source = {
		"alpha",
		OF_BETA SWITCHES "return of_beta(a); yes: return of_beta(a + 1); }",
		OF_BETA SWITCHES "return of_beta(a); yes: return of_beta(a + 2); }",
	};
	static const char *const followed[] = { "key", "__SCK__n", "__SCT__n" };
	struct emit_world *w = *data;

	emit(w, &source, 1);
	for (size_t i = 0; i < SU_ARRAY_SIZE(followed); i++) {
		assert_non_null(reloc_of(w, "beta", followed[i]));
		assert_null(reloc_of(w, "alpha", followed[i]));
	}
	assert_non_null(reloc_of(w, "alpha", "of_beta"));
	assert_true(needs(w, "alpha", "beta"));
}

/* Pre code is compared whenever the module comes: it must not be in memory that is freed after init. */
static void test_pre_code_stays(void **data)
{
	struct emit_world *w = *data;

	emit(w, &one_module, 1);
	assert_null(su_elf_section_find(w->elf, ".init.text"));
	assert_non_null(su_elf_section_find(w->elf, ".text.suture.pre"));
}

static void assert_owned(const struct emit_world *w, const char *section, const char *owner)
{
	for (u32 i = 0; i < w->u.header->areas.nr; i++) {
		if (strcmp(su_update_string(&w->u, w->u.areas[i].name), section) != 0)
			continue;
		assert_string_equal(target_name(w, su_area_owner(&w->u.areas[i])), owner);
		assert_true(w->u.areas[i].size > 0);
		return;
	}
	fail_msg("there is no area %s", section);
}

static void test_own_data_starts_anew(void **data)
{
	struct emit_world *w = *data;

	emit(w, &one_module, 1);
	assert_owned(w, ".data.suture.alpha", "alpha");
	assert_owned(w, ".bss.suture.alpha", "alpha");
	assert_null(su_elf_section_find(w->elf, ".data"));
}

/* The kernel has chained the update's entries to them, and goes on doing so. */
static void test_own_switches_stay(void **data)
{
	static const struct source source = {
		"alpha",
		"int of_beta(int); int f(int a) { return of_beta(a); }",
		"int of_beta(int); static long key; int fresh, __SCK__n = 3;" SWITCHES
		"return of_beta(a); yes: return of_beta(a + fresh++ + __SCK__n); }",
	};
	struct emit_world *w = *data;
	const struct su_elf_section *bss;

	emit(w, &source, 1);
	bss = su_elf_section_find(w->elf, ".bss");
	assert_non_null(bss);
	assert_int_equal(bss->size, sizeof(long));
	assert_non_null(su_elf_section_find(w->elf, ".data"));
	assert_null(su_elf_section_find(w->elf, ".data.suture.alpha"));
	assert_owned(w, ".bss.suture.alpha", "alpha");
}

static void test_data_of_vmlinux_is_plain(void **data)
{
	struct emit_world *w = *data;
	struct source source = one_module;

	source.target = "vmlinux";
	emit(w, &source, 1);
	assert_non_null(su_elf_section_find(w->elf, ".data"));
	for (u32 i = 0; i < w->u.header->areas.nr; i++)
		assert_int_equal(su_area_owner(&w->u.areas[i]), SU_NONE);
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
	struct emit_world *w = *data;

	emit(w, sources, 2);
	assert_string_equal(symbol_target(w, reloc_of(w, "gamma", "setup")), "gamma");
	assert_false(needs(w, "gamma", "alpha"));
	assert_string_equal(symbol_target(w, reloc_of(w, "alpha", "x")), "alpha");
	assert_null(reloc_of(w, "gamma", "x"));
}

/* EXPORT_SYMBOL as it was before v6.5, and as it is since. */
#define SECTION_OF_EXPORT(name) "asm(\".pushsection \\\"___ksymtab+" name "\\\",\\\"a\\\"\\n.long 0\\n.popsection\");"
#define LABEL_OF_EXPORT(name) \
	"asm(\".pushsection .export_symbol,\\\"a\\\"\\n__export_symbol_" name ": .quad " name "\\n.popsection\");"

/* A function that the patch adds and exports in one module, and calls from another. */
#define ADDED_AND_CALLED(export) \
	{ \
		{ "alpha", "int x(int); int f(int a) { return x(a); }", \
		  "int x(int); int f(int a) { return x(a) + 1; } int helper(int a) { return x(a) * 7; }\n" export }, \
		{ \
			"gamma", "int x(int); int g(int a) { return x(a) + 1; }", \
				"int helper(int); int g(int a) { return helper(a) + 2; }" \
		} \
	}

static void test_new_export_of_another_module(void **data)
{
	static const struct source sources[][2] = {
		ADDED_AND_CALLED(SECTION_OF_EXPORT("helper")),
		ADDED_AND_CALLED(LABEL_OF_EXPORT("helper")),
	};
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(sources); i++) {
		emit(w, sources[i], 2);
		assert_null(reloc_of(w, "gamma", "helper"));
		assert_true(needs(w, "gamma", "alpha"));
		assert_false(needs(w, "alpha", "gamma"));
		assert_non_null(reloc_of(w, "alpha", "x"));
	}
}

/* What it exports newly was there before: it is looked up where it is, not among the names of the module that uses it. */
#define EXPORTED_AND_CALLED(export) \
	{ \
		{ "vmlinux", "int x(int); int helper(int a) { return x(a) * 7; }", \
		  "int x(int); int helper(int a) { return x(a) * 7; }\n" export }, \
		{ \
			"gamma", "int x(int); int g(int a) { return x(a) + 1; }", \
				"int helper(int); int g(int a) { return helper(a) + 2; }" \
		} \
	}

static void test_old_function_exported_newly(void **data)
{
	static const struct source sources[][2] = {
		EXPORTED_AND_CALLED(SECTION_OF_EXPORT("helper")),
		EXPORTED_AND_CALLED(LABEL_OF_EXPORT("helper")),
	};
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(sources); i++) {
		emit(w, sources[i], 2);
		assert_string_equal(symbol_target(w, reloc_of(w, "gamma", "helper")), "vmlinux");
		assert_true(needs(w, "gamma", "vmlinux"));
	}
}

/* From one unit, which keeps a function that changes, to another. */
#define MOVE(what, from, to) \
	{ "vmlinux", "int x(int); " what " int f(int a) { return x(a); }", \
	  "int x(int); int f(int a) { return x(a) + 1; }" }, \
	{ \
		to, "int x(int); int g(int a) { return x(a); }", \
			"int x(int); " what " int g(int a) { return x(a) " from "; }" \
	}

static void test_moved(void **data)
{
	static const struct {
		const char *what;
		struct source sources[2];
		int status;
	} cases[] = {
		{ "a function", { MOVE("int moved(int a) { return x(a) * 7; }", "+ 2", "vmlinux") }, SU_UNSUPPORTED },
		{ "a variable", { MOVE("int moved;", "+ moved++", "vmlinux") }, SU_UNSUPPORTED },
		{ "a static variable",
		  { MOVE("static int __attribute__((used)) moved = 4;", "+ moved++", "vmlinux") },
		  SU_UNSUPPORTED },
		{ "a constant",
		  { MOVE("extern const int moved[2]; const int moved[2] = { 3, 5 };", "+ moved[a]", "vmlinux") },
		  SU_UNSUPPORTED },
		{ "a static function",
		  { MOVE("static __attribute__((noinline, used)) int moved(int a) { return x(a) * 7; }", "+ moved(a)",
			 "vmlinux") },
		  0 },
		{ "a static constant",
		  { MOVE("static const int __attribute__((used)) moved[2] = { 3, 5 };", "+ moved[a]", "vmlinux") },
		  0 },
		{ "a function of another target",
		  { MOVE("int moved(int a) { return x(a) * 7; }", "+ moved(a)", "alpha") },
		  0 },
	};
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++) {
		int ret = try_emit(w, cases[i].sources, 2);

		if (ret != -cases[i].status)
			fail_msg("%s: returned %d, wanted %d", cases[i].what, ret, -cases[i].status);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, emit_setup, emit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whose_symbols),
		TEST(switches_of_another_module),
		TEST(own_switches_stay),
		TEST(pre_code_stays),
		TEST(own_data_starts_anew),
		TEST(data_of_vmlinux_is_plain),
		TEST(one_name_in_two_modules),
		TEST(new_export_of_another_module),
		TEST(old_function_exported_newly),
		TEST(moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
