// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names that the compiler makes up, statics of one name, constants. Clones are given their names by hand where a compiler could
 * not be relied on to make them.
 */
#include "diff_cases.h"

#define NI "__attribute__((noinline)) "
#define X "int x(int); void p(const void *); void c(int) __attribute__((cold));\n"
#define CLONE(function, name) "static int " function "(int) __asm__(\"" name "\"); "
#define H(name, nr) NI "static int " name "(int a) { return x(a) + " nr "; } "
#define IN(section) "__attribute__((section(\"" section "\"))) "
#define STATICS "static int n1 __asm__(\"n.1\"), n2 __asm__(\"n.2\");\n"
/* A static that belongs to one place of a function that changes: what its old instance holds is not kept. */
#define ONE_PLACE(name) \
	{ \
		.what = name, .pre = X "static int s __asm__(\"" name ".7\") = 3; void f(int a) { p(&s); s += a; }", \
		.post = X "static int s __asm__(\"" name ".8\") = 3; void f(int a) { p(&s); s -= a; }", \
		.changed = "f ", .kept = "", .fresh = name " " \
	}
/* What the kernel's macros leave in a function, in short. */
#define ONCE \
	"#define WARN_ONCE() do { static _Bool __already_done __attribute__((section(\".data.once\"))); " \
	"if (!__already_done) { __already_done = 1; x(7); } } while (0)\n"
#define PLACES \
	"#define KEY() do { static struct { int a, b; } __key; p(&__key); } while (0)\n" \
	"#define ONCE() do { static _Bool __print_once; if (!__print_once) { __print_once = 1; x(1); } } while (0)\n" \
	"#define LIMITED() do { static struct { int a, b; } _rs = { 3, 4 }; p(&_rs); } while (0)\n"
#define LISTED \
	"#define LIST(text) do { static const char *item __attribute__((used, section(\"__listed\"))) = text; } while (0)\n"
#define PAIR \
	"static int one[4] __attribute__((used, section(\".pair\"))), two[4] __attribute__((used, section(\".pair\")));\n"
/* As the kernel's linux/btf_ids.h makes them. */
#define TYPE_ID(list, name) \
	"__asm__(\".pushsection .BTF_ids,\\\"a\\\"; .local " list "; " list ": .local __BTF_ID__" name \
	"; .type __BTF_ID__" name ", STT_OBJECT; .size __BTF_ID__" name ", 4; __BTF_ID__" name \
	": .zero 4; .popsection\"); extern unsigned int " list "[];\n"
#define DEBUG \
	"struct ddebug { const char *function, *format; unsigned line : 18; };\n" \
	"#define DEBUG(line, text) do { static struct ddebug descriptor __attribute__((aligned(8), section(\"__dyndbg\"))) = " \
	"{ __func__, text, line }; p(&descriptor); } while (0)\n"

static const struct diff_case cases[] = {
	/* clones */
	{ .what = "a clone is renumbered",
	  .pre = X NI "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, 4) + h(a + 1, 4); }",
	  .post = X NI "static int k(int a, int b) { return x(a) - b; } int e(int a) { return k(a, 4) + k(a + 1, 4); } " NI
		       "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, 4) + h(a + 1, 4); }",
	  .added = "e k.constprop " },
	{ .what = "a constant argument makes a clone",
	  .pre = X NI
	  "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, 4) + h(a + 1, 5); } int g(int a) { return h(a, 4) * 2; }",
	  .post = X NI
	  "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, 4) + h(a + 1, 4); } int g(int a) { return h(a, 4) * 2; }",
	  .changed = "f g ",
	  .added = "h.constprop " },
	{ .what = "a clone vanishes",
	  .pre = X NI
	  "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, 4) + h(a + 1, 4); } int g(int a) { return h(a, 4) * 2; }",
	  .post = X NI
	  "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, 4) + h(a + 1, 5); } int g(int a) { return h(a, 4) * 2; }",
	  .changed = "f g ",
	  .added = "h " },
	{ .what = "a parameter that is not used is removed",
	  .pre = X NI "static int h(int a, int b) { return x(a) + 7; } int f(int a) { return h(a, a) + h(a + 1, x(a)); }",
	  .post = X "int e(int a) { return x(a) / 3; } " NI
		    "static int h(int a, int b) { return x(a) + 7; } int f(int a) { return h(a, a) + h(a + 1, x(a)); }",
	  .added = "e " },
	{ .what = "a parameter falls out of use",
	  .pre = X NI "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, a) + h(a + 1, x(a)); }",
	  .post = X CLONE("h1", "h.isra.0") H("h1", "7") "int f(int a) { return h1(a) + h1(a + 1); }",
	  .changed = "f ",
	  .added = "h.isra " },
	{ .what = "a parameter comes into use",
	  .pre = X NI "static int h(int a, int b) { return x(a) + 7; } int f(int a) { return h(a, a) + h(a + 1, x(a)); }",
	  .post = X NI "static int h(int a, int b) { return x(a) + b; } int f(int a) { return h(a, a) + h(a + 1, x(a)); }",
	  .changed = "f ",
	  .added = "h " },
	{ .what = "clones of one name exchange their numbers",
	  .pre = X CLONE("h1", "h.constprop.0") CLONE("h2", "h.constprop.1") H("h1", "4")
		  H("h2", "5") "int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .post = X CLONE("h1", "h.constprop.1") CLONE("h2", "h.constprop.0") H("h1", "4")
		  H("h2", "5") "int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }" },
	{ .what = "clones of one name, one's caller changes",
	  .pre = X CLONE("h1", "h.isra.0") CLONE("h2", "h.isra.1") H("h1", "4")
		  H("h2", "5") "int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .post = X CLONE("h1", "h.isra.1") CLONE("h2", "h.isra.0") H("h1", "4")
		  H("h2", "5") "int f(int a) { return x(3) + h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .changed = "f " },
	{ .what = "clones of one name whose callers all change are carried",
	  .pre = X CLONE("h1", "h.constprop.0") CLONE("h2", "h.constprop.1") H("h1", "4")
		  H("h2", "5") "int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .post = X CLONE("h1", "h.constprop.1") CLONE("h2", "h.constprop.0") H("h1", "4")
		  H("h2", "5") "int f(int a) { return x(3) + h1(a) * 2; } int g(int a) { return x(4) + h2(a) * 3; }",
	  .changed = "f g ",
	  .added = "h.constprop h.constprop " },
	{ .what = "two callers of two clones call one: whichever it is, nothing is taken for unchanged that is not",
	  .pre = X CLONE("h1", "h.constprop.0") CLONE("h2", "h.constprop.1") H("h1", "4")
		  H("h2", "5") "int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .post = X CLONE("h1", "h.constprop.0")
		  H("h1", "4") "int f(int a) { return h1(a) * 2; } int g(int a) { return h1(a) * 3; }",
	  .changed = "f g ",
	  .added = "h.constprop " },
	{ .what = "a clone of a clone is renumbered in both",
	  .pre = X CLONE("h1", "h.constprop.0.isra.0") H("h1", "4") "int f(int a) { return h1(a) * 2; }",
	  .post = X CLONE("h1", "h.constprop.3.isra.12") H("h1", "4") "int f(int a) { return h1(a) * 2; }" },
	{ .what = "a part is split off",
	  .pre = X NI "int h(int a) { if (a > 5) return 1; return x(a) + 4; } int f(int a) { return h(a) * 2; }",
	  .post = X CLONE("part", "h.part.0") H("part", "4") NI
	  "int h(int a) { if (a > 5) return 1; return part(a); } int f(int a) { return h(a) * 2; }",
	  .changed = "h ",
	  .added = "h.part " },
	{ .what = "a part vanishes",
	  .pre = X CLONE("part", "h.part.0") H("part", "4") NI
	  "int h(int a) { if (a > 5) return 1; return part(a); } int f(int a) { return h(a) * 2; }",
	  .post = X NI "int h(int a) { if (a > 5) return 1; return x(a) + 4; } int f(int a) { return h(a) * 2; }",
	  .changed = "h " },
	{ .what = "a part is renumbered",
	  .pre = X CLONE("part", "h.part.0") H("part", "4") NI "int h(int a) { if (a > 5) return 1; return part(a); }",
	  .post = X CLONE("part", "h.part.5") H("part", "4") NI "int h(int a) { if (a > 5) return 1; return part(a); }" },
	{ .what = "parts of one name exchange their numbers, and one changes",
	  .pre = X CLONE("p1", "h.part.0") CLONE("p2", "h.part.1") H("p1", "4")
		  H("p2", "5") "int h(int a) { return a > 5 ? p1(a) : a < 2 ? p2(a) : 1; }",
	  .post = X CLONE("p1", "h.part.1") CLONE("p2", "h.part.0") H("p1", "4")
		  H("p2", "6") "int h(int a) { return a > 5 ? p1(a) : a < 2 ? p2(a) : 1; }",
	  .changed = "h.part " },
	/* cold parts */
	{ .what = "only the cold part changes",
	  .pre = X "int f(int a) { if (a > 5) { c(a); c(1); } return x(a) + 1; }",
	  .post = X "int f(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; }",
	  .changed = "f " },
	{ .what = "a cold part appears",
	  .pre = X "int f(int a) { return x(a) + 1; }",
	  .post = X "int f(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; }",
	  .changed = "f " },
	{ .what = "a cold part vanishes",
	  .pre = X "int f(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; }",
	  .post = X "int f(int a) { return x(a) + 1; }",
	  .changed = "f " },
	{ .what = "a cold part is renumbered",
	  .pre = X CLONE("cold", "f.cold.7") H("cold", "4") "int f(int a) { if (a > 5) return cold(a); return a; }",
	  .post = X CLONE("cold", "f.cold") H("cold", "4") "int f(int a) { if (a > 5) return cold(a); return a; }" },
	{ .what = "cold parts of clones of one name",
	  .pre = X CLONE("h1", "h.constprop.0") CLONE("h2", "h.constprop.1") NI
	  "static int h1(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; } " NI
	  "static int h2(int a) { if (a > 6) { c(a); c(3); } return x(a) + 2; } int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .post = X CLONE("h1", "h.constprop.1") CLONE("h2", "h.constprop.0") NI
	  "static int h1(int a) { if (a > 5) { c(a); c(2); } return x(a) + 1; } " NI
	  "static int h2(int a) { if (a > 6) { c(a); c(4); } return x(a) + 2; } int f(int a) { return h1(a) * 2; } int g(int a) { return h2(a) * 3; }",
	  .changed = "h.constprop " },
	/* objects in tables of the linker's, to which no code refers */
	{ .what = "listed objects of one name",
	  .pre = X LISTED
	  "int f(int a) { LIST(\"one\"); return x(a); } int g(int a) { LIST(\"two\"); LIST(\"two\"); return x(a) + 1; }",
	  .post = X LISTED
	  "int e(int a) { return x(a) + 3; } int f(int a) { LIST(\"one\"); return x(a) + 2; } int g(int a) { LIST(\"two\"); LIST(\"two\"); return x(a) + 1; }",
	  .changed = "f ",
	  .added = "e ",
	  .kept = "item item item ",
	  .fresh = "" },
	{ .what = "one more of them, and one of other content",
	  .pre = X LISTED "int f(int a) { LIST(\"one\"); LIST(\"two\"); return x(a); }",
	  .post = X LISTED "int f(int a) { LIST(\"two\"); LIST(\"three\"); LIST(\"two\"); return x(a); }",
	  .kept = "item ",
	  .ambiguous = "item item " },
	{ .what = "IDs of types, with a counter in their names",
	  .pre = X TYPE_ID("list", "struct__a__1011") TYPE_ID("more", "struct__a__1112")
		  TYPE_ID("set",
			  "set__kept2") "int f(int a) { p(list); return x(a); } int g(int a) { p(more); return x(a) + 1; }",
	  .post = X TYPE_ID("list", "struct__a__1511") TYPE_ID("more", "struct__a__1612")
		  TYPE_ID("set",
			  "set__kept2") "int f(int a) { p(list); return x(a) + 3; } int g(int a) { p(more); return x(a) + 1; }",
	  .changed = "f ",
	  .kept = "__BTF_ID__set__kept2 __BTF_ID__struct__a__ __BTF_ID__struct__a__ ",
	  .fresh = "",
	  .ambiguous = "" },
	/* places and wide strings */
	{ .what = "places beside the objects of a section",
	  .pre = X PAIR
	  "long f(long i) { return (long)one - 4 + i; } long g(long i) { return (long)two + 0x7000000 + i; } int h(int a) { return x(a); }",
	  .post = X PAIR
	  "long f(long i) { return (long)one - 4 + i; } long g(long i) { return (long)two + 0x7000000 + i; } int h(int a) { return x(a) + 1; }",
	  .changed = "h ",
	  .kept = "one two " },
	{ .what = "another place beside them",
	  .pre = X PAIR "long f(long i) { return (long)one - 4 + i; } long g(long i) { return (long)two + 0x7000000 + i; }",
	  .post = X PAIR
	  "long f(long i) { return (long)one - 8 + i; } long g(long i) { return (long)two + 0x7000004 + i; }",
	  .changed = "f g ",
	  .kept = "one two " },
	{ .what = "strings of wide characters",
	  .pre = X
	  "void f(void) { p(L\"ab\"); p(L\"cd\"); } void g(void) { p(u\"ab\"); p(u\"cde\"); } void h(void) { p(u\"xyz\"); }",
	  .post = X
	  "void f(void) { p(L\"ab\"); p(L\"cd\"); } void g(void) { p(u\"ab\"); p(u\"cdf\"); } void h(void) { p(u\"xyz\"); }",
	  .changed = "g " },
/* functions under another name, which a table has in the same place */
#define TABLE(name) "int q(int); int (*const table[])(int) = { " name ", q }; "
#define NEVER_INLINED "__attribute__((noipa)) static int "
	{ .what = "a function in a table is renamed",
	  .pre = X NEVER_INLINED "old(int a) { return a * 3; } " TABLE("old"),
	  .post = X NEVER_INLINED "new(int a) { return a * 3; } " TABLE("new"),
	  .kept = "table " },
	{ .what = "another function takes its place in a table",
	  .pre = X NEVER_INLINED "old(int a) { return a * 3; } " TABLE("old"),
	  .post = X NEVER_INLINED "new(int a) { return a * 5 + 1; } " TABLE("new"),
	  .changed = "new ",
	  .kept = "table " },
	{ .what = "another function takes its place in a table, and not elsewhere",
	  .pre = X NEVER_INLINED "old(int a) { return a * 3; } " TABLE("old") "void f(void) { p(old); }",
	  .post = X NEVER_INLINED "new(int a) { return a * 5 + 1; } " NEVER_INLINED
				  "more(int a) { return a; } " TABLE("new") "void f(void) { p(more); }",
	  .changed = "f ",
	  .added = "more new ",
	  .kept = "table " },
	{ .what = "another function takes its place in a table, and the old one stays",
	  .pre = X NEVER_INLINED "old(int a) { return a * 3; } " TABLE("old"),
	  .post = X "__attribute__((used)) " NEVER_INLINED "old(int a) { return a * 3; } " NEVER_INLINED
		    "new(int a) { return a * 5 + 1; } " TABLE("new"),
	  .added = "new ",
	  .kept = "table " },
	/* variables under another name */
	{ .what = "a variable is renamed",
	  .pre = X "static int a; int f(void) { return a++; } int g(void) { return a += 2; }",
	  .post = X "static int b; int f(void) { return b++; } int g(void) { return b += 2; }",
	  .kept = "b ",
	  .fresh = "" },
	{ .what = "a variable is renamed, and one of its functions changes",
	  .pre = X "static int a = 5; int f(void) { return a++; } int g(void) { return a += 2; }",
	  .post = X "static int b = 5; int f(void) { return b++; } int g(void) { return b += 3; }",
	  .changed = "g ",
	  .kept = "b ",
	  .fresh = "" },
	{ .what = "two variables are renamed",
	  .pre = X "static int a, b; int f(void) { return a++; } int g(void) { return b += 2; }",
	  .post = X "static int d, k; int f(void) { return d++; } int g(void) { return k += 2; }",
	  .kept = "d k ",
	  .fresh = "" },
	{ .what = "a variable is renamed that refers to itself",
	  .pre = X "static void *a[2] = { a, a }; void f(void) { p(a); }",
	  .post = X "static void *b[2] = { b, b }; void f(void) { p(b); }",
	  .kept = "b ",
	  .fresh = "" },
	{ .what = "another variable, with another content",
	  .pre = X "static int a = 1; int f(void) { return a++; }",
	  .post = X "static int b = 2; int f(void) { return b++; }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "b " },
	{ .what = "another variable, and the old one stays",
	  .pre = X "static int a; int f(void) { return a++; } int g(void) { return a += 2; }",
	  .post = X "static int a, b; int f(void) { return b++; } int g(void) { return a += 2; }",
	  .changed = "f ",
	  .kept = "a ",
	  .fresh = "b " },
	{ .what = "two variables in the place of one",
	  .pre = X "static int a; int f(void) { return a++; } int g(void) { return a += 2; }",
	  .post = X "static int b, k; int f(void) { return b++; } int g(void) { return k += 2; }",
	  .changed = "f g ",
	  .kept = "",
	  .fresh = "b k " },
	{ .what = "another constant",
	  .pre = X "static const int a[2] = { 1, 2 }; int f(int i) { return a[i]; }",
	  .post = X "static const int b[2] = { 1, 2 }; int f(int i) { return b[i]; }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "b " },
	/* what was thrown away after boot, and what could not be written */
	{ .what = "a function is not of boot any more",
	  .pre = X IN(".init.text") NI "static int i(int a) { return x(a) + 1; } int f(int a) { return i(a) * 2; }",
	  .post = X NI "static int i(int a) { return x(a) + 1; } int f(int a) { return i(a) * 2; }",
	  .changed = "f ",
	  .added = "i " },
	{ .what = "a function is of boot now",
	  .pre = X NI "static int i(int a) { return x(a) + 1; } int f(int a) { return i(a) * 2; }",
	  .post = X IN(".init.text") NI "static int i(int a) { return x(a) + 1; } int f(int a) { return i(a) * 2; }" },
	{ .what = "a variable is not of boot any more",
	  .pre = X IN(".init.data") "static int v = 3; int f(int a) { return v += a; }",
	  .post = X "static int v = 3; int f(int a) { return v += a; }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "v ",
	  .ambiguous = "" },
	{ .what = "a constant is written now",
	  .pre = X "static const int v[2] = { 3, 4 }; int f(int a) { return v[a]; } int g(int a) { return v[a] + 1; }",
	  .post = X "static int v[2] = { 3, 4 }; int f(int a) { return v[a]; } int g(int a) { return v[a]++; }",
	  .changed = "f g ",
	  .kept = "",
	  .fresh = "v ",
	  .ambiguous = "" },
	{ .what = "a variable is not written any more",
	  .pre = X "static int v[2] = { 3, 4 }; int f(int a) { return v[a]; } int g(int a) { return v[a]++; }",
	  .post = X "static int v[2] = { 3, 4 }; int f(int a) { return v[a]; } int g(int a) { return v[a] + 1; }",
	  .changed = "f g ",
	  .kept = "v ",
	  .fresh = "",
	  .ambiguous = "" },
	/* statics of functions */
	{ .what = "renumbered statics",
	  .pre = X "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  .post = X
	  "int e(void) { static int z; return z++; } int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  .added = "e ",
	  .kept = "n n ",
	  .fresh = "z " },
	{ .what = "another static of the same name is used",
	  .pre = X "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  .post = X "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 3; }",
	  .changed = "g ",
	  .kept = "n n " },
	{ .what = "one of several statics of one name is removed with its function",
	  .pre = X
	  "int e(void) { static int n; return n--; } int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  .post = X "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 3; }",
	  .changed = "g ",
	  .kept = "n n ",
	  .fresh = "",
	  .ambiguous = "" },
	{ .what = "one of several statics of one name is removed from its function",
	  .pre = X
	  "int e(void) { static int n; return n--; } int f(void) { static int n; return n++; } int g(void) { static int n; return n += 2; }",
	  .post = X
	  "int e(void) { return 3; } int f(void) { static int n; return n++; } int g(void) { static int n; return n += 3; }",
	  .changed = "e g ",
	  .kept = "n n ",
	  .fresh = "",
	  .ambiguous = "" },
	{ .what = "one more static of that name",
	  .pre = X "int f(void) { static int n; return n++; } int g(void) { return 2; }",
	  .post = X "int f(void) { static int n; return n++; } int g(void) { static int n; return n += 3; }",
	  .changed = "g ",
	  .kept = "n ",
	  .fresh = "n ",
	  .ambiguous = "" },
	{ .what = "one more static of that name, both functions change",
	  .pre = X "int f(void) { static int n; return n++; } int g(void) { return 2; }",
	  .post = X "int f(void) { static int n; return n += 7; } int g(void) { static int n; return n += 3; }",
	  .changed = "f g ",
	  .kept = "n ",
	  .fresh = "n ",
	  .ambiguous = "" },
	{ .what = "a static moves into another function",
	  .pre = X "int f(void) { static int n; return n++; } int g(void) { return 2; }",
	  .post = X "int f(void) { return 1; } int g(void) { static int n; return n += 3; }",
	  .changed = "f g ",
	  .kept = "n ",
	  .fresh = "",
	  .ambiguous = "" },
	{ .what = "a static moves, a namesake stays",
	  .pre = X
	  "int f(void) { static int n; return n++; } int g(void) { static int n; return n -= 4; } int h(void) { return 2; }",
	  .post = X
	  "int f(void) { return 1; } int g(void) { static int n; return n -= 4; } int h(void) { static int n; return n += 3; }",
	  .changed = "f h ",
	  .kept = "n n ",
	  .fresh = "",
	  .ambiguous = "" },
	{ .what = "a static moves from its function to the file",
	  .pre = X "int f(void) { static int n; return n++; }",
	  .post = X "static int n; int g(void) { return n; } int f(void) { return n++; }",
	  .added = "g ",
	  .kept = "n ",
	  .ambiguous = "" },
	{ .what = "two statics of one name in one changed function",
	  .pre = X
	  "int f(int a) { if (a > 3) { static int s; return x(s += a); } else { static int s; return x(s -= a); } }",
	  .post = X
	  "int f(int a) { if (!a) x(9); if (a > 3) { static int s; return x(s += a); } else { static int s; return x(s -= a); } }",
	  .changed = "f ",
	  .kept = "",
	  .ambiguous = "s s " },
	{ .what = "statics of two functions become one",
	  .pre = X "int f(void) { static int s; return s++; } int g(void) { static int s; return s += 2; }",
	  .post = X "static int s; int f(void) { return s++; } int g(void) { return s += 2; }",
	  .changed = "f g ",
	  .kept = "",
	  .ambiguous = "s " },
	{ .what = "a static becomes one of each function",
	  .pre = X "static int s; int f(void) { return s++; } int g(void) { return s += 2; }",
	  .post = X "int f(void) { static int s; return s++; } int g(void) { static int s; return s += 2; }",
	  .changed = "f g ",
	  .kept = "",
	  .ambiguous = "s s " },
	{ .what = "a function uses the file's static instead of its own",
	  .pre = X "static int s; int f(void) { static int s; return s++; } int g(void) { return s += 2; }",
	  .post = X "static int s; int f(void) { return s++; } int g(void) { return s += 2; }",
	  .changed = "f ",
	  .kept = "s ",
	  .ambiguous = "" },
	{ .what = "two changed functions disagree about a static",
	  .pre = X "int f(void) { static int s; return s++; } int g(void) { static int s; return s += 2; }",
	  .post = X "static int s; int f(void) { return s += 7; } int g(void) { return s += 9; }",
	  .changed = "f g ",
	  .kept = "",
	  .ambiguous = "s " },
	{ .what = "what was in the cold part comes into the other, and the reverse",
	  .pre = X
	  "int f(int a) { if (a > 5) { static int s; c(s += a); c(1); } else { static int s; x(s -= a); } return a; }",
	  .post = X
	  "int f(int a) { if (a > 5) { static int s; x(s += a); x(1); } else { static int s; c(s -= a); c(2); } return a; }",
	  .changed = "f ",
	  .kept = "",
	  .ambiguous = "s s " },
	{ .what = "code that is told apart late contradicts what other code says of a static",
	  .pre = X STATICS CLONE("h1", "h.constprop.0") CLONE("h2", "h.constprop.1") NI
	  "static int h1(int a) { return n2 += x(a); } " H("h2",
							   "5") "int f(int a) { return n1 += x(a) + 7; } int g(int a) { return h1(a) * 2; } int i(int a) { return h2(a) * 3; }",
	  .post = X STATICS CLONE("h1", "h.constprop.1") CLONE("h2", "h.constprop.0") NI
	  "static int h1(int a) { return n2 += x(a); } " H("h2",
							   "5") "int f(int a) { return n2 += x(a) + 7; } int g(int a) { return h1(a) * 2; } int i(int a) { return h2(a) * 3; } int e(int a) { return n1 -= a; }",
	  .changed = "f h.constprop ",
	  .added = "e ",
	  .kept = "",
	  .ambiguous = "n n " },
	{ .what = "statics of one name in the cold parts of changed functions",
	  .pre = X
	  "int f(int a) { if (a > 5) { static int s; c(s += a); c(1); } return x(a); } int g(int a) { if (a > 5) { static int s; c(s -= a); c(2); } return x(a + 1); }",
	  .post = X
	  "int f(int a) { if (a > 5) { static int s; c(s += a); c(3); } return x(a + 2); } int g(int a) { if (a > 5) { static int s; c(s -= a); c(4); } return x(a + 3); }",
	  .changed = "f g ",
	  .kept = "s s ",
	  .ambiguous = "" },
	{ .what = "a static becomes another unit's",
	  .pre = X "static int v; int f(int a) { return v += x(a); }",
	  .post = X "extern int v; int f(int a) { return v += x(a); }",
	  .changed = "f " },
	{ .what = "another unit's becomes a static",
	  .pre = X "extern int v; int f(int a) { return v += x(a); }",
	  .post = X "static int v; int f(int a) { return v += x(a); }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "v " },
	{ .what = "a function becomes an object of its name",
	  .pre = X "int v(int a) { return x(a); } int f(int a) { return x(a) + 1; }",
	  .post = X "int v = 3; int f(int a) { return x(a) + 1; }",
	  .fresh = "v ",
	  .kept = "" },
	{ .what = "statics of one name that only data refer to",
	  .pre = X "static int n1 __asm__(\"n.1\"), n2 __asm__(\"n.2\"); int *t = &n1, *u = &n2;",
	  .post = X "static int n1 __asm__(\"n.2\"), n2 __asm__(\"n.1\"); int *t = &n1, *u = &n2;",
	  .kept = "n n t u " },
	/* what belongs to one place in the source */
	{ .what = "__func__ in another order",
	  .pre = X "void f(void) { p(__func__); } void g(void) { p(__func__); }",
	  .post = X "void g(void) { p(__func__); } void f(void) { p(__func__); }" },
	{ .what = "__func__ of one function more",
	  .pre = X "void f(void) { p(__func__); } void g(void) { p(__func__); }",
	  .post = X "void e(void) { p(__func__); } void f(void) { p(__func__); } void g(void) { p(__func__); }",
	  .added = "e " },
	ONE_PLACE("__FUNCTION__"),
	ONE_PLACE("__PRETTY_FUNCTION__"),
	ONE_PLACE("__key"),
	ONE_PLACE("__warned"),
	ONE_PLACE("__already_done"),
	ONE_PLACE("__already_printed"),
	ONE_PLACE("__print_once"),
	ONE_PLACE("_rs"),
	ONE_PLACE("_entry"),
	ONE_PLACE("_entry_ptr"),
	ONE_PLACE("descriptor"),
	ONE_PLACE("CSWTCH"),
	ONE_PLACE("__print_fmt"),
	{ .what = "one WARN_ONCE more",
	  .pre = X ONCE "int f(int a) { if (a) WARN_ONCE(); return a; } int g(int a) { if (a) WARN_ONCE(); return a * 2; }",
	  .post = X ONCE
	  "int f(int a) { if (a) WARN_ONCE(); if (a > 4) WARN_ONCE(); return a; } int g(int a) { if (a) WARN_ONCE(); return a * 2; }",
	  .changed = "f ",
	  .kept = "",
	  .ambiguous = "" },
	{ .what = "printk_once, printk_ratelimited and lockdep keys",
	  .pre = X PLACES
	  "int f(int a) { KEY(); if (a) ONCE(); return a; } int g(int a) { KEY(); if (a) LIMITED(); return a * 2; }",
	  .post = X PLACES
	  "int e(int a) { KEY(); LIMITED(); ONCE(); return a; } int f(int a) { KEY(); if (a) ONCE(); return a; } int g(int a) { KEY(); if (a) LIMITED(); return a * 3; }",
	  .changed = "g ",
	  .added = "e ",
	  .kept = "",
	  .ambiguous = "" },
	{ .what = "pr_debug",
	  .pre = X DEBUG
	  "int f(int a) { if (a) DEBUG(101, \"one\"); return a; } int g(int a) { DEBUG(102, \"two\"); return a; }",
	  .post = X DEBUG
	  "int e(int a) { DEBUG(103, \"new\"); return a; } int f(int a) { if (a) DEBUG(101, \"one\"); return a; } int g(int a) { DEBUG(102, \"three\"); return a; }",
	  .changed = "g ",
	  .added = "e ",
	  .ambiguous = "" },
	{ .what = "__UNIQUE_ID and another counter",
	  .pre = X "static int __UNIQUE_ID_a12 = 3; int *f(void) { return &__UNIQUE_ID_a12; }",
	  .post = X
	  "static int __UNIQUE_ID_a12 = 4; static int __UNIQUE_ID_a14 = 3; int *g(void) { return &__UNIQUE_ID_a12; } int *f(void) { return &__UNIQUE_ID_a14; }",
	  .added = "g " },
	{ .what = "what has a counter in its name comes along with its function",
	  .pre = X "static int __UNIQUE_ID_a12 = 3; void f(void) { p(&__UNIQUE_ID_a12); }",
	  .post = X "static int __UNIQUE_ID_a13 = 4; void f(void) { p(&__UNIQUE_ID_a13); }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "__UNIQUE_ID_a " },
	{ .what = "what is said once, whatever its name",
	  .pre = X
	  "void f(int a) { static _Bool said __attribute__((section(\".data.once\"))); if (!said) { said = 1; x(a); } }",
	  .post = X
	  "void f(int a) { static _Bool said __attribute__((section(\".data.once\"))); if (!said) { said = 1; x(a + 1); } }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "said " },
	{ .what = "what is said once, in the section of newer kernels",
	  .pre = X
	  "void f(int a) { static _Bool said __attribute__((section(\".data..once\"))); if (!said) { said = 1; x(a); } }",
	  .post = X
	  "void f(int a) { static _Bool said __attribute__((section(\".data..once\"))); if (!said) { said = 1; x(a + 1); } }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "said " },
	{ .what = "a debug message's record, whatever its name",
	  .pre = X "void f(int a) { static int record __attribute__((section(\"__dyndbg\"))) = 3; p(&record); }",
	  .post = X "void f(int a) { static int record __attribute__((section(\"__dyndbg\"))) = 4; p(&record); x(a); }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "record " },
	/* constants */
	{ .what = "a string changes",
	  .pre = X "void f(void) { p(\"old\"); } void g(void) { p(\"same\"); }",
	  .post = X "void f(void) { p(\"new\"); } void g(void) { p(\"same\"); }",
	  .changed = "f " },
	{ .what = "string offsets move",
	  .pre = X "void g(void) { p(\"a\"); p(\"bb\"); }",
	  .post = X "void n(void) { p(\"new string before\"); } void g(void) { p(\"a\"); p(\"bb\"); }",
	  .added = "n ",
	  .option = "-fno-data-sections" },
	{ .what = "a string is shared, and is the end of another",
	  .pre = X "void f(void) { p(\"tail\"); } void g(void) { p(\"tail\"); } void h(void) { p(\"other\"); }",
	  .post = X "void f(void) { p(\"tail\"); } void g(void) { p(\"long tail\"); } void h(void) { p(\"tail\"); }",
	  .changed = "g h " },
	{ .what = "long strings lie in a section of their own",
	  .pre = X "void f(void) { p(\"a string that is long enough to be aligned to eight bytes by the compiler\"); }",
	  .post = X
	  "void n(void) { p(\"another string that is long enough to be aligned to eight bytes, before\"); } void f(void) { p(\"a string that is long enough to be aligned to eight bytes by the compiler\"); }",
	  .added = "n " },
	{ .what = "constants of one name in several functions",
	  .pre = X
	  "void f(void) { static const char m[] = \"one\"; p(m); } void g(int a) { static const char m[] = \"two\"; p(m); }",
	  .post = X
	  "void f(void) { static const char m[] = \"one\"; p(m); } void g(int a) { static const char m[] = \"two\"; p(m); if (a) { static const char m[] = \"three\"; p(m); } }",
	  .changed = "g " },
	{ .what = "constants of one name in a changed function",
	  .pre = X
	  "int f(int a) { if (a > 9) { static const int t[] = { 4, 7, 8 }; p(t); } else { static const int t[] = { 1, 2, 3 }; p(t + a); } return a; }",
	  .post = X
	  "int f(int a) { x(a); if (a > 9) { static const int t[] = { 4, 7, 9 }; p(t); } else { static const int t[] = { 1, 2, 3 }; p(t + a); } return a; }",
	  .changed = "f ",
	  .kept = "",
	  .fresh = "t t ",
	  .ambiguous = "" },
	{ .what = "a function's own constant changes",
	  .pre = "int f(int a) { static const int t[] = { 4, 7, 8, 9, 11 }; return t[a]; } int g(int a) { return a * 3; }",
	  .post = "int f(int a) { static const int t[] = { 4, 7, 8, 9, 12 }; return t[a]; } int g(int a) { return a * 3; }",
	  .changed = "f " },
	{ .what = "nameless objects are renumbered",
	  .pre = "static const int *const t[] = { (const int[]){ 1, 2, 3 }, (const int[]){ 4, 5 } }; int f(int a) { return t[a][1]; } ",
	  .post = "static const int *const u[] = { (const int[]){ 7, 2, 3 }, (const int[]){ 4, 5 } }; int g(int a) { return u[a][1]; } static const int *const t[] = { (const int[]){ 1, 2, 3 }, (const int[]){ 4, 5 } }; int f(int a) { return t[a][1]; } ",
	  .added = "g " },
	{ .what = "nameless objects that hold state are renumbered",
	  .pre = "static int *t[] = { (int[]){ 1, 2, 3 }, (int[]){ 4, 5 } }; int f(int a) { return t[a][1]++; } ",
	  .post = "static int *u[] = { (int[]){ 7, 2, 3 } }; int g(int a) { return u[a][1]++; } static int *t[] = { (int[]){ 1, 2, 3 }, (int[]){ 4, 5 } }; int f(int a) { return t[a][1]++; } ",
	  .added = "g ",
	  .kept = "__compound_literal __compound_literal t ",
	  .ambiguous = "" },
	{ .what = "a table that a switch becomes",
	  .pre = X
	  "int f(int a) { switch (a) { case 0: return 5; case 1: return 17; case 2: return 4; case 3: return 99; case 4: return 7; } return 0; }",
	  .post = X
	  "int e(int a) { switch (a) { case 0: return 5; case 1: return 17; case 2: return 4; case 3: return 98; case 4: return 7; } return 0; } int f(int a) { switch (a) { case 0: return 5; case 1: return 17; case 2: return 4; case 3: return 99; case 4: return 7; } return 0; }",
	  .added = "e " },
	{ .what = "a value in a table that a switch becomes",
	  .pre = X
	  "int f(int a) { switch (a) { case 0: return 5; case 1: return 17; case 2: return 4; case 3: return 99; case 4: return 7; } return 0; }",
	  .post = X
	  "int f(int a) { switch (a) { case 0: return 5; case 1: return 17; case 2: return 4; case 3: return 98; case 4: return 7; } return 0; }",
	  .changed = "f " },
};

int main(void)
{
	return run_tables("diff_names", cases, SU_ARRAY_SIZE(cases), false);
}
