// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture explain`: what an update would carry and why, from a patch; or what one carries, from its file. */
#include <string.h>

#include "creation.h"
#include "lib/live/update.h"

/* ---- an update's file ---- */

static void add_string(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

static void add_number(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_int64((int64_t)value));
}

static const char *unit_name(const struct su_update_file *file, uint32_t unit)
{
	return su_update_file_string(file, file->update.units[unit].name);
}

static const char *target_name(const struct su_update_file *file, uint32_t target)
{
	return su_update_file_string(file, file->update.targets[target].name);
}

static void explain_function(struct su_cli *cli, const struct su_update_file *file, const struct su_function *f,
			     struct json_object *functions)
{
	const struct su_section *s = &file->update.sections[f->section];
	struct json_object *json = json_object_new_object();
	const char *name = su_update_file_string(file, f->name);

	add_string(json, "name", name);
	add_string(json, "verdict", "replaced");
	add_string(json, "unit", unit_name(file, s->unit));
	add_string(json, "target", target_name(file, file->update.units[s->unit].target));
	add_number(json, "old_bytes", f->size);
	add_number(json, "redirect", f->window_off);
	json_object_array_add(functions, json);
	su_cli_say(cli, "  replaced  %s (%s, %s): %u bytes, the redirect lies at +0x%x%s", name,
		   unit_name(file, s->unit), target_name(file, file->update.units[s->unit].target), f->size,
		   f->window_off, f->flags & SU_FUNCTION_FENTRY ? ", behind the call of the tracer" : "");
}

static size_t count_fields(const struct su_update *u, uint32_t symbol)
{
	size_t nr = 0;

	for (uint32_t i = 0; i < u->header->holes.nr; i++)
		nr += u->holes[i].symbol == symbol;
	return nr;
}

static void explain_symbol(struct su_cli *cli, const struct su_update_file *file, uint32_t idx,
			   struct json_object *symbols)
{
	const struct su_symbol *s = &file->update.symbols[idx];
	const char *name = su_update_file_string(file, s->name);
	struct json_object *json = json_object_new_object();
	size_t fields = count_fields(&file->update, idx);

	add_string(json, "name", name);
	json_object_array_add(symbols, json);
	if (s->section != SU_NONE) {
		const struct su_section *section = &file->update.sections[s->section];
		SU_CLEANUP_FREE char *place = su_format("%s:%s", unit_name(file, section->unit),
							su_update_file_string(file, section->name));

		add_string(json, "proof", "place");
		add_string(json, "section", place);
		su_cli_say(cli, "  %-32s matched with %s", *name ? name : "(a section)", place);
		return;
	}
	add_string(json, "proof", fields ? "field" : "name");
	add_number(json, "fields", fields);
	if (fields)
		su_cli_say(cli, "  %-32s read out of %zu place%s in matched code", name, fields, fields == 1 ? "" : "s");
	else
		su_cli_say(cli, "  %-32s rests on its name, which must be unique", name);
}

/* Names that the kernel's module loader resolves, the core's own left out. */
static void explain_exports(struct su_cli *cli, const struct su_update_file *file, bool is_all,
			    struct json_object *symbols)
{
	size_t nr = 0;

	for (size_t i = 1; i < file->elf->symbol_nr; i++) {
		const struct su_elf_symbol *s = &file->elf->symbols[i];
		struct json_object *json;

		if (s->section || !*s->name || s->type != STT_NOTYPE || s->bind != STB_GLOBAL ||
		    !strcmp(s->name, SU_CORE_SYMBOL_NAME))
			continue;
		json = json_object_new_object();
		add_string(json, "name", s->name);
		add_string(json, "proof", "exported");
		json_object_array_add(symbols, json);
		nr++;
		if (is_all)
			su_cli_say(cli, "  %-32s exported", s->name);
	}
	if (nr && !is_all)
		su_cli_say(cli, "  %zu are exported: the kernel's module loader resolves them", nr);
}

/* What must be the same in the running kernel, byte by byte. */
static void explain_matched(struct su_cli *cli, const struct su_update_file *file, bool is_all)
{
	struct json_object *sections = json_object_new_array();
	uint64_t bytes = 0;
	size_t nr = 0;

	for (uint32_t i = 0; i < file->update.header->sections.nr; i++) {
		const struct su_section *s = &file->update.sections[i];
		struct json_object *json;

		if (s->kind != SU_SECTION_TEXT)
			continue;
		json = json_object_new_object();
		add_string(json, "unit", unit_name(file, s->unit));
		add_string(json, "section", su_update_file_string(file, s->name));
		add_number(json, "bytes", s->size);
		json_object_array_add(sections, json);
		bytes += s->size;
		nr++;
		if (is_all)
			su_cli_say(cli, "  matched   %s:%s, %llu bytes", unit_name(file, s->unit),
				   su_update_file_string(file, s->name), (unsigned long long)s->size);
	}
	json_object_object_add(cli->json, "matched", sections);
	if (!is_all)
		su_cli_say(cli, "  matched   %zu sections of code, %llu bytes, before anything is changed", nr,
			   (unsigned long long)bytes);
}

static int explain_update(struct su_cli *cli, const char *path, bool is_all)
{
	struct json_object *functions = json_object_new_array(), *symbols = json_object_new_array();
	struct su_update_file *file;
	int err = su_update_file_open(cli->diags, path, &file);

	json_object_object_add(cli->json, "functions", functions);
	json_object_object_add(cli->json, "symbols", symbols);
	if (err)
		return err;
	add_string(cli->json, "id", su_update_file_string(file, file->update.header->id));
	add_string(cli->json, "release", file->release);
	su_cli_say(cli, "%s: an update for %s", su_update_file_string(file, file->update.header->id), file->release);
	for (uint32_t i = 0; i < file->update.header->functions.nr; i++)
		explain_function(cli, file, &file->update.functions[i], functions);
	explain_matched(cli, file, is_all);
	su_cli_say(cli, "symbols that the new code uses, and what proves their values");
	for (uint32_t i = 0; i < file->update.header->symbols.nr; i++)
		if (file->update.symbols[i].flags & SU_SYMBOL_WANTED)
			explain_symbol(cli, file, i, symbols);
	explain_exports(cli, file, is_all, symbols);
	su_update_file_close(file);
	return 0;
}

/* ---- the verb ---- */

static int explain_patch(struct su_cli *cli, const struct su_kernel_options *kernel, const char *const *bases,
			 const char *patch, bool is_all)
{
	struct creation c;
	struct su_tree_request req;
	int err;

	su_cli_tree_request(cli, kernel, &req);
	creation_begin(&c, cli, NULL);
	err = creation_difference(&c, &req, bases, patch, NULL);
	if (!err) {
		/* what is refused is explained all the same */
		err = creation_emit(&c);
		creation_explain(&c, is_all);
	}
	creation_fini(&c);
	return err;
}

/* An update is an ELF file; whatever else it is, it is taken for a patch. */
static int is_elf(struct su_cli *cli, const char *path, bool *answer)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	int err = su_file_read(cli->diags, path, &text);

	*answer = !err && text.nr >= SELFMAG && !memcmp(text.data, ELFMAG, SELFMAG);
	return err;
}

int su_cmd_explain(struct su_cli *cli, int argc, char **argv)
{
	struct su_kernel_options kernel = { 0 };
	const char *bases[SU_OPTION_LIST_MAX + 1] = { NULL };
	bool is_all = false, is_update;
	const struct su_option options[] = {
		SU_KERNEL_OPTIONS(&kernel),
		CREATION_ON(bases),
		{ 'a', "all", NULL, "tell everything by name, what stays the same too", NULL, &is_all, NULL },
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "PATCH|UPDATE",
		.about = "Of a patch: says for each function and object of the units that it touches whether an update would\n"
			 "carry it, and why. Makes no update. Of an update: says what it carries. With --json, complete.",
		.options = options,
		.min_args = 1,
		.max_args = 1,
	};
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	err = is_elf(cli, cli->args[0], &is_update);
	if (err)
		return err;
	return is_update ? explain_update(cli, cli->args[0], is_all) :
			   explain_patch(cli, &kernel, bases, cli->args[0], is_all);
}
