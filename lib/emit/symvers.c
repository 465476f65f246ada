// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading Module.symvers (format: Documentation/kbuild/modules.rst of the kernel). */
#include <string.h>

#include "../base/file.h"
#include "symvers.h"

/* Cuts the next tab-parted field out of *line; "" behind the last. */
static const char *next_field(char **line)
{
	char *field = *line;
	size_t nr = strcspn(field, "\t");

	*line = field + nr;
	if (field[nr] == '\t') {
		field[nr] = '\0';
		*line = field + nr + 1;
	}
	return field;
}

int su_symvers_read(struct su_diags *diags, const char *path, struct su_symvers *symvers)
{
	SU_CLEANUP_BUF struct su_buf file = { 0 };
	char *save = NULL;
	int ret = su_file_read(diags, path, &file);

	if (ret)
		return ret;
	for (char *line = file.data ? strtok_r(file.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		struct su_export export = { 0 };

		next_field(&line);
		export.name = su_arena_strdup(&symvers->arena, next_field(&line));
		export.module = su_arena_strdup(&symvers->arena, next_field(&line));
		next_field(&line);
		export.space = su_arena_strdup(&symvers->arena, next_field(&line));
		if (!*export.name || !*export.module) {
			su_symvers_fini(symvers);
			return su_fail(diags, SU_AT(FILE_READ, .object = path), "not a Module.symvers file");
		}
		*su_map_put(&symvers->by_name, export.name, NULL) = symvers->exports.nr;
		*su_vec_add(&symvers->exports) = export;
	}
	return 0;
}

void su_symvers_fini(struct su_symvers *symvers)
{
	su_arena_fini(&symvers->arena);
	su_map_fini(&symvers->by_name);
	su_vec_fini(&symvers->exports);
}

const struct su_export *su_symvers_find(const struct su_symvers *symvers, const char *name)
{
	const size_t *idx = su_map_get(&symvers->by_name, name);

	return idx ? &symvers->exports.data[*idx] : NULL;
}
