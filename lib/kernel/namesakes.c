// SPDX-License-Identifier: GPL-2.0-or-later
/* Looks for names in the sources of one target's units, compiles the few that have one where a definition can be, and reads their symbols. */
#include <string.h>

#include "compile.h"
#include "ctoken.h"
#include "lib/base/str.h"
#include "lib/elf/elf.h"
#include "namesakes.h"
#include "planner.h"

#define INCLUDE_DEPTH_MAX 4

struct searching {
	struct su_diags *diags;
	const struct su_namesakes_request *req;
	struct su_namesakes *found;
	struct su_plan plan; /* of the candidates, unpatched */
};

/* ---- the text ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(const char *text, size_t sz, const char *word)
{
	const char *at = text, *end = text + sz;
	size_t len = strlen(word);

	while ((at = memmem(at, (size_t)(end - at), word, len))) {
		if ((at == text || !is_letter(at[-1])) && (at + len == end || !is_letter(at[len])))
			return true;
		at += len;
	}
	return false;
}

/* Braces under conditions need not match; that of a function's end stands at the margin. */
static void count_brace(const struct su_ctoken *token, size_t *depth)
{
	*depth += su_ctoken_is(token, "{");
	if (su_ctoken_is(token, "}"))
		*depth = token->is_margin || !*depth ? 0 : *depth - 1;
}

/* Outside of functions and initial values, or in a string, which may be assembler. */
static bool is_at_file_scope(const char *text, size_t sz, const char *word)
{
	struct su_clexer lexer;
	struct su_ctoken token;
	size_t depth = 0;

	su_clexer_init(&lexer, text, sz);
	for (su_clexer_next(&lexer, &token); token.kind != SU_CTOKEN_END; su_clexer_next(&lexer, &token)) {
		if (!depth && su_ctoken_is(&token, word))
			return true;
		if (token.kind == SU_CTOKEN_STRING && has_word(token.text, token.len, word))
			return true;
		count_brace(&token, &depth);
	}
	return false;
}

static bool is_in_text(const struct searching *s, const struct su_command *command, const char *text, size_t sz)
{
	for (size_t i = 0; i < s->req->names->nr; i++) {
		const struct su_asked_name *asked = &s->req->names->data[i];

		if (has_word(text, sz, asked->name) &&
		    (asked->wants_uses || command->is_asm || is_at_file_scope(text, sz, asked->name)))
			return true;
	}
	return false;
}

static bool is_in_file(const struct searching *s, const struct su_command *command, const char *path, int depth);

/* Sources that are parts of others; headers declare. */
static bool is_in_parts(const struct searching *s, const struct su_command *command, const char *path,
			const struct su_buf *text, int depth)
{
	static const char include[] = "#include \"";
	const char *at = text->data, *end = text->data + text->nr;

	while ((at = memmem(at, (size_t)(end - at), include, sizeof(include) - 1))) {
		size_t len;
		SU_CLEANUP_FREE char *part = NULL;

		at += sizeof(include) - 1;
		len = strcspn(at, "\"\n");
		part = su_format("%.*s/%.*s", (int)(strrchr(path, '/') - path), path, (int)len, at);
		if (!su_has_suffix(part, ".h") && is_in_file(s, command, part, depth + 1))
			return true;
	}
	return false;
}

/* What cannot be read is no source of the kernel that we know: the build makes it, and compiles to what the patch has nothing to do with. */
static bool is_in_file(const struct searching *s, const struct su_command *command, const char *path, int depth)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	struct su_diags *ignored = su_diags_create();
	bool is_read = depth < INCLUDE_DEPTH_MAX && !su_file_read(ignored, path, &text) && text.nr;

	su_diags_destroy(ignored);
	return is_read && (is_in_text(s, command, text.data, text.nr) || is_in_parts(s, command, path, &text, depth));
}

/* ---- candidates ---- */

/* Of the target; one that several modules share is joined with each. */
static bool is_of_target(const struct searching *s, struct su_arena *arena, const struct su_command *command)
{
	bool is_vmlinux = !strcmp(s->req->target, "vmlinux");
	const char *module;

	if (is_vmlinux || command->role != SU_ROLE_MODULE)
		return is_vmlinux && command->role == SU_ROLE_VMLINUX;
	module = su_unit_module(s->req->tree, arena, command);
	return module && has_word(module, strlen(module), s->req->target);
}

static void find_candidates(struct searching *s)
{
	const struct su_database *db = &s->req->tree->db;
	struct su_arena scratch = { 0 };

	for (size_t i = 0; i < db->commands.nr; i++) {
		const struct su_command *command = &db->commands.data[i];
		SU_CLEANUP_FREE char *path = su_format("%s/%s", s->req->tree->source, command->source);

		if (!command->is_generated && is_of_target(s, &scratch, command) &&
		    !su_map_get(s->req->without, command->object) && is_in_file(s, command, path, 0))
			*su_vec_add(&s->plan.units) = (struct su_plan_unit){
				.command = command,
				.object = command->object,
				.source = command->source,
			};
	}
	su_arena_fini(&scratch);
}

/* ---- their symbols ---- */

static bool is_asked(const struct searching *s, const char *name)
{
	for (size_t i = 0; i < s->req->names->nr; i++)
		if (!strcmp(s->req->names->data[i].name, name))
			return true;
	return false;
}

static enum su_namesake_kind kind_of(const struct su_elf_symbol *symbol)
{
	if (symbol->shndx == SHN_UNDEF)
		return SU_NAMESAKE_USE;
	return symbol->bind == STB_WEAK ? SU_NAMESAKE_WEAK : SU_NAMESAKE_STRONG;
}

static void take_symbols(struct searching *s, const char *object, const struct su_elf *elf)
{
	for (size_t i = 1; i < elf->symbol_nr; i++) {
		const struct su_elf_symbol *symbol = &elf->symbols[i];

		if (symbol->bind == STB_LOCAL || !is_asked(s, symbol->name))
			continue;
		*su_vec_add(&s->found->list) = (struct su_namesake){
			.target = su_arena_strdup(&s->found->arena, s->req->target),
			.name = su_arena_strdup(&s->found->arena, symbol->name),
			.object = su_arena_strdup(&s->found->arena, object),
			.kind = kind_of(symbol),
		};
	}
}

static int read_objects(struct searching *s, const struct su_objects *objects)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->plan.units.nr; i++) {
		struct su_elf *elf = NULL;

		err = su_elf_open(s->diags, objects->units.data[i].plain, &elf);
		if (err)
			break;
		take_symbols(s, s->plan.units.data[i].object, elf);
		su_elf_close(elf);
	}
	return err;
}

static int look_into(struct searching *s)
{
	SU_CLEANUP_FREE char *dir = su_format("%s/namesakes-%s", s->req->scratch, s->req->target);
	SU_CLEANUP_FREE bool *all = su_alloc(s->plan.units.nr);
	struct su_objects objects = { 0 };
	int err = su_dir_make(s->diags, dir);

	for (size_t i = 0; i < s->plan.units.nr; i++) {
		*su_vec_add(&objects.units) = (struct su_unit_objects){ .unit = &s->plan.units.data[i] };
		all[i] = true;
	}
	if (!err)
		err = su_compile_plain(s->diags, s->req->tree, &s->plan, dir, all, &objects);
	if (!err)
		err = read_objects(s, &objects);
	su_objects_fini(&objects);
	return err;
}

int su_namesakes_find(struct su_diags *diags, const struct su_namesakes_request *req, struct su_namesakes *namesakes)
{
	struct searching s = { .diags = diags, .req = req, .found = namesakes };
	int err = 0;

	find_candidates(&s);
	if (s.plan.units.nr)
		err = look_into(&s);
	su_plan_fini(&s.plan);
	return err;
}

void su_namesakes_fini(struct su_namesakes *namesakes)
{
	su_vec_fini(&namesakes->list);
	su_arena_fini(&namesakes->arena);
}
