// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one request asks for: words in an update's module options, or written beside the 1 that undoes or applies it.
 * They hold for that request, whatever becomes of the process that made it; what they do not say is the core's setting.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "suture.h"

static const struct option {
	const char *name;
	size_t off;
	u32 max;
} options[] = {
	{ "timeout_ms=", offsetof(struct su_request, timeout_ms), SU_TIMEOUT_MAX_MS },
	{ "max_pause_us=", offsetof(struct su_request, max_pause_us), U32_MAX },
	{ "replace=", offsetof(struct su_request, replaces), 1 },
};

static const struct option *find_option(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (!strncmp(word, options[i].name, strlen(options[i].name)))
			return &options[i];
	}
	return NULL;
}

static int take_word(char *word, struct su_request *request)
{
	const struct option *option = find_option(word);
	unsigned int value;

	if (!option)
		return 0;
	if (kstrtouint(word + strlen(option->name), 0, &value) || value > option->max)
		return -EINVAL;
	*(u32 *)((u8 *)request + option->off) = value;
	memset(word, ' ', strlen(word));
	return 0;
}

int su_request_take(char *text, struct su_request *request)
{
	int ret = 0;

	request->timeout_ms = READ_ONCE(su_timeout_ms);
	request->max_pause_us = READ_ONCE(su_max_pause_us);
	request->replaces = false;
	while (!ret && *(text = skip_spaces(text))) {
		char *end = text + strcspn(text, " \t\n");
		char was = *end;

		*end = '\0';
		ret = take_word(text, request);
		*end = was;
		text = end;
	}
	return ret;
}
