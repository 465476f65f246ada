// SPDX-License-Identifier: GPL-2.0-or-later
/* The comparison of two atoms, made by hand: what no compiler can be relied on to make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lib/diff/diff.h"

struct made {
	struct su_arena arena;
};

static int setup(void **data)
{
	*data = su_alloc(sizeof(struct made));
	return 0;
}

static int teardown(void **data)
{
	struct made *m = *data;

	su_arena_fini(&m->arena);
	free(m);
	return 0;
}

/* @bytes: NULL for .bss */
static struct su_atom *make_atom(struct made *m, enum su_atom_kind kind, const char *name, const char *bytes,
				 uint64_t size)
{
	struct su_elf_section *section = su_arena_new(&m->arena, struct su_elf_section);
	struct su_atom *atom = su_arena_new(&m->arena, struct su_atom);

	section->name = "";
	section->data = (const uint8_t *)bytes;
	section->size = size;
	*atom = (struct su_atom){ .kind = kind, .name = name, .key = name, .section = section, .size = size };
	return atom;
}

static struct su_edge *add_edge(struct made *m, struct su_atom *atom, uint32_t off, uint32_t type)
{
	struct su_edge *edges = su_arena_alloc(&m->arena, (atom->edge_nr + 1) * sizeof(*edges));

	if (atom->edge_nr)
		memcpy(edges, atom->edges, atom->edge_nr * sizeof(*edges));
	atom->edges = edges;
	edges[atom->edge_nr] = (struct su_edge){ .off = off, .type = type };
	return &edges[atom->edge_nr++];
}

static void refer(struct made *m, struct su_atom *from, uint32_t off, struct su_atom *to)
{
	struct su_edge *edge = add_edge(m, from, off, R_X86_64_PC32);

	edge->kind = SU_EDGE_ATOM;
	edge->atom = to;
}

static void refer_undefined(struct made *m, struct su_atom *from, uint32_t off, uint32_t type, const char *name)
{
	struct su_elf_symbol *symbol = su_arena_new(&m->arena, struct su_elf_symbol);
	struct su_edge *edge = add_edge(m, from, off, type);

	symbol->name = name;
	edge->kind = SU_EDGE_UNDEFINED;
	edge->symbol = symbol;
}

static void check(const struct su_atom *pre, const struct su_atom *post, const char *what, uint64_t off)
{
	struct su_difference d = su_atoms_compare(pre, post);

	if (!what)
		assert_null(d.what);
	else
		assert_string_equal(d.what ? d.what : "the same", what);
	assert_int_equal(d.off, off);
}

static struct su_atom *func(struct made *m, const char *bytes)
{
	return make_atom(m, SU_ATOM_FUNC, "f", bytes, strlen(bytes));
}

static void test_bytes(void **data)
{
	struct made *m = *data;
	struct su_atom *pre = func(m, "abcdFIELDxy");

	check(pre, func(m, "abcdFIELDxy"), NULL, 0);
	check(pre, func(m, "abCdFIELDxy"), "bytes", 2);
	check(pre, func(m, "abcdFIELDxY"), "bytes", 10);
	check(pre, func(m, "abcdFIELDx"), "size", 10);
	check(func(m, "abcdFIELDx"), pre, "size", 10);
	check(pre, func(m, "abCd"), "size", 2);
}

static void test_fields(void **data)
{
	struct made *m = *data;
	struct su_atom *pre = func(m, "abcd1234xy"), *post = func(m, "abcd5678xy"), *behind = func(m, "abcd5678xY");

	refer_undefined(m, pre, 4, R_X86_64_PC32, "s");
	refer_undefined(m, post, 4, R_X86_64_PC32, "s");
	refer_undefined(m, behind, 4, R_X86_64_PC32, "s");
	check(pre, post, NULL, 0);
	check(pre, behind, "bytes", 9);
}

/* A call of a local function and one of a global function have different types, and mean the same. */
static void test_field_types(void **data)
{
	static const uint32_t types[] = { R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_32S, R_X86_64_32 };
	struct made *m = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(types); i++) {
		for (size_t k = 0; k < SU_ARRAY_SIZE(types); k++) {
			struct su_atom *pre = func(m, "abcd1234"), *post = func(m, "abcd1234");
			bool is_same = i == k || (i < 2 && k < 2);

			refer_undefined(m, pre, 4, types[i], "s");
			refer_undefined(m, post, 4, types[k], "s");
			check(pre, post, is_same ? NULL : "relocations", is_same ? 0 : 4);
		}
	}
}

static void test_field_places(void **data)
{
	struct made *m = *data;
	struct su_atom *none = func(m, "abcd12345678"), *first = func(m, "abcd12345678");
	struct su_atom *second = func(m, "abcd12345678"), *both = func(m, "abcd12345678");
	struct su_atom *longer = func(m, "abcd12345678z");

	refer_undefined(m, first, 4, R_X86_64_PC32, "s");
	refer_undefined(m, second, 8, R_X86_64_PC32, "s");
	refer_undefined(m, both, 4, R_X86_64_PC32, "s");
	refer_undefined(m, both, 8, R_X86_64_PC32, "s");
	check(none, second, "relocations", 8);
	check(second, none, "relocations", 8);
	check(first, second, "relocations", 4);
	check(second, first, "relocations", 4);
	check(first, both, "relocations", 8);
	check(both, first, "relocations", 8);
	check(second, both, "relocations", 4);
	check(first, longer, "size", 4);
	/* whichever is first */
	check(first, func(m, "aBcd12345678"), "bytes", 1);
	check(func(m, "aBcd12345678z"), first, "size", 1);
	check(first, func(m, "abcd1234567z"), "relocations", 4);
	assert_true(su_atoms_same_shape(both, both));
	assert_false(su_atoms_same_shape(first, both));
}

static void test_no_bytes(void **data)
{
	struct made *m = *data;
	struct su_atom *bss = make_atom(m, SU_ATOM_DATA, "d", NULL, 4);
	struct su_atom *zeros = make_atom(m, SU_ATOM_DATA, "d", "\0\0\0\0", 4);
	struct su_atom *one = make_atom(m, SU_ATOM_DATA, "d", "\0\0\1\0", 4);
	struct su_atom *first = make_atom(m, SU_ATOM_DATA, "d", "\1\0\0\0", 4);

	check(bss, bss, NULL, 0);
	check(bss, zeros, NULL, 0);
	check(zeros, bss, NULL, 0);
	check(bss, one, "bytes", 2);
	check(one, bss, "bytes", 2);
	check(bss, first, "bytes", 0);
}

static void test_targets(void **data)
{
	struct made *m = *data;
	struct su_atom *pre = func(m, "1234"), *same = func(m, "1234"), *other = func(m, "1234");
	struct su_atom *far = func(m, "1234"), *local = func(m, "1234"), *a, *b;

	refer_undefined(m, pre, 0, R_X86_64_PC32, "s");
	refer_undefined(m, same, 0, R_X86_64_PC32, "s");
	refer_undefined(m, other, 0, R_X86_64_PC32, "t");
	refer_undefined(m, far, 0, R_X86_64_PC32, "s");
	far->edges[0].addend = 8;
	a = make_atom(m, SU_ATOM_DATA, "s", "x", 1);
	b = make_atom(m, SU_ATOM_DATA, "s", "x", 1);
	a->partner = b;
	b->partner = a;
	refer(m, local, 0, a);
	check(pre, same, NULL, 0);
	check(pre, other, "reference", 0);
	check(pre, far, "reference", 0);
	check(pre, local, "reference", 0);
	check(local, pre, "reference", 0);
}

static struct su_atom *reader(struct made *m, struct su_atom *of)
{
	struct su_atom *atom = func(m, "1234");

	refer(m, atom, 0, of);
	return atom;
}

static struct su_atom *private_data(struct made *m, const char *name, const char *bytes)
{
	struct su_atom *atom = make_atom(m, SU_ATOM_RODATA, name, bytes, strlen(bytes));

	atom->is_private = true;
	return atom;
}

/* What has no identity is compared by content; anything else by who its partner is. */
static void test_identity(void **data)
{
	struct made *m = *data;
	struct su_atom *k = private_data(m, "k", "xy"), *state = private_data(m, "k", "xy");
	struct su_atom *writable = private_data(m, "k", "xy");
	struct su_atom *a = make_atom(m, SU_ATOM_DATA, "d", "x", 1), *b = make_atom(m, SU_ATOM_DATA, "d", "x", 1);

	state->is_private = false;
	writable->kind = SU_ATOM_DATA;
	check(reader(m, k), reader(m, private_data(m, "k", "xy")), NULL, 0);
	check(reader(m, k), reader(m, private_data(m, "k", "xz")), "reference", 0);
	check(reader(m, k), reader(m, private_data(m, "l", "xy")), "reference", 0);
	check(reader(m, k), reader(m, state), "reference", 0);
	check(reader(m, state), reader(m, k), "reference", 0);
	check(reader(m, k), reader(m, writable), "reference", 0);
	check(reader(m, a), reader(m, b), "reference", 0);
	a->partner = b;
	b->partner = a;
	check(reader(m, a), reader(m, b), NULL, 0);
	check(reader(m, a), reader(m, make_atom(m, SU_ATOM_DATA, "d", "x", 1)), "reference", 0);
}

static struct su_atom *chain(struct made *m, size_t nr)
{
	struct su_atom *atom = private_data(m, "k", "1234");

	for (; nr > 1; nr--) {
		struct su_atom *above = private_data(m, "k", "1234");

		refer(m, above, 0, atom);
		atom = above;
	}
	return atom;
}

/* What cannot be followed to its end counts as different. */
static void test_depth(void **data)
{
	struct made *m = *data;
	struct su_atom *wide[2];

	check(chain(m, 9), chain(m, 9), NULL, 0);
	check(chain(m, 10), chain(m, 10), "reference", 0);
	for (size_t i = 0; i < 2; i++) {
		wide[i] = make_atom(m, SU_ATOM_FUNC, "f", "123412341234123412341234123412341234123412341234", 48);
		for (uint32_t k = 0; k < 12; k++)
			refer(m, wide[i], k * 4, chain(m, 1));
	}
	check(wide[0], wide[1], NULL, 0);
}

static void test_cycles(void **data)
{
	struct made *m = *data;
	struct su_atom *p = private_data(m, "k", "1234"), *q = private_data(m, "k", "1234");
	struct su_atom *r = private_data(m, "k", "12345"), *s = private_data(m, "k", "1234");

	refer(m, p, 0, p);
	refer(m, q, 0, q);
	check(p, q, NULL, 0);
	/* another round through something else is no round */
	refer(m, s, 0, r);
	refer(m, r, 0, r);
	check(p, s, "reference", 0);
	check(s, p, "reference", 0);
}

/* @entsize: of constants; 0: strings */
static struct su_atom *reader_of(struct made *m, const char *bytes, uint64_t size, uint64_t entsize, uint64_t off,
				 int64_t addend)
{
	struct su_elf_section *section = su_arena_new(&m->arena, struct su_elf_section);
	struct su_atom *atom = func(m, "1234");
	struct su_edge *edge = add_edge(m, atom, 0, R_X86_64_32S);

	*section = (struct su_elf_section){
		.name = ".rodata.pieces",
		.flags = SHF_ALLOC | SHF_MERGE | (entsize ? 0 : SHF_STRINGS),
		.data = (const uint8_t *)bytes,
		.size = size,
		.entsize = entsize ? entsize : 1,
	};
	edge->kind = SU_EDGE_PIECE;
	edge->section = section;
	edge->piece_off = off;
	edge->addend = addend;
	return atom;
}

static void test_pieces(void **data)
{
	struct made *m = *data;
	struct su_atom *pre = reader_of(m, "ab", 3, 0, 0, 0);
	struct su_difference d = su_atoms_compare(pre, reader_of(m, "zz\0ab", 6, 0, 3, 0));

	assert_null(d.what);
	assert_int_equal(d.rules, 1u << SU_RULE_STRING);
	check(pre, reader_of(m, "ab", 3, 0, 0, 0), NULL, 0);
	check(pre, reader_of(m, "ac", 3, 0, 0, 0), "reference", 0);
	check(pre, reader_of(m, "abc", 4, 0, 0, 0), "reference", 0);
	check(reader_of(m, "abc", 4, 0, 0, 0), pre, "reference", 0);
	check(pre, reader_of(m, "ab", 3, 0, 0, 2), "reference", 0);
	check(reader_of(m, "12345678", 8, 4, 0, 0), reader_of(m, "12345678", 8, 4, 0, 0), NULL, 0);
	check(reader_of(m, "12345678", 8, 4, 0, 0), reader_of(m, "12345678", 8, 8, 0, 0), "reference", 0);
}

/* ---- tables ---- */

static struct su_atom *add_entry(struct made *m, struct su_atom *code, const char *table, const char *section,
				 const char *bytes)
{
	struct su_atom *entry = make_atom(m, SU_ATOM_ENTRY, "", bytes, strlen(bytes));

	((struct su_elf_section *)entry->section)->name = section;
	entry->table = su_table_spec_find(table);
	assert_non_null(entry->table);
	entry->owner = code;
	*su_vec_add(&code->attached) = entry;
	return entry;
}

static void check_entries(enum su_atom_kind kind, const char *pre_table, const char *pre_bytes, const char *post_table,
			  const char *post_bytes, const char *what)
{
	struct made m = { 0 };
	struct su_atom *pre = make_atom(&m, kind, "f", "1234", 4), *post = make_atom(&m, kind, "f", "1234", 4);

	if (pre_table)
		add_entry(&m, pre, pre_table, pre_table, pre_bytes);
	if (post_table)
		add_entry(&m, post, post_table, post_table, post_bytes);
	check(pre, post, what, 0);
	su_vec_fini(&pre->attached);
	su_vec_fini(&post->attached);
	su_arena_fini(&m.arena);
}

static void test_entries(void **data)
{
	(void)data;
	for (enum su_atom_kind kind = SU_ATOM_FUNC; kind <= SU_ATOM_FRAGMENT; kind += SU_ATOM_FRAGMENT) {
		check_entries(kind, "__ex_table", "one", "__ex_table", "one", NULL);
		check_entries(kind, "__ex_table", "one", "__ex_table", "two", "__ex_table");
		check_entries(kind, "__ex_table", "one", NULL, NULL, "__ex_table");
		check_entries(kind, NULL, NULL, "__ex_table", "one", "__ex_table");
		check_entries(kind, "__ex_table", "one", "__jump_table", "one", "__ex_table");
		check_entries(kind, "runtime_ptr_a", "one", "runtime_ptr_b", "one", "runtime_");
		/* what follows from the code is not looked at */
		check_entries(kind, ".return_sites", "one", ".return_sites", "two", NULL);
		check_entries(kind, ".smp_locks", "one", NULL, NULL, NULL);
	}
}

static void test_all_entries_count(void **data)
{
	struct made *m = *data;
	struct su_atom *pre = func(m, "1234"), *post = func(m, "1234"), *cold = func(m, "1234"), *third;

	*su_vec_add(&pre->attached) = cold;
	add_entry(m, pre, ".smp_locks", ".smp_locks", "zero");
	add_entry(m, pre, "__jump_table", "__jump_table", "one");
	add_entry(m, pre, "__ex_table", "__ex_table", "two");
	third = add_entry(m, pre, "__ex_table", "__ex_table", "three");
	refer(m, third, third->table->owner_off, pre);
	third->edges[0].addend = 2;
	add_entry(m, post, "__jump_table", "__jump_table", "one");
	add_entry(m, post, "__ex_table", "__ex_table", "two");
	/* where in the code the first one is that only one of the two has */
	check(pre, post, "__ex_table", 2);
	check(post, pre, "__ex_table", 2);
	third = add_entry(m, post, "__ex_table", "__ex_table", "three");
	refer(m, third, third->table->owner_off, post);
	third->edges[0].addend = 2;
	pre->partner = post;
	post->partner = pre;
	check(pre, post, NULL, 0);
	su_vec_fini(&pre->attached);
	su_vec_fini(&post->attached);
}

/* A line of a table's entry says nothing; what rules a comparison went by is all told. */
static void test_rules(void **data)
{
	struct made *m = *data;
	struct su_atom *pre = reader(m, private_data(m, "k", "xy")), *post = reader(m, private_data(m, "k", "xy"));
	struct su_difference d = su_atoms_compare(pre, post);

	assert_int_equal(d.rules, 0);
	post->edges[0].atom->name = "k.7";
	add_entry(m, pre, "__bug_table", "__bug_table", "abcdefghLLxx");
	add_entry(m, post, "__bug_table", "__bug_table", "abcdefghMMxx");
	d = su_atoms_compare(pre, post);
	assert_null(d.what);
	assert_int_equal(d.rules, 1u << SU_RULE_CONSTANT | 1u << SU_RULE_LINE);
	su_vec_fini(&pre->attached);
	su_vec_fini(&post->attached);
}

/* The line's place is counted from the entry's end, in tables that have one: not in those of 8 bytes an entry. */
static void test_lines(void **data)
{
	struct made *m = *data;
	struct su_atom *code = func(m, "1234");
	struct su_atom *bug = add_entry(m, code, "__bug_table", "__bug_table", "abcdefghLLxx");
	struct su_atom *wide = add_entry(m, code, "__bug_table", "__bug_table", "abcdefghijklLLxx");
	struct su_atom *narrow = add_entry(m, code, "__bug_table", "__bug_table", "abcdLLxx");
	struct su_atom *other = add_entry(m, code, "__ex_table", "__ex_table", "abcdefghijkl");

	for (uint64_t off = 0; off < 12; off++) {
		assert_int_equal(su_entry_is_line(bug, off), off == 8 || off == 9);
		assert_int_equal(su_entry_is_line(wide, off), false);
		assert_false(su_entry_is_line(other, off));
		assert_false(su_entry_is_line(code, off));
	}
	assert_true(su_entry_is_line(wide, 12) && su_entry_is_line(wide, 13));
	assert_false(su_entry_is_line(wide, 14));
	for (uint64_t off = 0; off < 8; off++)
		assert_false(su_entry_is_line(narrow, off));
	su_vec_fini(&code->attached);
}

/* struct alt_instr of 5.10, 5.18 and 6.3, and struct paravirt_patch_site. */
static void test_site_lengths(void **data)
{
	struct made *m = *data;
	struct su_atom *code = func(m, "1234");

	assert_int_equal(su_entry_site_len(add_entry(m, code, ".altinstructions", ".altinstructions", "0123456789\5\3p")),
			 5);
	for (size_t i = 0; i < 2; i++) {
		struct su_atom *entry = add_entry(m, code, ".altinstructions", ".altinstructions",
						  i ? "0123456789ab\5\3" : "0123456789\5\3");

		assert_int_equal(su_entry_site_len(entry), 5);
		assert_int_equal(su_entry_replacement_len(entry), 3);
	}
	assert_int_equal(su_entry_site_len(add_entry(m, code, ".parainstructions", ".parainstructions", "01234567t\6cc")),
			 6);
	/* the last one may be cut short: no length, not a byte behind its end */
	assert_int_equal(su_entry_site_len(add_entry(m, code, ".altinstructions", ".altinstructions", "01234567")), 0);
	su_vec_fini(&code->attached);
}

/* .exit code of the kernel's own is thrown away when it is linked; a module's is there until it is unloaded. */
static void test_sections(void **data)
{
	static const char *const boot[] = { ".init.text", ".initcall6.init", ".init_array", ".head.text",
					    ".con_initcall.init" };
	const struct su_object builtin = { .is_module = false }, module = { .is_module = true };

	(void)data;
	for (size_t i = 0; i < SU_ARRAY_SIZE(boot); i++) {
		assert_true(su_section_is_init(&builtin, boot[i]));
		assert_true(su_section_is_init(&module, boot[i]));
	}
	assert_true(su_section_is_init(&builtin, ".exit.text"));
	assert_true(su_section_is_init(&builtin, ".exitcall.exit"));
	assert_false(su_section_is_init(&module, ".exit.text"));
	assert_false(su_section_is_init(&builtin, ".text"));
}

static void test_relocations(void **data)
{
	(void)data;
	assert_true(su_reloc_is_pc(R_X86_64_PC32) && su_reloc_is_pc(R_X86_64_PLT32) && su_reloc_is_pc(R_X86_64_PC64));
	assert_false(su_reloc_is_pc(R_X86_64_64) || su_reloc_is_pc(R_X86_64_32S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_field_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_field_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_targets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cycles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_entries_count, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_relocations),
		cmocka_unit_test_setup_teardown(test_site_lengths, setup, teardown),
	};

	return cmocka_run_group_tests_name("diff_compare", tests, NULL, NULL);
}
