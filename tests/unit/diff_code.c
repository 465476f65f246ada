// SPDX-License-Identifier: GPL-2.0-or-later
/* Code: what moves and what changes, inlining, sections, names of one thing, data that code refers to. */
#include "diff_cases.h"

#define NI "__attribute__((noinline)) "
#define X "int x(int);\n"
#define S "#define S __attribute__((section(\".sched.text\")))\n"
/* A table of a driver, which the driver refers to. */
#define TABLE "static const int t[2] = { 3, 5 }; "
#define USED "struct d { int a; const int *t; } d = { 1, t }; "
/* A function with a symbol inside of it, as assembler has it. */
#define ENTRY(name, nr) \
	"asm(\".pushsection .text." name "\\n.globl " name ", " name "_inner\\n.type " name ", @function\\n" name ":\\n" \
	"nopl 0(%rax)\\n" name "_inner: mov $" nr ", %eax\\nret\\n.size " name ", . - " name "\\n.popsection\");\n"

static const struct diff_case cases[] = {
	/* lines and order */
	{ .what = "the same source",
	  .pre = X "int f(int a) { return x(a) * 3 + 1; } ",
	  .post = X "int f(int a) { return x(a) * 3 + 1; } " },
	{ .what = "moved lines",
	  .pre = "int f(int a) { return a * 3; }\nint g(int a) { return f(a) + 1; }",
	  .post = "\n\n\n\nint f(int a) { return a * 3; }\n\nint g(int a) { return f(a) + 1; }" },
	{ .what = "functions in another order",
	  .pre = "int f(int a) { return a * 3; } int g(int a) { return a * 5; }",
	  .post = "int g(int a) { return a * 5; } int f(int a) { return a * 3; }" },
	{ .what = "data in another order",
	  .pre = "int v = 3, w = 4; int f(int a) { return v + w * a; }",
	  .post = "int w = 4, v = 3; int f(int a) { return v + w * a; }",
	  .option = "-fno-data-sections" },
	{ .what = "alignment",
	  .pre = X "int v = 3; int f(int a) { return x(a) * v; } int g(int a) { return a * 5; }",
	  .post = X "__attribute__((aligned(64))) int v = 3; __attribute__((aligned(64))) int f(int a) { return x(a) * v; } "
		    "__attribute__((aligned(128))) int g(int a) { return a * 5; }" },
	{ .what = "debug information",
	  .pre = X "int f(int a) { return x(a) * 3; }",
	  .post = X
	  "struct s { long b; };\n\n\nint f(int a) { return x(a) * 3; } struct s *e(struct s *s) { return s + 1; }",
	  .added = "e ",
	  .option = "-g" },
	/* code */
	{ .what = "a constant",
	  .pre = "int f(int a) { return a + 1; } int g(void) { return 3; }",
	  .post = "int f(int a) { return a + 2; } int g(void) { return 3; }",
	  .changed = "f " },
	{ .what = "another function is called",
	  .pre = "int a(void); int b(void); int f(void) { return a() + 1; }",
	  .post = "int a(void); int b(void); int f(void) { return b() + 1; }",
	  .changed = "f " },
	{ .what = "another datum of the same type is read",
	  .pre = "extern int v, w; int f(void) { return v + 1; } int g(void) { return w; }",
	  .post = "extern int v, w; int f(void) { return w + 1; } int g(void) { return w; }",
	  .changed = "f " },
	{ .what = "another element of an array is read",
	  .pre = "int v[9]; int f(void) { return v[3]; } int g(void) { return v[4]; }",
	  .post = "int v[9]; int f(void) { return v[5]; } int g(void) { return v[4]; }",
	  .changed = "f " },
	{ .what = "a new function",
	  .pre = X "int f(int a) { return a; }",
	  .post = X NI "static int n(int a) { return a * 77; } int f(int a) { return n(a) + n(2) * 3; }",
	  .changed = "f ",
	  .added = "n " },
	{ .what = "a function is gone",
	  .pre = X NI "static int n(int a) { return a * 77; } int f(int a) { return n(a) + n(2) * 3; }",
	  .post = X "int f(int a) { return a; }",
	  .changed = "f " },
	{ .what = "recursion",
	  .pre = X "int f(int a) { return a ? f(a - 1) + x(a) : 1; }",
	  .post = X "int f(int a) { return a ? f(a - 2) + x(a) : 1; }",
	  .changed = "f " },
	{ .what = "static recursion that stays",
	  .pre = X NI "static int h(int a) { return a ? h(a - 1) + x(a) : 1; } int f(int a) { return h(a) + 1; }",
	  .post = X "int e(int a) { return x(a) - 1; } " NI
		    "static int h(int a) { return a ? h(a - 1) + x(a) : 1; } int f(int a) { return h(a) + 1; }",
	  .added = "e " },
	{ .what = "functions that call each other",
	  .pre = X NI "int g(int); " NI "int f(int a) { return a ? g(a - 1) + x(a) : 1; } " NI
		      "int g(int a) { return a > 3 ? f(a - 2) * x(a) : 2; }",
	  .post = X NI "int g(int); " NI "int f(int a) { return a ? g(a - 1) + x(a) : 1; } " NI
		       "int g(int a) { return a > 4 ? f(a - 2) * x(a) : 2; }",
	  .changed = "g " },
	{ .what = "a function whose address is stored changes",
	  .pre = X
	  "static int h(int a) { return x(a) + 1; } int (*const t[])(int) = { h }; int (*f(void))(int) { return h; }",
	  .post = X
	  "static int h(int a) { return x(a) + 2; } int (*const t[])(int) = { h }; int (*f(void))(int) { return h; }",
	  .changed = "h ",
	  .kept = "t " },
	{ .what = "another function's address is stored",
	  .pre = X "int g(int); int h(int); int (*f(void))(int) { return h; }",
	  .post = X "int g(int); int h(int); int (*f(void))(int) { return g; }",
	  .changed = "f " },
	/* inlining */
	{ .what = "a helper becomes inlined",
	  .pre = X NI
	  "static int h(int a) { return x(a) + 1; } int f(int a) { return h(a) + h(a + 2); } int g(int a) { return a; }",
	  .post = X
	  "static inline __attribute__((always_inline)) int h(int a) { return x(a) + 1; } int f(int a) { return h(a) + h(a + 2); } int g(int a) { return a; }",
	  .changed = "f " },
	{ .what = "a helper stops being inlined",
	  .pre = X
	  "static inline __attribute__((always_inline)) int h(int a) { return x(a) + 1; } int f(int a) { return h(a) + h(a + 2); } int g(int a) { return a; }",
	  .post = X NI
	  "static int h(int a) { return x(a) + 1; } int f(int a) { return h(a) + h(a + 2); } int g(int a) { return a; }",
	  .changed = "f ",
	  .added = "h " },
	{ .what = "a helper that is inlined in one caller only changes",
	  .pre = X NI
	  "int h(int a) { return x(a) + 1; } static inline __attribute__((always_inline)) int i(int a) { return x(a) + 1; } int f(int a) { return i(a) * 2; } int g(int a) { return h(a) * 5; }",
	  .post = X NI
	  "int h(int a) { return x(a) + 2; } static inline __attribute__((always_inline)) int i(int a) { return x(a) + 2; } int f(int a) { return i(a) * 2; } int g(int a) { return h(a) * 5; }",
	  .changed = "f h " },
	/* sections */
	{ .what = "into .text.unlikely",
	  .pre = X "int f(int a) { return x(a) * 3 + 1; } ",
	  .post = X "__attribute__((section(\".text.unlikely\"))) int f(int a) { return x(a) * 3 + 1; } " },
	{ .what = "out of .text.unlikely",
	  .pre = X "__attribute__((section(\".text.unlikely\"))) int f(int a) { return x(a) * 3 + 1; } ",
	  .post = X "int f(int a) { return x(a) * 3 + 1; } " },
	{ .what = "into .text.hot and changed",
	  .pre = X "int f(int a) { return x(a) * 3 + 1; } int g(int a) { return x(a); }",
	  .post = X
	  "__attribute__((section(\".text.hot\"))) int f(int a) { return x(a) * 7 + 1; } int g(int a) { return x(a); }",
	  .changed = "f " },
	{ .what = "several functions of one section, one more before",
	  .pre = X S
	  "S " NI
	  "static int h(int a) { return x(a) * 3; } S int f(int a) { return h(a) + 1; } S int g(int a) { return h(a) + 2; }",
	  .post = X S
	  "S int n(int a) { asm(\"\"); return a * 9; } S " NI
	  "static int h(int a) { return x(a) * 3; } S int f(int a) { return h(a) + 1; } S int g(int a) { return n(a) + 2; }",
	  .changed = "g ",
	  .added = "n " },
	{ .what = "a call inside of one section leads to another function",
	  .pre = X S "S " NI "static int h(int a) { return x(a) * 3; } S " NI
		     "static int k(int a) { return x(a) * 5; } S int f(int a) { return h(a) + k(a + 1); }",
	  .post = X S "S " NI "static int h(int a) { return x(a) * 3; } S " NI
		      "static int k(int a) { return x(a) * 5; } S int f(int a) { return k(a) + h(a + 1); }",
	  .changed = "f " },
	{ .what = "data moves to .bss and to another section",
	  .pre = X "int v = 1; int f(int a) { return v += a; }",
	  .post = X "__attribute__((section(\".data..read_mostly\"))) int v = 1; int f(int a) { return v += a; }",
	  .kept = "v " },
	/* names */
	{ .what = "an alias is added",
	  .pre = X "int f(int a) { return x(a) * 3 + 1; } ",
	  .post = X "int f(int a) { return x(a) * 3 + 1; } int a_f(int) __attribute__((alias(\"f\")));" },
	{ .what = "an alias is removed",
	  .pre = X "int f(int a) { return x(a) * 3 + 1; } int a_f(int) __attribute__((alias(\"f\")));",
	  .post = X "int f(int a) { return x(a) * 3 + 1; } " },
	{ .what = "a function with an alias changes",
	  .pre = X "int f(int a) { return x(a) * 3 + 1; } int a_f(int) __attribute__((alias(\"f\")));",
	  .post = X "int f(int a) { return x(a) * 4 + 1; } int a_f(int) __attribute__((alias(\"f\")));",
	  .changed = "a_f " },
	{ .what = "an alias is called instead of the function",
	  .pre = X NI "int f(int a) { return x(a) * 3 + 1; } int g(int a) { return f(a) + 1; }",
	  .post = X NI
	  "int f(int a) { return x(a) * 3 + 1; } int a_f(int) __attribute__((alias(\"f\"))); int g(int a) { return a_f(a) + 1; }" },
	{ .what = "a static table gets a global name",
	  .pre = X TABLE USED,
	  .post = X TABLE "extern int a_t[2] __attribute__((alias(\"t\"))); " USED,
	  .kept = "a_t d " },
	{ .what = "a static table loses its global name, and its user changes",
	  .pre = X TABLE "extern int a_t[2] __attribute__((alias(\"t\"))); " USED "int f(int a) { return x(t[a]); }",
	  .post = X TABLE USED "int f(int a) { return x(t[a] + 1); }",
	  .changed = "f ",
	  .kept = "d t " },
	{ .what = "an alias of data is added",
	  .pre = X "int v = 3; int f(void) { return v; }",
	  .post = X "int v = 3; extern int a_v __attribute__((alias(\"v\"))); int f(void) { return v; }",
	  .kept = "a_v " },
	{ .what = "a weak function changes",
	  .pre = X "__attribute__((weak)) "
		   "int f(int a) { return x(a) * 3 + 1; } int g(int a) { return f(a) + 1; }",
	  .post = X "__attribute__((weak)) "
		    "int f(int a) { return x(a) * 4 + 1; } int g(int a) { return f(a) + 1; }",
	  .changed = "f " },
	{ .what = "a weak function becomes strong",
	  .pre = X "__attribute__((weak)) "
		   "int f(int a) { return x(a) * 3 + 1; } ",
	  .post = X "int f(int a) { return x(a) * 3 + 1; } " },
	{ .what = "a static function becomes global",
	  .pre = X NI "static int h(int a) { return x(a) + 1; } int f(int a) { return h(a) + 1; }",
	  .post = X NI "int h(int a) { return x(a) + 1; } int f(int a) { return h(a) + 1; }" },
	{ .what = "a function with a second entry", .pre = X ENTRY("f", "3"), .post = X ENTRY("f", "4"), .changed = "f " },
	{ .what = "a function with a second entry, called by that",
	  .pre = X ENTRY("f", "3") "int f_inner(int); int g(int a) { return f_inner(a) + 1; }",
	  .post = X ENTRY("f", "3") "int f_inner(int); int g(int a) { return f_inner(a) + 2; }",
	  .changed = "g " },
	/* data */
	{ .what = "new per-CPU data",
	  .pre = X "__attribute__((section(\".data..percpu\"))) int v; int f(int a) { return x(v); }",
	  .post = X
	  "__attribute__((section(\".data..percpu\"))) int v; static __attribute__((section(\".data..percpu\"))) int w; int f(int a) { w += a; return x(v); }",
	  .changed = "f ",
	  .kept = "v ",
	  .fresh = "w " },
	{ .what = "a table that is addressed from a place behind it",
	  .pre = "static int t[4]; int f(long i) { return *(int *)((char *)t + 400 + i * 4); } int *g(void) { return t; }",
	  .post = "static int t[4]; int f(long i) { return *(int *)((char *)t + 404 + i * 4); } int *g(void) { return t; }",
	  .changed = "f ",
	  .kept = "t " },
	{ .what = "new data before old",
	  .pre = X "static int v; int f(int a) { return v += x(a); }",
	  .post = X "static int u; static int v; int e(int a) { return u += x(a); } int f(int a) { return v += x(a); }",
	  .added = "e ",
	  .kept = "v ",
	  .fresh = "u ",
	  .option = "-fno-data-sections" },
};

int main(void)
{
	return run_tables("diff_code", cases, SU_ARRAY_SIZE(cases), false);
}
