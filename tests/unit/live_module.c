// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules laid out in a kernel image: their symbols, their relocations against each other and vmlinux, what is missing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/elf/elf.h"
#include "lib/live/module.h"

#define PRINTK 0xffffffff81000100ull
#define OTHER 0xffffffff81000200ull /* a local symbol of the same name as the export */
#define KSYMTAB 0xffffffff82000000ull
#define UNIQUE 0xffffffff81000300ull

static struct su_diags *diags;
static char *folder;
static struct su_moddir *dir;
static struct su_image image;
static uint8_t ksymtab[12];

static int set_up(void **state)
{
	int32_t distance = (int32_t)(PRINTK - KSYMTAB);

	(void)state;
	diags = su_diags_create();
	assert_int_equal(su_dir_temp(diags, "/tmp", "suture-module-", &folder), 0);
	image = (struct su_image){ .fd = -1, .mode = SU_MATCH_IMAGE };
	memcpy(ksymtab, &distance, sizeof(distance));
	*su_vec_add(&image.segments) = (struct su_image_segment){
		.addr = KSYMTAB,
		.size = sizeof(ksymtab),
		.file_sz = sizeof(ksymtab),
		.bytes = ksymtab,
	};
	su_addresses_add(&image.names, "printk", OTHER);
	su_addresses_add(&image.names, "printk", PRINTK);
	su_addresses_add(&image.names, "__ksymtab_printk", KSYMTAB);
	su_addresses_add(&image.names, "unique", UNIQUE);
	su_addresses_sort(&image.names);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	su_moddir_close(dir);
	dir = NULL;
	for (size_t i = 0; i < image.modules.nr; i++)
		su_addresses_fini(&image.modules.data[i]->names);
	su_vec_fini(&image.modules);
	su_vec_fini(&image.segments);
	su_addresses_fini(&image.names);
	su_arena_fini(&image.arena);
	assert_int_equal(su_dir_remove(diags, folder), 0);
	free(folder);
	su_diags_destroy(diags);
	return 0;
}

/* ---- module files ---- */

struct builder {
	struct su_elf_out out;
	uint32_t text, data, info;
};

static void start(struct builder *b, const char *depends)
{
	SU_CLEANUP_FREE char *info = su_format("depends=%s", depends);

	*b = (struct builder){ 0 };
	b->text = su_elf_out_section(&b->out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16);
	b->data = su_elf_out_section(&b->out, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8);
	b->info = su_elf_out_section(&b->out, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1);
	su_elf_out_append(&b->out, b->text, NULL, 32, 16);
	su_elf_out_append(&b->out, b->data, NULL, 16, 8);
	su_elf_out_append(&b->out, b->info, info, strlen(info) + 1, 1);
}

static void finish(struct builder *b, const char *file)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", folder, file);

	assert_int_equal(su_elf_out_write(diags, &b->out, path), 0);
	su_elf_out_fini(&b->out);
}

static void reloc(struct builder *b, uint64_t off, uint32_t type, const char *name, int64_t addend)
{
	su_elf_out_reloc(&b->out, b->text, off, type, su_elf_out_undefined(&b->out, name), addend);
}

static int add(const char *name)
{
	su_moddir_close(dir);
	dir = su_moddir_open(folder);
	return su_image_add_module(diags, &image, dir, name);
}

static uint64_t address(const char *module, const char *symbol)
{
	const struct su_addresses *names = su_image_names(&image, module);
	const uint64_t *addrs;

	assert_non_null(names);
	assert_int_equal(su_addresses_find(names, symbol, &addrs), 1);
	return addrs[0];
}

static uint64_t read64(uint64_t addr)
{
	uint64_t v;

	assert_int_equal(su_image_read(&image, addr, &v, sizeof(v)), 0);
	return v;
}

/* Where a PC-relative field of 4 bytes leads to. */
static uint64_t target(uint64_t addr)
{
	int32_t v;

	assert_int_equal(su_image_read(&image, addr, &v, sizeof(v)), 0);
	return addr + 4 + (uint64_t)(int64_t)v;
}

/* ---- tests ---- */

static void test_own_and_vmlinux_symbols(void **state)
{
	struct builder b;
	uint32_t own;

	(void)state;
	start(&b, "");
	su_elf_out_symbol(&b.out, "func", b.text, 16, 16, STT_FUNC, STB_GLOBAL);
	own = su_elf_out_symbol(&b.out, "var", b.data, 8, 8, STT_OBJECT, STB_LOCAL);
	su_elf_out_reloc(&b.out, b.text, 4, R_X86_64_32S, own, 0);
	su_elf_out_reloc(&b.out, b.data, 0, R_X86_64_64, own, 3);
	reloc(&b, 16, R_X86_64_PLT32, "printk", -4);
	reloc(&b, 24, R_X86_64_PC32, "unique", -4);
	finish(&b, "some-module.ko");
	assert_int_equal(add("some_module"), 0);
	/* the export, not the local symbol of the same name */
	assert_int_equal(target(address("some_module", "func")), PRINTK);
	assert_int_equal(target(address("some_module", "func") + 8), UNIQUE);
	assert_int_equal(read64(address("some_module", "var") - 8), address("some_module", "var") + 3);
	/* twice is no harm */
	assert_int_equal(add("some_module"), 0);
	assert_int_equal(image.modules.nr, 1);
	assert_null(su_image_names(&image, "other"));
}

static void test_symbols_of_a_dependency(void **state)
{
	struct builder b;

	(void)state;
	start(&b, "");
	su_elf_out_symbol(&b.out, "shared", b.text, 8, 8, STT_FUNC, STB_GLOBAL);
	su_elf_out_symbol(&b.out, "__ksymtab_shared", b.data, 0, 0, STT_OBJECT, STB_LOCAL);
	su_elf_out_symbol(&b.out, "kept", b.text, 0, 8, STT_FUNC, STB_GLOBAL);
	finish(&b, "base-module.ko");
	start(&b, "base-module");
	su_elf_out_symbol(&b.out, "func", b.text, 0, 16, STT_FUNC, STB_GLOBAL);
	reloc(&b, 0, R_X86_64_PLT32, "shared", -4);
	finish(&b, "user.ko");
	assert_int_equal(add("user"), 0);
	assert_int_equal(target(address("user", "func")), address("base_module", "shared"));
	/* what is global in another module and not exported is out of reach */
	start(&b, "base-module");
	reloc(&b, 0, R_X86_64_PLT32, "kept", -4);
	finish(&b, "thief.ko");
	assert_int_equal(add("thief"), -(int)su_token_status(SU_T_IMAGE));
}

static void test_missing(void **state)
{
	struct builder b;

	(void)state;
	assert_int_equal(add("nowhere"), -(int)su_token_status(SU_T_IMAGE));
	start(&b, "");
	reloc(&b, 0, R_X86_64_PLT32, "nobody_has_this", -4);
	finish(&b, "lost.ko");
	assert_int_equal(add("lost"), -(int)su_token_status(SU_T_IMAGE));
	start(&b, "nowhere");
	finish(&b, "alone.ko");
	assert_int_equal(add("alone"), -(int)su_token_status(SU_T_IMAGE));
}

static void test_modules_in_a_circle(void **state)
{
	struct builder b;

	(void)state;
	start(&b, "two");
	finish(&b, "one.ko");
	start(&b, "one");
	finish(&b, "two.ko");
	assert_int_equal(add("one"), 0);
	assert_int_equal(image.modules.nr, 2);
}

static void assert_name(const char *file, const char *wanted)
{
	SU_CLEANUP_FREE char *name = su_module_name(file);

	if (wanted)
		assert_string_equal(name, wanted);
	else
		assert_null(name);
}

static void test_names_of_files(void **state)
{
	(void)state;
	assert_name("snd-hda-codec.ko", "snd_hda_codec");
	assert_name("vsock.ko.xz", "vsock");
	assert_name("modules.dep", NULL);
	assert_name("a.kobject", NULL);
	assert_name(".ko", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(own_and_vmlinux_symbols), TEST(symbols_of_a_dependency), TEST(missing),
		TEST(modules_in_a_circle),     TEST(names_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
