// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loads an update again and again, each time with one field of its tables at an extreme: in the header, and in every
 * table 0 and all bits set in its first entry, one more and another sign in its last; and with an ID that is none.
 * "corrupt FILE": the update must be refused with a reason, and nothing may be left of it. Then all again with the sum of
 * the tables made right, so that the field itself is looked at, and in short tables one more in each entry: refused, or,
 * where it does not matter or cannot be known to be wrong, undone and unloaded again. At last with new code, and with pre
 * code of a module, that is said to lie where the loader frees memory. Prints what went wrong and a line of counts for each.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../match/sum.c"

#define SYSFS "/sys/kernel/suture"
#define FIELDS_MAX 16
#define ENTRIES_MAX 20 /* of a table, each of which is corrupted */

/* The sizes of a table's fields, in their order; 0 ends them. */
static const struct table {
	const char *name;
	unsigned char fields[FIELDS_MAX];
} tables[] = {
	{ "areas", { 8, 8, 4, 4 } },
	{ "targets", { 4, 4 } },
	{ "units", { 4, 4 } },
	{ "sections", { 4, 4, 4, 4, 8, 4, 4, 8, 4, 4, 4, 4 } },
	{ "symbols", { 4, 4, 4, 4, 4, 4, 8, 8 } },
	{ "holes", { 4, 4, 8, 2, 2, 4 } },
	{ "sites", { 4, 2, 2, 4, 4 } },
	{ "functions", { 4, 4, 4, 4, 4, 4, 8, 4, 4, 4, 4 } },
	{ "ranges", { 4, 4, 4, 4 } },
	{ "relocs", { 4, 4, 8, 8, 4, 4 } },
};

#define TABLE_NR (sizeof(tables) / sizeof(tables[0]))

static unsigned char *file;
static size_t file_sz, blob_off;
static Elf64_Rela *relocs; /* by which the loader fills in the blob */
static size_t reloc_nr;
static int refused, taken, failed;
static int is_summed; /* the sum is made right */

static void fail(const char *where, const char *what, int error)
{
	printf("%s: %s (%d)\n", where, what, error);
	failed++;
}

static size_t read_whole(const char *path, char *buf, size_t sz)
{
	int fd = open(path, O_RDONLY);
	ssize_t nr = fd < 0 ? 0 : read(fd, buf, sz - 1);

	close(fd);
	buf[nr > 0 ? nr : 0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return strlen(buf);
}

/* The ID of the update that is loaded; false: there is none. */
static int find_update(char *id, size_t sz)
{
	DIR *dir = opendir(SYSFS "/updates");
	struct dirent *entry;
	int found = 0;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(id, sz, "%s", entry->d_name);
			found = 1;
		}
	closedir(dir);
	return found;
}

static void take_back(const char *where)
{
	char id[128], path[512], module[128];
	int fd;

	if (!find_update(id, sizeof(id))) {
		fail(where, "it was loaded and is not there", 0);
		return;
	}
	snprintf(path, sizeof(path), SYSFS "/updates/%s/module", id);
	read_whole(path, module, sizeof(module));
	snprintf(path, sizeof(path), SYSFS "/updates/%s/undo", id);
	fd = open(path, O_WRONLY);
	if (write(fd, "1", 1) != 1)
		fail(where, "it is not undone", errno);
	close(fd);
	if (syscall(SYS_delete_module, module, O_NONBLOCK))
		fail(where, "it is not unloaded", errno);
	taken++;
}

static void try_load(const char *where, int is_loaders)
{
	char last[1024], id[128];
	int error = syscall(SYS_init_module, file, file_sz, "") ? errno : 0;

	if (!error) {
		if (!is_summed && !is_loaders)
			fail(where, "it was taken", 0);
		take_back(where);
		return;
	}
	refused++;
	/* The loader's own relocations find their field occupied. */
	if (error == ENOEXEC && is_loaders)
		return;
	if (!read_whole(SYSFS "/last_error", last, sizeof(last)) || !strstr(last, ": "))
		fail(where, "no reason is given", error);
	if (find_update(id, sizeof(id)))
		fail(where, "something is left in sysfs", error);
}

/* A flag that means something: such an update is never unloaded. */
static int is_valid(size_t off, unsigned long value)
{
	return off == offsetof(struct su_header, flags) && value == SU_UPDATE_STAYS;
}

/* As far as the tables still say where it is; else they are refused anyway. */
static void make_sum(void)
{
	struct su_header *header = (struct su_header *)(file + blob_off);
	unsigned long areas_sz = (unsigned long)header->areas.nr * sizeof(struct su_area), sum;

	if (header->blob_sz > file_sz - blob_off || header->areas.off + areas_sz + SU_SUM_SZ > header->blob_sz)
		return;
	sum = su_update_sum(header);
	memcpy(file + blob_off + header->blob_sz - SU_SUM_SZ, &sum, SU_SUM_SZ);
}

static void load_with(const char *where, size_t off, size_t sz, unsigned long value, int is_loaders)
{
	unsigned char *copy = malloc(file_sz);

	memcpy(copy, file, file_sz);
	memcpy(file + off, &value, sz);
	if (is_summed)
		make_sum();
	try_load(where, is_loaders);
	memcpy(file, copy, file_sz);
	free(copy);
}

static void corrupt(const char *table, size_t off, size_t sz, unsigned long value, int is_loaders)
{
	unsigned long saved = 0;
	char where[128];

	memcpy(&saved, file + off, sz);
	if (!memcmp(&value, &saved, sz) || is_valid(off - blob_off, value))
		return;
	snprintf(where, sizeof(where), "%s+0x%zx = 0x%lx", table, off - blob_off, value);
	load_with(where, off, sz, value, is_loaders);
}

static void to_bounds(const char *table, size_t off, size_t sz, int is_loaders)
{
	corrupt(table, off, sz, 0, is_loaders);
	corrupt(table, off, sz, ~0ul, is_loaders);
}

static void to_next(const char *table, size_t off, size_t sz, int is_loaders)
{
	unsigned long saved = 0;

	memcpy(&saved, file + off, sz);
	corrupt(table, off, sz, saved + 1, is_loaders);
}

static void to_neighbours(const char *table, size_t off, size_t sz, int is_loaders)
{
	unsigned long saved = 0;

	to_next(table, off, sz, is_loaders);
	memcpy(&saved, file + off, sz);
	corrupt(table, off, sz, saved ^ (1ul << (8 * sz - 1)), is_loaders);
}

static void corrupt_entry(const struct table *table, size_t at, void (*to)(const char *, size_t, size_t, int))
{
	int is_loaders = !strcmp(table->name, "areas");

	for (int i = 0; table->fields[i]; i++, is_loaders = 0) {
		to(table->name, at, table->fields[i], is_loaders);
		at += table->fields[i];
	}
}

static size_t entry_size(const struct table *table)
{
	size_t sz = 0;

	for (int i = 0; table->fields[i]; i++)
		sz += table->fields[i];
	return sz;
}

static void corrupt_tables(const struct su_table *places)
{
	for (size_t i = 0; i < TABLE_NR; i++) {
		size_t first = blob_off + places[i].off, sz = entry_size(&tables[i]), nr = places[i].nr;

		if (!nr)
			continue;
		corrupt_entry(&tables[i], first, to_bounds);
		corrupt_entry(&tables[i], first + (nr - 1) * sz, to_neighbours);
		for (size_t k = 0; is_summed && nr <= ENTRIES_MAX && k < nr - 1; k++)
			corrupt_entry(&tables[i], first + k * sz, to_next);
	}
}

static void corrupt_id(const struct su_header *header)
{
	size_t off = blob_off + header->strings.off + header->id;

	corrupt("id", off, 1, '.', 0);
	corrupt("id", off + 1, 1, '/', 0);
}

/* By what the loader fills in an area's address. */
static Elf64_Rela *address_of(const struct su_header *header, const char *name)
{
	const struct su_area *areas = (const struct su_area *)(file + blob_off + header->areas.off);
	const char *strings = (const char *)file + blob_off + header->strings.off;

	for (unsigned int i = 0; i < header->areas.nr; i++)
		for (size_t k = 0; !strcmp(strings + areas[i].name, name) && k < reloc_nr; k++)
			if (relocs[k].r_offset == header->areas.off + i * sizeof(*areas))
				return &relocs[k];
	return NULL;
}

/* Of what is in an area, the loader puts it into memory that it frees after init. */
static void free_after_init(const struct su_header *header, const char *name)
{
	Elf64_Rela *area = address_of(header, name), *freed = address_of(header, ".init.text"), saved;

	if (!area || !freed) {
		fail(name, "it is not there", 0);
		return;
	}
	saved = *area;
	area->r_info = freed->r_info;
	try_load(name, 0);
	*area = saved;
}

static void corrupt_header(void)
{
	for (size_t off = 0; off < sizeof(struct su_header); off += 4) {
		int is_loaders = off == offsetof(struct su_header, core) || off == offsetof(struct su_header, core) + 4;

		to_bounds("header", blob_off + off, 4, is_loaders);
		to_neighbours("header", blob_off + off, 4, is_loaders);
	}
}

static int find_blob(void)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
	const char *names = (const char *)file + sections[header->e_shstrndx].sh_offset;

	for (int i = 0; i < header->e_shnum; i++) {
		if (!strcmp(names + sections[i].sh_name, SU_BLOB_SECTION))
			blob_off = sections[i].sh_offset;
		if (strcmp(names + sections[i].sh_name, ".rela" SU_BLOB_SECTION))
			continue;
		relocs = (Elf64_Rela *)(file + sections[i].sh_offset);
		reloc_nr = sections[i].sh_size / sizeof(*relocs);
	}
	return blob_off ? 0 : -1;
}

static int read_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &status))
		return -1;
	file_sz = status.st_size;
	file = malloc(file_sz);
	return file && read(fd, file, file_sz) == (ssize_t)file_sz ? find_blob() : -1;
}

int main(int argc, char **argv)
{
	struct su_header header;

	if (argc != 2 || read_file(argv[1]))
		return 2;
	memcpy(&header, file + blob_off, sizeof(header));
	for (is_summed = 0; is_summed < 2; is_summed++) {
		refused = taken = 0;
		corrupt_header();
		corrupt_tables(&header.areas);
		corrupt_id(&header);
		printf("%s sum: %d refused, %d taken and undone\n", is_summed ? "right" : "wrong", refused, taken);
	}
	free_after_init(&header, ".text");
	free_after_init(&header, ".text.suture.pre");
	printf("%d failed\n", failed);
	return failed || !refused;
}
