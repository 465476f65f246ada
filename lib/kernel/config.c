// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads and compares .config files. Making one through Kconfig is left to kbuild.c. */
#include <string.h>

#include "config.h"
#include "lib/base/file.h"
#include "lib/base/str.h"

#define SHOWN_MAX 12

/* Options that differ between machines without any effect on the code: keys, salts, tools' versions. */
static const char *const machine_options[] = {
	"BUILD_SALT", "MODULE_SIG_KEY", "MODULE_SIG_ALL", "SYSTEM_TRUSTED_KEYS", "SYSTEM_REVOCATION_KEYS",
	"AS_VERSION", "LD_VERSION",	"LLD_VERSION",	  "PAHOLE_VERSION",
};

static bool is_machine_option(const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < SU_ARRAY_SIZE(machine_options); i++)
		if (!strcmp(machine_options[i], name))
			return true;
	/* The Rust compiler's version and abilities: it makes none of the units that suture compiles. */
	if (su_has_prefix(name, "RUSTC_"))
		return true;
	/* CC_VERSION_TEXT and its like; the compiler's is checked for itself. */
	return len > 13 && !strcmp(name + len - 13, "_VERSION_TEXT");
}

static char *copy_part(struct su_arena *arena, const char *begin, size_t len)
{
	return memcpy(su_arena_alloc(arena, len + 1), begin, len);
}

static void parse_line(struct su_config *config, const char *line, size_t len)
{
	const char *equals = memchr(line, '=', len);
	struct su_config_option option;
	size_t *slot;
	int added;

	if (!equals || len < 7 || memcmp(line, "CONFIG_", 7) || memchr(line, '\0', len))
		return;
	option.name = copy_part(&config->arena, line + 7, (size_t)(equals - line) - 7);
	option.value = copy_part(&config->arena, equals + 1, len - (size_t)(equals - line) - 1);
	slot = su_map_put(&config->index, option.name, &added);
	if (added) {
		*slot = config->options.nr;
		*su_vec_add(&config->options) = option;
	} else {
		config->options.data[*slot] = option;
	}
}

void su_config_parse(const char *text, size_t sz, struct su_config *config)
{
	while (sz) {
		const char *end = memchr(text, '\n', sz);
		size_t len = end ? (size_t)(end - text) : sz;

		parse_line(config, text, len);
		len += end != NULL;
		text += len;
		sz -= len;
	}
}

int su_config_read(struct su_diags *diags, const char *path, struct su_config *config)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	int err = su_file_read(diags, path, &buf);

	if (err)
		return err;
	*config = (struct su_config){ 0 };
	su_config_parse(buf.data, buf.nr, config);
	return 0;
}

void su_config_fini(struct su_config *config)
{
	su_vec_fini(&config->options);
	su_map_fini(&config->index);
	su_arena_fini(&config->arena);
}

const char *su_config_value(const struct su_config *config, const char *name)
{
	const size_t *slot = su_map_get(&config->index, name);

	return slot ? config->options.data[*slot].value : NULL;
}

const char *su_config_string(struct su_config *config, const char *name)
{
	const char *value = su_config_value(config, name);
	size_t len = value ? strlen(value) : 0;

	if (len < 2 || *value != '"' || value[len - 1] != '"')
		return value;
	return copy_part(&config->arena, value + 1, len - 2);
}

static const char *shown(const char *value)
{
	return value ? value : "n";
}

static void note_difference(struct su_buf *text, size_t *nr, const char *name, const char *wanted, const char *have)
{
	if (++*nr <= SHOWN_MAX)
		su_buf_format(text, "%s%s (wanted %s, now %s)", *nr > 1 ? ", " : "", name, shown(wanted), shown(have));
}

int su_config_compare(struct su_diags *diags, const struct su_config *wanted, const struct su_config *have)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	size_t i, nr = 0;

	for (i = 0; i < wanted->options.nr; i++) {
		const struct su_config_option *option = &wanted->options.data[i];
		const char *value = su_config_value(have, option->name);

		if (!is_machine_option(option->name) && (!value || strcmp(value, option->value)))
			note_difference(&text, &nr, option->name, option->value, value);
	}
	for (i = 0; i < have->options.nr; i++) {
		const struct su_config_option *option = &have->options.data[i];

		if (!is_machine_option(option->name) && !su_config_value(wanted, option->name))
			note_difference(&text, &nr, option->name, NULL, option->value);
	}
	if (!nr)
		return 0;
	if (nr > SHOWN_MAX)
		su_buf_format(&text, " and %zu more", nr - SHOWN_MAX);
	return su_fail(diags,
		       SU_AT(CONFIG_CHANGED, .object = ".config",
			     .hint = "the config belongs to another source, or a tool that it asks for is missing"),
		       "%zu options do not survive preparation: %s", nr, text.data);
}
