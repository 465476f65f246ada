// SPDX-License-Identifier: GPL-2.0-or-later
/* Types of exported symbols as genksyms writes them: what is refused, what is only told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/exports.h"

struct exports_case {
	const char *what, *pre, *post;
	int errors, warnings;
};

#define F "f int f ( s#s * )\n"

static const struct exports_case cases[] = {
	{ "the same", "s#s struct s { int a ; }\n" F, "s#s struct s { int a ; }\n" F, 0, 0 },
	{ "a parameter more", F, "f int f ( s#s * , int )\n", 1, 0 },
	{ "an object of another type", "v extern int v\n", "v extern long v\n", 1, 0 },
	{ "an export that goes", F, "", 0, 1 },
	{ "an export that comes", "", F, 0, 0 },
	{ "a member's type", "s#s struct s { int a ; int b ; }\n" F, "s#s struct s { int a ; long b ; }\n" F, 1, 0 },
	{ "an operation's type", "s#s struct s { int ( * op ) ( int , int ) ; }\n" F,
	  "s#s struct s { int ( * op ) ( int , long ) ; }\n" F, 1, 0 },
	{ "a member that goes", "s#s struct s { int a ; int b ; }\n" F, "s#s struct s { int a ; }\n" F, 1, 0 },
	{ "a member that comes", "s#s struct s { int a ; }\n" F, "s#s struct s { int a ; int b ; }\n" F, 0, 1 },
	{ "an enum that grows", "e#e enum e { A , B = 1 }\n" F, "e#e enum e { A , B = 1 , C = 2 }\n" F, 0, 1 },
	{ "a typedef", "t#t typedef int t\n" F, "t#t typedef long t\n" F, 1, 0 },
	{ "another name of the same type",
	  "t#u __extension__ typedef unsigned long long u\nt#u64 typedef t#u u64\nf int f ( const t#u64 , long int )\n",
	  "t#u __extension__ typedef unsigned long long u\nt#u64 typedef t#u u64\nf int f ( unsigned long , __signed__ long )\n",
	  0, 0 },
	{ "another sign", "f int f ( unsigned long )\n", "f int f ( long )\n", 1, 0 },
	{ "another size behind a typedef", "t#u32 typedef unsigned int u32\nf int f ( t#u32 )\n",
	  "t#u32 typedef unsigned long u32\nf int f ( t#u32 )\n", 2, 0 },
	{ "a member with another name of its type", "s#s struct s { long long a ; const char * b ; }\n" F,
	  "s#s struct s { signed long a ; char * b ; }\n" F, 0, 0 },
	{ "a typedef of itself", "t#t typedef t#t t\nf int f ( t#t )\n", "t#t typedef t#t t\nf int f ( t#t * )\n", 1, 0 },
	{ "a typedef of a function", "t#t typedef int ( * t ) ( int )\nf int f ( t#t )\n",
	  "t#t typedef int ( * t ) ( int )\nf int f ( int )\n", 1, 0 },
	{ "a struct that is known on one side only", "s#s struct s { UNKNOWN }\n" F, "s#s struct s { int a ; }\n" F, 0,
	  0 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < SU_ARRAY_SIZE(cases); i++) {
		struct su_diags *diags = su_diags_create();
		int ret = su_exports_compare(diags, "x.c", cases[i].pre, cases[i].post);
		int errors = 0, warnings = 0;

		for (size_t k = 0; k < su_diags_count(diags); k++) {
			assert_int_equal(su_diags_at(diags, k)->token, SU_T_EXPORT);
			errors += su_diags_at(diags, k)->severity == SU_ERROR;
			warnings += su_diags_at(diags, k)->severity == SU_WARNING;
		}
		if (errors != cases[i].errors || warnings != cases[i].warnings || !ret != !errors)
			fail_msg("%s: %d errors, %d warnings, returned %d", cases[i].what, errors, warnings, ret);
		su_diags_destroy(diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests_name("kernel_exports", tests, NULL, NULL);
}
