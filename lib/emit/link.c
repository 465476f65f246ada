// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a kernel module of the update's object, through the kernel's own Kbuild and modpost. */
#include <stdio.h>
#include <string.h>

#include "match/update.h"
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

static int write_file(struct su_diags *diags, const struct su_link_request *request, const char *name, const char *text)
{
	SU_CLEANUP_FREE char *path = su_format("%s/%s", request->dir, name);

	return su_file_write(diags, path, text, strlen(text));
}

static int write_kbuild(struct su_diags *diags, const struct su_link_request *request)
{
	/*
	 * objtool has seen the units that code.o is made of. Kernels that run it late, over the joined object
	 * (delay-objtool in scripts/Makefile.lib), must not run it again: the pre code's fields are empty.
	 */
	SU_CLEANUP_FREE char *kbuild = su_format("obj-m := suture-%s.o\nsuture-%s-y := shim.o code.o\n"
						 "$(obj)/shim.o: private override objtool-enabled := y\n"
						 "$(obj)/suture-%s.o: private override objtool-enabled :=\n",
						 request->id, request->id, request->id);
	SU_CLEANUP_FREE char *symvers = NULL;
	uint32_t crc;
	int ret = core_crc(diags, request, &crc);

	if (ret)
		return ret;
	symvers = su_format("0x%08x\t" SU_CORE_SYMBOL_NAME "\tsuture\tEXPORT_SYMBOL_GPL\t\n", crc);
	ret = write_file(diags, request, "Kbuild", kbuild);
	if (!ret)
		ret = write_file(diags, request, "core.symvers", symvers);
	/* modpost looks for the command that made each object */
	if (!ret)
		ret = write_file(diags, request, ".code.o.cmd", "cmd_code.o := true\n");
	return ret;
}

static int run_kbuild(struct su_diags *diags, const struct su_link_request *request)
{
	SU_CLEANUP_FREE char *m = su_format("M=%s", request->dir);
	SU_CLEANUP_FREE char *cc = su_format("CC=%s", request->compiler);
	SU_CLEANUP_FREE char *symbols = su_format("KBUILD_EXTRA_SYMBOLS=%s/core.symvers", request->dir);
	/* no debug information: it would carry the folder's path */
	const char *argv[] = { "make", "-s", "-C", request->objects, m, cc, symbols, "KCFLAGS=-g0", "modules", NULL };
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct su_process p = { .argv = argv, .env = env };
	int ret = su_process_run(diags, &p);

	if (!ret && p.exit_code)
		ret = su_tool_check_system(diags, request->output, &p);
	if (!ret && p.exit_code)
		ret = su_fail(diags, SU_AT(LINK, .object = request->output), "Kbuild could not link the update:\n%s%s",
			      p.out.data ? p.out.data : "", p.err.data ? p.err.data : "");
	su_process_fini(&p);
	return ret;
}

int su_emit_link(struct su_diags *diags, const struct su_link_request *request)
{
	SU_CLEANUP_FREE char *code = su_format("%s/code.o", request->dir);
	SU_CLEANUP_FREE char *shipped = su_format("%s/code.o_shipped", request->dir);
	SU_CLEANUP_FREE char *module = su_format("%s/suture-%s.ko", request->dir, request->id);
	SU_CLEANUP_BUF struct su_buf ko = { 0 };
	int ret = write_shim(diags, request);

	if (!ret)
		ret = write_kbuild(diags, request);
	if (!ret && rename(code, shipped))
		ret = su_fail(diags, SU_AT(FILE_WRITE, .object = shipped), "cannot rename: %m");
	if (!ret)
		ret = run_kbuild(diags, request);
	if (!ret)
		ret = su_file_read(diags, module, &ko);
	if (!ret)
		ret = su_file_write(diags, request->output, ko.data, ko.nr);
	return ret;
}
