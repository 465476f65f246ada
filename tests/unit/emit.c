// SPDX-License-Identifier: GPL-2.0-or-later
/* The emitter: what an update carries, what its tables say, and what is refused by which token. */
#include <string.h>

#include "emit_world.h"

/* Emits the update from one pair of sources. */
static int emit(struct emit_world *w, const char *pre, const char *post)
{
	struct su_emit_unit unit = { .name = "test.o", .target = "vmlinux" };
	struct su_object *a = emit_split(w, "pre", pre), *b = emit_split(w, "post", post);

	unit.plain = emit_plain(w, "plain", pre);
	unit.diff = su_diff_create(unit.name, a, b);
	return emit_units(w, &unit, 1, EMIT_EXPORTS);
}

/* The end's address is 9 behind the string's start, as a compiler may write it: beyond the string. */
#define PIECES(value) \
	"int exported(int); int f(int a) { const char *s, *e; asm(\".pushsection .rodata.str1.1," \
	"\\\"aMS\\\",@progbits,1\\n.LCs: .string \\\"stuvw\\\"\\n.LCt: .string \\\"x\\\"\\n.popsection\\n" \
	"mov $.LCs, %0; mov $.LCs + 9, %1\" : \"=r\"(s), \"=r\"(e)); return exported(e - s + " value "); }"

static const char pre_source[] =
	"int exported(int); int hidden(int); static int count; static const char *const names[] = { \"a\", \"b\" };\n"
	"__attribute__((noinline)) static int helper(int a) { return hidden(a) + 1; }\n"
	"int f(int a) { count += a; return exported(helper(a)) + helper(a + 1); }\n"
	"const char *g(int a) { return names[a]; }\n";
static const char post_source[] =
	"int exported(int); int hidden(int); static int count; static const char *const names[] = { \"a\", \"b\" };\n"
	"static int fresh;\n"
	"__attribute__((noinline)) static int helper(int a) { return hidden(a) + 1; }\n"
	"__attribute__((noinline)) static int limit(int a) { return a > fresh ? fresh++ : a; }\n"
	"int f(int a) { count += a; return exported(helper(limit(a))) + helper(limit(a + 1)); }\n"
	"const char *g(int a) { return names[a]; }\n";

static void test_tables(void **data)
{
	struct emit_world *w = *data;
	const struct su_function *f;

	assert_int_equal(emit(w, pre_source, post_source), 0);
	assert_int_equal(w->result.changed_nr, 1);
	assert_int_equal(w->result.new_nr, 1);
	assert_string_equal(w->result.functions.data[0].name, "f");
	assert_string_equal(w->result.functions.data[1].name, "limit");
	assert_int_equal(w->u.header->functions.nr, 1);
	f = &w->u.functions[0];
	assert_string_equal(su_update_string(&w->u, f->name), "f");
	assert_int_equal(f->window_off, 5);
	assert_int_equal(f->flags, SU_FUNCTION_FENTRY);
	assert_int_equal(w->u.sections[f->section].kind, SU_SECTION_TEXT);
	assert_int_equal(w->u.areas[f->new_area].flags, SU_AREA_EXEC);
}

/* What is given, and what the update carries: each target once. */
static void test_modinfo(void **data)
{
	static const char want[] = "description=a test\0suture_id=test\0suture_target=vmlinux\0"
				   "suture_function=test.o:f\0suture_new=test.o:limit";
	struct emit_world *w = *data;
	const struct su_elf_section *section;

	assert_int_equal(emit(w, pre_source, post_source), 0);
	section = su_elf_section_find(w->elf, ".modinfo");
	assert_non_null(section);
	assert_int_equal(section->size, sizeof(want));
	assert_memory_equal(section->data, want, sizeof(want));
}

/* Names of the symbols that private relocations use, each once, in the order of the table. */
static void private_names(const struct su_update *u, struct su_buf *names)
{
	for (u32 i = 0; i < u->header->symbols.nr; i++)
		if (u->symbols[i].flags & SU_SYMBOL_WANTED)
			su_buf_format(names, "%s ", su_update_string(u, u->symbols[i].name));
}

static void test_references(void **data)
{
	struct emit_world *w = *data;
	SU_CLEANUP_BUF struct su_buf names = { 0 };

	assert_int_equal(emit(w, pre_source, post_source), 0);
	/* exported: the loader's; the old static and the unchanged helper: the running kernel's; the new static: its own */
	assert_true(emit_has_undefined(w, "exported"));
	assert_false(emit_has_undefined(w, "hidden"));
	private_names(&w->u, &names);
	assert_non_null(strstr(names.data, "count "));
	assert_non_null(strstr(names.data, "helper "));
	assert_null(strstr(names.data, "fresh "));
	assert_null(strstr(names.data, "exported "));
}

/* All of the pre text is there, and it is the plain object's. */
static void test_pre_bytes(void **data)
{
	struct emit_world *w = *data;
	SU_CLEANUP_FREE char *plain_path = su_format("%s/plain.o", w->dir);
	const struct su_elf_section *init, *text;
	struct su_elf *plain;

	assert_int_equal(emit(w, pre_source, post_source), 0);
	assert_int_equal(su_elf_open(w->diags, plain_path, &plain), 0);
	init = su_elf_section_find(w->elf, ".init.text");
	text = su_elf_section_find(plain, ".text");
	assert_non_null(init);
	assert_true(init->size >= text->size);
	assert_memory_equal(init->data, text->data, text->size);
	su_elf_close(plain);
}

/* A loop over a string whose end is an address: both are of the same copy. */
static void test_pieces(void **data)
{
	struct emit_world *w = *data;
	const struct su_elf_section *strings;
	bool has_piece = false;

	assert_int_equal(emit(w, PIECES("a"), PIECES("a + 1")), 0);
	strings = su_elf_section_find(w->elf, ".rodata.str");
	assert_non_null(strings);
	assert_int_equal(strings->size, sizeof("stuvw"));
	assert_memory_equal(strings->data, "stuvw", sizeof("stuvw"));
	for (u32 i = 0; i < w->u.header->holes.nr; i++) {
		const struct su_symbol *symbol = &w->u.symbols[w->u.holes[i].symbol];

		if (symbol->kind == SU_SYMBOL_PIECE)
			has_piece |= w->u.holes[i].addend == 9;
		assert_true(symbol->kind != SU_SYMBOL_PIECE || symbol->size == sizeof("stuvw"));
	}
	assert_true(has_piece);
}

#define ASM_IN(section, name, type, code) \
	"asm(\".pushsection " section ", \\\"ax\\\"\\n.balign 16, 0x90\\n.globl " name "\\n.type " name ", @" type \
	"\\n" name ": .L" name ": " code "\\n.size " name ", . - " name "\\n.popsection\");\n"
#define ASM(name, type, code) ASM_IN(".text", name, type, code)
#define BESIDE \
	"static int one[4] __attribute__((section(\".pair\"))), two[4] __attribute__((used, section(\".pair\")));\n"
#define ENTRY(name, type, code) ASM_IN(".entry.text", name, type, code)
#define ALTERNATIVE(old, new) \
	"asm volatile(\"661: " old \
	"\\n662:\\n.pushsection .altinstructions,\\\"a\\\"\\n.long 661b - ., 663f - .\\n.word 1, 0\\n" \
	".byte 662b - 661b, 664f - 663f\\n.popsection\\n.pushsection .altinstr_replacement,\\\"ax\\\"\\n663: " new "\\n664:\\n.popsection\" ::: \"memory\");"

struct refusal {
	const char *what;
	const char *pre, *post;
	enum su_token token;
};

#define VARIABLE(section) "int x(int); static int v __attribute__((section(\"" section "\"))) = 3; "
#define BOOT "__attribute__((section(\".init.text\"))) "
/* A unit that starts a thread in f, whose body is given. */
#define THREAD(where, body) \
	"int x(long), kthread_should_stop(void); void *kthread_create_on_node(int (*)(long), void *, int);" \
	"static int f(long a) { " body " } " where "void *start(void) { return kthread_create_on_node(f, 0, -1); }"
#define STOPPER "int kthread_stop(void *); void stop(void *t) { kthread_stop(t); } "

#define STARTED(name, nr) \
	"int x(long); void *" name "(int (*)(long), void *, int); static int f(long a) { for (;;) x(a + " nr \
	"); } " BOOT "void *start(void) { return " name "(f, 0, -1); }"
#define STARTED_BY(name) \
	{ \
		"a thread that " name " starts", STARTED(name, "1"), STARTED(name, "2"), SU_T_NEVER_QUIESCENT \
	}
#define PLACED(section, nr) \
	"int x(int); __attribute__((section(\"" section "\"))) int f(int a) { return x(a) + " nr "; }"
#define CODE_OF(section) \
	{ \
		"code of " section, PLACED(section, "2"), PLACED(section, "3"), SU_T_REDIRECT_PLACE \
	}
#define ACROSS(nr) \
	"asm(\".pushsection .text, \\\"ax\\\"\\n.balign 16\\n.skip 12, 0x90\\n.globl f\\n.type f, @function\\nf: mov $" nr \
	", %eax\\nmov $1, %ecx\\nret\\n.size f, . - f\\n.popsection\");"
#define HANDLED(nr) \
	"int x(int); int f(int *p) { int v; asm volatile(\"1: mov (%1), %0\\n2:\\n.pushsection __ex_table,\\\"a\\\"\\n" \
	".long 1b - ., 2b - ., handler - .\\n.popsection\" : \"=r\"(v) : \"r\"(p)); return x(v + " nr "); }"

static const struct refusal refusals[] = {
	{ "nothing changes", "int f(int a) { return a; }", "\nint f(int a) { return a; }", SU_T_NO_CHANGE },
	{ "an initialiser", "int v = 3; int f(int a) { return a + v; }", "int v = 4; int f(int a) { return a * v; }",
	  SU_T_DATA_INIT },
	{ "a const table entry", "const int t[] = { 1, 2 }; int f(int a) { return t[a] + 1; }",
	  "const int t[] = { 1, 3 }; int f(int a) { return t[a] + 2; }", SU_T_DATA_INIT },
	{ "a size", "int v[4]; int f(int a) { return v[a]; }", "int v[8]; int f(int a) { return v[a] + 1; }",
	  SU_T_DATA_SIZE },
#define QUIRK(nr) "asm(\".pushsection .quirks, \\\"a\\\"\\n.long " nr ", f - .\\n.popsection\"); "
	{ "an entry without a name", "int x(int); int f(int a) { return x(a); } " QUIRK("3"),
	  "int x(int); int f(int a) { return x(a + 1); } " QUIRK("4"), SU_T_SECTION },
	{ "a new entry without a name", "int x(int); int f(int a) { return x(a); }",
	  "int x(int); int f(int a) { return x(a); } " QUIRK("4"), SU_T_SECTION },
	{ "an alignment", "char v[64]; int f(int a) { return v[a]; }",
	  "char v[64] __attribute__((aligned(128))); int f(int a) { return v[a] + 1; }", SU_T_DATA_SIZE },
	{ "boot code",
	  "__attribute__((section(\".init.text\"))) int i(int a) { return a + 1; } int f(int a) { return a; }",
	  "__attribute__((section(\".init.text\"))) int i(int a) { return a + 2; } int f(int a) { return a * 7; }",
	  SU_T_INIT_CODE },
	{ "new boot code", "int x(int); int f(int a) { return x(a); }",
	  BOOT "int i(int a) { return a + 1; } int x(int); int f(int a) { return x(a + 1); }", SU_T_INIT_CODE },
	{ "new boot data that code uses which stays", "int x(int); int f(int a) { return x(a); }",
	  "__attribute__((section(\".init.data\"))) static int n = 3; int x(int); int f(int a) { n += a; return x(n); }",
	  SU_T_SECTION },
	{ "a table that is read at boot", "int f(int a) { return a; }",
	  "int f(int a) { return a + 1; } __attribute__((section(\"__param\"), used)) static const long p = 4;",
	  SU_T_SECTION },
	{ "no room",
	  "__attribute__((no_instrument_function, section(\".spinlock.text\"))) void f(void) { } "
	  "__attribute__((no_instrument_function, section(\".spinlock.text\"), aligned(1))) int g(int a) { return a; }",
	  "int x(int); __attribute__((no_instrument_function, section(\".spinlock.text\"))) void f(void) { x(2); } "
	  "__attribute__((no_instrument_function, section(\".spinlock.text\"), aligned(1))) int g(int a) { return a; }",
	  SU_T_REDIRECT_SHORT },
	CODE_OF(".noinstr.text"),
	CODE_OF(".cpuidle.text"),
	CODE_OF(".irqentry.text"),
	CODE_OF(".static_call.text"),
	CODE_OF(".text..__x86.indirect_thunk"),
	{ "a function at the end of its section that is too short",
	  "__attribute__((no_instrument_function, section(\".spinlock.text\"))) void f(void) { }",
	  "int x(int); __attribute__((no_instrument_function, section(\".spinlock.text\"))) void f(void) { x(2); }",
	  SU_T_REDIRECT_SHORT },
	{ "a redirect across a word of 16 bytes", ACROSS("1"), ACROSS("2"), SU_T_REDIRECT_SHORT },
	{ "the function that switches threads", "int x(int); int schedule(int a) { return x(a) + 1; }",
	  "int x(int); int schedule(int a) { return x(a) + 2; }", SU_T_NEVER_QUIESCENT },
	{ "the one that does it for the idle loop", "int x(int); int schedule_idle(int a) { return x(a) + 1; }",
	  "int x(int); int schedule_idle(int a) { return x(a) + 2; }", SU_T_NEVER_QUIESCENT },
	{ "what each CPU's stopper stands in", "int x(int); int multi_cpu_stop(int a) { return x(a) + 1; }",
	  "int x(int); int multi_cpu_stop(int a) { return x(a) + 2; }", SU_T_NEVER_QUIESCENT },
	{ "a variable that may have another name now", "static int a; int x(int); int f(int i) { return x(a += i); }",
	  "static int b; int x(int); int f(int i) { return x(b += i) + 1; }", SU_T_AMBIGUOUS },
	{ "a variable that other units may know by another name now", "int a; int x(int); int f(int i) { return x(i); }",
	  "int b; int x(int); int f(int i) { return x(i) + 1; }", SU_T_AMBIGUOUS },
	{ "a variable that there is one of for each CPU now", VARIABLE(".data") "int f(int a) { return x(v += a); }",
	  VARIABLE(".data..percpu") "int f(int a) { return x(v += a) + 1; }", SU_T_SECTION },
	{ "a variable that there is only one of now", VARIABLE(".data..percpu") "int f(int a) { return x(v += a); }",
	  VARIABLE(".data") "int f(int a) { return x(v += a) + 1; }", SU_T_SECTION },
	{ "a variable that could only be written at boot",
	  VARIABLE(".data..ro_after_init") "int f(int a) { return x(v); }",
	  VARIABLE(".data") "int f(int a) { return x(v++); }", SU_T_SECTION },
	{ "a function of boot that stays now, and has other callers",
	  "int x(int); " BOOT "int i(int a) { return x(a) + 1; } int f(int a) { return i(a); }",
	  "int x(int); __attribute__((noinline)) int i(int a) { return x(a) + 1; } int f(int a) { return i(a); }",
	  SU_T_SECTION },
	STARTED_BY("kthread_create_on_node"),
	STARTED_BY("kthread_create_on_cpu"),
	STARTED_BY("kernel_thread"),
	STARTED_BY("user_mode_thread"),
	STARTED_BY("create_io_thread"),
	STARTED_BY("vhost_task_create"),
	{ "a handler of faults that is not exported", HANDLED("1"), HANDLED("2"), SU_T_RELOC },
	{ "an address in new per-CPU data that nothing exports", "int x(int); int f(int a) { return x(a); }",
	  "int x(int); extern int hidden; static __attribute__((section(\".data..percpu\"))) int *v = &hidden; "
	  "int f(int a) { if (a) v = 0; return x(v != 0); }",
	  SU_T_RELOC },
	{ "a conditional static call in the window",
	  "int x(int); int f(int a) { asm volatile(\"jne __SCT__x\"); return x(a); }",
	  "int x(int); int f(int a) { asm volatile(\"jne __SCT__x\"); return x(a + 2); }", SU_T_REDIRECT_SITE },
	{ "the switch of threads", "int __switch_to_asm(int); int f(int a) { return __switch_to_asm(a) + 1; }",
	  "int __switch_to_asm(int); int f(int a) { return __switch_to_asm(a) + 2; }", SU_T_NEVER_QUIESCENT },
	{ "the idle loop", "void schedule_idle(void); void f(void) { for (;;) schedule_idle(); }",
	  "void x(void); void schedule_idle(void); void f(void) { x(); for (;;) schedule_idle(); }",
	  SU_T_NEVER_QUIESCENT },
	{ "a thread of boot that never returns", THREAD(BOOT, "for (;;) x(a);"), THREAD(BOOT, "for (;;) x(a + 1);"),
	  SU_T_NEVER_QUIESCENT },
	{ "a thread of boot that nobody stops", THREAD(BOOT, "while (!kthread_should_stop()) x(a); return 0;"),
	  THREAD(BOOT, "while (!kthread_should_stop()) x(a + 1); return 0;"), SU_T_NEVER_QUIESCENT },
	{ "two statics of one name",
	  "int x(int); int f(int a) { if (a > 3) { static int s; return x(s += a); } "
	  "else { static int s; return x(s -= a); } }",
	  "int x(int); int f(int a) { if (!a) x(9); if (a > 3) { static int s; return x(s += a); } "
	  "else { static int s; return x(s -= a); } }",
	  SU_T_AMBIGUOUS },
	{ "statics of two functions become one",
	  "int f(void) { static int s; return s++; } int g(void) { static int s; return s += 2; }",
	  "static int s; int f(void) { return s++; } int g(void) { return s += 2; }", SU_T_AMBIGUOUS },
	{ "an alias becomes a function of its own",
	  "int x(int); int f(int a) { return x(a) * 3; } int g(int) __attribute__((alias(\"f\")));",
	  "int x(int); int f(int a) { return x(a) * 3; } int g(int a) { return x(a) * 4; }", SU_T_AMBIGUOUS },
	{ "a function becomes an alias", "int x(int); int f(int a) { return x(a) * 3; } int g(int a) { return x(a) * 4; }",
	  "int x(int); int f(int a) { return x(a) * 3; } int g(int) __attribute__((alias(\"f\")));", SU_T_AMBIGUOUS },
	{ "assembler that is no function", ASM("f", "notype", "mov $1, %eax\\nmov $1, %ecx\\nret"),
	  ASM("f", "notype", "mov $2, %eax\\nmov $1, %ecx\\nret"), SU_T_REDIRECT_PLACE },
	{ "a second entry", ASM("f", "function", "mov $1, %eax\\n.globl f2\\nf2: mov $1, %ecx\\nret"),
	  ASM("f", "function", "mov $2, %eax\\n.globl f2\\nf2: mov $1, %ecx\\nret"), SU_T_REDIRECT_PLACE },
	{ "a function that ends in the next one",
	  ASM("f", "function", "mov $1, %eax\\nmov $1, %ecx") ASM("g", "function", "mov $1, %edx\\nret"),
	  ASM("f", "function", "mov $2, %eax\\nmov $1, %ecx") ASM("g", "function", "mov $1, %edx\\nret"),
	  SU_T_REDIRECT_PLACE },
	{ "a short jump to another function",
	  ASM("l", "function", "mov $1, %eax\\nret") ASM("f", "function", "mov $1, %eax\\ntest %edi, %edi\\njz .Ll\\nret"),
	  ASM("l", "function", "mov $1, %eax\\nret") ASM("f", "function", "mov $2, %eax\\ntest %edi, %edi\\njz .Ll\\nret"),
	  SU_T_RELOC },
	{ "a place beside two objects of a section",
	  BESIDE "const char *f(int i) { return (char *)(i + one) + 0x7000000; }",
	  BESIDE "const char *f(int i) { return (char *)(i + one) + 0x7000004; }", SU_T_RELOC },
	{ "entry code", ENTRY("f", "function", "mov $1, %eax\\nret"), ENTRY("f", "function", "mov $2, %eax\\nret"),
	  SU_T_REDIRECT_PLACE },
	{ "an alternative that calls what is not exported",
	  "void x(int); void f(int a) { " ALTERNATIVE("call one", "call two") " x(a); }",
	  "void x(int); void f(int a) { " ALTERNATIVE("call one", "call two") " x(a + 1); }", SU_T_RELOC },
};

static bool has_token(const struct su_diags *diags, enum su_token token)
{
	for (size_t i = 0; i < su_diags_count(diags); i++)
		if (su_diags_at(diags, i)->token == token)
			return true;
	return false;
}

/* Whoever is refused is told file, symbol and what to do. */
static void check_help(const struct su_diags *diags, const char *what)
{
	for (size_t i = 0; i < su_diags_count(diags); i++) {
		const struct su_diag *d = su_diags_at(diags, i);

		if (!d->object || (d->token != SU_T_NO_CHANGE && (!d->symbol || !d->hint)))
			fail_msg("%s: no file, symbol or hint: %s", what, d->text);
	}
}

static void test_refusals(void **data)
{
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(refusals); i++) {
		int ret;

		su_diags_destroy(w->diags);
		w->diags = su_diags_create();
		ret = emit(w, refusals[i].pre, refusals[i].post);
		if (ret != -(int)su_token_status(refusals[i].token) || !has_token(w->diags, refusals[i].token))
			fail_msg("%s: returned %d, wanted token %s", refusals[i].what, ret,
				 su_token_name(refusals[i].token));
		check_help(w->diags, refusals[i].what);
	}
}

/* As who knows the sources has found: the patch leaves the text of i() alone. */
static int emit_kept(struct emit_world *w, const char *pre, const char *post)
{
	struct su_emit_unit unit = { .name = "test.o", .target = "vmlinux", .plain = emit_plain(w, "plain", pre) };
	struct su_object *a = emit_split(w, "pre", pre), *b = emit_split(w, "post", post);

	unit.diff = su_diff_create(unit.name, a, b);
	for (size_t i = 0; i < b->atom_nr; i++)
		b->atoms[i]->is_kept = !strcmp(b->atoms[i]->name, "i");
	return emit_units(w, &unit, 1, EMIT_EXPORTS);
}

/* Boot code that changes by what is inlined into it does not stand in the way. */
static void test_kept(void **data)
{
	static const char pre[] = "int x(int); static inline int g(int a) { return x(a); } " BOOT
				  "int i(int a) { return g(a) + 1; } int f(int a) { return g(a) + 2; }";
	static const char post[] = "int x(int); static inline int g(int a) { return x(a + 7); } " BOOT
				   "int i(int a) { return g(a) + 1; } int f(int a) { return g(a) + 2; }";
	struct emit_world *w = *data;

	assert_int_equal(emit_kept(w, pre, post), 0);
	assert_int_equal(w->result.changed_nr, 1);
	assert_string_equal(w->result.functions.data[0].name, "f");
	assert_true(has_token(w->diags, SU_T_INIT_CODE));
	assert_int_equal(su_diags_at(w->diags, 0)->severity, SU_WARNING);
}

/* But where what it has prepared goes, the new code would find what replaces it unprepared. */
static void test_kept_state_goes(void **data)
{
	static const char pre[] = "int x(int); static int v; " BOOT
				  "void i(int a) { v = x(a); } int f(int a) { return x(v + a); }";
	static const char post[] = "int x(int); static struct { long a; int v; } s;\n#define v s.v\n" BOOT
				   "void i(int a) { v = x(a); } int f(int a) { return x(v + a) + (s.a = a); }";
	struct emit_world *w = *data;

	assert_int_equal(emit_kept(w, pre, post), -SU_UNSUPPORTED);
	assert_true(has_token(w->diags, SU_T_INIT_CODE));
}

/* The nearest neighbours of refusals: carried, with a warning of the token, or without any. */
struct neighbour {
	const char *what;
	const char *pre, *post;
	bool has_warning;
	enum su_token token;
};

#define CLONES(one, two, f, g) \
	"int x(int); static int h1(int) __asm__(\"" one "\"); static int h2(int) __asm__(\"" two "\");\n" \
	"__attribute__((noinline)) static int h1(int a) { return x(a) + 4; } " \
	"__attribute__((noinline)) static int h2(int a) { return x(a) + 5; } " \
	"int f(int a) { return x(" f ") + h1(a) * 2; } int g(int a) { return x(" g ") + h2(a) * 3; }"

#define EXIT(nr) "int x(int); __attribute__((section(\".exit.text\"))) void e(void) { x(" nr "); } "
#define SHORT(body) \
	"int x(int); __attribute__((no_instrument_function, section(\".spinlock.text\"))) void f(void) { " body " } " \
	"__attribute__((no_instrument_function, section(\".spinlock.text\"), aligned(16))) int g(int a) { return a; }"

static const struct neighbour neighbours[] = {
	{ "a variable that is mostly read now", VARIABLE(".data") "int f(int a) { return x(v += a); }",
	  VARIABLE(".data..read_mostly") "int f(int a) { return x(v += a) + 1; }", false, SU_T_SECTION },
	{ "a variable that can only be written at boot now", VARIABLE(".data") "int f(int a) { return x(v); }",
	  VARIABLE(".data..ro_after_init") "int f(int a) { return x(v + 1); }", false, SU_T_SECTION },
	{ "an entry without a name that stays", "int x(int); int f(int a) { return x(a); } " QUIRK("3"),
	  "int x(int); int f(int a) { return x(a + 1); } " QUIRK("3"), false, SU_T_SECTION },
	{ "a new tracepoint, of which no tracer knows", "int x(int); int f(int a) { return x(a); }",
	  "static int t __attribute__((section(\"__tracepoints\"))); "
	  "static int *const e __attribute__((used, section(\"_ftrace_events\"))) = &t; "
	  "int x(int); int f(int a) { return x(a + t++); }",
	  true, SU_T_SECTION },
	{ "a thread of boot that somebody stops", STOPPER THREAD(BOOT, "while (!kthread_should_stop()) x(a); return 0;"),
	  STOPPER THREAD(BOOT, "while (!kthread_should_stop()) x(a + 1); return 0;"), true, SU_T_NEVER_QUIESCENT },
	{ "a thread of boot that somebody stops and lets go",
	  "int kthread_stop_put(void *); void stop(void *t) { kthread_stop_put(t); } " THREAD(BOOT,
											      "while (!kthread_should_stop()) x(a); return 0;"),
	  "int kthread_stop_put(void *); void stop(void *t) { kthread_stop_put(t); } " THREAD(BOOT,
											      "while (!kthread_should_stop()) x(a + 1); return 0;"),
	  true, SU_T_NEVER_QUIESCENT },
	{ "padding is room enough", SHORT(""), SHORT("x(2);"), false, SU_T_REDIRECT_SHORT },
	{ "a thread that is started later", THREAD("", "for (;;) x(a);"), THREAD("", "for (;;) x(a + 1);"), true,
	  SU_T_NEVER_QUIESCENT },
	{ "a thread that runs once", THREAD(BOOT, "return x(a);"), THREAD(BOOT, "return x(a + 1);"), false,
	  SU_T_NEVER_QUIESCENT },
	{ "a function that a thread calls",
	  THREAD(BOOT, "for (;;) g(a);") " __attribute__((noinline)) int g(long a) { return x(a); }",
	  THREAD(BOOT, "for (;;) g(a);") " __attribute__((noinline)) int g(long a) { return x(a + 1); }", false,
	  SU_T_NEVER_QUIESCENT },
	{ "a function that never returns", "int x(int); void f(int a) { for (;;) x(a); }",
	  "int x(int); void f(int a) { for (;;) x(a + 1); }", true, SU_T_NEVER_QUIESCENT },
	{ "a loop that ends", "int x(int); void f(int a) { while (x(a)); }",
	  "int x(int); void f(int a) { while (x(a + 1)); }", false, SU_T_NEVER_QUIESCENT },
	{ "code in which threads sleep",
	  "int x(int); __attribute__((section(\".sched.text\"))) int f(int a) { return x(a) + 2; }",
	  "int x(int); __attribute__((section(\".sched.text\"))) int f(int a) { return x(a) + 3; }", true,
	  SU_T_NEVER_QUIESCENT },
	{ "a unit with noinstr code that stays",
	  "int x(int); __attribute__((section(\".noinstr.text\"))) int n(int a) { return x(a) + 2; } int f(int a) { return x(a); }",
	  "int x(int); __attribute__((section(\".noinstr.text\"))) int n(int a) { return x(a) + 2; } int f(int a) { return x(a + 1); }",
	  false, SU_T_REDIRECT_PLACE },
	{ "a unit with boot code that stays",
	  BOOT "int i(int a) { return a + 1; } int x(int); int f(int a) { return x(a); }",
	  BOOT "int i(int a) { return a + 1; } int x(int); int f(int a) { return x(a + 7); }", false, SU_T_INIT_CODE },
	{ "code that never runs, as the kernel's own is not unloaded", EXIT("1") "int f(int a) { return x(a); }",
	  EXIT("2") "int f(int a) { return x(a + 7); }", false, SU_T_INIT_CODE },
	{ "new code that never runs, and its entry in a table that is not linked",
	  "int x(int); int f(int a) { return x(a); }",
	  EXIT("2") "void (*c)(void) __attribute__((section(\".exitcall.exit\"))) = e; int f(int a) { return x(a + 7); }",
	  false, SU_T_SECTION },
	{ "a new entry of the index of messages", "int x(int); int f(int a) { return x(a); }",
	  "static const char *const m __attribute__((used, section(\".printk_index\"))) = \"text\"; int x(int); "
	  "int f(int a) { return x(a + 7); }",
	  false, SU_T_SECTION },
	{ "a new variable in the place of one that has other users",
	  "static int a; int x(int); int f(int i) { return x(a += i); } int g(void) { return a++; }",
	  "static int b; int x(int); int f(int i) { return x(b += i) + 1; } int g(void) { return 7; }", false,
	  SU_T_AMBIGUOUS },
	{ "a new variable of another size", "static int a; int x(int); int f(int i) { return x(a += i); }",
	  "static short b; int x(int); int f(int i) { return x(b += i) + 1; }", true, SU_T_AMBIGUOUS },
	{ "a new variable for the unit itself, and one that is gone for others",
	  "int a; int x(int); int f(int i) { return x(i); }",
	  "static int b; int x(int); int f(int i) { return x(b += i) + 1; }", false, SU_T_AMBIGUOUS },
	{ "a new variable beside the old one", "static int a; int x(int); int f(int i) { return x(a += i); }",
	  "static __attribute__((used)) int a; static int b; int x(int); int f(int i) { return x(b += i) + 1; }", false,
	  SU_T_AMBIGUOUS },
	{ "initialised data that stays", "int v = 3, x(int); int f(int a) { return x(a + v); }",
	  "int v = 3, x(int); int f(int a) { return x(a * v); }", false, SU_T_DATA_INIT },
	{ "new initialised data beside it", "int v = 3; int f(int a) { return a + v; }",
	  "static int n = 4; int v = 3; int f(int a) { return a * v + n++; }", false, SU_T_DATA_INIT },
	{ "clones of one name whose callers all change", CLONES("h.constprop.0", "h.constprop.1", "1", "2"),
	  CLONES("h.constprop.1", "h.constprop.0", "3", "4"), false, SU_T_AMBIGUOUS },
	{ "new data of another size beside it", "int v[4]; int f(int a) { return v[a]; }",
	  "int v[4]; static int n[8]; int f(int a) { return v[a] + n[a]++; }", false, SU_T_DATA_SIZE },
};

static void test_neighbours(void **data)
{
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(neighbours); i++) {
		int ret;

		su_diags_destroy(w->diags);
		w->diags = su_diags_create();
		ret = emit(w, neighbours[i].pre, neighbours[i].post);
		if (ret || has_token(w->diags, neighbours[i].token) != neighbours[i].has_warning)
			fail_msg("%s: returned %d (%s), wanted %s %s", neighbours[i].what, ret,
				 su_diags_count(w->diags) ? su_diags_at(w->diags, 0)->text : "",
				 neighbours[i].has_warning ? "a warning of" : "no word of",
				 su_token_name(neighbours[i].token));
	}
}

/* A redirect at the entry leaves an endbr64 alone. */
static void test_window_behind_endbr(void **data)
{
	struct emit_world *w = *data;

	assert_int_equal(emit(w, ASM("f", "function", "endbr64\\nmov $1, %eax\\nret"),
			      ASM("f", "function", "endbr64\\nmov $2, %eax\\nret")),
			 0);
	assert_int_equal(w->u.functions[0].window_off, 4);
	assert_int_equal(w->u.functions[0].flags, 0);
}

/* Assembler: no fentry, and the branches between functions of one section have no relocations. */
static void test_asm(void **data)
{
	static const char pre[] = ASM("l", "function", ".rept 60\\nmov $1, %eax\\n.endr\\nret")
		ASM("f", "function", "mov $1, %eax\\ntest %edi, %edi\\njz .Ll\\nret");
	static const char post[] = ASM("l", "function", ".rept 60\\nmov $1, %eax\\n.endr\\nret")
		ASM("f", "function", "mov $2, %eax\\ntest %edi, %edi\\njz .Ll\\nret");
	struct emit_world *w = *data;
	SU_CLEANUP_BUF struct su_buf names = { 0 };

	assert_int_equal(emit(w, pre, post), 0);
	assert_int_equal(w->u.header->functions.nr, 1);
	assert_int_equal(w->u.functions[0].window_off, 0);
	assert_int_equal(w->u.functions[0].flags, 0);
	private_names(&w->u, &names);
	assert_string_equal(names.data, "l ");
}

/* What a replacement shares with the running kernel, by name in the order of use, and a section that the update has. */
struct carry_case {
	const char *what, *pre, *post;
	const char *privates, *section;
};

#define KEY(key) \
	"asm goto(\"1: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\\n.pushsection __jump_table,\\\"aw\\\"\\n.balign 8\\n" \
	".long 1b - ., %l[yes] - .\\n.quad %c0 - .\\n.popsection\" :: \"i\"(" key \
	") :: yes); return x(a); yes: return x(a + 9);"
#define CALL \
	"asm volatile(\"1: call __SCT__n\\n.pushsection .static_call_sites,\\\"aw\\\"\\n.long 1b - ., __SCK__n - .\\n.popsection\");"

static const struct carry_case carry_cases[] = {
	{ "new per-CPU data", "int x(int); int f(int a) { return x(a); }",
	  "int x(int); static __attribute__((section(\".data..percpu\"))) int v; int f(int a) { v += a; return x(v); }",
	  "x ", ".data..percpu" },
	{ "a static key of another unit", "int x(int); extern long k; int f(int a) { x(1); x(2); " KEY("&k") " }",
	  "int x(int); extern long k; int f(int a) { x(1); x(4); " KEY("&k") " }", "x k ", "__jump_table" },
	{ "a static key of the unit", "int x(int); long k; int f(int a) { x(1); x(2); " KEY("&k") " }",
	  "int x(int); long k; int f(int a) { x(1); x(4); " KEY("&k") " }", "x k ", "__jump_table" },
	{ "a new static key", "int x(int); int f(int a) { return x(a); }",
	  "int x(int); static long k; int f(int a) { x(1); x(4); " KEY("&k") " }", "x ", "__jump_table" },
	{ "a static call", "int x(int); int f(int a) { x(1); x(2); " CALL " return x(a); }",
	  "int x(int); int f(int a) { x(1); x(2); " CALL " return x(a + 1); }", "x __SCT__n __SCK__n ",
	  ".static_call_sites" },
	{ "an alternative that calls what the update brings", "void x(int); void f(int a) { x(a); }",
	  "void x(int); __attribute__((used)) void n(int a) { x(a * 3); } void f(int a) { " ALTERNATIVE("call n",
													"call exported") " x(a); }",
	  "x ", ".altinstr_replacement" },
	{ "a function whose address is stored changes",
	  "int x(int); void p(void *); int h(int a) { return x(a); } void f(void) { p(h); }",
	  "int x(int); void p(void *); int h(int a) { return x(a + 1); } void f(void) { p(h); p(0); }", "h x p ",
	  ".text" },
	{ "recursion", "int x(int); int f(int a) { return a ? f(a - 1) + x(a) : 1; }",
	  "int x(int); int f(int a) { return a ? f(a - 2) + x(a) : 1; }", "x ", ".text" },
	{ "assembler that ends in a jump",
	  ASM("f", "function", "mov $1, %eax\\njmp x") ASM("g", "function", "mov $1, %edx\\nret"),
	  ASM("f", "function", "mov $2, %eax\\njmp x") ASM("g", "function", "mov $1, %edx\\nret"), "x ", ".text" },
	{ "assembler that ends in a return",
	  ASM("f", "function", "mov $1, %eax\\nret") ASM("g", "function", "mov $1, %edx\\nret"),
	  ASM("f", "function", "mov $2, %eax\\nret") ASM("g", "function", "mov $1, %edx\\nret"), "", ".text" },
	{ "a string and a table of a switch", "const char *x(const char *); int f(int a) { return 3; }",
	  "const char *x(const char *); int f(int a) { x(\"text\"); switch (a) { case 0: return 5; case 1: return 17; case 2: return 4; "
	  "case 3: return 99; case 4: return 7; } return 0; }",
	  "x ", ".rodata" },
};

static void check_carry(struct emit_world *w, const struct carry_case *c)
{
	SU_CLEANUP_BUF struct su_buf names = { 0 };

	if (emit(w, c->pre, c->post))
		fail_msg("%s: %s", c->what, su_diags_at(w->diags, su_diags_count(w->diags) - 1)->text);
	su_buf_puts(&names, "");
	private_names(&w->u, &names);
	if (strcmp(names.data, c->privates) != 0 || !su_elf_section_find(w->elf, c->section))
		fail_msg("%s: private '%s'", c->what, names.data);
}

static void test_carry(void **data)
{
	for (size_t i = 0; i < SU_ARRAY_SIZE(carry_cases); i++)
		check_carry(*data, &carry_cases[i]);
}

struct stays_case {
	const char *what, *pre, *post;
	bool stays;
};

static const struct stays_case stays_cases[] = {
	{ "a new function that is only called", "int x(int); int f(int a) { return x(a); }",
	  "int x(int); __attribute__((noinline)) static int n(int a) { return x(a) * 7; } int f(int a) { return n(a) + n(a + 1); }",
	  false },
	{ "a new callback", "int x(void *); int f(int a) { return x(0) + a; }",
	  "int x(void *); static void n(void) { asm(\"\"); } int f(int a) { return x(n) + a; }", true },
	{ "a new datum that is only read and written", "int x(int); int f(int a) { return x(a); }",
	  "int x(int); static int n; int f(int a) { n += a; return x(n); }", false },
	{ "a new datum whose address is taken", "int x(void *); int f(int a) { return x(0) + a; }",
	  "int x(void *); static int n; int f(int a) { return x(&n) + n; }", true },
	{ "a new string", "int x(const void *); int f(int a) { return x(\"a\") + a; }",
	  "int x(const void *); int f(int a) { return x(\"b\") + a; }", false },
	{ "an old callback", "int x(void *); void o(void) { asm(\"\"); } int f(int a) { return x(o) + a; }",
	  "int x(void *); void o(void) { asm(\"\"); } int f(int a) { return x(o) * a; }", false },
};

/* Where the kernel may keep an address of what is new, the update must never be unloaded. */
static void test_stays(void **data)
{
	struct emit_world *w = *data;

	for (size_t i = 0; i < SU_ARRAY_SIZE(stays_cases); i++) {
		assert_int_equal(emit(w, stays_cases[i].pre, stays_cases[i].post), 0);
		if (w->result.stays != stays_cases[i].stays ||
		    w->u.header->flags != (stays_cases[i].stays ? SU_UPDATE_STAYS : 0))
			fail_msg("%s: %d", stays_cases[i].what, w->result.stays);
	}
}

/* The same input gives the same bytes. */
static void test_reproducible(void **data)
{
	struct emit_world *w = *data;
	struct su_hash first, second;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(emit(w, pre_source, post_source), 0);
		assert_int_equal(su_hash_file(w->diags, w->path, i ? &second : &first), 0);
	}
	assert_memory_equal(first.bytes, second.bytes, sizeof(first.bytes));
}

static const struct su_elf_symbol *find_symbol(const struct su_elf *elf, const char *name)
{
	for (size_t i = 0; i < elf->symbol_nr; i++)
		if (!strcmp(elf->symbols[i].name, name))
			return &elf->symbols[i];
	fail_msg("no symbol %s", name);
	return NULL;
}

#define PADDED(name, code) \
	"__attribute__((patchable_function_entry(16, 16))) int " name "(int a) { " code " }\n" \
	"asm(\".type __pfx_" name ",@function\\n.set __pfx_" name ", " name "-16\\n.size __pfx_" name ", 16\");\n"

/* Call padding, as objtool names it, stays right before the function that it belongs to. */
static void test_padding(void **data)
{
	struct emit_world *w = *data;
	const struct su_elf_symbol *prefix, *f;

	assert_int_equal(emit(w, PADDED("f", "return a / 7;") PADDED("g", "return a / 9;"),
			      PADDED("f", "return a * a / 7;") PADDED("g", "return a * a / 9;")),
			 0);
	assert_int_equal(w->result.changed_nr, 2);
	f = find_symbol(w->elf, "g.suture");
	prefix = find_symbol(w->elf, "__pfx_g.suture");
	assert_ptr_equal(prefix->section, f->section);
	assert_int_equal(prefix->value + 16, f->value);
	assert_memory_equal(f->section->data + prefix->value, "\x90\x90\x90\x90\x90\x90\x90\x90", 8);
	assert_null(su_elf_section_find(w->elf, "__patchable_function_entries"));
}

#define CONSTANT(code) \
	"long f(long a) { long c; __asm__(\"mov %1, %0\\n1:\\n.pushsection runtime_ptr_limit,\\\"a\\\"\\n\"" \
	"\".long 1b - 8 - .\\n.popsection\" : \"=r\"(c) : \"i\"(0x0123456789abcdef)); return " code "; }"

/* What the kernel wrote into the old code at boot is written into the new one. */
static void test_constants(void **data)
{
	struct emit_world *w = *data;
	const struct su_elf_section *text;
	const struct su_hole *hole = NULL;

	assert_int_equal(emit(w, CONSTANT("c / 3 + a"), CONSTANT("c / 3 - a * 5")), 0);
	assert_null(su_elf_section_find(w->elf, "runtime_ptr_limit"));
	assert_int_equal(w->u.header->relocs.nr, 1);
	assert_int_equal(w->u.relocs[0].type, R_X86_64_64);
	assert_string_equal(su_update_string(&w->u, w->u.symbols[w->u.relocs[0].symbol].name), "limit");
	assert_int_equal(w->u.symbols[w->u.relocs[0].symbol].flags & SU_SYMBOL_CONTENT, SU_SYMBOL_CONTENT);
	text = su_elf_section_find(w->elf, ".text");
	assert_memory_equal(text->data + w->u.relocs[0].off, "\0\0\0\0\0\0\0\0", 8);
	for (size_t i = 0; i < w->u.header->holes.nr; i++)
		if (w->u.holes[i].symbol == w->u.relocs[0].symbol)
			hole = &w->u.holes[i];
	assert_non_null(hole);
	assert_int_equal(hole->type, R_X86_64_64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_padding, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_constants, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_modinfo, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_kept, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_kept_state_goes, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_tables, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_references, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_pre_bytes, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_pieces, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_neighbours, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_carry, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_window_behind_endbr, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_asm, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_stays, emit_setup, emit_teardown),
		cmocka_unit_test_setup_teardown(test_reproducible, emit_setup, emit_teardown),
	};

	return cmocka_run_group_tests_name("emit", tests, NULL, NULL);
}
