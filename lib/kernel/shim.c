// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes the shim's source and the version of the symbol that it uses. */
#include <stdlib.h>
#include <string.h>

#include "match/update.h"
#include "lib/base/file.h"
#include "shim.h"
#include "tool.h"

/* The update hands itself to the core, as its last step of loading. */
static const char source[] = "#include <linux/module.h>\n"
			     "extern int " SU_CORE_SYMBOL_NAME "(void *module);\n"
			     "static int __init update_init(void) { return " SU_CORE_SYMBOL_NAME "(THIS_MODULE); }\n"
			     "static void __exit update_exit(void) {}\n"
			     "module_init(update_init);\nmodule_exit(update_exit);\nMODULE_LICENSE(\"GPL\");\n";

/* The CRC of the core's symbol is a function of its prototype alone: the kernel's genksyms computes it without the core. */
static int core_crc(struct su_diags *diags, const char *objects, uint32_t *crc)
{
	static const char text[] = "int " SU_CORE_SYMBOL_NAME "(void *module);\n"
				   "__GENKSYMS_EXPORT_SYMBOL(" SU_CORE_SYMBOL_NAME ");\n"
				   "EXPORT_SYMBOL_GPL(" SU_CORE_SYMBOL_NAME ");\n";
	SU_CLEANUP_FREE char *tool = su_format("%s/scripts/genksyms/genksyms", objects);
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
static int write_symvers(struct su_diags *diags, const char *objects, const char *dir)
{
	SU_CLEANUP_FREE char *path = su_format("%s/core.symvers", dir);
	SU_CLEANUP_FREE char *symvers = NULL;
	uint32_t crc;
	int ret = core_crc(diags, objects, &crc);

	if (ret)
		return ret;
	symvers = su_format("0x%08x\t" SU_CORE_SYMBOL_NAME "\tsuture\tEXPORT_SYMBOL_GPL\t\n", crc);
	return su_file_write(diags, path, symvers, strlen(symvers));
}

int su_shim_write(struct su_diags *diags, const char *objects, const char *dir)
{
	SU_CLEANUP_FREE char *path = su_format("%s/shim.c", dir);
	int err = su_file_write(diags, path, source, sizeof(source) - 1);

	return err ? err : write_symvers(diags, objects, dir);
}
