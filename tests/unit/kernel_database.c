// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: the compile database: from a dry run's output to a unit's words, and damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/command.h"
#include "lib/kernel/database.h"
#include "lib/kernel/depfile.h"

/* As Kbuild prints recipes: the command is shown by echo, guarded by traps, and followed by more commands. */
#define RECIPE(cmd, rest) "set -e;  echo '  " cmd "';    trap 'rm -f x.o; kill -s HUP $$' HUP;  " cmd rest "\n"

static const char dryrun[] = "make -C /o -f /src/Makefile vmlinux modules\n" RECIPE(
	"gcc -Wp,-MMD,scripts/.x.o.d -c -o scripts/x.o /src/scripts/x.c",
	"") "set -e; gcc-12 -Wp,-MMD,net/.b.o.d -I/src/include -I./include -fmacro-prefix-map=/src/= -D__KERNEL__ -g "
	    "-DKBUILD_MODFILE='\"net/b\"' -DKBUILD_MODNAME='\"b\"' -c -o net/b.o /src/net/b.c   ; ./tools/objtool/objtool --orc "
	    "net/b.o; scripts/basic/fixdep net/.b.o.d net/b.o 'gcc-12 -c -o net/b.o /src/net/b.c' > net/.b.o.cmd\n"
	    "gcc-12 -D__KERNEL__ -DMODULE -DKBUILD_MODFILE='\"net/m-x\"' -c -o net/m.o /src/net/m.c\n"
	    "gcc-12 -D__KERNEL__ -c -o lib/g.o lib/g.c\n"
	    "gcc-12 -D__KERNEL__ -D__ASSEMBLY__ -c -o arch/x86/boot/a.o /src/arch/x86/boot/a.S\n"
	    "gcc-12 -D__KERNEL__ -c -o lib/l.o /src/lib/l.c\n"
	    "gcc-12 -D__KERNEL__ -DMODULE -c -o arch/x86/kvm/../../../virt/v.o /src/arch/x86/kvm/../../../virt/v.c\n"
	    "gcc-12 -D__KERNEL__ -c -o stub/s.o /srcother/s.c\n"
	    "gcc-12 -D__KERNEL__ -c -o net/b.o /src/net/twice.c\n"
	    "rm -f net/built-in.a;  printf \"net/%s \" b.o m2.o | xargs ar cDPrST net/built-in.a; printf '%s' 'cmd_net/built-in.a'\n"
	    "rm -f lib/lib.a; ar cDPrsT lib/lib.a lib/g.o lib/l.o\n"
	    "rm -f stub/lib.a; ar cDPrsT drivers/libstub/lib.a stub/s.o\n"
	    "printf '%s\\n'   m.o n.o | awk '!x[$0]++ { print(\"net/\"$0) }' > net/m-x.mod; printf x > net/.m-x.mod.cmd\n"
	    "{ echo  fs/p.o fs/q.o; echo; } > fs/old.mod\n"
	    "echo 'an unclosed quote -c -o x.o\n";

static void load(struct su_database *db, struct su_buf *text)
{
	struct su_diags *diags = su_diags_create();

	assert_int_equal(su_dryrun_parse(diags, dryrun, sizeof(dryrun) - 1, "/src", "gcc-12", text), 0);
	assert_int_equal(su_database_parse(su_strdup(text->data), text->nr, db), 0);
	su_diags_destroy(diags);
}

static void check_unit(const struct su_database *db, const char *object, const char *source, enum su_role role,
		       bool is_generated, bool is_asm)
{
	const struct su_command *command = su_database_object(db, object);

	assert_non_null(command);
	assert_string_equal(command->source, source);
	assert_int_equal(command->role, role);
	assert_int_equal(command->is_generated, is_generated);
	assert_int_equal(command->is_asm, is_asm);
}

static void test_units(void **state)
{
	struct su_database db;
	struct su_buf text = { 0 };

	(void)state;
	load(&db, &text);
	assert_int_equal(db.commands.nr, 7);
	check_unit(&db, "net/b.o", "net/b.c", SU_ROLE_VMLINUX, false, false);
	check_unit(&db, "net/m.o", "net/m.c", SU_ROLE_MODULE, false, false);
	check_unit(&db, "lib/g.o", "lib/g.c", SU_ROLE_VMLINUX, true, false);
	check_unit(&db, "lib/l.o", "lib/l.c", SU_ROLE_VMLINUX, false, false);
	check_unit(&db, "arch/x86/kvm/../../../virt/v.o", "virt/v.c", SU_ROLE_MODULE, false, false);
	check_unit(&db, "arch/x86/boot/a.o", "arch/x86/boot/a.S", SU_ROLE_OTHER, false, true);
	check_unit(&db, "stub/s.o", "/srcother/s.c", SU_ROLE_OTHER, true, false);
	assert_string_equal(su_database_object(&db, "net/m.o")->modfile, "net/m-x");
	assert_null(su_database_object(&db, "scripts/x.o"));
	assert_int_equal(db.groups.nr, 2);
	assert_string_equal(db.groups.data[0].object, "fs/old.o");
	assert_string_equal(db.groups.data[0].members, "fs/p.o fs/q.o");
	assert_string_equal(db.groups.data[1].object, "net/m-x.o");
	assert_string_equal(db.groups.data[1].members, "net/m.o net/n.o");
	su_database_fini(&db);
	su_buf_fini(&text);
}

static void check_words(const char **words, const char *const *want)
{
	size_t i;

	for (i = 0; want[i]; i++) {
		assert_non_null(words[i]);
		assert_string_equal(words[i], want[i]);
	}
	assert_null(words[i]);
}

static void test_commands(void **state)
{
	struct su_arena arena = { 0 };
	struct su_buf text = { 0 };
	struct su_tree tree = { .source = (char[]){ "/src" }, .objects = (char[]){ "/o" } };
	struct su_command_request req = { .tree = &tree, .root = "/src", .object = "/t/1.o", .deps = "/t/1.d" };
	struct su_hash plain, post;

	(void)state;
	load(&tree.db, &text);
	req.command = su_database_object(&tree.db, "net/b.o");
	check_words(su_command_compile(&req, &arena),
		    (const char *const[]){ "gcc-12", "-Wp,-MMD,/t/1.d", "-I/src/include", "-I./include",
					   "-fmacro-prefix-map=/src/=", "-D__KERNEL__", "-DKBUILD_MODFILE=\"net/b\"",
					   "-DKBUILD_MODNAME=\"b\"", "-c", "-o", "/t/1.o", "/src/net/b.c", NULL });
	check_words(su_command_objtool(&req, &arena),
		    (const char *const[]){ "./tools/objtool/objtool", "--orc", "/t/1.o", NULL });
	su_command_key(&req, &plain);
	req.variant = SU_VARIANT_POST;
	req.root = "/t/overlay";
	check_words(su_command_compile(&req, &arena),
		    (const char *const[]){ "gcc-12", "-Wp,-MMD,/t/1.d", "-I/t/overlay/include", "-I./include",
					   "-fmacro-prefix-map=/t/overlay/=", "-D__KERNEL__",
					   "-DKBUILD_MODFILE=\"net/b\"", "-DKBUILD_MODNAME=\"b\"", "-c", "-o", "/t/1.o",
					   "/t/overlay/net/b.c", "-ffunction-sections", "-fdata-sections", NULL });
	su_command_key(&req, &post);
	assert_memory_not_equal(&plain, &post, sizeof(plain));
	/* Neighbouring folders whose names begin alike are none of ours. */
	req.command = su_database_object(&tree.db, "stub/s.o");
	assert_string_equal(su_command_compile(&req, &arena)[5], "/srcother/s.c");
	assert_null(su_command_objtool(&req, &arena));
	su_database_fini(&tree.db);
	su_buf_fini(&text);
	su_arena_fini(&arena);
}

/* As with CONFIG_X86_KERNEL_IBT: units have no objtool of their own, modules have it once they are linked. */
static const char late_dryrun[] = "gcc-12 -D__KERNEL__ -c -o fs/v.o /src/fs/v.c\n"
				  "gcc-12 -D__KERNEL__ -DMODULE -DKBUILD_MODFILE='\"fs/m\"' -c -o fs/a.o /src/fs/a.c\n"
				  "gcc-12 -D__KERNEL__ -c -o boot/o.o /src/boot/o.c\n"
				  "rm -f fs/built-in.a;  printf \"fs/%s \" v.o | xargs ar cDPrST fs/built-in.a\n"
				  "ld -r -o fs/m.o @fs/m.mod  ; ./tools/objtool/objtool --ibt  --link  --module fs/m.o\n"
				  "./tools/objtool/objtool --noinstr --link vmlinux.a\n";

static void test_late_objtool(void **state)
{
	struct su_diags *diags = su_diags_create();
	struct su_arena arena = { 0 };
	struct su_buf text = { 0 };
	struct su_tree tree = { .source = (char[]){ "/src" }, .objects = (char[]){ "/o" } };
	struct su_command_request req = { .tree = &tree, .root = "/src", .object = "/t/1.o", .deps = "/t/1.d" };

	(void)state;
	assert_int_equal(su_dryrun_parse(diags, late_dryrun, sizeof(late_dryrun) - 1, "/src", "gcc-12", &text), 0);
	assert_int_equal(su_database_parse(su_strdup(text.data), text.nr, &tree.db), 0);
	req.command = su_database_object(&tree.db, "fs/v.o");
	check_words(su_command_objtool(&req, &arena),
		    (const char *const[]){ "./tools/objtool/objtool", "--ibt", "--link", "/t/1.o", NULL });
	req.command = su_database_object(&tree.db, "fs/a.o");
	check_words(su_command_objtool(&req, &arena),
		    (const char *const[]){ "./tools/objtool/objtool", "--ibt", "--link", "--module", "/t/1.o", NULL });
	req.command = su_database_object(&tree.db, "boot/o.o");
	assert_null(su_command_objtool(&req, &arena));
	su_database_fini(&tree.db);
	su_buf_fini(&text);
	su_arena_fini(&arena);
	su_diags_destroy(diags);
}

static void test_no_commands(void **state)
{
	struct su_diags *diags = su_diags_create();
	struct su_buf text = { 0 };

	(void)state;
	assert_int_equal(su_dryrun_parse(diags, "make: ***\n", 10, "/src", "gcc-12", &text), -SU_SYSTEM);
	assert_int_equal(su_diags_at(diags, 0)->token, SU_T_PREPARE);
	su_diags_destroy(diags);
	su_buf_fini(&text);
}

/* A file cut anywhere is refused, never half believed; indices beyond the table give fewer words, not a crash. */
static void test_damaged(void **state)
{
	struct su_arena arena = { 0 };
	struct su_database db;
	struct su_buf text = { 0 };
	size_t len, nr;

	(void)state;
	load(&db, &text);
	su_database_words(&db, "0 99999999 1 x 2", &arena, &nr);
	assert_int_equal(nr, 2);
	su_database_fini(&db);
	for (len = 0; len < text.nr; len++) {
		char *cut = su_alloc(len + 1);

		memcpy(cut, text.data, len);
		assert_int_equal(su_database_parse(cut, len, &db), -SU_SYSTEM);
	}
	su_buf_fini(&text);
	su_arena_fini(&arena);
}

static void test_depfile(void **state)
{
	static const char text[] = "x.o: /src/a.c \\\n /src/b.h a\\ b.h \\\n  $$x.h /src/b.h\n";
	struct su_depfile deps = { 0 };

	(void)state;
	su_depfile_parse(text, sizeof(text) - 1, &deps);
	assert_int_equal(deps.paths.nr, 4);
	assert_string_equal(deps.paths.data[0], "/src/a.c");
	assert_string_equal(deps.paths.data[1], "/src/b.h");
	assert_string_equal(deps.paths.data[2], "a b.h");
	assert_string_equal(deps.paths.data[3], "$x.h");
	su_depfile_fini(&deps);
	su_depfile_parse("no rule", 7, &deps);
	assert_int_equal(deps.paths.nr, 0);
	su_depfile_fini(&deps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),	cmocka_unit_test(test_commands), cmocka_unit_test(test_no_commands),
		cmocka_unit_test(test_damaged), cmocka_unit_test(test_depfile),	 cmocka_unit_test(test_late_objtool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
