// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs the tests of tests/guest: each is a shell script whose first comment lines say what it needs. What is needed is
 * made here (updates through `suture create`, damaged variants of them, static programs), a guest is booted for each
 * test, and the verdict is written when the test is over and the kernel's log was read. TAP on standard output.
 *
 *	# needs: update NAME [= UPDATE]		tests/guest/patches/NAME.patch, as /suture/NAME.ko, its ID in NAME.id
 * UPDATE is a patch's name, or PATCH@RELEASE. For a release of 6.12, NAME.6.12.patch comes before NAME.patch.
 *	# needs: update NAME on PATCH...		made on top of these patches' updates
 *	# needs: variant NAME = UPDATE truncate PERCENT
 *	# needs: variant NAME = UPDATE flip WHERE OFFSET[%] [COUNT]	of COUNT bytes a bit is flipped
 *	# needs: variant NAME = UPDATE rename SYMBOL SYMBOL	in its tables, to one as long
 *	# needs: variant NAME = UPDATE retarget SYMBOL SYMBOL	fields of the first are said to be of the second
 *	# needs: variant NAME = UPDATE belongs SYMBOL TARGET	its unit is said to be of the target
 *	# needs: variant NAME = UPDATE earlier SYMBOL	it and its section are said to be an earlier update's
 *	# needs: forged NAME = UPDATE|core RELEASE	claims to be for another kernel
 *	# needs: signed NAME = UPDATE|core	by the key of the kernel's build folder (--signer)
 *	# needs: program NAME			tests/guest/programs/NAME.c
 *	# needs: module NAME			of the kernel, loaded before the test starts
 *	# needs: kernel-module NAME		the same, not loaded: as /suture/NAME.ko; what it depends on is loaded
 *	# needs: kernel-module NAME = MODULE flip WHERE OFFSET[%] [COUNT]	altered, as if built by somebody else
 *	# needs: built-module NAME		tests/guest/modules/NAME.c, as /suture/NAME.ko
 *	# needs: suture				the command itself and its libraries
 *	# needs: installed NAME			/usr/bin/NAME and its libraries
 *	# needs: document NAME			docs/NAME
 *	# needs: faults				a core whose steps can be made to fail, and suture_faults.ko (kmod/faults.h)
 *	# needs: file NAME = PATH		as /suture/NAME
 *	# config: OPTION... !OPTION...		a kernel without one of these, or with one of those, has not what the test is
 *						about: it is not run
 *	# kernel: RELEASE			boot this one; the updates are still for the release under test
 *	# guest: cpus N | memory MB | append TEXT | cpu MODEL | timeout SECONDS
 *	# guest: clock NS			the guest's clock counts its instructions, each so long: a power of two
 *	# expect: REGEX				kernel messages that are no failure
 */
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/base/str.h"
#include "lib/elf/elf.h"
#include "lib/elf/moddir.h"
#include "lib/elf/modinfo.h"
#include "lib/guest/guest.h"
#include "lib/kernel/config.h"
#include "lib/live/update.h"
#include "tests/tool/lib/kit.h"

#define TEST_TIMEOUT 120 /* seconds */
#define BOOT_TIMEOUT 120
#define COUNTING_SLOWS 3 /* times, as measured at boot */
#define STALL_TIMEOUT 21 /* seconds, the kernel's own limit */
#define GUEST_MEMORY 512 /* MB; a kernel that needs patience needs twice as much */

/* A shell variable for all tests. */
static const char *setting = "true";
/* The folder in which the kernel was built: its key signs modules. */
static const char *signer;

/* One test, as its head says. Strings live in the arena. */
struct test {
	struct su_kit *kit;
	struct su_arena arena;
	const char *path;
	const char *name;
	const char *folder;
	SU_VEC(char *) needs;
	SU_VEC(const char *) expected;
	SU_VEC(struct su_guest_file) files;
	SU_VEC(const char *) modules;
	SU_VEC(const char *) modules_for;
	const char *options; /* of the kernel's configuration */
	const char *missing; /* one that it has not, or "!" and one that it should not have; NULL: all is well */
	const char *core, *kernel, *append, *cpu;
	unsigned int cpus, memory_mb, timeout;
	unsigned int instruction_ns;
	struct su_guest *guest;
	bool passed;
};

static void test_fini(struct test *t)
{
	su_guest_stop(t->guest);
	su_vec_fini(&t->needs);
	su_vec_fini(&t->expected);
	su_vec_fini(&t->files);
	su_vec_fini(&t->modules);
	su_vec_fini(&t->modules_for);
	su_arena_fini(&t->arena);
}

static int fail_head(struct test *t, const char *what)
{
	return su_fail(t->kit->diags, SU_AT(USAGE, .object = t->path), "this line of the head is not understood: %s",
		       what);
}

/* ---- the head ---- */

static int guest_line(struct test *t, char *text)
{
	char *value = strchr(text, ' ');

	if (!value)
		return fail_head(t, text);
	*value++ = 0;
	if (!strcmp(text, "cpus"))
		t->cpus = (unsigned int)atoi(value);
	else if (!strcmp(text, "memory"))
		t->memory_mb = (unsigned int)atoi(value);
	else if (!strcmp(text, "timeout"))
		t->timeout = (unsigned int)atoi(value);
	else if (!strcmp(text, "append"))
		t->append = value;
	else if (!strcmp(text, "cpu"))
		t->cpu = value;
	else if (!strcmp(text, "clock"))
		t->instruction_ns = (unsigned int)atoi(value);
	else
		return fail_head(t, text);
	return 0;
}

static int head_line(struct test *t, char *line)
{
	if (su_has_prefix(line, "# needs: "))
		*su_vec_add(&t->needs) = line + 9;
	else if (su_has_prefix(line, "# expect: "))
		*su_vec_add(&t->expected) = line + 10;
	else if (su_has_prefix(line, "# config: "))
		t->options = line + 10;
	else if (su_has_prefix(line, "# kernel: "))
		t->kernel = line + 10;
	else if (su_has_prefix(line, "# guest: "))
		return guest_line(t, line + 9);
	return 0;
}

static int head_read(struct test *t)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	char *text, *save = NULL;
	int err = su_file_read(t->kit->diags, t->path, &buf);

	if (err)
		return err;
	text = su_arena_strdup(&t->arena, buf.data ? buf.data : "");
	for (char *line = strtok_r(text, "\n", &save); line && *line == '#'; line = strtok_r(NULL, "\n", &save)) {
		err = head_line(t, line);
		if (err)
			return err;
	}
	*su_vec_add(&t->expected) = NULL;
	return 0;
}

static int option_missing(struct test *t, const struct su_config *config)
{
	const char **words;
	size_t nr;
	int err = su_words_split(&t->arena, t->options, &words, &nr);

	for (size_t i = 0; !err && i < nr; i++) {
		bool unwanted = words[i][0] == '!';
		bool has = su_config_value(config, words[i] + unwanted);

		if (has == unwanted)
			t->missing = words[i];
	}
	return err;
}

/* Has the kernel what the test is about? */
static int options_check(struct test *t)
{
	const char *path = t->kit->config ? t->kit->config : t->kit->image.config;
	struct su_config config = { 0 };
	int err;

	if (!t->options)
		return 0;
	err = path ? su_config_read(t->kit->diags, path, &config) : fail_head(t, t->options);
	if (!err)
		err = option_missing(t, &config);
	su_config_fini(&config);
	return err;
}

/* ---- what it needs ---- */

static void file_add(struct test *t, const char *host, const char *guest, unsigned int mode)
{
	*su_vec_add(&t->files) = (struct su_guest_file){
		.host = host,
		.path = su_arena_format(&t->arena, "/suture/%s", guest),
		.mode = mode,
	};
}

static void text_add(struct test *t, const char *text, const char *guest)
{
	const char *copy = su_arena_strdup(&t->arena, text);

	*su_vec_add(&t->files) = (struct su_guest_file){
		.bytes = copy,
		.sz = strlen(copy),
		.path = su_arena_format(&t->arena, "/suture/%s", guest),
		.mode = 0644,
	};
}

static const char *made_path(struct test *t, const char *name)
{
	return su_arena_format(&t->arena, "%s/%s.ko", t->kit->scratch, name);
}

/* "version@6.1.0-47-amd64" is for that release. */
static const char *release_of(struct test *t, const char *update, const char **patch)
{
	const char *at = strchr(update, '@');

	*patch = at ? su_arena_format(&t->arena, "%.*s", (int)(at - update), update) : update;
	return at ? at + 1 : t->kit->release;
}

/* The words that name a kernel to suture. */
static size_t kernel_words(const struct test *t, const char *release, const char **words)
{
	const struct su_kit *kit = t->kit;
	size_t nr = 0;

	words[nr++] = "--release";
	words[nr++] = release;
	if (kit->source && !strcmp(release, kit->release)) {
		words[nr++] = "--source";
		words[nr++] = kit->source;
		words[nr++] = "--config";
		words[nr++] = kit->config;
		words[nr++] = "--symvers";
		words[nr++] = kit->symvers;
	}
	return nr;
}

static int prepare(struct test *t, const char *release)
{
	const char *args[16] = { "prepare" };
	struct json_object *answer = NULL;
	int code, err;

	kernel_words(t, release, args + 1);
	err = su_kit_suture(t->kit, args, &answer, &code);
	if (!err && code)
		err = su_fail(t->kit->diags, SU_AT(TRY, .object = release), "suture prepare: exit code %d: %s [%s]",
			      code, su_kit_answer_text(answer), su_kit_answer_token(answer));
	json_object_put(answer);
	return err;
}

/* NAME.SERIES.patch, "6.12" of "6.12.117+deb12-cloud-amd64", where the source has changed too much for NAME.patch. */
static const char *patch_path(struct test *t, const char *release, const char *patch)
{
	size_t major = strcspn(release, ".");
	size_t series = release[major] ? major + 1 + strcspn(release + major + 1, ".") : major;
	const char *path = su_arena_format(&t->arena, "%s/patches/%s.%.*s.patch", t->folder, patch, (int)series, release);

	return su_file_exists(path) ? path : su_arena_format(&t->arena, "%s/patches/%s.patch", t->folder, patch);
}

/* An update is made once for all tests of a run. @on: patches that it stands on. */
static int update_make(struct test *t, const char *update, const char *const *on, size_t on_nr)
{
	const char *patch, *release = release_of(t, update, &patch), *out = made_path(t, update);
	const char *file = patch_path(t, release, patch);
	const char **args = su_arena_alloc(&t->arena, (16 + 2 * on_nr) * sizeof(*args));
	struct json_object *answer = NULL;
	size_t nr = 0;
	int code, err;

	if (su_file_exists(out))
		return 0;
	args[nr++] = "create";
	nr += kernel_words(t, release, args + nr);
	for (size_t i = 0; i < on_nr; i++) {
		args[nr++] = "--on";
		args[nr++] = patch_path(t, release, on[i]);
	}
	args[nr++] = "-o";
	args[nr++] = out;
	args[nr++] = file;
	args[nr] = NULL;
	err = prepare(t, release);
	if (err)
		return err;
	err = su_kit_suture(t->kit, args, &answer, &code);
	if (!err && (code || !su_file_exists(out)))
		err = su_fail(t->kit->diags, SU_AT(TRY, .object = file), "suture create: exit code %d: %s [%s]", code,
			      su_kit_answer_text(answer), su_kit_answer_token(answer));
	json_object_put(answer);
	return err;
}

static int id_add(struct test *t, const char *file, const char *name)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int err = su_modinfo_read(t->kit->diags, file, &info);
	const char *id = err ? NULL : su_modinfo_get(&info, "suture_id");

	if (!err)
		text_add(t, id ? id : "", su_arena_format(&t->arena, "%s.id", name));
	return err;
}

static int need_update(struct test *t, const char *name, const char *update, const char *const *on, size_t on_nr)
{
	int err = update_make(t, update, on, on_nr);

	if (!err)
		err = id_add(t, made_path(t, update), name);
	if (!err)
		file_add(t, made_path(t, update), su_arena_format(&t->arena, "%s.ko", name), 0644);
	return err;
}

/* A section, or a function. */
static bool find_place(const struct su_elf *elf, const char *name, const uint8_t **data, size_t *sz)
{
	const struct su_elf_section *section = su_elf_section_find(elf, name);

	*data = section ? section->data : NULL;
	*sz = section ? section->size : 0;
	for (size_t i = 1; !section && i < elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &elf->symbols[i];

		if (symbol->type != STT_FUNC || !symbol->section || !symbol->section->data ||
		    strcmp(symbol->name, name) != 0)
			continue;
		*data = symbol->section->data + symbol->value;
		*sz = symbol->size;
	}
	return *data;
}

static int flip(struct test *t, struct su_buf *buf, const char *file, const char *where, const char *at, const char *count)
{
	size_t off, sz, nr = count ? strtoul(count, NULL, 0) : 1;
	const uint8_t *data;
	char *end;
	struct su_elf *elf;
	int err = su_elf_open(t->kit->diags, file, &elf);

	if (err)
		return err;
	off = strtoul(at, &end, 0);
	if (find_place(elf, where, &data, &sz) && *end == '%')
		off = sz * off / 100;
	if (!data || off + nr > sz)
		err = fail_head(t, where);
	for (size_t i = 0; !err && i < nr; i++)
		buf->data[(data - (const uint8_t *)elf->file.data) + off + i] ^= 0x40;
	su_elf_close(elf);
	return err;
}

static uint32_t find_symbol(const struct su_update_file *file, const char *name)
{
	for (uint32_t i = 0; i < file->update.header->symbols.nr; i++)
		if (!strcmp(su_update_file_string(file, file->update.symbols[i].name), name))
			return i;
	return SU_NONE;
}

static void say_earlier(const struct su_update_file *file, char *blob, uint32_t section)
{
	const struct su_header *h = file->update.header;
	struct su_section *sections = (struct su_section *)(blob + h->sections.off);
	struct su_symbol *symbols = (struct su_symbol *)(blob + h->symbols.off);

	sections[section].origin = SU_ORIGIN_EARLIER;
	for (uint32_t i = 0; i < h->symbols.nr; i++)
		if (symbols[i].section == section)
			symbols[i].flags |= SU_SYMBOL_EARLIER;
}

static void retarget(const struct su_update_file *file, char *blob, uint32_t from, uint32_t to)
{
	const struct su_header *h = file->update.header;
	struct su_hole *holes = (struct su_hole *)(blob + h->holes.off);

	for (uint32_t i = 0; i < h->holes.nr; i++)
		if (holes[i].symbol == from)
			holes[i].symbol = to;
}

static uint32_t find_target(const struct su_update_file *file, const char *name)
{
	for (uint32_t i = 0; name && i < file->update.header->targets.nr; i++)
		if (!strcmp(su_update_file_string(file, file->update.targets[i].name), name))
			return i;
	return SU_NONE;
}

static void say_belongs(const struct su_update_file *file, char *blob, uint32_t section, uint32_t target)
{
	struct su_unit *units = (struct su_unit *)(blob + file->update.header->units.off);

	units[file->update.sections[section].unit].target = target;
}

/* Tables that say something untrue of a symbol: @blob are those that @file was read from. */
static int lie(struct test *t, const struct su_update_file *file, char *blob, const char *const *words)
{
	const struct su_header *h = file->update.header;
	const struct su_symbol *symbols = file->update.symbols;
	uint32_t from = find_symbol(file, words[1]), to = words[2] ? find_symbol(file, words[2]) : SU_NONE;

	if (from == SU_NONE)
		return fail_head(t, words[1]);
	if (!strcmp(words[0], "earlier") && symbols[from].section != SU_NONE)
		say_earlier(file, blob, symbols[from].section);
	else if (!strcmp(words[0], "belongs") && symbols[from].section != SU_NONE &&
		 find_target(file, words[2]) != SU_NONE)
		say_belongs(file, blob, symbols[from].section, find_target(file, words[2]));
	else if (!strcmp(words[0], "rename") && words[2] && strlen(words[1]) == strlen(words[2]))
		memcpy(blob + h->strings.off + symbols[from].name, words[2], strlen(words[2]));
	else if (!strcmp(words[0], "retarget") && to != SU_NONE)
		retarget(file, blob, from, to);
	else
		return fail_head(t, words[0]);
	return 0;
}

static int alter_tables(struct test *t, struct su_buf *buf, const char *path, const char *const *words)
{
	struct su_update_file *file;
	const struct su_elf_section *blob;
	char *tables;
	uint64_t sum;
	int err = su_update_file_open(t->kit->diags, path, &file);

	if (err)
		return err;
	blob = su_elf_section_find(file->elf, SU_BLOB_SECTION);
	tables = buf->data + (blob->data - (const uint8_t *)file->elf->file.data);
	err = lie(t, file, tables, words);
	/* the lie is told as if create had told it */
	if (!err) {
		sum = su_update_sum((const struct su_header *)tables);
		memcpy(tables + file->update.header->blob_sz - SU_SUM_SZ, &sum, SU_SUM_SZ);
	}
	su_update_file_close(file);
	return err;
}

/* words: NAME = UPDATE truncate PERCENT, flip WHERE OFFSET [COUNT], or what lie() knows */
static int need_variant(struct test *t, const char *const *words, size_t nr)
{
	const char *out = su_arena_format(&t->arena, "%s/%s-%s.ko", t->kit->scratch, t->name, words[0]);
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int err;

	if (nr < 5 || strcmp(words[1], "="))
		return fail_head(t, words[0]);
	err = update_make(t, words[2], NULL, 0);
	if (!err)
		err = id_add(t, made_path(t, words[2]), words[0]);
	if (!err)
		err = su_file_read(t->kit->diags, made_path(t, words[2]), &buf);
	if (!err && !strcmp(words[3], "truncate"))
		buf.nr = buf.nr * strtoul(words[4], NULL, 10) / 100;
	else if (!err && !strcmp(words[3], "flip") && nr >= 6)
		err = flip(t, &buf, made_path(t, words[2]), words[4], words[5], nr > 6 ? words[6] : NULL);
	else if (!err && nr >= 5 && nr <= 6)
		err = alter_tables(t, &buf, made_path(t, words[2]), words + 3);
	else if (!err)
		err = fail_head(t, words[3]);
	if (!err)
		err = su_file_write(t->kit->diags, out, buf.data, buf.nr);
	if (!err)
		file_add(t, out, su_arena_format(&t->arena, "%s.ko", words[0]), 0644);
	return err;
}

/* words: NAME = UPDATE|core RELEASE. Claims to be for another kernel, so that the kernel's own checks do not stand before ours. */
static int need_forged(struct test *t, const char *const *words, size_t nr)
{
	const char *out = su_arena_format(&t->arena, "%s/%s-%s.ko", t->kit->scratch, t->name, words[0]);
	const char *from;
	bool is_core;
	int err = 0;

	if (nr != 4 || strcmp(words[1], "="))
		return fail_head(t, words[0]);
	is_core = !strcmp(words[2], "core");
	if (!is_core)
		err = update_make(t, words[2], NULL, 0);
	from = is_core ? t->kit->core : made_path(t, words[2]);
	if (!err && !is_core)
		err = id_add(t, from, words[0]);
	if (!err)
		err = su_kit_forge(t->kit, from, words[3], out);
	file_add(t, out, su_arena_format(&t->arena, "%s.ko", words[0]), 0644);
	return err;
}

/* words: NAME = UPDATE|core */
static int need_signed(struct test *t, const char *const *words, size_t nr)
{
	const char *out = su_arena_format(&t->arena, "%s/%s-%s.ko", t->kit->scratch, t->name, words[0]);
	bool is_core = nr == 3 && !strcmp(words[2], "core");
	const char *from = is_core ? t->kit->core : made_path(t, nr == 3 ? words[2] : "");
	const char *const argv[] = {
		su_arena_format(&t->arena, "%s/scripts/sign-file", signer),
		"sha256",
		su_arena_format(&t->arena, "%s/certs/signing_key.pem", signer),
		su_arena_format(&t->arena, "%s/certs/signing_key.x509", signer),
		from,
		out,
		NULL,
	};
	struct su_process process = { .argv = argv };
	int err = 0;

	if (nr != 3 || strcmp(words[1], "=") || !signer)
		return fail_head(t, words[0]);
	if (!is_core)
		err = update_make(t, words[2], NULL, 0);
	if (!err && !is_core)
		err = id_add(t, from, words[0]);
	if (!err)
		err = su_process_run(t->kit->diags, &process);
	if (!err && process.exit_code)
		err = su_fail(t->kit->diags, SU_AT(TRY, .object = from), "sign-file: exit code %d", process.exit_code);
	su_process_fini(&process);
	file_add(t, out, su_arena_format(&t->arena, "%s.ko", words[0]), 0644);
	return err;
}

/* The kernel refuses an altered module that still carries its signature. */
static void drop_signature(struct su_buf *buf)
{
	static const char mark[] = "~Module signature appended~\n";
	size_t nr = sizeof(mark) - 1;

	if (buf->nr > nr && !memcmp(buf->data + buf->nr - nr, mark, nr))
		buf->nr -= nr;
}

/* words: NAME, or NAME = MODULE flip WHERE OFFSET[%] [COUNT] */
static int need_kernel_module(struct test *t, const char *const *words, size_t nr)
{
	const char *out = su_arena_format(&t->arena, "%s/%s-%s.ko", t->kit->scratch, t->name, words[0]);
	const char *name = nr > 2 ? words[2] : words[0];
	struct su_moddir *dir = su_moddir_open(t->kit->image.modules ? t->kit->image.modules : "");
	const char *path = su_moddir_find(dir, name);
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int err = path ? su_module_file_read(t->kit->diags, path, &buf) : fail_head(t, name);

	su_moddir_close(dir);
	/* decompressed first, so that offsets of the ELF file are those of the file */
	if (!err)
		err = su_file_write(t->kit->diags, out, buf.data, buf.nr);
	if (!err && nr >= 6 && !strcmp(words[3], "flip")) {
		err = flip(t, &buf, out, words[4], words[5], nr > 6 ? words[6] : NULL);
		drop_signature(&buf);
		if (!err)
			err = su_file_write(t->kit->diags, out, buf.data, buf.nr);
	} else if (!err && nr != 1) {
		err = fail_head(t, words[0]);
	}
	file_add(t, out, su_arena_format(&t->arena, "%s.ko", words[0]), 0644);
	return err;
}

static int need_program(struct test *t, const char *name)
{
	const char *out = su_arena_format(&t->arena, "%s/program-%s", t->kit->scratch, name);
	const char *source = su_arena_format(&t->arena, "%s/programs/%s.c", t->folder, name);

	if (!su_file_exists(out)) {
		int err = su_kit_program(t->kit, source, out);

		if (err)
			return err;
	}
	file_add(t, out, name, 0755);
	return 0;
}

/* `make guest-modules` has built it, beside the core. */
static int need_built_module(struct test *t, const char *name)
{
	const char *path = su_arena_format(&t->arena, "build/guest-modules/%s/%s.ko", t->kit->release, name);

	if (!su_file_exists(path))
		return su_fail(t->kit->diags, SU_AT(TRY, .object = path, .hint = "make guest-modules KDIR=..."),
			       "there is no such module");
	file_add(t, path, su_arena_format(&t->arena, "%s.ko", name), 0644);
	return 0;
}

/* A program of this machine with every library that ldd names; the loader finds them at the places they have here. */
static int need_installed(struct test *t, const char *program, const char *name)
{
	const char *const argv[] = { "ldd", program, NULL };
	struct su_process process = { .argv = argv };
	int err = su_process_run(t->kit->diags, &process);
	char *save = NULL;

	if (!err && process.exit_code)
		err = fail_head(t, name);
	file_add(t, program, name, 0755);
	for (char *line = err ? NULL : strtok_r(process.out.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *path = strchr(line, '/');

		if (!path)
			continue;
		path[strcspn(path, " ")] = 0;
		path = su_arena_strdup(&t->arena, path);
		*su_vec_add(&t->files) = (struct su_guest_file){ .host = path, .path = path, .mode = 0755 };
	}
	su_process_fini(&process);
	return err;
}

/* `make kmod FAULTS=1` puts it beside the core. */
static int need_faults(struct test *t)
{
	const char *folder = dirname(su_arena_strdup(&t->arena, t->kit->core));

	t->core = su_arena_format(&t->arena, "%s-faults/suture.ko", folder);
	file_add(t, su_arena_format(&t->arena, "%s-faults/suture_faults.ko", folder), "suture_faults.ko", 0644);
	return 0;
}

static int need(struct test *t, const char *line)
{
	const char **words;
	size_t nr;
	int err = su_words_split(&t->arena, line, &words, &nr);

	if (err || !nr)
		return fail_head(t, line);
	if (!strcmp(words[0], "suture") && nr == 1)
		return need_installed(t, t->kit->suture, words[0]);
	if (!strcmp(words[0], "installed") && nr == 2)
		return need_installed(t, su_arena_format(&t->arena, "/usr/bin/%s", words[1]), words[1]);
	if (!strcmp(words[0], "faults") && nr == 1)
		return need_faults(t);
	if (!strcmp(words[0], "document") && nr == 2) {
		file_add(t, su_arena_format(&t->arena, "%s/../../docs/%s", t->folder, words[1]), words[1], 0644);
		return 0;
	}
	if (!strcmp(words[0], "file") && nr == 4 && !strcmp(words[2], "=")) {
		file_add(t, words[3], words[1], 0644);
		return 0;
	}
	if (!strcmp(words[0], "program") && nr == 2)
		return need_program(t, words[1]);
	if (!strcmp(words[0], "variant") && nr > 1)
		return need_variant(t, words + 1, nr - 1);
	if (!strcmp(words[0], "built-module") && nr == 2)
		return need_built_module(t, words[1]);
	if (!strcmp(words[0], "kernel-module") && nr > 1)
		return need_kernel_module(t, words + 1, nr - 1);
	if (!strcmp(words[0], "signed") && nr > 1)
		return need_signed(t, words + 1, nr - 1);
	if (!strcmp(words[0], "forged") && nr > 1)
		return need_forged(t, words + 1, nr - 1);
	if (!strcmp(words[0], "update") && (nr == 2 || (nr == 4 && !strcmp(words[2], "="))))
		return need_update(t, words[1], nr == 2 ? words[1] : words[3], NULL, 0);
	if (!strcmp(words[0], "update") && nr > 3 && !strcmp(words[2], "on"))
		return need_update(t, words[1], words[1], words + 3, nr - 3);
	if (!strcmp(words[0], "modules-for") && nr == 2)
		*su_vec_add(&t->modules_for) = words[1];
	else if (!strcmp(words[0], "module") && nr == 2)
		*su_vec_add(&t->modules) = words[1];
	else
		return fail_head(t, line);
	return 0;
}

static int needs_make(struct test *t)
{
	file_add(t, su_arena_format(&t->arena, "%s/lib.sh", t->folder), "lib.sh", 0644);
	file_add(t, t->path, "test.sh", 0644);
	for (size_t i = 0; i < t->needs.nr; i++) {
		int err = need(t, t->needs.data[i]);

		if (err)
			return err;
	}
	file_add(t, t->core, "suture.ko", 0644);
	return 0;
}

/* ---- the run ---- */

/* A kernel that needs patience, or on a host that has no time for it, is not stalled by a kernel's usual standard. */
static const char *append(struct test *t)
{
	if (t->kit->patience == 1)
		return t->append;
	return su_arena_format(&t->arena, "rcupdate.rcu_cpu_stall_timeout=%u %s", t->kit->patience * STALL_TIMEOUT,
			       t->append ? t->append : "");
}

static int boot(struct test *t)
{
	const char *const qemu_args[] = { "-cpu", t->cpu, NULL };
	struct su_release other = { 0 };
	struct su_guest_request request = {
		.image = t->kit->image.vmlinuz,
		.modules = t->kit->image.modules,
		.cpus = t->cpus,
		.memory_mb = (t->kit->patience > 1 ? 2 : 1) * (t->memory_mb ? t->memory_mb : GUEST_MEMORY),
		.timeout = t->kit->patience * BOOT_TIMEOUT * (t->instruction_ns ? COUNTING_SLOWS : 1),
		.append = append(t),
		.qemu_args = t->cpu ? qemu_args : NULL,
		.instruction_ns = t->instruction_ns,
		.files = t->files.data,
		.file_nr = t->files.nr,
	};
	int err = 0;

	if (t->kernel)
		err = su_kit_image(t->kit, t->kernel, &other);
	if (!err && t->kernel) {
		request.image = other.vmlinuz;
		request.modules = other.modules;
	}
	if (!err)
		err = su_guest_boot(t->kit->diags, &request, &t->guest);
	su_release_fini(&other);
	for (size_t i = 0; !err && i < t->modules.nr; i++)
		err = su_guest_modprobe(t->kit->diags, t->guest, t->modules.data[i]);
	for (size_t i = 0; !err && i < t->modules_for.nr; i++)
		err = su_guest_modprobe_needs(t->kit->diags, t->guest, t->modules_for.data[i]);
	return err;
}

static void print_indented(const char *text)
{
	while (text && *text) {
		int n = (int)strcspn(text, "\n");

		printf("    %.*s\n", n, text);
		text += n + (text[n] == '\n');
	}
}

/* A long test can be watched, and one whose guest dies has said how far it came. @arg: whether a line has begun. */
static void print_piece(void *arg, const char *bytes, size_t sz)
{
	bool *begun = arg;

	for (size_t i = 0; i < sz; i++) {
		if (!*begun)
			fputs("    ", stdout);
		putchar(bytes[i]);
		*begun = bytes[i] != '\n';
	}
	fflush(stdout);
}

static int run(struct test *t)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	SU_CLEANUP_FREE char *sign = NULL;
	const char *command = su_arena_format(&t->arena, "cd /suture && %s && . ./lib.sh && . ./test.sh && finish",
					      setting);
	bool begun = false;
	int err;

	su_guest_listen(t->guest, print_piece, &begun);
	err = su_guest_run(t->kit->diags, t->guest, command,
			   t->kit->patience * (t->timeout ? t->timeout : TEST_TIMEOUT), &result);
	if (begun)
		putchar('\n');
	if (err)
		return err;
	if (result.timed_out)
		printf("    # the time was up\n");
	t->passed = !result.exit_code;
	if (su_guest_failed(t->guest, 0, t->expected.data, &sign)) {
		printf("    not ok - the kernel's log has: %s\n", sign);
		t->passed = false;
	}
	return 0;
}

static void log_print(const struct test *t)
{
	SU_CLEANUP_BUF struct su_buf log = { 0 };

	if (!t->guest)
		return;
	su_guest_log(t->guest, 0, &log);
	printf("    # the guest's console:\n");
	print_indented(log.data);
}

static int prepare_and_run(struct test *t)
{
	int err = head_read(t);

	if (!err)
		err = options_check(t);
	if (!err && !t->missing)
		err = needs_make(t);
	if (!err && !t->missing)
		err = boot(t);
	return err || t->missing ? err : run(t);
}

/* What is not run is no failure, and says so. */
static bool test_run(struct su_kit *kit, const char *path, size_t number)
{
	struct test t = { .kit = kit, .path = path, .core = kit->core };
	char *copy = su_arena_strdup(&t.arena, path);
	double start = su_kit_seconds();
	bool failed;

	copy = basename(copy);
	if (strstr(copy, ".sh"))
		*strstr(copy, ".sh") = 0;
	t.name = copy;
	t.folder = su_arena_format(&t.arena, "%s/../guest", dirname(su_arena_strdup(&t.arena, path)));
	printf("# %s\n", t.name);
	fflush(stdout);
	failed = prepare_and_run(&t) || (!t.passed && !t.missing);
	if (failed) {
		log_print(&t);
		fflush(stdout);
		su_kit_complain(kit);
	}
	if (t.missing)
		printf("ok %zu - guest %s # SKIP the kernel has %s%s\n", number, t.name,
		       t.missing[0] == '!' ? "CONFIG_" : "no CONFIG_", t.missing + (t.missing[0] == '!'));
	else
		printf("%s %zu - guest %s (%.1f s)\n", failed ? "not ok" : "ok", number, t.name,
		       su_kit_seconds() - start);
	fflush(stdout);
	test_fini(&t);
	return !failed;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		SU_KIT_LONG_OPTIONS, { "set", 1, NULL, 'S' }, { "signer", 1, NULL, 'K' }, { NULL, 0, NULL, 0 }
	};
	struct su_kit_options options = { 0 };
	struct su_kit kit;
	size_t failed = 0;
	int code;

	while ((code = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (code == 'S') {
			setting = optarg;
		} else if (code == 'K') {
			signer = optarg;
		} else if (!su_kit_option(&options, code, optarg)) {
			fprintf(stderr, "usage: guest [--release R] [--cache DIR] [--core KO] [--image F] [--modules DIR]\n"
					"             [--source DIR --config F --symvers F] [--patience N]\n"
					"             [--signer DIR] [--set NAME=VALUE] TEST.sh...\n");
			return SU_USAGE;
		}
	if (su_kit_open(&kit, &options)) {
		su_kit_complain(&kit);
		su_kit_close(&kit);
		return SU_SYSTEM;
	}
	printf("1..%d\n", argc - optind);
	for (int i = optind; i < argc; i++)
		failed += !test_run(&kit, argv[i], i - optind + 1);
	su_kit_close(&kit);
	return failed ? 1 : 0;
}
