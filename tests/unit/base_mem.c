// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/base: arenas, arrays, buffers, maps, hashes, diagnostics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/diag.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

static void test_arena(void **state)
{
	struct su_arena arena = { 0 };
	char *small = su_arena_strdup(&arena, "small");
	unsigned char *large = su_arena_alloc(&arena, 1000000);
	char *after = su_arena_format(&arena, "%s-%d", "after", 1);
	int i;

	(void)state;
	memset(large, 0xff, 1000000);
	for (i = 1; i < 5000; i++) {
		unsigned char *p = su_arena_alloc(&arena, (size_t)i % 77);

		assert_int_equal((uintptr_t)p % 16, 0);
		if (i % 77)
			assert_int_equal(p[i % 77 - 1], 0);
		memset(p, 0xee, (size_t)i % 77);
	}
	assert_string_equal(small, "small");
	assert_string_equal(after, "after-1");
	su_arena_fini(&arena);
	assert_null(arena.chunks);
}

static void test_vec(void **state)
{
	SU_VEC(uint32_t) v = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		*su_vec_add(&v) = i * 3;
	assert_int_equal(v.nr, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(v.data[i], i * 3);
	su_vec_fini(&v);
	assert_null(v.data);
}

static void test_buf(void **state)
{
	struct su_buf buf = { 0 };

	(void)state;
	su_buf_puts(&buf, "abc");
	su_buf_align(&buf, 8);
	assert_int_equal(buf.nr, 8);
	su_buf_align(&buf, 8);
	assert_int_equal(buf.nr, 8);
	assert_memory_equal(buf.data, "abc\0\0\0\0\0", 9);
	su_buf_format(&buf, "%04d", 7);
	assert_string_equal(buf.data + 8, "0007");
	su_buf_zero(&buf, 200);
	assert_int_equal(buf.nr, 212);
	assert_int_equal(buf.data[211], 0);
	su_buf_fini(&buf);
	assert_null(buf.data);
}

static void test_map(void **state)
{
	struct su_map map = { 0 };
	char key[32];
	size_t i;
	int added;

	(void)state;
	assert_null(su_map_get(&map, "none"));
	for (i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "key%zu", i);
		*su_map_put(&map, key, &added) = i;
		assert_true(added);
	}
	for (i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "key%zu", i);
		assert_non_null(su_map_get(&map, key));
		assert_int_equal(*su_map_get(&map, key), i);
	}
	assert_int_equal(*su_map_put(&map, "key7", &added), 7);
	assert_false(added);
	assert_null(su_map_get(&map, "key3000"));
	su_map_fini(&map);
}

static void test_hash(void **state)
{
	struct su_hasher *h = su_hasher_create();
	struct su_hash hash;
	char hex[65];

	(void)state;
	su_hasher_add(h, "ab", 2);
	su_hasher_add(h, "c", 1);
	su_hasher_finish(h, &hash);
	su_hash_hex(&hash, hex);
	/* FIPS 180-2, B.1 */
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_diag(void **state)
{
	struct su_diags *diags = su_diags_create();
	char object[] = "fs/open.o";
	const struct su_diag *diag;
	int err;

	(void)state;
	err = su_fail(diags, SU_AT(SYMBOL, .object = object, .symbol = "f", .offset = 4, .hint = "h"), "no %d", 5);
	assert_int_equal(err, -SU_NOMATCH);
	memset(object, 'x', 3);
	su_report(diags, SU_WARNING, SU_AT(USAGE), "w");
	assert_int_equal(su_diags_count(diags), 2);
	diag = su_diags_at(diags, 0);
	assert_string_equal(diag->object, "fs/open.o");
	assert_string_equal(diag->text, "no 5");
	assert_string_equal(diag->hint, "h");
	assert_int_equal(diag->severity, SU_ERROR);
	assert_string_equal(su_token_name(diag->token), "symbol-unmatched");
	assert_int_equal(su_diags_at(diags, 1)->severity, SU_WARNING);
	assert_null(su_diags_at(diags, 1)->object);
	su_diags_destroy(diags);
	su_diags_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena), cmocka_unit_test(test_vec),  cmocka_unit_test(test_buf),
		cmocka_unit_test(test_map),   cmocka_unit_test(test_hash), cmocka_unit_test(test_diag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
