// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `suture try`: boot the kernel that an update is for in a guest, apply and undo it there, and run a command before,
 * between and after. The verdict is about the update: what the command's exit codes mean is for the caller to say.
 */
#include <string.h>

#include "cli.h"
#include "lib/base/file.h"
#include "lib/elf/modinfo.h"
#include "lib/guest/update.h"
#include "lib/kernel/debian.h"
#include "lib/live/core.h"

#define COMMAND_PATH "/tmp/try-command"

struct trial {
	struct su_cli *cli;
	const char *update;
	const char *on[SU_OPTION_LIST_MAX + 1]; /* updates that it stands on */
	struct su_guest_update bases[SU_OPTION_LIST_MAX];
	size_t base_nr; /* applied */
	char *release;
	char *image, *modules, *core; /* modules may be NULL */
	char *command;		      /* for the guest's shell; NULL: none */
	const char *seconds;	      /* for the command */
	struct su_guest *guest;
	struct json_object *steps;
};

static void trial_fini(struct trial *t)
{
	su_guest_stop(t->guest);
	while (t->base_nr)
		su_guest_update_fini(&t->bases[--t->base_nr]);
	free(t->release);
	free(t->image);
	free(t->modules);
	free(t->core);
	free(t->command);
}

/* ---- what to boot ---- */

static int release_find(struct trial *t)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int err = su_modinfo_read(t->cli->diags, t->update, &info);

	if (err)
		return err;
	t->release = su_modinfo_release(&info);
	if (t->release && su_modinfo_get(&info, "suture_id"))
		return 0;
	return su_fail(t->cli->diags, SU_AT(UPDATE_FORMAT, .object = t->update), "this module is no update");
}

/* A kernel that is installed here; else the one in the cache. */
static int image_find(struct trial *t)
{
	struct su_release image = { 0 };
	int err;

	t->image = su_format("/boot/vmlinuz-%s", t->release);
	t->modules = su_format("/lib/modules/%s", t->release);
	if (su_file_exists(t->image))
		return 0;
	free(t->image);
	free(t->modules);
	t->image = t->modules = NULL;
	err = su_release_open(t->cli->diags, t->release, t->cli->cache, &image);
	if (err)
		return err;
	t->image = su_strdup(image.vmlinuz);
	t->modules = image.modules ? su_strdup(image.modules) : NULL;
	su_release_fini(&image);
	return 0;
}

static int core_find(struct trial *t, const char *core)
{
	t->core = core ? su_strdup(core) : su_core_find(t->release);
	if (t->core)
		return 0;
	return su_fail(t->cli->diags, SU_AT(NO_CORE, .hint = "build it (make kmod KDIR=...) or name it with --core FILE"),
		       "there is no suture.ko for %s", t->release);
}

/* ---- the command ---- */

/* Quote for a shell: everything between single quotes is itself, but for the single quote. */
static void word_quote(struct su_buf *buf, const char *word)
{
	su_buf_puts(buf, "'");
	for (; *word; word++) {
		if (*word == '\'')
			su_buf_puts(buf, "'\\''");
		else
			su_buf_add(buf, word, 1);
	}
	su_buf_puts(buf, "' ");
}

/* A program of the host goes into the guest; any other word names one that is there. */
static int command_make(struct trial *t, char **words, int nr)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	bool is_ours = nr && strchr(words[0], '/') && su_file_exists(words[0]);
	int err = 0;

	if (!nr)
		return 0;
	if (is_ours)
		err = su_guest_put_file(t->cli->diags, t->guest, words[0], COMMAND_PATH, 0755);
	for (int i = 0; i < nr; i++)
		word_quote(&text, is_ours && !i ? COMMAND_PATH : words[i]);
	t->command = su_strdup(text.data);
	return err;
}

static int command_run(struct trial *t, const char *when)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	struct json_object *step;
	int err;

	if (!t->command)
		return 0;
	err = su_guest_run(t->cli->diags, t->guest, t->command, (unsigned int)atoi(t->seconds), &result);
	if (err)
		return err;
	step = json_object_new_object();
	json_object_object_add(step, "exit_code", json_object_new_int(result.exit_code));
	json_object_object_add(step, "timed_out", json_object_new_boolean(result.timed_out));
	json_object_object_add(step, "seconds", json_object_new_double(result.seconds));
	json_object_object_add(step, "output",
			       json_object_new_string_len(result.output.data ? result.output.data : "",
							  (int)result.output.nr));
	json_object_object_add(t->steps, when, step);
	while (result.output.nr && result.output.data[result.output.nr - 1] == '\n')
		result.output.nr--;
	su_cli_say(t->cli, "%-7s exit code %d%s: %.*s", when, result.exit_code, result.timed_out ? " (time was up)" : "",
		   (int)result.output.nr, result.output.data ? result.output.data : "");
	return 0;
}

/* Why it does not load is of no interest: a guest has few devices. */
static bool module_load(struct trial *t, const char *name)
{
	struct su_diags *diags = su_diags_create();
	int err = su_guest_modprobe(diags, t->guest, name);

	su_diags_destroy(diags);
	return !err;
}

/* Modules that an update changes. One that does not load in a guest is left out, and said to be: it may want a device. */
static int targets_load(struct trial *t, const char *update, struct json_object *left_out)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	const char *target = NULL;
	int err = su_modinfo_read(t->cli->diags, update, &info);

	while (!err && (target = su_modinfo_next(&info, "suture_target", target))) {
		if (!strcmp(target, "vmlinux") || module_load(t, target))
			continue;
		if (!su_guest_is_alive(t->guest))
			return su_fail(t->cli->diags, SU_AT(GUEST, .object = target),
				       "the guest does not survive the module");
		json_object_array_add(left_out, json_object_new_string(target));
		su_report(t->cli->diags, SU_WARNING, SU_AT(GUEST, .object = target),
			  "the module does not load in the guest: what the update changes in it is not tried");
	}
	return err;
}

static int all_targets_load(struct trial *t)
{
	struct json_object *left_out = json_object_new_array();
	int err = 0;

	json_object_object_add(t->cli->json, "targets_left_out", left_out);
	for (size_t i = 0; !err && t->on[i]; i++)
		err = targets_load(t, t->on[i], left_out);
	return err ? err : targets_load(t, t->update, left_out);
}

/* ---- the trial ---- */

static struct json_object *switch_report(struct trial *t, const char *name, const struct su_guest_update *u)
{
	struct json_object *step = json_object_new_object();

	json_object_object_add(step, "seconds", json_object_new_double(u->seconds));
	json_object_object_add(step, "pause_ns", json_object_new_int64((int64_t)u->pause_ns));
	json_object_object_add(step, "tries", json_object_new_int64(u->tries));
	json_object_object_add(step, "functions", json_object_new_int64(u->function_nr));
	su_cli_say(t->cli, "%-7s %u function%s, pause %llu.%03llu us, %u %s, %.2f s", name, u->function_nr,
		   u->function_nr == 1 ? "" : "s", u->pause_ns / 1000, u->pause_ns % 1000, u->tries,
		   u->tries == 1 ? "try" : "tries", u->seconds);
	return step;
}

static int bases_apply(struct trial *t)
{
	struct json_object *list = json_object_new_array();
	int err = 0;

	json_object_object_add(t->steps, "on", list);
	for (size_t i = 0; !err && t->on[i]; i++) {
		err = su_guest_apply(t->cli->diags, t->guest, t->on[i], &t->bases[i]);
		if (err)
			break;
		t->base_nr++;
		json_object_array_add(list, switch_report(t, "on", &t->bases[i]));
	}
	return err;
}

/* What an update stands on can be undone when that one is, and is held by it as long as its module is there. */
static int bases_undo(struct trial *t, bool is_held)
{
	int err = 0;

	for (size_t i = t->base_nr; !err && i--;) {
		t->bases[i].stays |= is_held;
		err = su_guest_undo(t->cli->diags, t->guest, &t->bases[i]);
	}
	return err;
}

static int boot(struct trial *t, const char *append, const char *cpu)
{
	const char *const qemu_args[] = { "-cpu", cpu, NULL };
	const struct su_guest_request request = {
		.image = t->image,
		.modules = t->modules,
		.append = append,
		.qemu_args = cpu ? qemu_args : NULL,
	};

	su_progress_step(&t->cli->progress, "booting %s", t->release);
	return su_guest_boot(t->cli->diags, &request, &t->guest);
}

static int go(struct trial *t)
{
	SU_CLEANUP_GUEST_UPDATE struct su_guest_update update = { 0 };
	struct su_diags *diags = t->cli->diags;
	int err = su_guest_core_load(diags, t->guest, t->core);

	if (!err)
		err = bases_apply(t);
	if (!err)
		err = command_run(t, "before");
	su_progress_step(&t->cli->progress, "applying and undoing");
	if (!err)
		err = su_guest_apply(diags, t->guest, t->update, &update);
	if (err)
		return err;
	json_object_object_add(t->steps, "apply", switch_report(t, "apply", &update));
	err = command_run(t, "applied");
	if (!err)
		err = su_guest_undo(diags, t->guest, &update);
	if (err)
		return err;
	json_object_object_add(t->steps, "undo", switch_report(t, "undo", &update));
	err = command_run(t, "undone");
	return err ? err : bases_undo(t, update.stays);
}

/* What the kernel itself said is the last word. */
static int console_check(struct trial *t)
{
	SU_CLEANUP_FREE char *line = NULL, *hint = NULL;
	SU_CLEANUP_BUF struct su_buf log = { 0 };

	if (!su_guest_failed(t->guest, 0, NULL, &line))
		return 0;
	su_guest_log(t->guest, 0, &log);
	hint = su_format("the guest's console said:\n%s", log.data ? log.data : "");
	return su_fail(t->cli->diags, SU_AT(TRY, .object = t->update, .hint = hint), "the guest's kernel is unwell: %s",
		       line);
}

int su_cmd_try(struct su_cli *cli, int argc, char **argv)
{
	const char *core = NULL, *image = NULL, *modules = NULL, *append = NULL, *cpu = NULL, *need = NULL;
	struct trial t = { .cli = cli, .seconds = "60" };
	const struct su_option options[] = {
		{ 0, "core", "FILE", "the suture.ko to use", &core, NULL, NULL },
		{ 0, "image", "FILE", "the kernel to boot; default: the installed or prepared one", &image, NULL, NULL },
		{ 0, "modules", "DIR", "its modules", &modules, NULL, NULL },
		{ 0, "on", "UPDATE", "apply this one first; once for each, in their order", NULL, NULL, t.on },
		{ 0, "need", "MODULE", "load this module of the kernel first", &need, NULL, NULL },
		{ 0, "append", "TEXT", "more of the kernel's command line", &append, NULL, NULL },
		{ 0, "cpu", "MODEL", "QEMU's CPU model", &cpu, NULL, NULL },
		{ 0, "timeout", "SECONDS", "end the command after so long; default: 60", &t.seconds, NULL, NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "UPDATE [-- COMMAND...]",
		.about = "Boots the kernel that an update is for in QEMU, applies and undoes the update there, and runs\n"
			 "COMMAND before, while it is applied, and after. A COMMAND that is a file here is copied into the\n"
			 "guest (make it static). Exit code 0: the update was applied and undone, the kernel stayed well.",
		.options = options,
		.min_args = 1,
		.max_args = -1,
	};
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	t.update = cli->args[0];
	t.steps = json_object_new_object();
	json_object_object_add(cli->json, "steps", t.steps);
	err = release_find(&t);
	if (!err && image)
		t.image = su_strdup(image);
	else if (!err)
		err = image_find(&t);
	if (modules) {
		free(t.modules);
		t.modules = su_strdup(modules);
	}
	if (!err)
		err = core_find(&t, core);
	if (!err)
		err = boot(&t, append, cpu);
	if (!err && need)
		err = su_guest_modprobe(cli->diags, t.guest, need);
	if (!err)
		err = all_targets_load(&t);
	if (!err)
		err = command_make(&t, cli->args + 1, cli->arg_nr - 1);
	if (!err)
		err = go(&t);
	if (t.guest && console_check(&t) && !err)
		err = -SU_INTERNAL;
	trial_fini(&t);
	return err;
}
