// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiles with line tables, proves that the code is the same, and looks lines up with libdwfl. */
#include <ctype.h>
#include <elfutils/libdwfl.h>
#include <string.h>

#include "command.h"
#include "debuginfo.h"
#include "lib/base/str.h"
#include "lib/elf/elf.h"
#include "pair.h"
#include "srclines.h"
#include "tool.h"

struct side {
	struct su_overlay overlay; /* its source tree; of none where that is the kernel's own */
	char *object;		   /* with line tables */
	struct su_elf *code;	   /* what was asked about */
	struct su_elf *elf;	   /* of object */
	Dwfl *dwfl;
};

struct su_srclines {
	const char *source;   /* the tree's */
	struct side sides[2]; /* before, after */
};

/* ---- compiling ---- */

static int check_exits(struct su_diags *diags, const struct su_command *command, struct su_process p[2], int err)
{
	for (size_t i = 0; i < 2; i++) {
		if (!err && p[i].exit_code)
			err = su_fail(diags, SU_AT(COMPILE, .object = command->source),
				      "it does not compile with debug information:\n%s",
				      p[i].err.data ? p[i].err.data : "");
		su_process_fini(&p[i]);
	}
	return err;
}

static int run_objtool(struct su_diags *diags, const struct su_pair *pair)
{
	struct su_process processes[2] = { 0 };
	struct su_arena arena = { 0 };
	int err;

	for (size_t i = 0; i < 2; i++) {
		const struct su_command_request req = { .tree = pair->tree,
							.command = pair->command,
							.object = pair->outputs[i] };

		processes[i].argv = su_command_objtool(&req, &arena);
		processes[i].dir = pair->tree->objects;
	}
	err = processes[0].argv ? su_process_run_all(diags, processes, 2, pair->tree->jobs) : 0;
	err = check_exits(diags, pair->command, processes, err);
	su_arena_fini(&arena);
	return err;
}

static int compile(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		   const struct su_plan_unit *unit, struct su_srclines *lines)
{
	const struct su_pair pair = {
		.tree = tree,
		.command = unit->command,
		.patch = &plan->patch,
		.sides = { plan->base_nr ? &lines->sides[0].overlay : NULL, &lines->sides[1].overlay },
		.outputs = { lines->sides[0].object, lines->sides[1].object },
		.more = SU_ARGV("-g1"),
	};
	struct su_process processes[2];
	int err = su_pair_compile(diags, &pair, processes);

	err = check_exits(diags, unit->command, processes, err);
	return err ? err : run_objtool(diags, &pair);
}

/* The patched files as they are, with lines of their own. */
static int make_tree(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan, size_t patch_nr,
		     const char *parent, struct side *side)
{
	SU_CLEANUP_FREE char *root = su_format("%s/overlay-%zu", parent, patch_nr);

	return su_overlay_create(diags, tree, plan, patch_nr, root, false, &side->overlay);
}

static int open_side(struct su_diags *diags, struct side *side, const char *code)
{
	int err = su_elf_open(diags, code, &side->code);

	if (!err)
		err = su_elf_open(diags, side->object, &side->elf);
	if (err)
		return err;
	side->dwfl = su_dwfl_open(side->object);
	return side->dwfl ? 0 : su_fail(diags, SU_AT(ELF, .object = side->object), "its line table cannot be read");
}

int su_srclines_create(struct su_diags *diags, const struct su_tree *tree, const struct su_plan *plan,
		       const struct su_plan_unit *unit, const char *pre, const char *post, const char *scratch,
		       struct su_srclines **lines)
{
	struct su_srclines *made = su_alloc(sizeof(*made));
	SU_CLEANUP_FREE char *base = su_path_absolute(scratch);
	int err = 0;

	made->source = tree->source;
	made->sides[0].object = su_format("%s/lines.pre.o", base);
	made->sides[1].object = su_format("%s/lines.post.o", base);
	if (plan->base_nr)
		err = make_tree(diags, tree, plan, plan->base_nr, base, &made->sides[0]);
	if (!err)
		err = make_tree(diags, tree, plan, plan->base_nr + 1, base, &made->sides[1]);
	if (!err)
		err = compile(diags, tree, plan, unit, made);
	if (!err)
		err = open_side(diags, &made->sides[0], pre);
	if (!err)
		err = open_side(diags, &made->sides[1], post);
	if (err)
		su_srclines_destroy(made);
	else
		*lines = made;
	return err;
}

void su_srclines_destroy(struct su_srclines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (lines->sides[i].dwfl)
			dwfl_end(lines->sides[i].dwfl);
		su_elf_close(lines->sides[i].elf);
		su_elf_close(lines->sides[i].code);
		su_overlay_fini(&lines->sides[i].overlay);
		free(lines->sides[i].object);
	}
	free(lines);
}

/* ---- looking up ---- */

/* Debug information changes no code; a line number that is a constant in it does, as #line is left out here. */
static bool is_same_code(const struct side *side, const char *section)
{
	const struct su_elf_section *a = su_elf_section_find(side->code, section);
	const struct su_elf_section *b = su_elf_section_find(side->elf, section);

	return a && b && a->data && b->data && a->size == b->size && !memcmp(a->data, b->data, a->size);
}

struct wanted {
	const char *function;
	uint64_t off;
	Dwfl_Line *line;
};

static int find_line(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start, void *arg)
{
	struct wanted *w = arg;
	int nr = dwfl_module_getsymtab(module);

	(void)data, (void)name, (void)start;
	for (int i = 0; i < nr && !w->line; i++) {
		GElf_Sym symbol;
		GElf_Addr address;
		const char *is = dwfl_module_getsym_info(module, i, &symbol, &address, NULL, NULL, NULL);

		if (is && GELF_ST_TYPE(symbol.st_info) == STT_FUNC && !strcmp(is, w->function))
			w->line = dwfl_module_getsrc(module, address + w->off);
	}
	return DWARF_CB_OK;
}

static char *read_line(const char *path, int line)
{
	struct su_diags *ignored = su_diags_create();
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	char *found = NULL;

	if (!su_file_read(ignored, path, &text) && text.nr) {
		const char *at = text.data, *end;

		while (at && --line)
			at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
		if (at) {
			at += strspn(at, " \t");
			end = at + strcspn(at, "\n");
			while (end > at && isspace((unsigned char)end[-1]))
				end--;
			found = su_format("%.*s", (int)(end - at), at);
		}
	}
	su_diags_destroy(ignored);
	return found ? found : su_strdup("");
}

bool su_srclines_find(struct su_srclines *lines, bool is_post, const char *section, const char *function, uint64_t off,
		      struct su_srcline *line)
{
	struct side *side = &lines->sides[is_post];
	struct wanted wanted = { .function = function, .off = off };
	const char *path, *below;

	if (!is_same_code(side, section))
		return false;
	dwfl_getmodules(side->dwfl, find_line, &wanted, 0);
	path = wanted.line ? dwfl_lineinfo(wanted.line, NULL, &line->line, NULL, NULL, NULL) : NULL;
	if (!path)
		return false;
	line->text = read_line(path, line->line);
	below = su_path_below(path, side->overlay.root ? side->overlay.root : lines->source);
	line->file = su_strdup(below ? below : path);
	return true;
}

void su_srcline_fini(struct su_srcline *line)
{
	free(line->file);
	free(line->text);
}
