// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel images: symbol tables as kernels of several versions lay them out, compressed images, and damage to each. */
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/live/image.h"

#define BASE 0xffffffff81000000ull
#define SYMBOL_NR 1200u
#define PERCPU_NR 10u

enum layout {
	OFFSETS_FIRST,	     /* to v6.1 */
	OFFSETS_BEFORE_SEQS, /* to v6.3 */
	OFFSETS_LAST,	     /* from v6.4 */
};

static struct su_diags *diags;

static int set_up(void **state)
{
	(void)state;
	diags = su_diags_create();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	su_diags_destroy(diags);
	return 0;
}

/* ---- a kernel's own symbol table ---- */

static void symbol_name(uint32_t i, char name[300])
{
	if (i == 700) /* more than 127 tokens */
		memset(name, 'x', 200), name[200] = 0;
	else
		sprintf(name, "sym_%u", i % 1000 == 5 ? 5 : i); /* number 5 and 1005 are namesakes */
}

/* "sym_" is a token, all other characters stand for themselves. */
static void add_name(struct su_buf *buf, const char *name)
{
	SU_CLEANUP_BUF struct su_buf tokens = { 0 };
	unsigned char len[2];

	su_buf_add(&tokens, "T", 1);
	if (su_has_prefix(name, "sym_")) {
		su_buf_add(&tokens, "\1", 1);
		name += 4;
	}
	su_buf_puts(&tokens, name);
	len[0] = (unsigned char)(tokens.nr > 127 ? (tokens.nr & 0x7f) | 0x80 : tokens.nr);
	len[1] = (unsigned char)(tokens.nr >> 7);
	su_buf_add(buf, len, tokens.nr > 127 ? 2 : 1);
	su_buf_add(buf, tokens.data, tokens.nr);
}

static void add_names(struct su_buf *buf)
{
	uint32_t nr = SYMBOL_NR, markers[(SYMBOL_NR + 255) / 256];
	size_t first;

	su_buf_add(buf, &nr, sizeof(nr));
	su_buf_align(buf, 8);
	first = buf->nr;
	for (uint32_t i = 0; i < SYMBOL_NR; i++) {
		char name[300];

		if (i % 256 == 0)
			markers[i / 256] = (uint32_t)(buf->nr - first);
		symbol_name(i, name);
		add_name(buf, name);
	}
	su_buf_align(buf, 8);
	su_buf_add(buf, markers, sizeof(markers));
	su_buf_align(buf, 8);
}

static void add_tokens(struct su_buf *buf)
{
	uint16_t index[256];
	size_t first = buf->nr;

	for (unsigned int i = 0; i < 256; i++) {
		char text[2] = { (char)i, 0 };

		index[i] = (uint16_t)(buf->nr - first);
		if (i == 1)
			su_buf_add(buf, "sym_", 5);
		else if ((i > ' ' && i < 0x7f) || i % 3)
			su_buf_add(buf, text, 2);
		else /* some are not used, and empty */
			su_buf_add(buf, "", 1);
	}
	su_buf_align(buf, 8);
	su_buf_add(buf, index, sizeof(index));
	su_buf_align(buf, 8);
}

static uint64_t symbol_addr(uint32_t i, bool is_percpu_absolute)
{
	return is_percpu_absolute && i < PERCPU_NR ? i * 8 : BASE + i * 16;
}

static void add_offsets(struct su_buf *buf, bool is_percpu_absolute)
{
	uint64_t base = BASE;

	for (uint32_t i = 0; i < SYMBOL_NR; i++) {
		uint64_t addr = symbol_addr(i, is_percpu_absolute);
		uint32_t offset = (uint32_t)(!is_percpu_absolute ? addr - BASE :
					     i < PERCPU_NR	 ? addr :
								   BASE - 1 - addr);

		su_buf_add(buf, &offset, sizeof(offset));
	}
	su_buf_align(buf, 8);
	su_buf_add(buf, &base, sizeof(base));
}

/* Nothing lies between it and the tokens if its size is right: its last byte stands before them. */
static void add_seqs(struct su_buf *buf)
{
	for (uint32_t i = 0; i < SYMBOL_NR; i++) {
		unsigned char seq[3] = { 0, (unsigned char)(i >> 8), (unsigned char)i };

		su_buf_add(buf, seq, sizeof(seq));
	}
	su_buf_align(buf, 8);
}

static void make_kallsyms(struct su_buf *buf, enum layout layout, bool is_percpu_absolute)
{
	/* a decoy: digits in a row that are no token table */
	su_buf_add(buf, "0\0001\0002\0003\0004\0005\0006\0007\0008\0009", 20);
	su_buf_align(buf, 8);
	if (layout != OFFSETS_LAST)
		add_offsets(buf, is_percpu_absolute);
	add_names(buf);
	if (layout == OFFSETS_BEFORE_SEQS)
		add_seqs(buf);
	add_tokens(buf);
	if (layout == OFFSETS_LAST)
		add_offsets(buf, is_percpu_absolute);
	su_buf_puts(buf, "something else behind it");
}

static int read_kallsyms(struct su_buf *file, struct su_image *image)
{
	char path[] = "test";
	int err;

	*image = (struct su_image){ .path = path, .fd = -1, .file = *file };
	err = su_kallsyms_read(diags, image);
	su_addresses_sort(&image->names);
	return err;
}

static void assert_symbols(const struct su_image *image, bool is_percpu_absolute)
{
	for (uint32_t i = 0; i < SYMBOL_NR; i++) {
		uint64_t want = symbol_addr(i, is_percpu_absolute);
		const uint64_t *addrs;
		char name[300];
		uint32_t nr;

		symbol_name(i, name);
		nr = su_addresses_find(&image->names, name, &addrs);
		assert_int_equal(nr, i % 1000 == 5 ? 2 : 1);
		assert_true(addrs[0] == want || addrs[nr - 1] == want);
	}
}

static void check_layout(enum layout layout, bool is_percpu_absolute)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };
	struct su_image image;
	const uint64_t *addrs;

	make_kallsyms(&file, layout, is_percpu_absolute);
	assert_int_equal(read_kallsyms(&file, &image), 0);
	assert_int_equal(image.names.entries.nr, SYMBOL_NR);
	assert_symbols(&image, is_percpu_absolute);
	assert_int_equal(su_addresses_find(&image.names, "sym_", &addrs), 0);
	assert_null(addrs);
	su_addresses_fini(&image.names);
}

static void test_layouts(void **state)
{
	(void)state;
	check_layout(OFFSETS_FIRST, true);
	check_layout(OFFSETS_FIRST, false);
	check_layout(OFFSETS_BEFORE_SEQS, true);
	check_layout(OFFSETS_LAST, true);
	check_layout(OFFSETS_LAST, false);
}

/* Every byte of the tables' fixed parts counts for the finding; none may lead outside the file. */
static void test_damaged_tables(void **state)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };
	unsigned int refused = 0;

	(void)state;
	make_kallsyms(&file, OFFSETS_LAST, false);
	for (size_t i = 24; i < file.nr; i += 7) {
		struct su_image image;

		file.data[i] ^= 0x40;
		refused += read_kallsyms(&file, &image) == -SU_SYSTEM;
		su_addresses_fini(&image.names);
		file.data[i] ^= 0x40;
	}
	assert_true(refused > 100);
}

static void test_truncated_tables(void **state)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };

	(void)state;
	make_kallsyms(&file, OFFSETS_LAST, true);
	for (size_t nr = 0; nr + 24 + 8 < file.nr; nr += 61) {
		struct su_buf cut = { .data = malloc(nr + 1), .nr = nr };
		struct su_image image;

		memcpy(cut.data, file.data, nr);
		assert_int_equal(read_kallsyms(&cut, &image), -SU_SYSTEM);
		su_addresses_fini(&image.names);
		free(cut.data);
	}
}

/* ---- images ---- */

#define SEGMENT_OFF 0x1000u

/* An ELF file of two segments, of which the first holds kallsyms and the banner. */
static void make_elf(struct su_buf *elf, const char *banner)
{
	SU_CLEANUP_BUF struct su_buf data = { 0 };
	Elf64_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	Elf64_Phdr ph[2] = {
		{ .p_type = PT_LOAD, .p_offset = SEGMENT_OFF, .p_vaddr = BASE },
		{ .p_type = PT_LOAD, .p_offset = SEGMENT_OFF, .p_vaddr = 0, .p_filesz = 16, .p_memsz = 64 },
	};

	su_buf_puts(&data, banner);
	su_buf_zero(&data, 1);
	su_buf_align(&data, 8);
	make_kallsyms(&data, OFFSETS_FIRST, true);
	ph[0].p_filesz = data.nr;
	ph[0].p_memsz = data.nr + 0x100;
	su_buf_add(elf, &eh, sizeof(eh));
	su_buf_add(elf, ph, sizeof(ph));
	su_buf_zero(elf, SEGMENT_OFF - elf->nr);
	su_buf_add(elf, data.data, data.nr);
}

static int open_bytes(const struct su_buf *bytes, struct su_image **image)
{
	char path[] = "/tmp/suture-image-XXXXXX";
	int fd = mkstemp(path);
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes->data, bytes->nr), bytes->nr);
	close(fd);
	err = su_image_open(diags, path, image);
	unlink(path);
	return err;
}

static void test_elf_image(void **state)
{
	SU_CLEANUP_BUF struct su_buf elf = { 0 };
	struct su_image *image;
	char text[32] = "";
	char tail[8];
	uint64_t end;

	(void)state;
	make_elf(&elf, "Linux version %s; Linux version 6.1.0-test (somebody) #1");
	assert_int_equal(open_bytes(&elf, &image), 0);
	assert_string_equal(image->release, "6.1.0-test");
	assert_int_equal(image->mode, SU_MATCH_IMAGE);
	assert_symbols(image, true);
	assert_int_equal(su_image_read(image, BASE, text, 13), 0);
	assert_string_equal(text, "Linux version");
	assert_int_equal(su_image_read(image, 0, text, 13), 0);
	/* behind the bytes of the file the segment is zero, and behind its end there is nothing */
	end = BASE + elf.nr - SEGMENT_OFF;
	assert_int_equal(su_image_read(image, end - 2, tail, 8), 0);
	assert_memory_equal(tail, "it\0\0\0\0\0\0", 8);
	assert_int_equal(su_image_read(image, end + 0x100 - 8, tail, 8), 0);
	assert_int_equal(su_image_read(image, end + 0x100 - 7, tail, 8), -1);
	assert_int_equal(su_image_read(image, BASE - 1, tail, 8), -1);
	assert_int_equal(su_image_read(image, UINT64_MAX - 3, tail, 8), -1);
	su_image_close(image);
}

static void assert_refused(const struct su_buf *bytes)
{
	struct su_image *image;
	size_t before = su_diags_count(diags);

	assert_int_equal(open_bytes(bytes, &image), -SU_SYSTEM);
	assert_int_equal(su_diags_count(diags), before + 1);
	assert_int_equal(su_diags_at(diags, before)->token, SU_T_IMAGE);
}

static void test_damaged_elf_image(void **state)
{
	SU_CLEANUP_BUF struct su_buf elf = { 0 };
	SU_CLEANUP_BUF struct su_buf no_banner = { 0 };
	uint64_t *filesz;

	(void)state;
	make_elf(&no_banner, "Linux versions");
	assert_refused(&no_banner);
	make_elf(&elf, "Linux version 6.1.0-test (somebody) #1");
	filesz = (uint64_t *)(elf.data + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz));
	++*filesz;
	assert_refused(&elf);
	--*filesz;
	elf.data[1] = 'e';
	assert_refused(&elf);
	elf.data[1] = 'E';
	elf.data[offsetof(Elf64_Ehdr, e_phoff) + 7] = 1;
	assert_refused(&elf);
	elf.nr = 20;
	assert_refused(&elf);
}

/* ---- compressed images ---- */

static bool compress(const struct su_buf *in, const char *filter, struct su_buf *out)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used = 0;
	bool ok;

	su_buf_zero(out, in->nr + 4096);
	archive_write_set_format_raw(a);
	ok = archive_write_add_filter_by_name(a, filter) == ARCHIVE_OK &&
	     archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
	     archive_write_open_memory(a, out->data, out->nr, &used) == ARCHIVE_OK;
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "payload");
	ok = ok && archive_write_header(a, entry) == ARCHIVE_OK &&
	     archive_write_data(a, in->data, in->nr) == (la_ssize_t)in->nr && archive_write_close(a) == ARCHIVE_OK;
	archive_entry_free(entry);
	archive_write_free(a);
	out->nr = used;
	return ok;
}

static void put(struct su_buf *buf, size_t off, uint32_t value, size_t sz)
{
	memcpy(buf->data + off, &value, sz);
}

/* The setup of a boot image around a payload; the unpacked size follows all but gzip, whose own end it is. */
static void make_boot_image(struct su_buf *image, const struct su_buf *payload, uint32_t unpacked, bool has_size)
{
	su_buf_zero(image, 3 * 512);
	image->data[0x1f1] = 2;
	memcpy(image->data + 0x202, "HdrS", 4);
	put(image, 0x206, 0x20f, 2);
	put(image, 0x248, 0x40, 4);
	put(image, 0x24c, (uint32_t)payload->nr + (has_size ? 4 : 0), 4);
	su_buf_zero(image, 0x40);
	su_buf_add(image, payload->data, payload->nr);
	if (has_size)
		su_buf_add(image, &unpacked, 4);
	su_buf_puts(image, "signature");
}

static void test_compressed_images(void **state)
{
	static const char *const filters[] = { "gzip", "xz", "lzma", "bzip2", "zstd" };
	SU_CLEANUP_BUF struct su_buf elf = { 0 };
	unsigned int tried = 0;

	(void)state;
	make_elf(&elf, "Linux version 6.1.0-test (somebody) #1");
	for (size_t i = 0; i < SU_ARRAY_SIZE(filters); i++) {
		SU_CLEANUP_BUF struct su_buf payload = { 0 };
		SU_CLEANUP_BUF struct su_buf image = { 0 };
		struct su_image *opened;

		if (!compress(&elf, filters[i], &payload))
			continue;
		tried++;
		make_boot_image(&image, &payload, (uint32_t)elf.nr, i > 0);
		assert_int_equal(open_bytes(&image, &opened), 0);
		assert_string_equal(opened->release, "6.1.0-test");
		assert_int_equal(opened->file.nr, elf.nr);
		assert_memory_equal(opened->file.data, elf.data, elf.nr);
		su_image_close(opened);
	}
	assert_true(tried >= 3);
}

static void test_damaged_boot_image(void **state)
{
	SU_CLEANUP_BUF struct su_buf elf = { 0 };
	SU_CLEANUP_BUF struct su_buf payload = { 0 };
	SU_CLEANUP_BUF struct su_buf image = { 0 };

	(void)state;
	make_elf(&elf, "Linux version 6.1.0-test (somebody) #1");
	assert_true(compress(&elf, "xz", &payload));
	make_boot_image(&image, &payload, (uint32_t)elf.nr, true);
	image.data[3 * 512 + 0x40 + payload.nr / 2] ^= 1;
	assert_refused(&image);
	image.data[3 * 512 + 0x40 + payload.nr / 2] ^= 1;
	put(&image, 0x24c, (uint32_t)payload.nr * 2, 4);
	assert_refused(&image);
	put(&image, 0x24c, 3, 4);
	assert_refused(&image);
	put(&image, 0x24c, (uint32_t)payload.nr + 4, 4);
	put(&image, 3 * 512 + 0x40 + payload.nr, UINT32_MAX, 4);
	assert_refused(&image);
	put(&image, 3 * 512 + 0x40 + payload.nr, (uint32_t)elf.nr + 1, 4);
	assert_refused(&image);
}

static void test_no_such_file(void **state)
{
	struct su_image *image;

	(void)state;
	assert_int_equal(su_image_open(diags, "/nonexistent/vmlinuz", &image), -SU_SYSTEM);
	assert_int_equal(su_diags_at(diags, 0)->token, SU_T_FILE_READ);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(layouts),		 TEST(damaged_tables),	  TEST(truncated_tables),   TEST(elf_image),
		TEST(damaged_elf_image), TEST(compressed_images), TEST(damaged_boot_image), TEST(no_such_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
