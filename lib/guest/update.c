// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The core and updates in a guest, by shell over the core's sysfs: nothing of suture but the two modules is needed in
 * there. Failures are explained by lib/live, as for the running kernel.
 */
#include <stdio.h>
#include <string.h>

#include "lib/elf/modinfo.h"
#include "lib/live/core.h"
#include "update.h"

#define SWITCH_TIMEOUT 120 /* seconds; the core gives up after ten of its own, a busy host stretches them */
#define CORE_PATH "/tmp/suture.ko"
#define UPDATE_PATH "/tmp/suture-update.ko"

/* "key value" lines; functions as they are. */
#define STATE_SCRIPT \
	"cd " SU_CORE_SYSFS \
	"/updates/%s && for f in pause_ns tries stays; do echo \"$f $(cat $f)\"; done && cat functions"

void su_guest_update_fini(struct su_guest_update *update)
{
	free(update->id);
	free(update->functions);
	*update = (struct su_guest_update){ 0 };
}

static const char *output_of(const struct su_guest_result *result)
{
	return result->output.data ? result->output.data : "";
}

int su_guest_core_load(struct su_diags *diags, struct su_guest *guest, const char *core)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	int ret = su_guest_put_file(diags, guest, core, CORE_PATH, 0600);

	if (!ret)
		ret = su_guest_run(diags, guest, "/init load " CORE_PATH, SWITCH_TIMEOUT, &result);
	if (!ret && result.exit_code)
		ret = su_core_complain(diags, result.exit_code, "", core);
	return ret;
}

/* Run a command that fails with an errno as its exit code and then prints last_error. */
static int switch_run(struct su_diags *diags, struct su_guest *guest, const char *command, const char *object,
		      double *seconds)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	SU_CLEANUP_FREE char *script = su_format("%s; e=$?; [ $e = 0 ] || cat " SU_CORE_SYSFS "/last_error; exit $e",
						 command);
	int ret = su_guest_run(diags, guest, script, SWITCH_TIMEOUT, &result);

	if (ret)
		return ret;
	*seconds = result.seconds;
	if (result.timed_out)
		return su_fail(diags, SU_AT(GUEST, .object = object), "the guest's core does not come to an end");
	return result.exit_code ? su_core_complain(diags, result.exit_code, output_of(&result), object) : 0;
}

static void state_parse(const char *text, struct su_guest_update *update)
{
	const char *functions = text;
	int stays = 0;

	if (sscanf(text, "pause_ns %llu\ntries %u\nstays %d", &update->pause_ns, &update->tries, &stays) == 3)
		for (int i = 0; i < 3; i++)
			functions += strcspn(functions, "\n") + (functions[strcspn(functions, "\n")] == '\n');
	update->stays |= stays;
	if (update->functions)
		return;
	update->functions = su_strdup(functions);
	for (const char *p = functions; (p = strchr(p, '\n')); p++)
		update->function_nr++;
}

static int state_read(struct su_diags *diags, struct su_guest *guest, struct su_guest_update *update)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	SU_CLEANUP_FREE char *script = su_format(STATE_SCRIPT, update->id);
	int ret = su_guest_run(diags, guest, script, SWITCH_TIMEOUT, &result);

	if (!ret && result.exit_code)
		ret = su_fail(diags, SU_AT(GUEST, .object = update->id),
			      "the guest's core does not know the update: %s", output_of(&result));
	if (!ret)
		state_parse(output_of(&result), update);
	return ret;
}

static int update_id(struct su_diags *diags, const char *file, char **id)
{
	SU_CLEANUP_MODINFO struct su_modinfo info = { 0 };
	int ret = su_modinfo_read(diags, file, &info);
	const char *name = ret ? NULL : su_modinfo_get(&info, "suture_id");

	if (!ret &&
	    (!name || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != strlen(name)))
		ret = su_fail(diags, SU_AT(UPDATE_FORMAT, .object = file), "this module is no update");
	if (!ret)
		*id = su_strdup(name);
	return ret;
}

int su_guest_apply(struct su_diags *diags, struct su_guest *guest, const char *file, struct su_guest_update *update)
{
	SU_CLEANUP_GUEST_UPDATE struct su_guest_update u = { 0 };
	int ret = update_id(diags, file, &u.id);

	if (!ret)
		ret = su_guest_put_file(diags, guest, file, UPDATE_PATH, 0600);
	if (!ret)
		ret = switch_run(diags, guest, "/init load " UPDATE_PATH " 2>/dev/null", file, &u.seconds);
	if (!ret)
		ret = state_read(diags, guest, &u);
	if (ret)
		return ret;
	su_guest_update_fini(update);
	*update = u;
	u = (struct su_guest_update){ 0 };
	return 0;
}

static int unload(struct su_diags *diags, struct su_guest *guest, const char *id)
{
	SU_CLEANUP_GUEST_RESULT struct su_guest_result result = { 0 };
	SU_CLEANUP_FREE char *script = su_format("m=$(cat " SU_CORE_SYSFS
						 "/updates/%s/module) && for i in 1 2 3 4 5 6 7 8 9 10; do "
						 "rmmod $m && exit 0; sleep 0.2; done; exit 1",
						 id);
	int ret = su_guest_run(diags, guest, script, SWITCH_TIMEOUT, &result);

	if (!ret && result.exit_code)
		ret = su_fail(diags, SU_AT(GUEST, .object = id), "the guest does not unload the update: %s",
			      output_of(&result));
	return ret;
}

int su_guest_undo(struct su_diags *diags, struct su_guest *guest, struct su_guest_update *update)
{
	/* /init writes it, as a shell cannot tell one errno from another. */
	SU_CLEANUP_FREE char *script = su_format("/init write " SU_CORE_SYSFS "/updates/%s/undo 1 2>/dev/null",
						 update->id);
	int ret = switch_run(diags, guest, script, update->id, &update->seconds);

	if (!ret)
		ret = state_read(diags, guest, update);
	return ret || update->stays ? ret : unload(diags, guest, update->id);
}
