// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Updates from files against kernel images from files: what is said of each function, and damage to the
 * update's file.
 */
#include <stdio.h>
#include <unistd.h>

#include "match_world.h"

#include "lib/base/file.h"
#include "lib/live/verify.h"

#define BANNER_RUN (RUN_ADDR + 0x3c00)

static struct su_diags *diags;
static char *dir, *update_path, *image_path;

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	world_init_unit(w);
	strcpy((char *)world_run(w, BANNER_RUN), "Linux version 6.1.0-test (somebody) #1");
	diags = su_diags_create();
	assert_int_equal(su_dir_temp(diags, "/tmp", "suture-verify-", &dir), 0);
	update_path = su_format("%s/suture-test.ko", dir);
	image_path = su_format("%s/vmlinux", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(su_dir_remove(diags, dir), 0);
	su_diags_destroy(diags);
	free(dir);
	free(update_path);
	free(image_path);
	world_fini(w);
	free(w);
	return 0;
}

/* ---- the files ---- */

/* What to spoil in the update's file. */
enum damage {
	DAMAGE_NONE,
	DAMAGE_NO_SYMBOL,
	DAMAGE_CUT_BLOB,
	DAMAGE_NO_AREA_RELOC,
	DAMAGE_AREA_BEHIND_SECTION,
	DAMAGE_OTHER_RELOC,
	DAMAGE_RELOC_TYPE,
	DAMAGE_NO_RELEASE,
};

static void write_update(enum damage damage)
{
	struct su_elf_out out = { 0 };
	uint32_t pre = su_elf_out_section(&out, ".init.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 64);
	uint32_t code = su_elf_out_section(&out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16);
	uint32_t blob = su_elf_out_section(&out, SU_BLOB_SECTION, SHT_PROGBITS, SHF_ALLOC, 8);
	uint32_t info = su_elf_out_section(&out, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1);
	const char *release = damage == DAMAGE_NO_RELEASE ? "name=x" : "vermagic=6.1.0-test SMP";
	uint64_t first;

	world_fini(w);
	world_layout(w);
	assert_int_equal(world_open(w), SU_MATCH_OK);
	first = w->update.header->areas.off + offsetof(struct su_area, addr);
	su_elf_out_append(&out, pre, w->pre, damage == DAMAGE_AREA_BEHIND_SECTION ? AREA_SZ - 1 : AREA_SZ, 64);
	su_elf_out_append(&out, code, NULL, AREA_SZ, 16);
	su_elf_out_append(&out, info, release, strlen(release) + 1, 1);
	su_elf_out_append(&out, blob, w->blob, damage == DAMAGE_CUT_BLOB ? w->blob_sz - 8 : w->blob_sz, 8);
	if (damage != DAMAGE_NO_SYMBOL)
		su_elf_out_symbol(&out, SU_BLOB_SYMBOL, blob, 0, 8, STT_OBJECT, STB_GLOBAL);
	su_elf_out_reloc(&out, blob, offsetof(struct su_header, core), R_X86_64_64,
			 su_elf_out_undefined(&out, SU_CORE_SYMBOL_NAME), 0);
	if (damage != DAMAGE_NO_AREA_RELOC)
		su_elf_out_reloc(&out, blob, first, damage == DAMAGE_RELOC_TYPE ? R_X86_64_PC32 : R_X86_64_64,
				 out.sections.data[pre].symbol, 0);
	su_elf_out_reloc(&out, blob, first + sizeof(struct su_area), R_X86_64_64, out.sections.data[code].symbol, 0);
	if (damage == DAMAGE_OTHER_RELOC)
		su_elf_out_reloc(&out, blob, first + 8, R_X86_64_64, out.sections.data[code].symbol, 0);
	assert_int_equal(su_elf_out_write(diags, &out, update_path), 0);
	su_elf_out_fini(&out);
}

static void add_symbols(struct su_buf *symtab, struct su_buf *strtab)
{
	su_buf_zero(symtab, sizeof(Elf64_Sym));
	su_buf_zero(strtab, 1);
	for (u32 i = 0; i < w->name_nr; i++) {
		for (u32 j = 0; j < w->names[i].nr; j++) {
			Elf64_Sym symbol = {
				.st_name = (u32)strtab->nr,
				.st_info = ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE),
				.st_shndx = SHN_ABS,
				.st_value = w->names[i].addrs[j],
			};

			su_buf_add(symtab, &symbol, sizeof(symbol));
		}
		su_buf_add(strtab, w->names[i].name, strlen(w->names[i].name) + 1);
	}
}

/* One segment with the kernel's memory, one symbol table. */
static void write_image(void)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };
	SU_CLEANUP_BUF struct su_buf symtab = { 0 };
	SU_CLEANUP_BUF struct su_buf strtab = { 0 };
	Elf64_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 3,
	};
	Elf64_Phdr ph = { .p_type = PT_LOAD, .p_vaddr = RUN_ADDR, .p_filesz = RUN_SZ, .p_memsz = RUN_SZ };
	Elf64_Shdr sh[3] = { { 0 }, { .sh_type = SHT_SYMTAB, .sh_link = 2 }, { .sh_type = SHT_STRTAB } };

	add_symbols(&symtab, &strtab);
	ph.p_offset = sizeof(eh) + sizeof(ph);
	sh[1].sh_offset = ph.p_offset + RUN_SZ;
	sh[1].sh_size = symtab.nr;
	sh[2].sh_offset = sh[1].sh_offset + symtab.nr;
	sh[2].sh_size = strtab.nr;
	eh.e_shoff = sh[2].sh_offset + strtab.nr;
	su_buf_add(&file, &eh, sizeof(eh));
	su_buf_add(&file, &ph, sizeof(ph));
	su_buf_add(&file, w->run, RUN_SZ);
	su_buf_add(&file, symtab.data, symtab.nr);
	su_buf_add(&file, strtab.data, strtab.nr);
	su_buf_add(&file, sh, sizeof(sh));
	assert_int_equal(su_file_write(diags, image_path, file.data, file.nr), 0);
}

static int verify(bool any_release, struct su_verification *v)
{
	struct su_update_file *file;
	struct su_image *image;
	int err;

	write_update(DAMAGE_NONE);
	write_image();
	assert_int_equal(su_update_file_open(diags, update_path, &file), 0);
	assert_int_equal(su_image_open(diags, image_path, &image), 0);
	assert_string_equal(file->release, "6.1.0-test");
	err = su_verify(diags, image, NULL, file, any_release, v);
	/* strings of the verification are the update's */
	if (v->functions.nr)
		assert_string_equal(v->functions.data[0].name, "foo");
	su_image_close(image);
	su_update_file_close(file);
	return err;
}

static const struct su_diag *last_diag(void)
{
	assert_true(su_diags_count(diags) > 0);
	return su_diags_at(diags, su_diags_count(diags) - 1);
}

/* ---- verdicts ---- */

static void test_update_that_matches(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	assert_int_equal(verify(false, &v), 0);
	assert_int_equal(v.functions.nr, 1);
	assert_int_equal(v.functions.data[0].verdict, SU_VERDICT_REDIRECT);
	assert_int_equal(v.functions.data[0].addr, TEXT_RUN);
	assert_int_equal(v.section_nr, 3);
	assert_int_equal(v.section_matched_nr, 3);
	assert_int_equal(v.matched_sz, 0x60 + 0x10 + 0x20);
	assert_int_equal(v.inferred_nr, 2); /* counter, ext */
	assert_int_equal(v.voted_nr, 1);    /* bar */
	assert_int_equal(v.named_nr, 1);    /* other */
	assert_int_equal(su_diags_count(diags), 0);
	su_verification_fini(&v);
}

static void test_byte_that_differs(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	*world_run(w, TEXT_RUN + 0x1e) ^= 1;
	assert_int_equal(verify(false, &v), -SU_NOMATCH);
	assert_int_equal(last_diag()->token, SU_T_MATCH_BYTES);
	assert_string_equal(last_diag()->object, "kernel/unit.o");
	assert_string_equal(last_diag()->symbol, "foo");
	assert_int_equal(last_diag()->offset, 0x1e);
	assert_non_null(strstr(last_diag()->text, "the update has 85 c0"));
	assert_non_null(strstr(last_diag()->text, "the kernel 84 c0"));
	assert_int_equal(v.functions.data[0].verdict, SU_VERDICT_DIFFERS);
	su_verification_fini(&v);
}

static void test_another_function_differs(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	*world_run(w, TEXT_RUN + 0x48) ^= 1;
	assert_int_equal(verify(false, &v), -SU_NOMATCH);
	assert_string_equal(last_diag()->symbol, "bar");
	assert_int_equal(last_diag()->offset, 8);
	assert_int_equal(v.functions.data[0].verdict, SU_VERDICT_OPEN);
	su_verification_fini(&v);
}

static void test_value_that_disagrees(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	world_name_find(w, "ext")->addrs[0] += 0x10;
	assert_int_equal(verify(false, &v), -SU_NOMATCH);
	assert_int_equal(last_diag()->token, SU_T_MATCH_VALUE);
	assert_string_equal(last_diag()->symbol, "ext");
	su_verification_fini(&v);
}

static void test_symbol_that_is_missing(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	world_name_find(w, "other")->nr = 0;
	assert_int_equal(verify(false, &v), -SU_NOMATCH);
	assert_int_equal(last_diag()->token, SU_T_SYMBOL);
	assert_string_equal(last_diag()->symbol, "other");
	su_verification_fini(&v);
}

static void test_symbol_with_two_addresses(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	world_name(w, "other", OTHER_RUN + 0x20);
	assert_int_equal(verify(false, &v), -SU_NOMATCH);
	assert_int_equal(last_diag()->token, SU_T_SYMBOL_AMBIGUOUS);
	su_verification_fini(&v);
}

static void test_another_release(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	strcpy((char *)world_run(w, BANNER_RUN), "Linux version 6.1.0-else (somebody) #1");
	assert_int_equal(verify(false, &v), -SU_NOMATCH);
	assert_int_equal(last_diag()->token, SU_T_KERNEL_OTHER);
	assert_int_equal(v.functions.nr, 0);
	assert_int_equal(verify(true, &v), 0);
	su_verification_fini(&v);
}

static void test_update_of_a_module(void **state)
{
	struct su_verification v = { 0 };

	(void)state;
	w->targets[1].name = world_string(w, "ext4");
	w->targets_nr = 2;
	/* without its file nothing can be said */
	assert_int_equal(verify(false, &v), -SU_USAGE);
	assert_int_equal(last_diag()->token, SU_T_USAGE);
	assert_non_null(strstr(last_diag()->text, "ext4"));
}

/* ---- damage ---- */

static void assert_refused(enum damage damage, enum su_token token)
{
	struct su_update_file *file;
	size_t before = su_diags_count(diags);

	write_update(damage);
	assert_int_equal(su_update_file_open(diags, update_path, &file), -(int)su_token_status(token));
	assert_int_equal(su_diags_count(diags), before + 1);
	assert_int_equal(last_diag()->token, token);
}

static void test_damaged_update(void **state)
{
	(void)state;
	assert_refused(DAMAGE_NO_SYMBOL, SU_T_UPDATE_FORMAT);
	assert_refused(DAMAGE_CUT_BLOB, SU_T_UPDATE_FORMAT);
	assert_refused(DAMAGE_NO_AREA_RELOC, SU_T_UPDATE_FORMAT);
	assert_refused(DAMAGE_AREA_BEHIND_SECTION, SU_T_UPDATE_FORMAT);
	assert_refused(DAMAGE_OTHER_RELOC, SU_T_UPDATE_FORMAT);
	assert_refused(DAMAGE_RELOC_TYPE, SU_T_UPDATE_FORMAT);
	assert_refused(DAMAGE_NO_RELEASE, SU_T_UPDATE_FORMAT);
}

/* Any byte of the file: refused, or as good as before; never a crash, never an error without a message. */
static void test_every_byte_of_the_file(void **state)
{
	SU_CLEANUP_BUF struct su_buf bytes = { 0 };
	struct su_update_file *file;

	(void)state;
	write_update(DAMAGE_NONE);
	assert_int_equal(su_file_read(diags, update_path, &bytes), 0);
	for (size_t i = 0; i<bytes.nr; i += i> 0x200 && i < 0x1f00 ? 97 : 3) {
		size_t before = su_diags_count(diags);
		char *byte = bytes.data + i;

		*byte = (char)~*byte;
		assert_int_equal(su_file_write(diags, update_path, bytes.data, bytes.nr), 0);
		if (!su_update_file_open(diags, update_path, &file))
			su_update_file_close(file);
		else
			assert_int_equal(su_diags_count(diags), before + 1);
		*byte = (char)~*byte;
	}
}

static void test_verdict_names(void **state)
{
	(void)state;
	assert_string_equal(su_verdict_name(SU_VERDICT_REDIRECT), "redirect");
	assert_string_equal(su_verdict_name(SU_VERDICT_DIFFERS), "differs");
	assert_string_equal(su_verdict_name(SU_VERDICT_OPEN), "open");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(update_that_matches),    TEST(byte_that_differs),	    TEST(another_function_differs),
		TEST(value_that_disagrees),   TEST(symbol_that_is_missing), TEST(symbol_with_two_addresses),
		TEST(another_release),	      TEST(update_of_a_module),	    TEST(damaged_update),
		TEST(every_byte_of_the_file), TEST(verdict_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
