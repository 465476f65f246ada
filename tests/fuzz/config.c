// SPDX-License-Identifier: GPL-2.0-or-later
/* The readers of .config and of dependency files, on any bytes. */
#include <stdint.h>
#include <string.h>

#include "lib/kernel/config.h"
#include "lib/kernel/depfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz);

static void read_config(const char *text, size_t sz)
{
	struct su_diags *diags = su_diags_create();
	struct su_config config = { 0 };
	size_t i;

	su_config_parse(text, sz, &config);
	for (i = 0; i < config.options.nr; i++)
		if (su_config_value(&config, config.options.data[i].name) != config.options.data[i].value)
			__builtin_trap();
	su_config_string(&config, "CC_VERSION_TEXT");
	if (su_config_compare(diags, &config, &config))
		__builtin_trap();
	su_config_fini(&config);
	su_diags_destroy(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t sz)
{
	/* On the heap and without an end, so that reading behind it is seen. */
	char *text = su_alloc(sz ? sz : 1);
	struct su_depfile deps = { 0 };

	if (sz)
		memcpy(text, data, sz);
	read_config(text, sz);
	su_depfile_parse(text, sz, &deps);
	su_depfile_fini(&deps);
	free(text);
	return 0;
}
