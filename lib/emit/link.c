// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a kernel module of the update's object, by the commands of the kernel's own Kbuild. */
#include "lib/kernel/recipe.h"
#include "emit.h"

int su_emit_link(struct su_diags *diags, const struct su_link_request *request)
{
	SU_CLEANUP_FREE char *name = su_format("suture-%s", request->id);
	SU_CLEANUP_FREE char *module = su_format("%s/%s.ko", request->dir, name);
	SU_CLEANUP_BUF struct su_buf ko = { 0 };
	struct su_recipe recipe = {
		.objects = request->objects,
		.compiler = request->compiler,
		.dir = request->tree,
	};
	int ret = su_recipe_link(diags, &recipe, request->dir, name, request->output);

	if (!ret)
		ret = su_file_read(diags, module, &ko);
	if (!ret)
		ret = su_file_write(diags, request->output, ko.data, ko.nr);
	return ret;
}
