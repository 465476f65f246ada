// SPDX-License-Identifier: GPL-2.0-or-later
/* `suture explain`: for each function of each unit that a patch touches, whether it is in the update and why. */
#include <string.h>

#include "creation.h"

static const char *const proof_names[] = {
	[SU_PROOF_EXPORT] = "exported",
	[SU_PROOF_PLACE] = "place",
	[SU_PROOF_FIELD] = "field",
	[SU_PROOF_NAME] = "name",
};

static bool is_function(const struct su_atom *atom)
{
	return atom->kind == SU_ATOM_FUNC && !atom->owner && !atom->is_init;
}

/* The verdict on a post function, as the update sees it. */
static const char *verdict(const struct su_atom *atom)
{
	if (atom->partner)
		return atom->is_changed ? "replaced" : "same";
	return atom->is_selected ? "new" : "unused";
}

static void add_string(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

/* The first instruction that differs, before and after. */
static void explain_change(struct su_cli *cli, const struct su_atom *atom, struct json_object *json)
{
	SU_CLEANUP_FREE char *pre = su_code_text(atom->partner, atom->why_off);
	SU_CLEANUP_FREE char *post = su_code_text(atom, atom->why_off);

	add_string(json, "why", atom->why);
	json_object_object_add(json, "offset", json_object_new_int64((int64_t)atom->why_off));
	add_string(json, "before", pre);
	add_string(json, "after", post);
	su_cli_say(cli, "      %s differ%s from +0x%llx on", atom->why, strcmp(atom->why, "size") ? "" : "s",
		   (unsigned long long)atom->why_off);
	if (*pre || *post) {
		su_cli_say(cli, "      - %s", pre);
		su_cli_say(cli, "      + %s", post);
	}
}

/* What was looked past in a function that counts as the same. Return: whether there was anything. */
static bool explain_same(const struct su_atom *atom, struct json_object *json, struct su_buf *text)
{
	struct json_object *array;

	if (!atom->rules)
		return false;
	array = json_object_new_array();
	for (unsigned int r = 0; r < SU_RULE_NR; r++) {
		if (!(atom->rules & (1u << r)))
			continue;
		json_object_array_add(array, json_object_new_string(su_rule_name(r)));
		su_buf_format(text, "%s%s", text->nr ? ", " : "", su_rule_text(r));
	}
	json_object_object_add(json, "discounted", array);
	return true;
}

static void explain_function(struct su_cli *cli, const struct su_atom *atom, struct json_object *functions)
{
	SU_CLEANUP_BUF struct su_buf rules = { 0 };
	struct json_object *json = json_object_new_object();
	const char *text = verdict(atom);

	add_string(json, "name", atom->name);
	add_string(json, "verdict", text);
	json_object_array_add(functions, json);
	if (!atom->partner || atom->is_changed)
		su_cli_say(cli, "  %-9s %s", text, atom->name);
	if (atom->partner && atom->is_changed)
		explain_change(cli, atom, json);
	else if (atom->partner && explain_same(atom, json, &rules))
		su_cli_say(cli, "  %-9s %s: %s", text, atom->name, rules.data);
}

static size_t count_silent(const struct su_object *post)
{
	size_t nr = 0;

	for (size_t i = 0; i < post->atom_nr; i++)
		nr += is_function(post->atoms[i]) && post->atoms[i]->partner && !post->atoms[i]->is_changed &&
		      !post->atoms[i]->rules;
	return nr;
}

static void explain_unit(struct su_cli *cli, const struct su_emit_unit *unit, struct json_object *units)
{
	struct json_object *json = json_object_new_object(), *functions = json_object_new_array();
	const struct su_object *post = unit->diff->post;

	su_cli_say(cli, "%s (%s)", unit->name, unit->target);
	for (size_t i = 0; i < post->atom_nr; i++)
		if (is_function(post->atoms[i]))
			explain_function(cli, post->atoms[i], functions);
	su_cli_say(cli, "  %zu functions are the same to the byte", count_silent(post));
	add_string(json, "unit", unit->name);
	add_string(json, "target", unit->target);
	json_object_object_add(json, "functions", functions);
	json_object_array_add(units, json);
}

static void explain_symbol(struct su_cli *cli, const struct su_emit_symbol *s, struct json_object *symbols)
{
	struct json_object *json = json_object_new_object();

	add_string(json, "name", s->name);
	add_string(json, "proof", proof_names[s->proof]);
	if (s->proof == SU_PROOF_PLACE)
		add_string(json, "section", s->section);
	if (s->proof == SU_PROOF_FIELD)
		json_object_object_add(json, "fields", json_object_new_int64((int64_t)s->fields));
	json_object_array_add(symbols, json);
	if (s->proof == SU_PROOF_PLACE)
		su_cli_say(cli, "  %-40s with %s, which is matched", *s->name ? s->name : "(a section)", s->section);
	else if (s->proof == SU_PROOF_FIELD)
		su_cli_say(cli, "  %-40s %zu place%s in matched code", s->name, s->fields, s->fields == 1 ? "" : "s");
	else if (s->proof == SU_PROOF_NAME)
		su_cli_say(cli, "  %-40s rests on its name, which must be unique", s->name);
}

static void explain_symbols(struct creation *c)
{
	struct json_object *symbols = json_object_new_array();
	size_t exported = 0;

	if (c->result.symbols.nr)
		su_cli_say(c->cli, "symbols that the new code uses, and what proves their values");
	for (size_t i = 0; i < c->result.symbols.nr; i++) {
		explain_symbol(c->cli, &c->result.symbols.data[i], symbols);
		exported += c->result.symbols.data[i].proof == SU_PROOF_EXPORT;
	}
	if (exported)
		su_cli_say(c->cli, "  %zu more are exported: the kernel's module loader resolves them", exported);
	json_object_object_add(c->cli->json, "symbols", symbols);
}

static int run(struct creation *c, const struct su_tree_request *req, const char *const *bases, const char *patch)
{
	struct json_object *explained = json_object_new_array();
	int err = creation_difference(c, req, bases, patch, NULL);

	/* "units" is the count that every creation reports */
	json_object_object_add(c->cli->json, "explained", explained);
	if (err)
		return err;
	/* what is refused is explained all the same */
	err = creation_emit(c);
	for (size_t i = 0; i < c->units.nr; i++)
		explain_unit(c->cli, &c->units.data[i], explained);
	explain_symbols(c);
	return err;
}

int su_cmd_explain(struct su_cli *cli, int argc, char **argv)
{
	struct su_kernel_options kernel = { 0 };
	const char *bases[SU_OPTION_LIST_MAX + 1] = { NULL };
	const struct su_option options[] = {
		SU_KERNEL_OPTIONS(&kernel),
		CREATION_ON(bases),
		{ 0, NULL, NULL, NULL, NULL, NULL, NULL },
	};
	const struct su_usage usage = {
		.args = "PATCH",
		.about = "Says for each function of the units that a patch touches whether an update would carry it, and why.\n"
			 "Makes no update. With --json, complete.",
		.options = options,
		.min_args = 1,
		.max_args = 1,
	};
	struct creation c;
	struct su_tree_request req;
	int err = su_cli_parse(cli, argc, argv, &usage);

	if (err)
		return err == SU_HELP_SHOWN ? 0 : err;
	su_cli_tree_request(cli, &kernel, &req);
	creation_begin(&c, cli, NULL);
	err = run(&c, &req, bases, cli->args[0]);
	creation_fini(&c);
	return err;
}
