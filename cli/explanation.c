// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a creation found out, told: for each function and object of each unit whether it is in the update and why, then the symbols that
 * the new code uses and what proves their values. JSON has everything; as text, what stays the same is only counted.
 */
#include <string.h>

#include "creation.h"
#include "lib/kernel/srclines.h"

struct explaining {
	struct creation *c;
	struct su_cli *cli;
	bool is_all;
	const struct su_emit_unit *unit;
	struct su_srclines *lines; /* of the unit; NULL where they are not known */
};

static const char *const proof_names[] = {
	[SU_PROOF_EXPORT] = "exported",
	[SU_PROOF_PLACE] = "place",
	[SU_PROOF_FIELD] = "field",
	[SU_PROOF_NAME] = "name",
};

static void add_string(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

static void add_number(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_int64((int64_t)value));
}

/* ---- what is explained ---- */

static bool is_function(const struct su_atom *atom)
{
	return atom->kind == SU_ATOM_FUNC && !atom->owner;
}

/* Tables, fragments and .cold parts are told with their function. */
static bool is_explained(const struct su_atom *atom)
{
	return atom->symbol && (is_function(atom) || atom->kind == SU_ATOM_DATA || atom->kind == SU_ATOM_RODATA);
}

static const char *verdict_of_function(const struct su_atom *atom)
{
	if (atom->partner && !atom->is_changed)
		return "same";
	if (atom->is_init)
		return atom->is_kept ? "ran" : "boot";
	if (!atom->partner)
		return atom->is_selected ? "new" : "unused";
	return "replaced";
}

static const char *verdict_of_object(const struct su_diff *diff, const struct su_atom *atom)
{
	if (atom->partner)
		return atom->is_changed && !atom->is_init ? "changed" : "same";
	if (atom->is_private)
		return atom->is_selected ? "copied" : "unused";
	if (su_is_ambiguous(diff->pre, atom))
		return "ambiguous";
	return atom->is_selected ? "new" : "unused";
}

static const char *verdict(const struct su_diff *diff, const struct su_atom *atom)
{
	if (atom->is_overridden)
		return "unlinked";
	return is_function(atom) ? verdict_of_function(atom) : verdict_of_object(diff, atom);
}

/* What the verdict means for the update. */
static const char *verdict_text(const char *verdict)
{
	static const struct {
		const char *verdict, *text;
	} texts[] = {
		{ "same", "out: the running kernel's goes on being used" },
		{ "boot", "refused: it runs only at boot, or when its module is loaded" },
		{ "ran", "out: boot has run it, and the patch changes only what is inlined into it" },
		{ "unlinked", "out: it is weak, and the kernel has another unit's in its place" },
		{ "new", "in: a replaced function needs it" },
		{ "unused", "out: nothing that is replaced needs it" },
		{ "replaced", "in" },
		{ "changed", "refused: it is in use with its old value or size" },
		{ "copied", "in: the new code brings its own, as it holds nothing worth keeping" },
		{ "ambiguous", "not known: several objects of this name exist before the patch" },
		{ "gone", "out: the running kernel keeps it" },
	};

	for (size_t i = 0; i < SU_ARRAY_SIZE(texts); i++)
		if (!strcmp(texts[i].verdict, verdict))
			return texts[i].text;
	return "";
}

/* ---- differences ---- */

static struct json_object *place_json(const struct su_srcline *line)
{
	struct json_object *json = json_object_new_object();

	add_string(json, "file", line->file);
	json_object_object_add(json, "line", json_object_new_int(line->line));
	add_string(json, "text", line->text);
	return json;
}

/* One side's instruction at the first difference. */
static void explain_side(struct explaining *e, const struct su_atom *atom, uint64_t off, bool is_post,
			 struct json_object *json)
{
	SU_CLEANUP_FREE char *code = su_code_text(atom, off);
	struct su_srcline line = { 0 };
	bool has_line = e->lines && su_srclines_find(e->lines, is_post, atom->section->name, atom->name, off, &line);

	add_string(json, is_post ? "after" : "before", code);
	add_number(json, is_post ? "after_offset" : "before_offset", off);
	if (has_line)
		json_object_object_add(json, is_post ? "after_source" : "before_source", place_json(&line));
	if (*code)
		su_cli_say(e->cli, "      %c +0x%llx  %s", is_post ? '+' : '-', (unsigned long long)off, code);
	if (*code && has_line)
		su_cli_say(e->cli, "        %s:%d: %s", line.file, line.line, line.text);
	su_srcline_fini(&line);
}

static void explain_instructions(struct explaining *e, const struct su_atom *atom, struct json_object *json)
{
	uint64_t before = atom->why_off;
	uint64_t after = before;

	/* what a table says of the same instruction */
	if (!su_table_spec_find(atom->why))
		su_code_first_difference(atom->partner, atom, &before, &after);
	explain_side(e, atom->partner, before, false, json);
	explain_side(e, atom, after, true, json);
}

static void say_change(struct explaining *e, const struct su_atom *atom)
{
	unsigned long long off = atom->why_off;

	if (!strcmp(atom->why, "size"))
		su_cli_say(e->cli, "      size: %llu bytes before, %llu after", (unsigned long long)atom->partner->size,
			   (unsigned long long)atom->size);
	else if (su_table_spec_find(atom->why))
		su_cli_say(e->cli, "      %s: its entry for +0x%llx is not the same", atom->why, off);
	else
		su_cli_say(e->cli, "      %s: not the same from +0x%llx on", atom->why, off);
}

static void explain_change(struct explaining *e, const struct su_atom *atom, struct json_object *json)
{
	add_string(json, "why", atom->why);
	add_number(json, "old_bytes", atom->partner->size);
	add_number(json, "offset", atom->why_off);
	say_change(e, atom);
	if (atom->kind == SU_ATOM_FUNC)
		explain_instructions(e, atom, json);
}

/* A function of which only the .cold part differs: what does there. */
static void explain_cold(struct explaining *e, const struct su_atom *atom, struct json_object *json)
{
	add_string(json, "why", atom->why);
	add_number(json, "old_bytes", atom->partner->size);
	for (size_t i = 0; i < atom->attached.nr; i++) {
		const struct su_atom *cold = atom->attached.data[i];
		struct json_object *part;

		if (cold->kind != SU_ATOM_FUNC || !cold->partner || !su_atoms_compare(cold->partner, cold).what)
			continue;
		part = json_object_new_object();
		json_object_object_add(json, "part", part);
		add_string(part, "name", cold->name);
		su_cli_say(e->cli, "      differs in: %s", cold->name);
		explain_change(e, cold, part);
	}
}

/* By which rules differences were discounted. */
static void explain_rules(const struct su_atom *atom, struct json_object *json, struct su_buf *text)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int r = 0; r < SU_RULE_NR; r++) {
		if (!(atom->rules & (1u << r)))
			continue;
		json_object_array_add(array, json_object_new_string(su_rule_name(r)));
		su_buf_format(text, "%s%s", text->nr ? ", " : "", su_rule_text(r));
	}
	json_object_object_add(json, "discounted", array);
}

/* ---- symbols ---- */

static bool is_first_use(const struct su_emit_result *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->uses.data[k].by == r->uses.data[i].by && r->uses.data[k].symbol == r->uses.data[i].symbol)
			return false;
	return true;
}

static const char *symbol_name(const struct su_emit_symbol *s)
{
	return *s->name ? s->name : s->section;
}

static void explain_uses(struct explaining *e, const struct su_atom *atom, struct json_object *json)
{
	const struct su_emit_result *r = &e->c->result;
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < r->uses.nr; i++) {
		const struct su_emit_symbol *s = &r->symbols.data[r->uses.data[i].symbol];
		struct json_object *use;

		if (r->uses.data[i].by != atom || !is_first_use(r, i))
			continue;
		use = json_object_new_object();
		add_string(use, "name", symbol_name(s));
		add_string(use, "proof", proof_names[s->proof]);
		json_object_array_add(array, use);
		if (e->is_all)
			su_cli_say(e->cli, "      uses %s (%s)", symbol_name(s), proof_names[s->proof]);
	}
	json_object_object_add(json, "uses", array);
}

static void explain_symbol(struct explaining *e, const struct su_emit_symbol *s, struct json_object *symbols)
{
	struct json_object *json = json_object_new_object();

	add_string(json, "name", s->name);
	add_string(json, "proof", proof_names[s->proof]);
	if (s->proof == SU_PROOF_PLACE)
		add_string(json, "section", s->section);
	if (s->proof == SU_PROOF_FIELD)
		add_number(json, "fields", s->fields);
	json_object_array_add(symbols, json);
	if (s->proof == SU_PROOF_PLACE)
		su_cli_say(e->cli, "  %-32s matched with %s", *s->name ? s->name : "(a section)", s->section);
	else if (s->proof == SU_PROOF_FIELD)
		su_cli_say(e->cli, "  %-32s read out of %zu place%s in matched code", s->name, s->fields,
			   s->fields == 1 ? "" : "s");
	else if (s->proof == SU_PROOF_NAME)
		su_cli_say(e->cli, "  %-32s rests on its name, which must be unique", s->name);
	else if (e->is_all)
		su_cli_say(e->cli, "  %-32s exported", s->name);
}

static void explain_symbols(struct explaining *e)
{
	const struct su_emit_result *r = &e->c->result;
	struct json_object *symbols = json_object_new_array();
	size_t exported = 0;

	if (r->symbols.nr)
		su_cli_say(e->cli, "symbols that the new code uses, and what proves their values");
	for (size_t i = 0; i < r->symbols.nr; i++) {
		explain_symbol(e, &r->symbols.data[i], symbols);
		exported += r->symbols.data[i].proof == SU_PROOF_EXPORT;
	}
	if (exported && !e->is_all)
		su_cli_say(e->cli, "  %zu are exported: the kernel's module loader resolves them", exported);
	json_object_object_add(e->cli->json, "symbols", symbols);
}

/* ---- units ---- */

static void explain_atom(struct explaining *e, const struct su_atom *atom, struct json_object *list)
{
	SU_CLEANUP_BUF struct su_buf rules = { 0 };
	struct json_object *json = json_object_new_object();
	const char *text = verdict(e->unit->diff, atom);
	bool is_told = e->is_all || (strcmp(text, "same") && strcmp(text, "copied") && strcmp(text, "unused"));

	json_object_array_add(list, json);
	add_string(json, "name", atom->name);
	add_string(json, "verdict", text);
	add_string(json, "meaning", verdict_text(text));
	add_string(json, "section", atom->section->name);
	add_number(json, "bytes", atom->size);
	explain_rules(atom, json, &rules);
	if (is_told)
		su_cli_say(e->cli, "  %-9s %s%s%s", text, atom->name, rules.nr ? "   discounted: " : "",
			   rules.nr ? rules.data : "");
	if (atom->partner && atom->is_changed && !strcmp(atom->why, "cold part"))
		explain_cold(e, atom, json);
	else if (atom->partner && atom->is_changed && (is_told || is_function(atom)))
		explain_change(e, atom, json);
	if (atom->is_selected)
		explain_uses(e, atom, json);
}

static void explain_gone(struct explaining *e, const struct su_atom *atom, struct json_object *list)
{
	struct json_object *json = json_object_new_object();

	json_object_array_add(list, json);
	add_string(json, "name", atom->name);
	add_string(json, "verdict", "gone");
	add_string(json, "meaning", verdict_text("gone"));
	add_string(json, "section", atom->section->name);
	add_number(json, "bytes", atom->size);
	if (e->is_all || is_function(atom))
		su_cli_say(e->cli, "  %-9s %s", "gone", atom->name);
}

/* What is not told by name: counted. */
static void count_rest(struct explaining *e)
{
	const struct su_object *post = e->unit->diff->post;
	size_t functions = 0, objects = 0, discounted = 0;
	SU_CLEANUP_FREE char *note = NULL;

	for (size_t i = 0; i < post->atom_nr; i++) {
		const struct su_atom *atom = post->atoms[i];

		if (!is_explained(atom) || strcmp(verdict(e->unit->diff, atom), "same") != 0)
			continue;
		functions += is_function(atom);
		objects += !is_function(atom);
		discounted += atom->rules != 0;
	}
	note = discounted ? su_format("; in %zu of them differences were discounted", discounted) : su_strdup("");
	if (!e->is_all)
		su_cli_say(e->cli, "  same      %zu functions, %zu objects%s", functions, objects, note);
}

/* Lines are a help: an update is explained without them too. */
static struct su_srclines *find_lines(struct explaining *e)
{
	struct creation *c = e->c;
	struct su_srclines *lines = NULL;
	SU_CLEANUP_FREE char *dir = NULL;

	for (size_t i = 0; i < c->plan.units.nr; i++) {
		const struct su_plan_unit *unit = &c->plan.units.data[i];
		const struct su_unit_objects *objects = &c->objects.units.data[i];

		if (strcmp(unit->object, e->unit->name) != 0)
			continue;
		dir = su_format("%s/lines-%zu", c->scratch, i);
		if (su_dir_make(c->cli->diags, dir) ||
		    su_srclines_create(c->cli->diags, &c->tree, &c->plan, unit, objects->levels[objects->level_nr - 2],
				       objects->levels[objects->level_nr - 1], dir, &lines))
			return NULL;
	}
	return lines;
}

static void explain_unit(struct explaining *e, struct json_object *units)
{
	struct json_object *json = json_object_new_object();
	struct json_object *functions = json_object_new_array(), *objects = json_object_new_array();
	const struct su_diff *diff = e->unit->diff;

	e->lines = find_lines(e);
	su_cli_say(e->cli, "%s (%s)", e->unit->name, e->unit->target);
	for (size_t i = 0; i < diff->post->atom_nr; i++)
		if (is_explained(diff->post->atoms[i]))
			explain_atom(e, diff->post->atoms[i], is_function(diff->post->atoms[i]) ? functions : objects);
	for (size_t i = 0; i < diff->pre->atom_nr; i++)
		if (is_explained(diff->pre->atoms[i]) && !diff->pre->atoms[i]->partner && !diff->pre->atoms[i]->is_private)
			explain_gone(e, diff->pre->atoms[i], is_function(diff->pre->atoms[i]) ? functions : objects);
	count_rest(e);
	add_string(json, "unit", e->unit->name);
	add_string(json, "target", e->unit->target);
	json_object_object_add(json, "functions", functions);
	json_object_object_add(json, "objects", objects);
	json_object_array_add(units, json);
	su_srclines_destroy(e->lines);
	e->lines = NULL;
}

static bool is_changed_unit(const struct creation *c, const char *name)
{
	for (size_t i = 0; i < c->units.nr; i++)
		if (!strcmp(c->units.data[i].name, name))
			return true;
	return false;
}

/* Units that a patched header may reach, and that came out the same. */
static void explain_same_units(struct explaining *e)
{
	const struct creation *c = e->c;
	struct json_object *same = json_object_new_array();

	for (size_t i = 0; i < c->plan.units.nr; i++) {
		const char *name = c->plan.units.data[i].object;

		if (is_changed_unit(c, name))
			continue;
		json_object_array_add(same, json_object_new_string(name));
		if (e->is_all)
			su_cli_say(e->cli, "%s: came out the same", name);
	}
	if (json_object_array_length(same) && !e->is_all)
		su_cli_say(e->cli, "units that were compiled and came out the same: %zu", json_object_array_length(same));
	json_object_object_add(e->cli->json, "same_units", same);
}

void creation_explain(struct creation *c, bool is_all)
{
	struct explaining e = { .c = c, .cli = c->cli, .is_all = is_all };
	struct json_object *units = json_object_new_array();

	su_progress_step(&c->cli->progress, "explaining");
	/* "units" is the count that every creation reports */
	json_object_object_add(c->cli->json, "explained", units);
	for (size_t i = 0; i < c->units.nr; i++) {
		e.unit = &c->units.data[i];
		explain_unit(&e, units);
	}
	explain_same_units(&e);
	explain_symbols(&e);
}
