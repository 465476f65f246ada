// SPDX-License-Identifier: GPL-2.0-or-later
/* The readers of Kbuild's dry run, which are .cmd files' command lines, and of the compile database, on any bytes. */
#include <stdint.h>
#include <string.h>

#include "lib/kernel/database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz);

static void read_database(const char *text, size_t sz)
{
	char *copy = su_alloc(sz + 1);
	struct su_database db;
	struct su_arena arena = { 0 };
	size_t i, nr;

	memcpy(copy, text, sz);
	if (su_database_parse(copy, sz, &db))
		return;
	for (i = 0; i < db.commands.nr; i++) {
		su_database_words(&db, db.commands.data[i].compile, &arena, &nr);
		if (su_database_object(&db, db.commands.data[i].object) != &db.commands.data[i])
			__builtin_trap();
	}
	su_arena_fini(&arena);
	su_database_fini(&db);
}

/* What the writer wrote the reader must take. */
static void write_database(const char *text, size_t sz)
{
	struct su_diags *diags = su_diags_create();
	struct su_buf out = { 0 };
	struct su_database db;

	if (!su_dryrun_parse(diags, text, sz, "/src", "gcc", &out)) {
		if (su_database_parse(out.data, out.nr, &db))
			__builtin_trap();
		out = (struct su_buf){ 0 };
		su_database_fini(&db);
	}
	su_buf_fini(&out);
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz)
{
	const char *text = (const char *)data;

	read_database(text, sz);
	write_database(text, sz);
	return 0;
}
