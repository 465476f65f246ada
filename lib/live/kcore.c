// SPDX-License-Identifier: GPL-2.0-or-later
/* The running kernel, through /proc/kcore (memory) and /proc/kallsyms (symbols). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "image.h"

#define KCORE "/proc/kcore"
#define KALLSYMS "/proc/kallsyms"

/* Program headers of a machine with many memory ranges still fit. */
#define HEAD_SZ 65536

static int open_kcore(struct su_diags *diags, struct su_image *image)
{
	SU_CLEANUP_FREE char *head = su_alloc(HEAD_SZ);
	ssize_t nr;

	image->fd = open(KCORE, O_RDONLY | O_CLOEXEC);
	nr = image->fd < 0 ? -1 : pread(image->fd, head, HEAD_SZ, 0);
	if (nr < 0)
		return su_fail(diags,
			       SU_AT(IMAGE, .object = KCORE,
				     .hint = "this needs root and no kernel lockdown; --image takes a vmlinuz instead"),
			       "the running kernel's memory cannot be read: %s", strerror(errno));
	/* its last segments reach beyond what a file offset can say; they are bounded when they are read */
	return su_image_segments(diags, image, head, (size_t)nr, UINT64_MAX);
}

/* Modules' symbols come module by module. */
static struct su_addresses *module_names(struct su_image *image, const char *name)
{
	struct su_image_module *last = image->modules.nr ? image->modules.data[image->modules.nr - 1] : NULL;

	if (last && !strcmp(last->name, name))
		return &last->names;
	last = su_arena_alloc(&image->arena, sizeof(*last));
	last->name = su_arena_strdup(&image->arena, name);
	*su_vec_add(&image->modules) = last;
	return &last->names;
}

/* "ffffffff81000000 T _stext" or, of a module, "... t name\t[module]". */
static void add_line(struct su_image *image, char *line, bool *has_addr)
{
	unsigned long long addr;
	struct su_addresses *names = &image->names;
	char type, *module;
	int at = 0;

	line[strcspn(line, "\n")] = 0;
	if (sscanf(line, "%llx %c %n", &addr, &type, &at) < 2 || !at)
		return;
	*has_addr |= addr != 0;
	module = strchr(line + at, '\t');
	if (module && module[1] == '[') {
		*module = 0;
		module[strcspn(module + 1, "]") + 1] = 0;
		names = module_names(image, module + 2);
	}
	su_addresses_add(names, line + at, addr);
}

static int read_kallsyms(struct su_diags *diags, struct su_image *image)
{
	FILE *f = fopen(KALLSYMS, "re");
	bool has_addr = false;
	char line[1024];

	if (!f)
		return su_fail(diags, SU_AT(IMAGE, .object = KALLSYMS), "cannot be read: %s", strerror(errno));
	while (fgets(line, sizeof(line), f))
		add_line(image, line, &has_addr);
	fclose(f);
	if (!has_addr)
		return su_fail(diags,
			       SU_AT(IMAGE, .object = KALLSYMS,
				     .hint = "run as root with kernel.kptr_restrict below 2, or give --image"),
			       "the kernel does not show its symbols' addresses");
	su_addresses_sort(&image->names);
	for (size_t i = 0; i < image->modules.nr; i++)
		su_addresses_sort(&image->modules.data[i]->names);
	return 0;
}

int su_image_open_running(struct su_diags *diags, struct su_image **image)
{
	struct su_image *new = su_alloc(sizeof(*new));
	struct utsname uts;
	int err;

	new->path = su_strdup(KCORE);
	new->fd = -1;
	new->mode = SU_MATCH_CORE_FILE;
	uname(&uts);
	new->release = su_strdup(uts.release);
	err = open_kcore(diags, new);
	if (!err)
		err = read_kallsyms(diags, new);
	if (err) {
		su_image_close(new);
		return err;
	}
	*image = new;
	return 0;
}
