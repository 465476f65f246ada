// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lib/kernel: from a patched header to the units that can change: conditions, constructs, changed names, expansion, the
 * include graph, the closure, and struct layouts, each on small texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "folder.h"
#include "lib/base/process.h"
#include "lib/kernel/cexpand.h"
#include "lib/kernel/layout.h"

#define CONFIG "#define CONFIG_ON 1\n#define CONFIG_MOD_MODULE 1\n#define CONFIG_NR 64\n#define CONFIG_NAME \"x\"\n"

/* ---- conditions ---- */

static enum su_truth eval(const char *text)
{
	struct su_cfacts facts = { 0 };
	struct su_ctokens tokens = { 0 };
	struct su_clexer lexer;
	struct su_ctoken token;
	enum su_truth truth;

	su_cfacts_read(&facts, CONFIG, strlen(CONFIG));
	su_clexer_init(&lexer, text, strlen(text));
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&lexer, &token))
		*su_vec_add(&tokens) = token;
	truth = su_condition_eval(&facts, tokens.data, tokens.nr, false);
	su_vec_fini(&tokens);
	su_cfacts_fini(&facts);
	return truth;
}

static void test_conditions(void **state)
{
	(void)state;
	assert_int_equal(eval("defined(CONFIG_ON)"), SU_TRUE);
	assert_int_equal(eval("defined CONFIG_OFF"), SU_FALSE);
	assert_int_equal(eval("!defined(CONFIG_OFF) && CONFIG_NR == 64"), SU_TRUE);
	assert_int_equal(eval("CONFIG_NR >= 65 || 0x10 < 3"), SU_FALSE);
	assert_int_equal(eval("IS_ENABLED(CONFIG_MOD)"), SU_TRUE);
	assert_int_equal(eval("IS_BUILTIN(CONFIG_MOD)"), SU_FALSE);
	assert_int_equal(eval("IS_MODULE(CONFIG_MOD)"), SU_TRUE);
	assert_int_equal(eval("IS_REACHABLE(CONFIG_MOD)"), SU_UNKNOWN);
	assert_int_equal(eval("IS_REACHABLE(CONFIG_ON)"), SU_TRUE);
	assert_int_equal(eval("defined(OTHER)"), SU_UNKNOWN);
	assert_int_equal(eval("defined(OTHER) && defined(CONFIG_OFF)"), SU_FALSE);
	assert_int_equal(eval("defined(OTHER) || defined(CONFIG_ON)"), SU_TRUE);
	assert_int_equal(eval("BITS(3, 4) > 2"), SU_UNKNOWN);
	assert_int_equal(eval("CONFIG_NR + 1"), SU_UNKNOWN);
	assert_int_equal(eval("__KERNEL__ && !defined(__ASSEMBLY__)"), SU_TRUE);
	assert_int_equal(eval("((((("), SU_UNKNOWN);
	assert_int_equal(eval(""), SU_UNKNOWN);
}

/* ---- constructs ---- */

struct parsed {
	struct su_names names;
	struct su_cfacts facts;
	struct su_cfile c;
};

static void parse(struct parsed *p, const char *text)
{
	struct su_cfile_request req = {
		.text = text,
		.sz = strlen(text),
		.facts = &p->facts,
		.names = &p->names,
		.keep_tokens = true,
	};

	*p = (struct parsed){ 0 };
	su_cfacts_read(&p->facts, CONFIG, strlen(CONFIG));
	su_cfile_parse(&req, &p->c);
}

static void parsed_fini(struct parsed *p)
{
	su_cfile_fini(&p->c);
	su_cfacts_fini(&p->facts);
	su_names_fini(&p->names);
}

/* "kind:name,name" of each construct, parted by blanks. */
static char *describe(const struct parsed *p)
{
	static const char letters[] = "MFTDCA";
	struct su_buf text = { 0 };
	size_t i, k;

	su_buf_puts(&text, "");
	for (i = 0; i < p->c.constructs.nr; i++) {
		const struct su_construct *construct = &p->c.constructs.data[i];

		su_buf_format(&text, "%s%c%s", i ? " " : "", letters[construct->kind], construct->for_c ? ":" : "!");
		for (k = 0; k < construct->def_nr; k++)
			su_buf_format(&text, "%s%s", k ? "," : "",
				      su_names_text(&p->names, p->c.defs.data[construct->first_def + k].name));
	}
	return text.data;
}

static void check_constructs(const char *text, const char *want)
{
	struct parsed p;
	SU_CLEANUP_FREE char *have = NULL;

	parse(&p, text);
	have = describe(&p);
	assert_string_equal(have, want);
	parsed_fini(&p);
}

static void test_constructs(void **state)
{
	(void)state;
	check_constructs("#define A(x) (x + B)\n#undef C\n", "M:A M:C");
	check_constructs("static inline int f(int a)\n{\n\treturn a;\n}\nextern int g(void), h;\n", "F:f D:g,h");
	check_constructs("int code(void)\n{\n\treturn 1;\n}\nint with = 1;\nstatic const int t[] = { 1 };\n",
			 "A:code A:with F:t");
	check_constructs("struct s {\n\tint a;\n\tstruct t { int b; } c;\n};\nstruct s;\n", "T:=s,=t D:s");
	check_constructs("enum e { ONE, TWO = F(1, 2), THREE };\n", "T:ONE,TWO,THREE");
	check_constructs("typedef struct { int a; } s_t;\ntypedef int (*fn_t)(int x);\ntypedef u8 arr_t[4];\n",
			 "T:s_t T:fn_t T:arr_t");
	check_constructs("DEFINE_ONE(a, b)\nDEFINE_TWO(c) DEFINE_THREE(d)\nint x(void);\n", "C: C: C: D:x");
	check_constructs("__printf(1, 2)\nint p(const char *f, ...);\n", "D:p");
	check_constructs("static int FNAME(walk)(int a)\n{\n}\n", "A:FNAME");
	check_constructs("static int kept __used = 1;\n", "A:__used,kept");
	check_constructs("extern int v __read_mostly;\nextern u64 __v;\nint f(void) __must_check;\nextern struct s __t, u;\n",
			 "D:__read_mostly,v D:__v D:f D:__t,u");
	check_constructs("_Static_assert(sizeof(int) == 4, \"\");\n;;\n", "D:");
	check_constructs("struct s *const __attribute__((unused)) p;\n", "D:p");
}

static void test_conditional_text(void **state)
{
	(void)state;
	check_constructs("#ifndef G_H\n#define G_H\n#ifdef CONFIG_OFF\nint a(void);\n#else\nint b(void);\n#endif\n#endif\n",
			 "D:b");
	check_constructs("#if IS_ENABLED(CONFIG_MOD)\nint a(void);\n#elif defined(X)\nint b(void);\n#endif\n", "D:a");
	check_constructs("#ifdef X\nint a(void);\n#elif defined(CONFIG_ON)\nint b(void);\n#else\nint c(void);\n#endif\n",
			 "D:a D:b");
	check_constructs("#ifdef __ASSEMBLY__\n.macro foo\n.endm\n#else\nint a(void);\n#endif\n", "A! D:a");
	/* branches that do not balance do not swallow what follows */
	check_constructs("#ifdef X\nstatic inline int f(int a) {\n#else\nstatic inline int f(void) {\n#endif\n"
			 "\treturn 1;\n}\nint g(void);\n",
			 "F:f D:g");
	/* a directive within a construct */
	check_constructs("struct s {\n#define FLAG 1\n\tint a;\n#ifdef CONFIG_OFF\n\tint b;\n#endif\n};\n",
			 "M:FLAG T:=s");
}

static bool mentions(const struct parsed *p, size_t construct, const char *word)
{
	const struct su_construct *x = &p->c.constructs.data[construct];
	uint32_t name = su_names_find(&p->names, word, strlen(word));
	size_t i;

	for (i = 0; i < x->word_nr; i++)
		if (name && p->c.words.data[x->first_word + i] == name)
			return true;
	return false;
}

static void test_words(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "#define A(x, y) (x)->mem + B\n"
		  "#ifdef STEERS\nstatic inline int f(struct s *a, struct v b)\n{\n\treturn a->m + offsetof(struct s, n);\n}\n#endif\n"
		  "static inline int g(void)\n{\n\treturn sizeof(struct v);\n}\n");
	assert_false(mentions(&p, 0, "x"));
	assert_true(mentions(&p, 0, "B"));
	assert_true(mentions(&p, 0, ".mem"));
	assert_true(mentions(&p, 1, "STEERS"));
	assert_true(mentions(&p, 1, ".m"));
	assert_true(mentions(&p, 1, ".n"));
	assert_true(mentions(&p, 1, "=v"));
	assert_false(mentions(&p, 1, "=s"));
	assert_false(mentions(&p, 2, "=v"));
	parsed_fini(&p);
}

static void test_includes(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "#ifndef G\n#define G\n#include <a.h>\n#ifdef NEEDED\n#include \"b.h\"\n#endif\n"
		  "#ifdef CONFIG_OFF\n#include <c.h>\n#endif\n#include COMPUTED\n#endif\n");
	assert_int_equal(p.c.includes.nr, 3);
	assert_true(p.c.includes.data[0].is_certain);
	assert_false(p.c.includes.data[0].is_quoted);
	assert_false(p.c.includes.data[1].is_certain);
	assert_true(p.c.includes.data[1].is_quoted);
	assert_string_equal(su_names_text(&p.names, p.c.includes.data[1].needs), "NEEDED");
	assert_true(p.c.includes.data[2].is_computed);
	parsed_fini(&p);
}

/* ---- changed names ---- */

/* "name name [active] [calls N] [includes N] [records N]", each name once, in order. */
static void check_seeds(const char *pre_text, const char *post_text, const char *want)
{
	struct su_names names = { 0 };
	struct su_cfacts facts = { 0 };
	struct su_cfile pre, post;
	struct su_seeds seeds = { 0 };
	struct su_buf text = { 0 };
	struct su_map seen = { 0 };
	struct su_cfile_request req = { .facts = &facts, .names = &names, .keep_tokens = true };
	size_t i;

	su_cfacts_read(&facts, CONFIG, strlen(CONFIG));
	req.text = pre_text;
	req.sz = strlen(pre_text);
	su_cfile_parse(&req, &pre);
	req.text = post_text;
	req.sz = strlen(post_text);
	su_cfile_parse(&req, &post);
	su_seeds_find(&names, &pre, &post, &seeds);
	su_buf_puts(&text, "");
	for (i = 0; i < seeds.names.nr; i++) {
		int is_new;

		su_map_put(&seen, su_names_text(&names, seeds.names.data[i].name), &is_new);
		if (is_new)
			su_buf_format(&text, "%s ", su_names_text(&names, seeds.names.data[i].name));
	}
	su_buf_format(&text, "%s", seeds.is_active ? "active " : "");
	if (seeds.calls.nr)
		su_buf_format(&text, "calls %zu ", seeds.calls.nr);
	if (seeds.includes.nr)
		su_buf_format(&text, "includes %zu ", seeds.includes.nr);
	if (seeds.records.nr)
		su_buf_format(&text, "records %zu ", seeds.records.nr);
	assert_string_equal(text.data, want);
	su_buf_fini(&text);
	su_map_fini(&seen);
	su_seeds_fini(&seeds);
	su_cfile_fini(&pre);
	su_cfile_fini(&post);
	su_cfacts_fini(&facts);
	su_names_fini(&names);
}

#define KEPT "#define KEPT 1\n"

static void test_seeds(void **state)
{
	(void)state;
	check_seeds(KEPT "int f(void);\n", "/* moved */\n" KEPT "int  f( void );\n", "");
	check_seeds("#define A 1\n" KEPT, "#define A 2\n" KEPT, "A ");
	check_seeds(KEPT, KEPT "int only_declared(void);\n", "");
	check_seeds("int f(int a);\n", "int f(long a);\n", "f ");
	check_seeds("static inline int f(void)\n{\n\treturn 1;\n}\n", "static inline int f(void)\n{\n\treturn 2;\n}\n",
		    "f ");
	check_seeds("enum { A, B, C };\n", "enum { A, X, B, C };\n", "B C X ");
	check_seeds("struct s {\n\tint a;\n};\n", "struct s {\n\tint a;\n\tu8 b, c[2];\n};\n", ".b .c =s records 1 ");
	/* a parameter's name is nobody's member */
	check_seeds("struct s {\n\tint (*op)(int a, int (*back)(int b));\n};\n",
		    "struct s {\n\tint (*op)(int a, int (*back)(int b), bool c);\n};\n", ".op =s records 1 ");
	check_seeds("struct s {\n\tint (*(*op)(int a))(int b);\n\tBITS(map, 3);\n};\n",
		    "struct s {\n\tint (*(*op)(int a))(long b);\n\tBITS(map, 4);\n};\n", ".op .map =s records 1 ");
	check_seeds("int f(void)\n{\n}\n", "int f(void)\n{\n\tg();\n}\n", "active ");
	check_seeds("LIST(a, true)\n", "LIST(a, false)\n", "calls 2 ");
	check_seeds("#include <a.h>\n", "#include <a.h>\n#include <b.h>\n", "includes 1 ");
	/* the same macro under another condition */
	check_seeds("#ifdef X\n#define A 1\n#endif\n", "#ifdef Y\n#define A 1\n#endif\n", "A ");
	/* a condition that the configuration decides the same way */
	check_seeds("#if defined(CONFIG_ON)\nint a;\n#endif\n",
		    "#if defined(CONFIG_ON) || defined(CONFIG_OFF)\nint a;\n#endif\n", "");
	/* a change in text that this configuration leaves out */
	check_seeds("#ifdef CONFIG_OFF\nint a(void);\n#endif\n", "#ifdef CONFIG_OFF\nint a(int);\n#endif\n", "");
}

static void check_expansion(const char *macro, const char *call, const char *want)
{
	struct su_buf out = { 0 };

	assert_int_equal(su_macro_expand(macro, strlen(macro), call, strlen(call), &out), want != NULL);
	if (want)
		assert_string_equal(out.data, want);
	su_buf_fini(&out);
}

static void test_expansion(void **state)
{
	(void)state;
	check_expansion("define F(name, type) static type f_##name(void) { return #name; }", "F(one, struct s *)",
			" static struct s * f_one ( void ) { return \"\" ; }");
	check_expansion("define F(a, ...) g(a, __VA_ARGS__)", "F(1, 2, (3, 4))", " g ( 1 , 2 , ( 3 , 4 ) )");
	check_expansion("define F(a, rest...) rest", "F(1, 2, 3)", " 2 , 3");
	check_expansion("define F 1", "F(1)", NULL);
	check_expansion("undef F", "F(1)", NULL);
}

/* ---- the graph and the closure ---- */

struct world {
	struct su_diags *diags;
	char *dir; /* holds src/, obj/, new/ (the overlay) */
	struct su_tree tree;
	struct su_buf recipes;
};

static void put(struct world *w, const char *name, const char *text)
{
	folder_put(w->diags, w->dir, name, text);
}

static void unit(struct world *w, const char *name, const char *flags, const char *text)
{
	SU_CLEANUP_FREE char *path = su_format("src/%s.c", name);

	put(w, path, text);
	su_buf_format(&w->recipes,
		      "gcc -Wp,-MMD,x.d -D__KERNEL__ -I%s/src/arch/x86/include -I./arch/x86/include/generated -I%s/src/include -I./include "
		      "-I%s/src/arch/x86/include/uapi -I./arch/x86/include/generated/uapi -I%s/src/include/uapi "
		      "-I./include/generated/uapi %s -c -o %s.o %s/src/%s.c\nar cDPrST built-in.a %s.o\n",
		      w->dir, w->dir, w->dir, w->dir, flags, name, w->dir, name, name);
}

static int set_up(void **state)
{
	struct world *w = su_alloc(sizeof(*w));

	w->diags = su_diags_create();
	assert_int_equal(su_dir_temp(w->diags, "/tmp", "suture-test", &w->dir), 0);
	w->tree.source = su_format("%s/src", w->dir);
	w->tree.objects = su_format("%s/obj", w->dir);
	w->tree.cache = su_format("%s/cache", w->dir);
	put(w, "obj/include/generated/autoconf.h", CONFIG);
	put(w, "src/include/linux/base.h", "#ifndef B\n#define B\n#define BASE 1\n#endif\n");
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	int err = su_dir_remove(w->diags, w->dir);

	su_tree_fini(&w->tree);
	su_buf_fini(&w->recipes);
	free(w->dir);
	su_diags_destroy(w->diags);
	free(w);
	return err;
}

/* Patch linux/x.h from @pre to @post. Which units include it, and which does that reach? Names parted by blanks. */
static void check_reach(struct world *w, const char *pre, const char *post, size_t including, const char *want)
{
	SU_CLEANUP_BUF struct su_buf database = { 0 };
	SU_CLEANUP_BUF struct su_buf have = { 0 };
	SU_CLEANUP_FREE char *overlay = su_format("%s/new", w->dir);
	struct su_patch_file file = { .kind = SU_PATCH_MODIFIED,
				      .path = "include/linux/x.h",
				      .old_path = "include/linux/x.h" };
	struct su_patch patch = { .files = { .data = &file, .nr = 1 } };
	struct su_headers headers;
	size_t i;

	put(w, "src/include/linux/x.h", pre);
	put(w, "new/include/linux/x.h", post);
	assert_int_equal(su_dryrun_parse(w->diags, w->recipes.data, w->recipes.nr, w->tree.source, "gcc", &database), 0);
	assert_int_equal(su_database_parse(su_strdup(database.data), database.nr, &w->tree.db), 0);
	assert_int_equal(su_headers_find(w->diags, &w->tree, &patch, overlay, &headers), 0);
	su_buf_puts(&have, "");
	for (i = 0; i < headers.reach.units.nr; i++)
		su_buf_format(&have, "%s ", headers.graph.units.data[headers.reach.units.data[i]].command->object);
	assert_string_equal(have.data, want);
	assert_int_equal(headers.reach.including.nr, including);
	su_headers_fini(&headers);
}

#define INLINE(name, value) "static inline int " name "(void)\n{\n\treturn " value ";\n}\n"

static void test_mention(void **state)
{
	struct world *w = *state;

	unit(w, "a", "", "#include <linux/x.h>\nint a(void) { return f(); }\n");
	unit(w, "b", "", "#include <linux/x.h>\nint b(void) { return g(); }\n");
	unit(w, "c", "", "#include <linux/base.h>\nint c(void) { return f(); }\n");
	check_reach(w, INLINE("f", "1") INLINE("g", "1"), INLINE("f", "2") INLINE("g", "1"), 2, "a.o ");
}

/* A macro of one header, an inline function of another, and a macro of a third between the change and its user. */
static void test_chain(void **state)
{
	struct world *w = *state;

	put(w, "src/include/linux/y.h", "#include \"x.h\"\nstatic inline int y(void)\n{\n\treturn X;\n}\n");
	put(w, "src/include/linux/z.h", "#define Z() y()\n");
	unit(w, "a", "", "#include <linux/y.h>\n#include <linux/z.h>\nint a(void) { return Z(); }\n");
	unit(w, "b", "", "#include <linux/y.h>\nint b(void) { return Z(); }\n");
	unit(w, "c", "", "#include <linux/y.h>\nint c(void) { return y(); }\n");
	check_reach(w, "#define X 1\n", "#define X 2\n", 3, "a.o c.o ");
}

static void test_condition_reaches(void **state)
{
	struct world *w = *state;

	put(w, "src/include/linux/y.h", "#if X > 1\nstatic inline int y(void)\n{\n\treturn 1;\n}\n#endif\n");
	unit(w, "a", "", "#include <linux/x.h>\n#include <linux/y.h>\nint a(void) { return y(); }\n");
	unit(w, "b", "", "#include <linux/x.h>\n#if X > 1\nint b;\n#endif\n");
	unit(w, "c", "", "#include <linux/x.h>\nint c;\n");
	check_reach(w, "#define X 1\n", "#define X 2\n", 3, "a.o b.o ");
}

/* What a macro makes at the top level: a name by pasting; code that each includer compiles. */
static void test_calls(void **state)
{
	struct world *w = *state;

	put(w, "src/include/linux/y.h",
	    "#define DEFINE(n) static inline int get_##n(void) { return X; }\n#define EMIT(n) int n = X;\n#define NOTHING(n)\n");
	put(w, "src/include/linux/one.h", "#include <linux/y.h>\nDEFINE(one)\nNOTHING(X)\n");
	put(w, "src/include/linux/two.h", "#include <linux/y.h>\nEMIT(two)\n");
	unit(w, "a", "", "#include <linux/x.h>\n#include <linux/one.h>\nint a(void) { return get_one(); }\n");
	unit(w, "b", "", "#include <linux/x.h>\n#include <linux/one.h>\nint b;\n");
	unit(w, "c", "", "#include <linux/x.h>\n#include <linux/two.h>\n");
	check_reach(w, "#define X 1\n", "#define X 2\n", 3, "a.o c.o ");
}

static void test_lists(void **state)
{
	struct world *w = *state;

	unit(w, "a", "", "#define ITEM(n, v) n = v,\nenum {\n#include <linux/x.h>\n};\n");
	unit(w, "b", "", "int b;\n");
	check_reach(w, "ITEM(one, 1)\n", "ITEM(one, 2)\n", 1, "a.o ");
}

static void test_members(void **state)
{
	struct world *w = *state;

	put(w, "src/include/linux/y.h", "struct outer {\n\tstruct s in;\n};\n");
	unit(w, "a", "", "#include <linux/x.h>\nint a(struct s *p) { return p->one; }\n");
	unit(w, "b", "", "#include <linux/x.h>\nint b(struct s *p) { int two = p->kept; return two; }\n");
	unit(w, "c", "", "#include <linux/x.h>\nint c(struct s *p) { return p->two; }\n");
	unit(w, "d", "", "#include <linux/x.h>\nint d(void) { struct s v = { 0 }; return v.kept; }\n");
	unit(w, "e", "",
	     "#include <linux/x.h>\n#include <linux/y.h>\nint e(void) { struct outer v = { 0 }; return v.in.kept; }\n");
	unit(w, "f", "", "#include <linux/x.h>\nint f(struct s *p) { return sizeof(struct s); }\n");
	check_reach(w, "struct s {\n\tint kept;\n\tint one;\n};\n", "struct s {\n\tint kept;\n\tint two;\n};\n", 6,
		    "a.o c.o d.o e.o ");
}

/* A name that ## makes of its parts is used where they are: given to a macro, through another one, in a source of one's own. */
static void test_pastes(void **state)
{
	struct world *w = *state;

	put(w, "src/include/linux/y.h",
	    "#define use(n) __use_##n()\n#define use_all(n) use(n)\n#define glue(a, b) a##b\n"
	    "static inline int header_user(void)\n{\n\treturn use(file);\n}\n");
	unit(w, "a", "", "#include <linux/x.h>\n#include <linux/y.h>\nint a(void) { return use(file); }\n");
	unit(w, "b", "", "#include <linux/x.h>\n#include <linux/y.h>\nint b(void) { return use_all(file); }\n");
	unit(w, "c", "", "#include <linux/x.h>\n#include <linux/y.h>\nint c(void) { return use(other); }\n");
	unit(w, "d", "", "#include <linux/x.h>\n#include <linux/y.h>\nint d(int file) { return file; }\n");
	unit(w, "e", "", "#include <linux/x.h>\n#include <linux/y.h>\nint e(void) { return glue(__use_, file)(); }\n");
	unit(w, "f", "", "#include <linux/x.h>\n#include <linux/y.h>\nint f(void) { return header_user(); }\n");
	unit(w, "g", "", "#include <linux/x.h>\n#define MY(n) __use_##n()\nint g(void) { return MY(file); }\n");
	check_reach(w, INLINE("__use_file", "1"), INLINE("__use_file", "2"), 7, "a.o b.o e.o f.o g.o ");
}

/* A header that only some includers had before comes with the patch. */
static void test_new_include(void **state)
{
	struct world *w = *state;

	put(w, "src/include/linux/y.h", "#ifndef Y\n#define Y\n#define y() 1\n#endif\n");
	unit(w, "a", "", "#include <linux/y.h>\n#include <linux/x.h>\nint a(void) { return y(); }\n");
	unit(w, "b", "", "#include <linux/x.h>\nint y(void);\nint b(void) { return y(); }\n");
	unit(w, "c", "", "#include <linux/x.h>\nint c;\n");
	check_reach(w, "#include <linux/base.h>\n", "#include <linux/base.h>\n#include <linux/y.h>\n", 3, "b.o ");
}

/* Found beside the includer, in the unit's own folders, through a macro, by -include, and only where a word is defined. */
static void test_ways_to_include(void **state)
{
	struct world *w = *state;
	SU_CLEANUP_FREE char *own = su_format("-I %s/src/own", w->dir);
	SU_CLEANUP_FREE char *forced = su_format("-include %s/src/include/linux/x.h", w->dir);

	put(w, "src/own/mine.h", "#include \"../include/linux/x.h\"\n");
	put(w, "src/include/linux/trace.h", "#ifdef CREATE\n#include <linux/x.h>\n#define CREATE\n#endif\n");
	unit(w, "a", own, "#include <mine.h>\nint a = X;\n");
	unit(w, "b", "", "#include <mine.h>\nint b = X;\n");
	unit(w, "c", forced, "int c = X;\n");
	unit(w, "d", "", "#define HEADER <linux/x.h>\n#include HEADER\nint d = X;\n");
	unit(w, "e", "", "#define CREATE\n#include <linux/trace.h>\nint e = X;\n");
	unit(w, "f", "", "#include <linux/trace.h>\nint f = X;\n");
	unit(w, "g", "", "#include NOBODY_KNOWS\nint g;\n");
	check_reach(w, "#define X 1\n", "#define X 2\n", 5, "a.o c.o d.o e.o g.o ");
}

/* The vDSO's image is data that is made of the vDSO, and whoever sees its source missing must not think that it may mention all. */
static void test_vdso_image(void **state)
{
	struct world *w = *state;
	SU_CLEANUP_FREE char *forced = su_format("-include %s/src/include/linux/x.h", w->dir);

	unit(w, "a", forced, "int a = X;\n");
	unit(w, "b", forced, "int b;\n");
	su_buf_format(&w->recipes,
		      "gcc -Wp,-MMD,x.d -D__KERNEL__ -I%s/src/arch/x86/include %s -c -o arch/x86/entry/vdso/vdso-image-64.o "
		      "arch/x86/entry/vdso/vdso-image-64.c\nar cDPrST built-in.a arch/x86/entry/vdso/vdso-image-64.o\n",
		      w->dir, forced);
	check_reach(w, "#define X 1\n", "#define X 2\n", 2, "a.o ");
}

/* Text that is no header counts as the includer's own. */
static void test_included_source(void **state)
{
	struct world *w = *state;

	put(w, "src/part.c", "int part(void) { return f(); }\n");
	unit(w, "a", "", "#include <linux/x.h>\n#include \"part.c\"\n");
	unit(w, "b", "", "#include <linux/x.h>\n");
	check_reach(w, INLINE("f", "1"), INLINE("f", "2"), 2, "a.o ");
}

/* ---- layouts ---- */

static void read_layouts(struct world *w, const char *text, struct su_layouts *layouts)
{
	SU_CLEANUP_FREE char *object = su_format("%s/layout.o", w->dir);
	struct su_process cc = {
		.argv = (const char *const[]){ "cc", "-g", "-fno-eliminate-unused-debug-types", "-c", "-x", "c", "-o",
					       object, "-", NULL },
		.input = text,
		.input_sz = strlen(text),
	};

	assert_int_equal(su_process_run(w->diags, &cc), 0);
	assert_int_equal(cc.exit_code, 0);
	su_process_fini(&cc);
	assert_int_equal(su_layouts_read(w->diags, object, layouts), 0);
}

/* @symbol: what the refusal names; NULL: there is none. */
static void check_layout(struct world *w, const char *name, const char *pre_text, const char *post_text,
			 const char *symbol)
{
	struct su_layouts pre, post;
	const struct su_layout *a, *b;
	int err;

	read_layouts(w, pre_text, &pre);
	read_layouts(w, post_text, &post);
	a = su_layouts_find(&pre, name);
	b = su_layouts_find(&post, name);
	assert_non_null(a);
	assert_non_null(b);
	err = su_layout_compare(w->diags, "x.h", a, b);
	assert_int_equal(err, symbol ? -SU_UNSUPPORTED : 0);
	if (symbol) {
		const struct su_diag *d = su_diags_at(w->diags, su_diags_count(w->diags) - 1);

		assert_int_equal(d->token, SU_T_LAYOUT);
		assert_string_equal(d->symbol, symbol);
	}
	su_layouts_fini(&pre);
	su_layouts_fini(&post);
}

static void check_warning(struct world *w, const char *text)
{
	const struct su_diag *d = su_diags_at(w->diags, su_diags_count(w->diags) - 1);

	assert_int_equal(d->severity, SU_WARNING);
	assert_non_null(strstr(d->text, text));
}

static void test_layouts(void **state)
{
	struct world *w = *state;

	check_layout(w, "s", "struct s { char a; long b; };", "struct s { char a; long b; };", NULL);
	assert_int_equal(su_diags_count(w->diags), 0);
	check_layout(w, "s", "struct s { char a; long b; };", "struct s { char a; int new; long b; };", NULL);
	assert_int_equal(su_diags_count(w->diags), 1);
	check_warning(w, "where nothing was");
	check_layout(w, "s", "struct s { char a; long b; };", "struct s { char a; long new; long b; };", "s.b");
	check_layout(w, "s", "struct s { long a; };", "struct s { long a; int new; };", "s");
	check_layout(w, "s", "struct s { int a; int b; };", "struct s { short a; int b; };", "s.a");
	check_layout(w, "s", "struct s { int a:3; int b:3; };", "struct s { int a:4; int b:3; };", "s.a");
	check_layout(w, "t", "typedef struct { union { int a; }; int b; } t;",
		     "typedef struct { union { long a; }; int b; } t;", "t.a");
	check_layout(w, "s", "struct s { int a; struct { int b; } in; };", "struct s { int a; struct { int b; } in; };",
		     NULL);
	check_layout(w, "s", "struct s { int old; int b; };", "struct s { int renamed; int b; };", NULL);
	check_warning(w, "where 'old' was");
	check_layout(w, "s", "struct s { union { int a; }; };", "struct s { union { int a; short new; }; };", NULL);
	check_warning(w, "where 'a' was");
}

static void test_no_debug_information(void **state)
{
	struct world *w = *state;
	SU_CLEANUP_FREE char *path = su_format("%s/none.o", w->dir);
	struct su_layouts layouts;

	put(w, "none.o", "this is no object");
	assert_int_equal(su_layouts_read(w->diags, path, &layouts), -SU_SYSTEM);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_constructs),
		cmocka_unit_test(test_conditional_text),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_expansion),
		WORLD(test_mention),
		WORLD(test_chain),
		WORLD(test_condition_reaches),
		WORLD(test_calls),
		WORLD(test_lists),
		WORLD(test_members),
		WORLD(test_pastes),
		WORLD(test_new_include),
		WORLD(test_ways_to_include),
		WORLD(test_vdso_image),
		WORLD(test_included_source),
		WORLD(test_layouts),
		WORLD(test_no_debug_information),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
