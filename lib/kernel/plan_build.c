// SPDX-License-Identifier: GPL-2.0-or-later
/* Files from which no unit is compiled, and which the kernel is built by all the same: who takes them for others says that nothing changes. */
#include <string.h>

#include "lib/base/str.h"
#include "planner.h"

static bool is_linker_script(const char *path)
{
	return su_has_suffix(path, ".lds") || su_has_suffix(path, ".lds.S") || su_has_suffix(path, ".lds.h");
}

/* Of what the compiler makes of it the build makes a header of constants (asm-offsets.h, bounds.h). */
static bool is_of_constants(const struct su_tree *tree, const char *path)
{
	SU_CLEANUP_FREE char *output = su_format("%s/%.*s.s", tree->objects, (int)(strlen(path) - 2), path);

	return su_has_suffix(path, ".c") && su_file_exists(output);
}

const char *su_plan_build_use(const struct su_planner *p, const char *path)
{
	if (is_linker_script(path) && (su_has_suffix(path, ".h") || su_plan_is_folder_built(p, path, false)))
		return "the kernel is linked: where its parts lie cannot be changed";
	if (is_of_constants(p->tree, path))
		return "the build makes a header of constants of the file, and who uses them is not followed";
	return NULL;
}

static bool names(const char *makefile, const char *name)
{
	SU_CLEANUP_BUF struct su_buf text = { 0 };
	struct su_diags *ignored = su_diags_create();
	bool found = !su_file_read(ignored, makefile, &text) && text.nr && strstr(text.data, name);

	su_diags_destroy(ignored);
	return found;
}

bool su_plan_is_named_by_makefile(const struct su_planner *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	SU_CLEANUP_FREE char *dir = su_format("%s/%.*s", p->tree->source, slash ? (int)(slash - path) : 0, path);
	SU_CLEANUP_FREE char *makefile = su_format("%s/Makefile", dir);
	SU_CLEANUP_FREE char *kbuild = su_format("%s/Kbuild", dir);

	return slash && (names(makefile, slash + 1) || names(kbuild, slash + 1));
}
