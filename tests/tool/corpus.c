// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a folder of patches through suture: create, verify against the image, apply in a guest, the patch's trigger
 * before, meanwhile and after, undo. One guest serves many patches; one that dies or is unwell costs the patch at fault
 * and is replaced. Prints a line each, and writes a page with a table, and a JSON object a line with all that was seen.
 *
 *	corpus [OPTIONS] DIR: NNN.patch in DIR; NNN.trigger.c and index.tsv where they are there
 */
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/elf/modinfo.h"
#include "lib/guest/update.h"
#include "tests/tool/lib/kit.h"

#define TRIGGER_PATH "/tmp/trigger"
#define TRIGGER_TIMEOUT 60 /* seconds */

enum verdict {
	PASSED,	   /* all steps */
	UNCHANGED, /* nothing to do on this kernel, and suture says so */
	REFUSED,   /* create says that it must not be done so */
	FAILED,
	VERDICT_NR
};
static const char *const verdict_names[] = { "passed", "unchanged", "refused", "FAILED" };

enum moment { BEFORE, APPLIED, UNDONE, MOMENT_NR };
static const char *const moment_names[] = { "before", "applied", "undone" };

struct row {
	const char *id, *path, *subject;
	const char *needs; /* of the index: "yes: why" where the patch needs more than its code; "" where it does not say */
	const char *note; /* of the notes: why a refusal is right; "" where there is none */
	const char *targets;
	enum verdict verdict;
	const char *step; /* at which it ended */
	char *token, *text;
	size_t changed_nr, new_nr;
	long long bytes;
	double create, verify, apply, undo; /* seconds */
	unsigned long long apply_ns, undo_ns;
	bool is_verified, is_applied, is_undone;
	bool has_trigger, flips;
	int trigger_code[MOMENT_NR];
	char *trigger_text[MOMENT_NR];
	struct json_object *answer; /* of create */
};

struct corpus {
	struct su_kit kit;
	struct su_arena arena;
	const char *folder;
	SU_VEC(struct row) rows;
	bool has_guests; /* else a patch is only created and verified */
	struct su_guest *guest;
	char *guest_append; /* of the kernel's command line; NULL: nothing */
	FILE *json, *table;
	size_t counts[VERDICT_NR];
	size_t unexpected;
};

/* ---- the folder ---- */

static int compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->path, ((const struct row *)b)->path);
}

/* "001,002,45" names those patches whose name begins with the number. */
static bool is_wanted(const char *name, const char *only)
{
	while (only && *only) {
		size_t n = strcspn(only, ",");

		if (strtoul(name, NULL, 10) == strtoul(only, NULL, 10) || !strncmp(name, only, n))
			return true;
		only += n + (only[n] == ',');
	}
	return !only;
}

static void row_add(struct corpus *c, const char *name)
{
	struct row row = { .subject = "", .needs = "", .note = "", .targets = "" };

	row.path = su_arena_format(&c->arena, "%s/%s", c->folder, name);
	row.id = su_arena_format(&c->arena, "%.*s", (int)strspn(name, "0123456789"), name);
	if (!*row.id)
		row.id = su_arena_format(&c->arena, "%.*s", (int)strcspn(name, "."), name);
	*su_vec_add(&c->rows) = row;
}

static int folder_read(struct corpus *c, const char *only)
{
	DIR *d = opendir(c->folder);
	struct dirent *e;

	if (!d)
		return su_fail(c->kit.diags, SU_AT(FILE_READ, .object = c->folder), "cannot be read: %m");
	while ((e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n > 6 && !strcmp(e->d_name + n - 6, ".patch") && is_wanted(e->d_name, only))
			row_add(c, e->d_name);
	}
	closedir(d);
	if (c->rows.nr)
		qsort(c->rows.data, c->rows.nr, sizeof(*c->rows.data), compare_rows);
	return c->rows.nr ? 0 : su_fail(c->kit.diags, SU_AT(USAGE, .object = c->folder), "there are no such patches");
}

/* The index is a courtesy: "id ... subject ... needs_code", found by the names in its first line. */
struct index_columns {
	int id, subject, needs;
};

static void index_line(struct corpus *c, char *line, struct index_columns *columns, bool is_first)
{
	const char *id = "", *subject = "", *needs = "";
	int i = 0;

	for (char *field = strsep(&line, "\t"); field; field = strsep(&line, "\t"), i++) {
		if (is_first && !strcmp(field, "id"))
			columns->id = i;
		else if (is_first && !strcmp(field, "subject"))
			columns->subject = i;
		else if (is_first && !strcmp(field, "needs_code"))
			columns->needs = i;
		else if (i == columns->id)
			id = field;
		else if (i == columns->subject)
			subject = field;
		else if (i == columns->needs)
			needs = field;
	}
	for (size_t r = 0; !is_first && r < c->rows.nr; r++)
		if (!strcmp(c->rows.data[r].id, id)) {
			c->rows.data[r].subject = subject;
			c->rows.data[r].needs = strcmp(needs, "-") ? needs : "";
		}
}

/* A file's text in the arena; NULL where it is not there. */
static char *read_text(struct corpus *c, const char *path)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };

	if (!path || !su_file_exists(path) || su_file_read(c->kit.diags, path, &buf) || !buf.data)
		return NULL;
	return su_arena_strdup(&c->arena, buf.data);
}

static void index_read(struct corpus *c)
{
	SU_CLEANUP_FREE char *path = su_format("%s/index.tsv", c->folder);
	struct index_columns columns = { -1, -1, -1 };
	char *text = read_text(c, path), *line;

	for (bool is_first = true; (line = strsep(&text, "\n")); is_first = false)
		index_line(c, line, &columns, is_first);
}

/* A person's judgement of refusals that the index does not speak of: "ID why it is right" a line. */
static void notes_read(struct corpus *c, const char *path)
{
	char *text = read_text(c, path), *line;

	while ((line = strsep(&text, "\n"))) {
		const char *id = strsep(&line, " \t");

		for (size_t r = 0; line && r < c->rows.nr; r++)
			if (!strcmp(c->rows.data[r].id, id))
				c->rows.data[r].note = line;
	}
}

/* A refusal must be one that a person who looked at the patch agrees with. */
static bool is_refusal_right(const struct row *row)
{
	return su_has_prefix(row->needs, "yes") || *row->note;
}

/* ---- the steps ---- */

/* Note where a row ends, from the sink's first error. */
static int end_by_diags(struct corpus *c, struct row *row, const char *step)
{
	row->verdict = FAILED;
	row->step = step;
	for (size_t i = 0; i < su_diags_count(c->kit.diags); i++) {
		const struct su_diag *d = su_diags_at(c->kit.diags, i);

		if (d->severity != SU_ERROR || row->token)
			continue;
		row->token = su_strdup(su_token_name(d->token));
		row->text = su_strdup(d->text);
	}
	su_kit_complain(&c->kit);
	return -1;
}

static int end_by_text(struct row *row, enum verdict verdict, const char *step, const char *token, const char *text)
{
	row->verdict = verdict;
	row->step = step;
	row->token = su_strdup(token);
	row->text = su_strdup(text);
	return -1;
}

static size_t list_length(struct json_object *answer, const char *name)
{
	struct json_object *list;

	return json_object_object_get_ex(answer, name, &list) ? json_object_array_length(list) : 0;
}

static enum verdict verdict_of(int exit_code)
{
	return exit_code == SU_NOCHANGE ? UNCHANGED : exit_code == SU_UNSUPPORTED ? REFUSED : FAILED;
}

/* The names in modinfo's way: "vmlinux", "nfs, nfsv4". */
static const char *targets_text(struct corpus *c, const char *update)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const char *target = NULL, *text = "";

	if (su_modinfo_read(c->kit.diags, update, &info))
		return "";
	while ((target = su_modinfo_next(&info, "suture_target", target)))
		text = su_arena_format(&c->arena, "%s%s%s", text, *text ? ", " : "", target);
	return text;
}

static int create(struct corpus *c, struct row *row, const char *update)
{
	const char *const args[] = { "create", "--release", c->kit.release, "-o", update, row->path, NULL };
	double start = su_kit_seconds();
	struct json_object *bytes;
	int code, err = su_kit_suture(&c->kit, args, &row->answer, &code);

	row->create = su_kit_seconds() - start;
	if (err)
		return end_by_diags(c, row, "create");
	if (code)
		return end_by_text(row, verdict_of(code), "create", su_kit_answer_token(row->answer),
				   su_kit_answer_text(row->answer));
	row->changed_nr = list_length(row->answer, "changed");
	row->new_nr = list_length(row->answer, "new");
	if (json_object_object_get_ex(row->answer, "bytes", &bytes))
		row->bytes = json_object_get_int64(bytes);
	row->targets = targets_text(c, update);
	return 0;
}

static int verify(struct corpus *c, struct row *row, const char *update)
{
	const char *const args[] = { "verify", "--image", c->kit.image.vmlinuz, update, NULL };
	double start = su_kit_seconds();
	struct json_object *answer = NULL;
	int code, err = su_kit_suture(&c->kit, args, &answer, &code);

	row->verify = su_kit_seconds() - start;
	if (err)
		err = end_by_diags(c, row, "verify");
	else if (code)
		err = end_by_text(row, FAILED, "verify", su_kit_answer_token(answer), su_kit_answer_text(answer));
	json_object_put(answer);
	row->is_verified = !err;
	return err;
}

static char *trigger_source(const struct row *row)
{
	return su_format("%.*s.trigger.c", (int)strlen(row->path) - 6, row->path);
}

/* What a trigger's first line says behind @word, up to the end of the sentence; heap, NULL where it does not. */
static char *trigger_says(const struct row *row, const char *word)
{
	SU_CLEANUP_FREE char *source = trigger_source(row);
	FILE *f = fopen(source, "re");
	char line[512];
	const char *at;

	if (!f)
		return NULL;
	at = fgets(line, sizeof(line), f) ? strstr(line, word) : NULL;
	fclose(f);
	if (!at)
		return NULL;
	at += strlen(word);
	at += strspn(at, " ");
	return su_format("%.*s", (int)strcspn(at, ".;*\n"), at);
}

static void guest_end(struct corpus *c)
{
	su_guest_stop(c->guest);
	free(c->guest_append);
	c->guest = NULL;
	c->guest_append = NULL;
}

static bool is_guest_right(const struct corpus *c, const char *append)
{
	return c->guest && su_guest_is_alive(c->guest) &&
	       !strcmp(append ? append : "", c->guest_append ? c->guest_append : "");
}

#define BOOTS_MAX 3 /* a busy host may starve a guest that starts, which no patch is to blame for */

static int guest_boot(struct corpus *c, const struct su_guest_request *request)
{
	int err = su_guest_boot(c->kit.diags, request, &c->guest);

	for (int i = 1; err && i < BOOTS_MAX; i++) {
		su_kit_complain(&c->kit);
		err = su_guest_boot(c->kit.diags, request, &c->guest);
	}
	return err;
}

/* A trigger may say "boot the guest with OPTIONS", of the kernel's command line. */
static int guest_need(struct corpus *c, struct row *row)
{
	SU_CLEANUP_FREE char *append = trigger_says(row, "oot the guest with");
	const struct su_guest_request request = {
		.image = c->kit.image.vmlinuz,
		.modules = c->kit.image.modules,
		.memory_mb = 768,
		.timeout = 300,
		.append = append,
	};

	if (is_guest_right(c, append))
		return 0;
	guest_end(c);
	c->guest_append = append ? su_strdup(append) : NULL;
	if (guest_boot(c, &request) || su_guest_core_load(c->kit.diags, c->guest, c->kit.core))
		return end_by_diags(c, row, "boot");
	return 0;
}

/* Targets that are modules must be there. Return: 1 where one does not load on this machine, which is no fault. */
static int targets_load(struct corpus *c, struct row *row, const char *update)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const char *target = NULL;

	if (su_modinfo_read(c->kit.diags, update, &info))
		return end_by_diags(c, row, "targets");
	while ((target = su_modinfo_next(&info, "suture_target", target))) {
		if (!strcmp(target, "vmlinux") || !su_guest_modprobe(c->kit.diags, c->guest, target))
			continue;
		if (!su_guest_is_alive(c->guest))
			return end_by_diags(c, row, "targets");
		su_kit_complain(&c->kit);
		end_by_text(row, PASSED, "targets", "",
			    su_arena_format(&c->arena, "module %s does not load in the guest", target));
		return 1;
	}
	return 0;
}

/* A trigger's first line says "module a" or "modules a, b" where it needs more than the targets. */
static void trigger_modules_load(struct corpus *c, const struct row *row)
{
	SU_CLEANUP_FREE char *names = trigger_says(row, "module");
	char *save = NULL;

	/* what does not load shows in the trigger's own words */
	for (char *p = names ? strtok_r(names + (*names == 's'), ", ", &save) : NULL; p; p = strtok_r(NULL, ", ", &save))
		if (su_guest_modprobe(c->kit.diags, c->guest, p))
			su_kit_complain(&c->kit);
}

static int trigger_put(struct corpus *c, struct row *row)
{
	SU_CLEANUP_FREE char *source = trigger_source(row);
	SU_CLEANUP_FREE char *program = su_format("%s/trigger", c->kit.scratch);

	row->has_trigger = su_file_exists(source);
	if (!row->has_trigger)
		return 0;
	trigger_modules_load(c, row);
	if (su_kit_program(&c->kit, source, program) ||
	    su_guest_put_file(c->kit.diags, c->guest, program, TRIGGER_PATH, 0755))
		return end_by_diags(c, row, "trigger");
	return 0;
}

static int trigger_run(struct corpus *c, struct row *row, enum moment moment)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };

	if (!row->has_trigger)
		return 0;
	if (su_guest_run(c->kit.diags, c->guest, TRIGGER_PATH, TRIGGER_TIMEOUT, &result))
		return end_by_diags(c, row, "trigger");
	row->trigger_code[moment] = result.timed_out ? -1 : result.exit_code;
	row->trigger_text[moment] = su_strdup(result.output.data ? result.output.data : "");
	return 0;
}

static int apply_and_undo(struct corpus *c, struct row *row, const char *update)
{
	SU_CLEANUP_GUEST_UPDATE struct su_guest_update state = { 0 };

	if (trigger_put(c, row) || trigger_run(c, row, BEFORE))
		return -1;
	if (su_guest_apply(c->kit.diags, c->guest, update, &state))
		return end_by_diags(c, row, "apply");
	row->is_applied = true;
	row->apply = state.seconds;
	row->apply_ns = state.pause_ns;
	if (trigger_run(c, row, APPLIED))
		return -1;
	if (su_guest_undo(c->kit.diags, c->guest, &state))
		return end_by_diags(c, row, "undo");
	row->is_undone = true;
	row->undo = state.seconds;
	row->undo_ns = state.pause_ns;
	return trigger_run(c, row, UNDONE);
}

/* The trigger's exit codes: 1 vulnerable, 0 fixed. */
static int flip_check(struct row *row)
{
	const int *code = row->trigger_code;

	if (!row->has_trigger)
		return 0;
	row->flips = code[BEFORE] == 1 && code[APPLIED] == 0 && code[UNDONE] == 1;
	return row->flips ? 0 :
			    end_by_text(row, FAILED, "trigger", "trigger-does-not-flip",
					"the trigger does not say vulnerable, fixed, vulnerable");
}

/* In the guest. Where anything went wrong the guest is not to be trusted with another patch. */
static void run_in_guest(struct corpus *c, struct row *row, const char *update)
{
	SU_CLEANUP_BUF struct su_buf log = { 0 };
	SU_CLEANUP_FREE char *sign = NULL;
	size_t mark;
	int err;

	if (guest_need(c, row))
		return;
	mark = su_guest_log(c->guest, 0, &log);
	err = targets_load(c, row, update);
	if (err > 0)
		return;
	if (!err && !apply_and_undo(c, row, update))
		flip_check(row);
	if (su_guest_failed(c->guest, mark, NULL, &sign) && row->verdict == PASSED)
		end_by_text(row, FAILED, "guest", "guest-failed", sign);
	if (row->verdict == FAILED)
		guest_end(c);
}

static void row_run(struct corpus *c, struct row *row)
{
	SU_CLEANUP_FREE char *update = su_format("%s/%s.ko", c->kit.scratch, row->id);

	row->step = c->has_guests ? "undo" : "verify";
	if (!create(c, row, update) && !verify(c, row, update) && c->has_guests)
		run_in_guest(c, row, update);
	unlink(update);
}

/* ---- reports ---- */

static const char *row_note(struct corpus *c, const struct row *row)
{
	if (row->token && *row->token)
		return su_arena_format(&c->arena, "%s: %s", row->step, row->token);
	if (row->text)
		return row->text;
	return row->has_trigger ? "trigger flips" : "";
}

static void row_print(struct corpus *c, const struct row *row)
{
	printf("%-5s %-9s %4zu %4zu %7lld %7.2f %7.2f %6.2f %6.2f %9.1f  %-34s %.60s\n", row->id,
	       verdict_names[row->verdict], row->changed_nr, row->new_nr, row->bytes, row->create, row->verify,
	       row->apply, row->undo, (double)row->apply_ns / 1000, row_note(c, row), row->subject);
	fflush(stdout);
}

/* ---- the page ---- */

static const char *result_text(const struct row *row)
{
	static const char *const texts[VERDICT_NR] = { "created", "nothing to do", "refused", "**failed**" };

	return texts[row->verdict];
}

/* What went on in the guest, or why nothing did. */
static const char *guest_text(struct corpus *c, const struct row *row)
{
	if (row->is_undone)
		return su_arena_format(&c->arena, "yes (%.0f, %.0f µs)", (double)row->apply_ns / 1000,
				       (double)row->undo_ns / 1000);
	if (row->is_applied)
		return "applied";
	return row->verdict == PASSED && c->has_guests ? row->text : "";
}

static const char *trigger_text(const struct row *row)
{
	if (!row->has_trigger)
		return "";
	return row->flips ? "flips" : "does not flip";
}

/* Why it was not made: our own words, and whether a person agrees. */
static const char *why_text(struct corpus *c, const struct row *row)
{
	const char *text = row->text ? row->text : "";
	const char *judge = *row->note ? row->note : row->needs;

	if (row->verdict == PASSED)
		return "";
	return su_arena_format(&c->arena, "`%s`: %.*s%s%s", row->token ? row->token : "", (int)strcspn(text, "\n"),
			       text, *judge && row->verdict == REFUSED ? ". *Judged by hand:* " : "",
			       row->verdict == REFUSED ? judge : "");
}

static void row_table(struct corpus *c, const struct row *row)
{
	if (!c->table)
		return;
	fprintf(c->table, "| %s | %s | %s | ", row->id, result_text(row), row->targets);
	if (row->verdict == PASSED)
		fprintf(c->table, "%zu / %zu", row->changed_nr, row->new_nr);
	fprintf(c->table, " | %s | %s | %s | %s |\n", row->is_verified ? "yes" : "", guest_text(c, row),
		trigger_text(row), why_text(c, row));
	fflush(c->table);
}

static void table_begin(struct corpus *c)
{
	if (c->table)
		fprintf(c->table,
			"# Real fixes\n\n"
			"What suture does with a folder of fixes for %s, each as its distribution made it. This page is made by\n\n"
			"    ./check corpus DIR --notes docs/corpus-notes.txt --table docs/corpus.md\n\n"
			"*Verified*: matched offline against the kernel's image and modules as shipped. *Guest*: applied to that kernel\n"
			"and undone, with the pauses of both. *Trigger*: a program that shows the flaw before, not after, and again after\n"
			"the undo. *Nothing to do* is an answer of its own (exit code 5).\n\n"
			"| patch | result | targets | changed / new functions | verified | guest | trigger | why |\n"
			"|---|---|---|---|---|---|---|---|\n",
			c->kit.release);
}

static void table_end(struct corpus *c)
{
	if (c->table)
		fprintf(c->table, "\nOf %zu: %zu created, %zu with nothing to do, %zu refused, %zu failed.\n",
			c->rows.nr, c->counts[PASSED], c->counts[UNCHANGED], c->counts[REFUSED], c->counts[FAILED]);
}

/* ---- JSON ---- */

static void add_text(struct json_object *o, const char *name, const char *text)
{
	if (text)
		json_object_object_add(o, name, json_object_new_string(text));
}

static struct json_object *triggers_json(const struct row *row)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < MOMENT_NR; i++) {
		struct json_object *run = json_object_new_object();

		if (row->trigger_text[i])
			json_object_object_add(run, "exit_code", json_object_new_int(row->trigger_code[i]));
		add_text(run, "output", row->trigger_text[i]);
		json_object_object_add(o, moment_names[i], run);
	}
	json_object_object_add(o, "flips", json_object_new_boolean(row->flips));
	return o;
}

static void row_json(struct corpus *c, struct row *row)
{
	struct json_object *o, *seconds;

	if (!c->json)
		return;
	o = json_object_new_object();
	seconds = json_object_new_object();
	add_text(o, "id", row->id);
	add_text(o, "patch", row->path);
	add_text(o, "subject", row->subject);
	add_text(o, "verdict", verdict_names[row->verdict]);
	add_text(o, "step", row->step);
	add_text(o, "token", row->token);
	add_text(o, "text", row->text);
	json_object_object_add(o, "bytes", json_object_new_int64(row->bytes));
	json_object_object_add(seconds, "create", json_object_new_double(row->create));
	json_object_object_add(seconds, "verify", json_object_new_double(row->verify));
	json_object_object_add(seconds, "apply", json_object_new_double(row->apply));
	json_object_object_add(seconds, "undo", json_object_new_double(row->undo));
	json_object_object_add(o, "seconds", seconds);
	json_object_object_add(o, "apply_pause_ns", json_object_new_int64((int64_t)row->apply_ns));
	json_object_object_add(o, "undo_pause_ns", json_object_new_int64((int64_t)row->undo_ns));
	if (row->has_trigger)
		json_object_object_add(o, "trigger", triggers_json(row));
	if (row->answer)
		json_object_object_add(o, "create", json_object_get(row->answer));
	fprintf(c->json, "%s\n",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(c->json);
	json_object_put(o);
}

static void row_fini(struct row *row)
{
	json_object_put(row->answer);
	free(row->token);
	free(row->text);
	for (int i = 0; i < MOMENT_NR; i++)
		free(row->trigger_text[i]);
}

static void run_all(struct corpus *c)
{
	printf("%-5s %-9s %4s %4s %7s %7s %7s %6s %6s %9s\n", "patch", "verdict", "chg", "new", "bytes", "create",
	       "verify", "apply", "undo", "pause us");
	table_begin(c);
	for (size_t i = 0; i < c->rows.nr; i++) {
		struct row *row = &c->rows.data[i];

		row_run(c, row);
		c->counts[row->verdict]++;
		c->unexpected += row->verdict == FAILED || (row->verdict == REFUSED && !is_refusal_right(row));
		row_print(c, row);
		row_table(c, row);
		row_json(c, row);
		row_fini(row);
	}
	table_end(c);
}

static FILE *output_open(struct corpus *c, const char *path)
{
	FILE *f = path ? fopen(path, "we") : NULL;

	if (path && !f)
		fprintf(stderr, "# %s: %m\n", path);
	c->unexpected += path && !f;
	return f;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: corpus [--release R] [--cache DIR] [--core KO] [--image F] [--modules DIR] [-o FILE.jsonl]\n"
		"              [--table FILE] [--notes FILE] [--only N,N...] [--no-guests] DIR\n");
	return SU_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { SU_KIT_LONG_OPTIONS,	      { "only", 1, NULL, 'n' },
					       { "output", 1, NULL, 'o' },    { "notes", 1, NULL, 'N' },
					       { "no-guests", 0, NULL, 'G' }, { "table", 1, NULL, 't' },
					       { NULL, 0, NULL, 0 } };
	const char *only = NULL, *json = NULL, *table = NULL, *notes = NULL;
	struct su_kit_options options = { 0 };
	struct corpus c = { .has_guests = true };
	int code, err;

	while ((code = getopt_long(argc, argv, "o:", longs, NULL)) != -1) {
		if (code == 'n')
			only = optarg;
		else if (code == 'o')
			json = optarg;
		else if (code == 't')
			table = optarg;
		else if (code == 'N')
			notes = optarg;
		else if (code == 'G')
			c.has_guests = false;
		else if (!su_kit_option(&options, code, optarg))
			return usage();
	}
	if (argc - optind != 1)
		return usage();
	c.folder = argv[optind];
	err = su_kit_open(&c.kit, &options);
	if (!err)
		err = folder_read(&c, only);
	if (err) {
		su_kit_complain(&c.kit);
	} else {
		index_read(&c);
		notes_read(&c, notes);
		c.json = output_open(&c, json);
		c.table = output_open(&c, table);
		run_all(&c);
		printf("%zu through all steps, %zu without a change, %zu refused, %zu failed\n", c.counts[PASSED],
		       c.counts[UNCHANGED], c.counts[REFUSED], c.counts[FAILED]);
		printf("%zu passed, %zu failed\n", c.rows.nr - c.unexpected, c.unexpected);
	}
	if (c.json)
		fclose(c.json);
	if (c.table)
		fclose(c.table);
	guest_end(&c);
	su_vec_fini(&c.rows);
	su_arena_fini(&c.arena);
	su_kit_close(&c.kit);
	return err ? -err : c.unexpected ? 1 : 0;
}
