// SPDX-License-Identifier: GPL-2.0-or-later
/* What the update says of itself in the module's .modinfo. */
#include <string.h>

#include "emitter.h"

static void add_line(struct su_emitter *e, const char *line)
{
	uint32_t section = su_elf_out_section(&e->out, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1);

	su_elf_out_append(&e->out, section, line, strlen(line) + 1, 1);
}

static void add_field(struct su_emitter *e, const char *name, const char *value)
{
	SU_CLEANUP_FREE char *line = su_format("suture_%s=%s", name, value);

	add_line(e, line);
}

static bool is_first_of_target(const struct su_emitter *e, size_t unit)
{
	for (size_t i = 0; i < unit; i++)
		if (e->units.data[i].target == e->units.data[unit].target)
			return false;
	return true;
}

void su_emit_modinfo(struct su_emitter *e)
{
	for (const char *const *line = e->request->modinfo; line && *line; line++)
		add_line(e, *line);
	for (size_t i = 0; i < e->units.nr; i++)
		if (is_first_of_target(e, i))
			add_field(e, "target", e->strings.data + e->targets.data[e->units.data[i].target].name);
	for (size_t i = 0; i < e->result->functions.nr; i++) {
		const struct su_emit_function *f = &e->result->functions.data[i];
		SU_CLEANUP_FREE char *value = su_format("%s:%s", f->unit, f->name);

		add_field(e, f->is_new ? "new" : "function", value);
	}
}
