// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a kernel module of the update's object, by the commands of the kernel's own Kbuild. */
#include <stdio.h>
#include <string.h>

#include "match/update.h"
#include "lib/kernel/recipe.h"
#include "lib/kernel/tool.h"
#include "emit.h"

static void add_quoted(struct su_buf *buf, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			su_buf_add(buf, "\\", 1);
		if ((unsigned char)*s >= ' ')
			su_buf_add(buf, s, 1);
	}
}

/* The update's only C code: it hands itself to the core, as its last step of loading. */
static int write_shim(struct su_diags *diags, const struct su_link_request *request)
{
	SU_CLEANUP_FREE char *path = su_format("%s/shim.c", request->dir);
	SU_CLEANUP_BUF struct su_buf c = { 0 };

	su_buf_puts(&c, "#include <linux/module.h>\n"
			"extern int " SU_CORE_SYMBOL_NAME "(void *module);\n"
			"static int __init update_init(void) { return " SU_CORE_SYMBOL_NAME "(THIS_MODULE); }\n"
			"static void __exit update_exit(void) {}\n"
			"module_init(update_init);\nmodule_exit(update_exit);\nMODULE_LICENSE(\"GPL\");\n");
	for (const char *const *info = request->modinfo; *info; info++) {
		size_t nr = strcspn(*info, "=");

		su_buf_format(&c, "MODULE_INFO(%.*s, \"", (int)nr, *info);
		add_quoted(&c, *info + nr + ((*info)[nr] == '='));
		su_buf_puts(&c, "\");\n");
	}
	return su_file_write(diags, path, c.data, c.nr);
}

/* The CRC of the core's symbol is a function of its prototype alone: the kernel's genksyms computes it without the core. */
static int core_crc(struct su_diags *diags, const struct su_link_request *request, uint32_t *crc)
{
	static const char text[] = "int " SU_CORE_SYMBOL_NAME "(void *module);\n"
				   "__GENKSYMS_EXPORT_SYMBOL(" SU_CORE_SYMBOL_NAME ");\n"
				   "EXPORT_SYMBOL_GPL(" SU_CORE_SYMBOL_NAME ");\n";
	SU_CLEANUP_FREE char *tool = su_format("%s/scripts/genksyms/genksyms", request->objects);
	const char *argv[] = { tool, NULL };
	struct su_process p = { .argv = argv, .input = text, .input_sz = sizeof(text) - 1 };
	const char *hex;
	int ret;

	*crc = 0;
	if (!su_file_exists(tool))
		return 0; /* no symbol versions in this kernel */
	ret = su_process_run(diags, &p);
	hex = !ret && p.out.data ? strstr(p.out.data, "0x") : NULL;
	if (hex)
		*crc = (uint32_t)strtoul(hex, NULL, 16);
	else if (!ret)
		ret = su_fail(diags, SU_AT(LINK, .object = tool), "gave no checksum for the core's symbol");
	su_process_fini(&p);
	return ret;
}

/* modpost takes the core's symbol from it, as from any module that was built before. */
static int write_symvers(struct su_diags *diags, const struct su_link_request *request)
{
	SU_CLEANUP_FREE char *path = su_format("%s/core.symvers", request->dir);
	SU_CLEANUP_FREE char *symvers = NULL;
	uint32_t crc;
	int ret = core_crc(diags, request, &crc);

	if (ret)
		return ret;
	symvers = su_format("0x%08x\t" SU_CORE_SYMBOL_NAME "\tsuture\tEXPORT_SYMBOL_GPL\t\n", crc);
	return su_file_write(diags, path, symvers, strlen(symvers));
}

int su_emit_link(struct su_diags *diags, const struct su_link_request *request)
{
	SU_CLEANUP_FREE char *name = su_format("suture-%s", request->id);
	SU_CLEANUP_FREE char *module = su_format("%s/%s.ko", request->dir, name);
	SU_CLEANUP_BUF struct su_buf ko = { 0 };
	struct su_recipe recipe = {
		.objects = request->objects,
		.compiler = request->compiler,
		.path = request->recipe,
	};
	int ret = write_shim(diags, request);

	if (!ret)
		ret = write_symvers(diags, request);
	if (!ret)
		ret = su_recipe_link(diags, &recipe, request->dir, name, request->output);
	if (!ret)
		ret = su_file_read(diags, module, &ko);
	if (!ret)
		ret = su_file_write(diags, request->output, ko.data, ko.nr);
	return ret;
}
