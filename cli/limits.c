// SPDX-License-Identifier: GPL-2.0-or-later
/* --wait and --max-pause: limits of one switch, which go to the core with the request for it. */
#include "live.h"

#define WAIT_MAX_S 3600 /* the core's */
#define PAUSE_MAX_US 1000000000

int su_live_limits_parse(struct su_cli *cli, const struct su_live_limits *limits, char **words)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	unsigned int number;
	int err = 0;

	if (limits->wait) {
		err = su_cli_number(cli, "--wait", limits->wait, WAIT_MAX_S, &number);
		if (!err)
			su_buf_format(&text, "timeout_ms=%u ", number * 1000);
	}
	if (!err && limits->max_pause) {
		err = su_cli_number(cli, "--max-pause", limits->max_pause, PAUSE_MAX_US, &number);
		if (!err)
			su_buf_format(&text, "max_pause_us=%u ", number);
	}
	if (!err)
		*words = su_strdup(text.data ? text.data : "");
	return err;
}
