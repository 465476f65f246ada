// SPDX-License-Identifier: GPL-2.0-or-later
/* --wait and --max-pause: the core's settings, changed for one switch. */
#include "live.h"

#define WAIT_MAX_S 3600 /* the core's */
#define PAUSE_MAX_US 1000000000

int su_live_limits_parse(struct su_cli *cli, struct su_live_limits *limits)
{
	unsigned int seconds = 0;
	int err = limits->wait ? su_cli_number(cli, "--wait", limits->wait, WAIT_MAX_S, &seconds) : 0;

	limits->timeout_ms = seconds * 1000;
	if (!err && limits->max_pause)
		err = su_cli_number(cli, "--max-pause", limits->max_pause, PAUSE_MAX_US, &limits->max_pause_us);
	return err;
}

int su_live_limits_set(struct su_cli *cli, struct su_live_limits *limits)
{
	int err = 0;

	if (limits->wait) {
		err = su_core_setting_change(cli->diags, "timeout_ms", limits->timeout_ms, &limits->timeout_ms_before);
		limits->is_timeout_changed = !err;
	}
	if (!err && limits->max_pause) {
		err = su_core_setting_change(cli->diags, "max_pause_us", limits->max_pause_us,
					     &limits->max_pause_us_before);
		limits->is_max_pause_changed = !err;
	}
	if (err)
		su_live_limits_restore(cli, limits);
	return err;
}

void su_live_limits_restore(struct su_cli *cli, const struct su_live_limits *limits)
{
	unsigned int was;

	/* A failure has been told; the switch itself is over. */
	if (limits->is_timeout_changed)
		(void)!su_core_setting_change(cli->diags, "timeout_ms", limits->timeout_ms_before, &was);
	if (limits->is_max_pause_changed)
		(void)!su_core_setting_change(cli->diags, "max_pause_us", limits->max_pause_us_before, &was);
}
