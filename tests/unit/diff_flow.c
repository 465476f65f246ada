// SPDX-License-Identifier: GPL-2.0-or-later
/* The first instructions that differ, for people, and what instructions say of a function's control flow. */
#include <string.h>

#include "objects.h"

struct state {
	struct su_diags *diags;
	char *dir;
};

static int setup(void **data)
{
	struct state *s = su_alloc(sizeof(*s));

	s->diags = su_diags_create();
	*data = s;
	return su_dir_temp(s->diags, "/tmp", "suture-code-", &s->dir);
}

static int teardown(void **data)
{
	struct state *s = *data;

	su_dir_remove(s->diags, s->dir);
	su_diags_destroy(s->diags);
	free(s->dir);
	free(s);
	return 0;
}

static const struct su_atom *find_function(const struct su_object *object, const char *name)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		if (object->atoms[i]->kind == SU_ATOM_FUNC && !strcmp(object->atoms[i]->name, name))
			return object->atoms[i];
	fail_msg("no function %s", name);
	return NULL;
}

/* f in assembler: a jump over @body, then the end. */
#define JUMP(body) \
	"asm(\".text\\n.globl f\\n.type f, @function\\nf: test %edi, %edi\\njz 1f\\n" body "\\n1: ret\\n.size f, .-f\");"

static void check_first(struct state *s, const char *pre, const char *post, bool is_found, uint64_t before, uint64_t after)
{
	struct su_object *a = compile_object(s->diags, s->dir, "pre", pre, true, "-fdata-sections");
	struct su_object *b = compile_object(s->diags, s->dir, "post", post, true, "-fdata-sections");
	uint64_t at[2] = { 0, 0 };

	assert_int_equal(su_code_first_difference(find_function(a, "f"), find_function(b, "f"), &at[0], &at[1]),
			 is_found);
	assert_int_equal(at[0], before);
	assert_int_equal(at[1], after);
	su_object_destroy(a);
	su_object_destroy(b);
}

static void test_first_difference(void **data)
{
	check_first(*data, JUMP("nop"), JUMP("nop"), false, 0, 0);
	/* the jump goes further, but that is not what differs */
	check_first(*data, JUMP("mov $1, %eax"), JUMP("mov $2, %eax\\nnop\\nnop"), true, 4, 4);
	/* it even has another length: a short one, and a near one */
	check_first(*data, JUMP("mov $1, %eax"), JUMP("mov $2, %eax\\n.skip 200, 0x90"), true, 4, 8);
	/* another condition is another jump */
	check_first(*data, "asm(\".globl f\\n.type f, @function\\nf: jz 1f\\nnop\\n1: ret\\n.size f, .-f\");",
		    "asm(\".globl f\\n.type f, @function\\nf: jnz 1f\\nnop\\n1: ret\\n.size f, .-f\");", true, 0, 0);
	check_first(*data, JUMP("call g"), JUMP("call h"), true, 4, 4);
}

static void check_text(struct state *s, const char *source, const char *want)
{
	struct su_object *o = compile_object(s->diags, s->dir, "text", source, true, "-fdata-sections");
	const struct su_atom *f = find_function(o, "f");
	SU_CLEANUP_FREE char *text = su_code_text(f, 1);

	assert_string_equal(text, want);
	su_object_destroy(o);
}

#define MOV(what) "asm(\".text\\n.globl f\\n.type f, @function\\nf: mov $" what ", %rdi\\nret\\n.size f, .-f\");"

/* What people are shown: the instruction around a place, and what its field refers to. */
static void test_text(void **data)
{
	struct state *s = *data;

	check_text(s, MOV("5"), "mov $0x05, %rdi");
	check_text(s, MOV("else"), "mov $0x00, %rdi  # else");
	check_text(s,
		   "asm(\".pushsection .rodata.str1.1,\\\"aMS\\\",@progbits,1\\n.LCs: .string \\\"\\\\0013a message\\\\n\\\"\\n"
		   ".popsection\");" MOV(".LCs"),
		   "mov $0x00, %rdi  # \"\\0013a message\\n\"");
}

struct flow_case {
	const char *source;
	bool has_loop, can_return;
};

static const struct flow_case flows[] = {
	{ "int x(int); int f(int a) { return x(a) + 1; }", false, true },
	{ "int x(int); int f(int a) { return x(a); }", false, true },
	{ "int x(int); void f(int a) { while (x(a)); }", true, true },
	{ "int x(int); void f(int a) { for (;;) x(a); }", true, false },
	{ "void x(int) __attribute__((noreturn)); void f(int a) { x(a); }", false, false },
	{ "void c(int) __attribute__((cold, noreturn)); int x(int); void f(int a) { for (;;) if (x(a)) c(a); }", true,
	  false },
};

static void test_flow(void **data)
{
	struct state *s = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(flows); i++) {
		struct su_object *o = compile_object(s->diags, s->dir, "flow", flows[i].source, true, "-fdata-sections");
		const struct su_atom *f = find_function(o, "f");

		if (su_code_has_loop(f) != flows[i].has_loop || su_code_can_return(f) != flows[i].can_return)
			fail_msg("%s", flows[i].source);
		su_object_destroy(o);
	}
}

/* The function whose address a call's first argument is; not one of a later argument, nor of an earlier call. */
static void test_first_argument(void **data)
{
	struct state *s = *data;
	struct su_object *o = compile_object(s->diags, s->dir, "argument",
					     "void r(void *, void *), q(void *), o(int); void a(void) { asm(\"\"); } "
					     "void b(void) { asm(\"\"); } void f(int n) { q(b); r(a, b); o(n); }",
					     true, "-fdata-sections");
	const struct su_atom *f = find_function(o, "f");

	for (size_t i = 0; i < f->edge_nr; i++) {
		const char *callee = f->edges[i].is_branch && f->edges[i].kind == SU_EDGE_UNDEFINED ?
					     f->edges[i].symbol->name :
					     "";
		const struct su_atom *argument = su_code_first_argument(f, &f->edges[i]);

		if (!strcmp(callee, "q"))
			assert_ptr_equal(argument, find_function(o, "b"));
		else if (!strcmp(callee, "r"))
			assert_ptr_equal(argument, find_function(o, "a"));
		else if (!strcmp(callee, "o"))
			assert_null(argument);
	}
	su_object_destroy(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_difference, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_argument, setup, teardown),
	};

	return cmocka_run_group_tests_name("diff_flow", tests, NULL, NULL);
}
