// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's tables: entries that belong to a function are a part of it, in the forms of several releases. */
#include "diff_cases.h"

#define NI "__attribute__((noinline)) "
#define X "int x(int); void c(int) __attribute__((cold));\n"
#define BUG_12 \
	"#define BUG_ENTRY(line, flags, file) asm volatile(\"1: ud2\\n.pushsection __bug_table,\\\"aw\\\"\\n2: .long 1b - .\\n.long %c0 - .\\n.word \" #line \"\\n.word \" #flags \"\\n.org 2b+12\\n.popsection\" :: \"i\"(file))\n" \
	"#define WARN(line) BUG_ENTRY(line, 1, \"file.c\")\n"
#define BUG_8 \
	"#define BUG_ENTRY(flags) asm volatile(\"1: ud2\\n.pushsection __bug_table,\\\"aw\\\"\\n2: .long 1b - .\\n.word \" #flags " \
	"\"\\n.org 2b+8\\n.popsection\")\n"
#define BUG_16 \
	"#define BUG_ENTRY(line, flags, format) asm volatile(\"1: ud2\\n.pushsection __bug_table,\\\"aw\\\"\\n2: .long 1b - .\\n.long %c0 - .\\n.long %c1 - .\\n.word \" #line \"\\n.word \" #flags \"\\n.org 2b+16\\n.popsection\" :: \"i\"(format), \"i\"(\"file.c\"))\n" \
	"#define WARN(line) BUG_ENTRY(line, 1, \"format\")\n"
#define USER \
	"#define GET(p, type) ({ int v; asm volatile(\"1: mov %1, %0\\n2:\\n.pushsection __ex_table,\\\"a\\\"\\n.balign 4\\n.long 1b - ., 2b - ., \" #type \"\\n.popsection\" : \"=r\"(v) : \"m\"(*(p))); v; })\n" \
	"#define get(p) GET(p, 3)\n"
#define FIXUP \
	"#define GET(p, err) ({ int v; asm volatile(\"1: mov %1, %0\\n2:\\n.pushsection .fixup,\\\"ax\\\"\\n3: mov $\" #err \", %0\\njmp 2b\\n.popsection\\n.pushsection __ex_table,\\\"a\\\"\\n.balign 4\\n.long 1b - ., 3b - ., 0\\n.popsection\" : \"=r\"(v) : \"m\"(*(p))); v; })\n"
#define KEY \
	"#define KEY(key) ({ __label__ yes, out; int r = 0; asm goto(\"1: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\\n.pushsection __jump_table,\\\"aw\\\"\\n.balign 8\\n.long 1b - ., %l[yes] - .\\n.quad %c0 - .\\n.popsection\" :: \"i\"(key) :: yes); goto out; yes: r = 1; out: r; })\n"
#define DEBUG \
	"#define DEBUG(text) do { static struct { const char *function, *format; long key; } descriptor __attribute__((aligned(8), section(\"__dyndbg\"))) = { __func__, text }; if (KEY(&descriptor.key)) x((int)(long)&descriptor); } while (0)\n"
#define CALL \
	"#define SCALL_FLAGS(name, a, flags) ({ int r; asm volatile(\"1: call __SCT__\" #name \"\\n.pushsection .static_call_sites,\\\"aw\\\"\\n.long 1b - ., __SCK__\" #name \" + \" #flags \" - .\\n.popsection\" : \"=a\"(r) : \"D\"(a) : \"memory\"); r; })\n" \
	"#define SCALL(name, a) SCALL_FLAGS(name, a, 0)\n"
#define ALT \
	"#define ALT(old, new, cpu) asm volatile(\"661: \" old \"\\n662:\\n.pushsection .altinstructions,\\\"a\\\"\\n.long 661b - ., 663f - .\\n.word \" #cpu \", 0\\n.byte 662b - 661b, 664f - 663f\\n.popsection\\n.pushsection .altinstr_replacement,\\\"ax\\\"\\n663: \" new \"\\n664:\\n.popsection\" ::: \"memory\")\n"
#define DERIVED \
	"#define DERIVED() asm volatile(\"1: lock incl (%rsp)\\n2: call __x86_indirect_thunk_rax\\n3: jmp __x86_return_thunk\\n.pushsection .smp_locks,\\\"a\\\"\\n.long 1b - .\\n.popsection\\n.pushsection .retpoline_sites,\\\"a\\\"\\n.long 2b - .\\n.popsection\\n.pushsection .return_sites,\\\"a\\\"\\n.long 3b - .\\n.popsection\")\n"
#define CALL_OF_UNIT(name) \
	"asm(\".pushsection .static_call.text, \\\"ax\\\"\\n.balign 4\\n.globl __SCT__" name "\\n__SCT__" name \
	": jmp x\\nnop\\nnop\\nnop\\n.type __SCT__" name ", @function\\n.size __SCT__" name ", . - __SCT__" name \
	"\\n.popsection\"); struct { long a, b; } __SCK__" name ";\n"
#define PARA \
	"#define PARA(type) asm volatile(\"771: call *pv\\n772:\\n.pushsection .parainstructions,\\\"a\\\"\\n.balign 8\\n.quad 771b\\n.byte \" #type \", 772b - 771b\\n.balign 8\\n.popsection\")\n"
/* What objtool and the compiler leave for the build, or for the kernel's unwinder: one record more, or another one. */
#define LEFT(record) \
	"asm volatile(\"1: nop\\n2:\\n.pushsection .orc_unwind_ip,\\\"a\\\"\\n.long 1b - .\\n.popsection\\n" \
	".pushsection .orc_unwind,\\\"a\\\"\\n.byte " record ", 0, 0, 0, 0, 0\\n.popsection\\n" \
	".pushsection .discard.reachable\\n.long 1b - ., " record "\\n.popsection\\n" \
	".pushsection .call_sites,\\\"a\\\"\\n.long 1b - ., " record "\\n.popsection\\n" \
	".pushsection .ibt_endbr_seal,\\\"a\\\"\\n.long 1b - ., " record "\\n.popsection\\n" \
	".pushsection __patchable_function_entries,\\\"a\\\"\\n.quad 1b, " record "\\n.popsection\\n" \
	".pushsection .cfi_sites,\\\"a\\\"\\n.long 1b - .\\n.popsection\");"
#define JUMPS \
	"#define JUMPS(one, two) asm volatile(\"jmp *1f(,%%rax,8)\\n.pushsection .rodata\\n1: .quad \" one \"f, \" two \"f\\n.popsection\\n2: nop\\n3: nop\" ::: \"rax\")\n"
#define PARAM \
	"#define PARAM(name) static int name = 3; static const char __param_str_##name[] = #name; static const struct { const char *name; int *arg; } __param_##name __attribute__((used, section(\"__param\"), aligned(8))) = { __param_str_##name, &name }\n"
#define INITCALL(name) \
	"int f(void); void *__initcall__kmod_" name " __attribute__((used, section(\".initcall6.init\"))) = f;\n"
#define RUNTIME \
	"#define RUNTIME(name) ({ long v; asm volatile(\"movabs $0x0123456789abcdef, %0\\n1:\\n.pushsection runtime_ptr_\" #name \",\\\"a\\\"\\n.long 1b - 8 - .\\n.popsection\" : \"=r\"(v)); v; })\n"

static const struct diff_case cases[] = {
	/* __bug_table */
	{ .what = "the line of a WARN",
	  .pre = X BUG_12 "void f(int a) { if (a) WARN(10); }",
	  .post = X BUG_12 "void f(int a) { if (a) WARN(99); }" },
	{ .what = "the line of a WARN with a format, as from 6.19 on",
	  .pre = X BUG_16 "void f(int a) { if (a) WARN(10); }",
	  .post = X BUG_16 "void f(int a) { if (a) WARN(99); }" },
	{ .what = "the flags of a WARN",
	  .pre = X BUG_12 "void f(int a) { if (a) BUG_ENTRY(10, 1, \"file.c\"); }",
	  .post = X BUG_12 "void f(int a) { if (a) BUG_ENTRY(10, 3, \"file.c\"); }",
	  .changed = "f " },
	{ .what = "the flags of a WARN in a table without files and lines",
	  .pre = X BUG_8 "void f(int a) { if (a) BUG_ENTRY(1); }",
	  .post = X BUG_8 "void f(int a) { if (a) BUG_ENTRY(3); }",
	  .changed = "f " },
	{ .what = "the file of a WARN",
	  .pre = X BUG_12 "void f(int a) { if (a) BUG_ENTRY(10, 1, \"file.c\"); }",
	  .post = X BUG_12 "void f(int a) { if (a) BUG_ENTRY(10, 1, \"file.h\"); }",
	  .changed = "f " },
	{ .what = "the format of a WARN",
	  .pre = X BUG_16 "void f(int a) { if (a) BUG_ENTRY(10, 1, \"one\"); }",
	  .post = X BUG_16 "void f(int a) { if (a) BUG_ENTRY(10, 1, \"two\"); }",
	  .changed = "f " },
	{ .what = "one WARN more",
	  .pre = X BUG_12 "void f(int a) { if (a) WARN(10); } void g(int a) { WARN(12); x(a); WARN(13); }",
	  .post = X BUG_12
	  "void f(int a) { if (a) WARN(10); if (a > 7) WARN(11); } void g(int a) { WARN(12); x(a); WARN(13); }",
	  .changed = "f " },
	{ .what = "BUG and WARN in a cold part",
	  .pre = X BUG_12 "int f(int a) { if (a) { c(a); WARN(10); c(4); } return x(a); }",
	  .post = X BUG_12 "int f(int a) { if (a) { c(a); WARN(11); c(4); } return x(a); }" },
	/* __ex_table */
	{ .what = "a fault is handled",
	  .pre = X USER "int f(int *p) { return get(p) + 1; } int g(int *p) { return get(p) * 3; }",
	  .post = X USER
	  "int e(int *p) { return get(p) + get(p + 1); } int f(int *p) { return get(p) + 1; } int g(int *p) { return get(p) * 5; }",
	  .changed = "g ",
	  .added = "e " },
	{ .what = "a fault is handled in another way",
	  .pre = X USER "int f(int *p) { return GET(p, 3); } int g(int *p) { return GET(p, 3); }",
	  .post = X USER "int f(int *p) { return GET(p, 1); } int g(int *p) { return GET(p, 3); }",
	  .changed = "f " },
	{ .what = "a fix-up out of line, as up to 5.15",
	  .pre = X FIXUP "int f(int *p) { return GET(p, -14); } int g(int *p) { return GET(p, -14); }",
	  .post = X FIXUP
	  "int e(int *p) { return GET(p, -1); } int f(int *p) { return GET(p, -14); } int g(int *p) { return GET(p, -5); }",
	  .changed = "g ",
	  .added = "e " },
	/* __jump_table */
	{ .what = "a static key of another unit",
	  .pre = X KEY
	  "extern long k; int f(int a) { return KEY(&k) ? x(a) : a; } int g(int a) { return KEY(&k) ? x(a) * 2 : a; }",
	  .post = X KEY
	  "extern long k; int e(int a) { return KEY(&k) ? x(a) : a + 9; } int f(int a) { return KEY(&k) ? x(a) : a; } int g(int a) { return KEY(&k) ? x(a) * 7 : a; }",
	  .changed = "g ",
	  .added = "e " },
	{ .what = "another static key",
	  .pre = X KEY "extern long k, l; int f(int a) { return KEY(&k) ? x(a) : a; }",
	  .post = X KEY "extern long k, l; int f(int a) { return KEY(&l) ? x(a) : a; }",
	  .changed = "f " },
	{ .what = "the same static key, the other way round",
	  .pre = X KEY "extern char k[16]; int f(int a) { return KEY(&k[0]) ? x(a) : a; }",
	  .post = X KEY "extern char k[16]; int f(int a) { return KEY(&k[1]) ? x(a) : a; }",
	  .changed = "f " },
	{ .what = "a static key of the unit, and a new one",
	  .pre = X KEY "static long k; long *o(void) { return &k; } int f(int a) { return KEY(&k) ? x(a) : a; }",
	  .post = X KEY
	  "static long n; static long k; long *o(void) { return &k; } int e(int a) { return KEY(&n) ? x(a) : a + 9; } int f(int a) { return KEY(&k) ? x(a) : a; }",
	  .added = "e ",
	  .kept = "k ",
	  .fresh = "n " },
	{ .what = "a static key of a function, renumbered",
	  .pre = X KEY
	  "int f(int a) { static long k; return KEY(&k) ? x(a) : a; } int g(int a) { static long k; return KEY(&k) ? x(a) : a * 2; }",
	  .post = X KEY
	  "int e(int a) { static long k; return KEY(&k) ? x(a) : a * 5; } int f(int a) { static long k; return KEY(&k) ? x(a) : a; } int g(int a) { static long k; return KEY(&k) ? x(a) : a * 2; }",
	  .added = "e ",
	  .kept = "k k ",
	  .fresh = "k ",
	  .ambiguous = "" },
	{ .what = "two static keys of one name in a changed function",
	  .pre = X KEY
	  "int f(int a) { if (a > 3) { static long k; return KEY(&k) ? x(a) : a; } else { static long k; return KEY(&k) ? x(a + 1) : a; } }",
	  .post = X KEY
	  "int f(int a) { if (a <= 3) { static long k; return KEY(&k) ? x(a + 1) : a; } else { static long k; x(9); return KEY(&k) ? x(a) : a; } }",
	  .changed = "f ",
	  .kept = "",
	  .ambiguous = "k k " },
	{ .what = "a jump label that leads to a cold part",
	  .pre = X KEY "extern long k; int f(int a) { if (KEY(&k)) { c(a); c(2); } return x(a); }",
	  .post = X KEY "extern long k; int f(int a) { if (KEY(&k)) { c(a); c(3); } return x(a); }",
	  .changed = "f " },
	{ .what = "a tracepoint",
	  .pre = X KEY
	  "extern struct { const char *name; long key; } __tracepoint_t; int f(int a) { if (KEY(&__tracepoint_t.key)) x(a); return a; }",
	  .post = X KEY
	  "extern struct { const char *name; long key; } __tracepoint_t, __tracepoint_u; int f(int a) { if (KEY(&__tracepoint_u.key)) x(a); return a; } int g(int a) { if (KEY(&__tracepoint_t.key)) x(a); return a; }",
	  .changed = "f ",
	  .added = "g " },
	{ .what = "pr_debug behind a jump label: the key is in the descriptor",
	  .pre = X KEY DEBUG
	  "int f(int a) { DEBUG(\"one\"); return x(a); } int g(int a) { DEBUG(\"two\"); return x(a) * 2; }",
	  .post = X KEY DEBUG
	  "int e(int a) { DEBUG(\"new\"); return x(a) * 9; } int f(int a) { DEBUG(\"one\"); return x(a); } int g(int a) { DEBUG(\"three\"); return x(a) * 2; }",
	  .changed = "g ",
	  .added = "e " },
	/* .static_call_sites */
	{ .what = "a static call",
	  .pre = X CALL "int f(int a) { return SCALL(n, a) + 1; } int g(int a) { return SCALL(m, a) + 1; }",
	  .post = X CALL
	  "int e(int a) { return SCALL(n, a) + 9; } int f(int a) { return SCALL(n, a) + 1; } int g(int a) { return SCALL(m, a) + 3; }",
	  .changed = "g ",
	  .added = "e " },
	{ .what = "another static call",
	  .pre = X CALL "int f(int a) { return SCALL(n, a) + 1; }",
	  .post = X CALL "int f(int a) { return SCALL(m, a) + 1; }",
	  .changed = "f " },
	{ .what = "a static call whose site says that it is a tail call",
	  .pre = X CALL "int f(int a) { return SCALL_FLAGS(n, a, 0) + 1; }",
	  .post = X CALL "int f(int a) { return SCALL_FLAGS(n, a, 1) + 1; }",
	  .changed = "f " },
	{ .what = "a static call of the unit, and a new one",
	  .pre = X CALL CALL_OF_UNIT("n") "int f(int a) { return SCALL(n, a) + 1; } int g(int a) { return SCALL(n, a) + 2; }",
	  .post = X CALL CALL_OF_UNIT("n")
		  CALL_OF_UNIT("m") "int f(int a) { return SCALL(n, a) + 1; } int g(int a) { return SCALL(m, a) + 2; }",
	  .changed = "g ",
	  .added = "__SCT__m ",
	  .kept = "__SCK__n ",
	  .fresh = "__SCK__m " },
	/* .altinstructions */
	{ .what = "alternatives",
	  .pre = X ALT
	  "void f(int a) { ALT(\"nop; nop; nop\", \"lfence\", 1); } void g(int a) { ALT(\"nop; nop; nop\", \"lfence\", 1); x(a); }",
	  .post = X ALT
	  "void e(int a) { ALT(\"nop; nop; nop\", \"mfence\", 1); x(a + 1); } void f(int a) { ALT(\"nop; nop; nop\", \"lfence\", 1); } void g(int a) { ALT(\"nop; nop; nop\", \"sfence\", 1); x(a); }",
	  .changed = "g ",
	  .added = "e " },
	{ .what = "an alternative for another CPU",
	  .pre = X ALT "void f(int a) { ALT(\"nop; nop; nop\", \"lfence\", 1); }",
	  .post = X ALT "void f(int a) { ALT(\"nop; nop; nop\", \"lfence\", 2); }",
	  .changed = "f " },
	{ .what = "an alternative with a call",
	  .pre = X ALT
	  "void f(int a) { ALT(\"call one\", \"call two\", 1); } void g(int a) { ALT(\"call one\", \"call two\", 1); x(a); }",
	  .post = X ALT
	  "void e(int a) { ALT(\"call one\", \"call three\", 1); x(a + 1); } void f(int a) { ALT(\"call one\", \"call two\", 1); } void g(int a) { ALT(\"call one\", \"call three\", 1); x(a); }",
	  .changed = "g ",
	  .added = "e " },
	{ .what = "an alternative of no bytes before another",
	  .pre = X ALT
	  "void f(int a) { ALT(\"lfence\", \"\", 1); } void g(int a) { ALT(\"nop; nop; nop\", \"lfence\", 1); x(a); }",
	  .post = X ALT
	  "void f(int a) { ALT(\"lfence\", \"\", 1); } void g(int a) { ALT(\"nop; nop; nop\", \"sfence\", 1); x(a); }",
	  .changed = "g " },
	/* .parainstructions */
	{ .what = "paravirt calls",
	  .pre = X PARA "void f(int a) { PARA(3); x(a); } void g(int a) { PARA(3); x(a + 1); }",
	  .post = X PARA
	  "void e(int a) { PARA(5); x(a + 7); } void f(int a) { PARA(3); x(a); } void g(int a) { PARA(4); x(a + 1); }",
	  .changed = "g ",
	  .added = "e " },
	/* what follows from the code */
	{ .what = "what is left for the unwinder and the build",
	  .pre = X "void f(int a) { " LEFT("1") " x(a); }",
	  .post = X "void f(int a) { " LEFT("2") " x(a); }" },
	{ .what = "lock prefixes, return and retpoline sites",
	  .pre = X DERIVED "void f(int a) { DERIVED(); x(a); }",
	  .post = X DERIVED "void e(int a) { DERIVED(); x(a + 1); } void f(int a) { DERIVED(); x(a); }",
	  .added = "e " },
	/* switch tables */
	{ .what = "a jump table",
	  .pre = X
	  "int f(int a) { switch (a) { case 0: return x(5); case 1: return x(a) + 3; case 2: x(2); return x(3); case 3: return x(a) * x(7); case 4: return 7; case 5: return x(a + 9); } return 0; }",
	  .post = X
	  "int e(int a) { switch (a) { case 0: return x(6); case 1: return x(a) + 4; case 2: x(2); return x(3); case 3: return x(a) * x(7); case 4: return 7; case 5: return x(a + 9); } return 0; } int f(int a) { switch (a) { case 0: return x(5); case 1: return x(a) + 3; case 2: x(2); return x(3); case 3: return x(a) * x(7); case 4: return 7; case 5: return x(a + 9); } return 0; }",
	  .added = "e ",
	  .option = "-fjump-tables" },
	{ .what = "two cases of a jump table exchanged",
	  .pre = X JUMPS "int f(int a) { JUMPS(\"2\", \"3\"); return a; } int g(int a) { return a + 1; }",
	  .post = X JUMPS "int f(int a) { JUMPS(\"3\", \"2\"); return a; } int g(int a) { return a + 1; }",
	  .changed = "f " },
	/* tables that the kernel reads at boot */
	{ .what = "a parameter stays",
	  .pre = X PARAM "PARAM(a); int f(int i) { return a + i; }",
	  .post = X PARAM "PARAM(a); int f(int i) { return a + i * 3; }",
	  .changed = "f ",
	  .kept = "__param_a __param_str_a a " },
	{ .what = "a new parameter",
	  .pre = X PARAM "PARAM(a); int f(int i) { return a + i; }",
	  .post = X PARAM "PARAM(b); PARAM(a); int f(int i) { return a + b; }",
	  .changed = "f ",
	  .kept = "__param_a __param_str_a a ",
	  .fresh = "__param_b __param_str_b b " },
	{ .what = "an initcall whose entry has another number and line in its name",
	  .pre = X INITCALL("f__12_34") "int f(void) { return x(3); }",
	  .post = X INITCALL("f__15_38") "int f(void) { return x(3); }" },
	{ .what = "boot-time constants in immediates",
	  .pre = X RUNTIME "long f(void) { return RUNTIME(one); } long g(void) { return RUNTIME(one) + 1; }",
	  .post = X RUNTIME
	  "long e(void) { return RUNTIME(one) + 7; } long f(void) { return RUNTIME(one); } long g(void) { return RUNTIME(two) + 1; }",
	  .changed = "g ",
	  .added = "e " },
};

int main(void)
{
	return run_tables("diff_tables", cases, SU_ARRAY_SIZE(cases), false);
}
