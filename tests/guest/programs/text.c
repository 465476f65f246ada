// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "START END... [-MODULE]...": what the running kernel's code is, out of /proc/kcore. Prints "WHERE ADDRESS HASH" for
 * each piece of 64 KB between the hexadecimal addresses and in the text of every module but those that are named.
 */
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536UL
#define SEGMENTS_MAX 64

static Elf64_Phdr segments[SEGMENTS_MAX];
static int segment_nr, core;

static int open_core(void)
{
	Elf64_Ehdr header;
	ssize_t sz;

	core = open("/proc/kcore", O_RDONLY);
	if (core < 0 || pread(core, &header, sizeof(header), 0) != sizeof(header) || header.e_phnum > SEGMENTS_MAX)
		return -1;
	segment_nr = header.e_phnum;
	sz = segment_nr * sizeof(*segments);
	return pread(core, segments, sz, header.e_phoff) == sz ? 0 : -1;
}

/* Where the memory at @address is in the file; -1: nowhere. */
static off_t find_offset(unsigned long address)
{
	for (int i = 0; i < segment_nr; i++) {
		const Elf64_Phdr *segment = &segments[i];

		if (segment->p_type == PT_LOAD && address - segment->p_vaddr < segment->p_memsz)
			return segment->p_offset + (address - segment->p_vaddr);
	}
	return -1;
}

static void print_range(const char *where, unsigned long start, unsigned long end)
{
	static uint64_t words[PIECE / sizeof(uint64_t)];

	for (unsigned long sz; start < end; start += sz) {
		uint64_t hash = 0;

		sz = end - start < PIECE ? end - start : PIECE;
		memset(words, 0, sizeof(words));
		if (pread(core, words, sz, find_offset(start)) != (ssize_t)sz) {
			printf("%s %lx cannot be read\n", where, start);
			exit(1);
		}
		for (size_t i = 0; i < PIECE / sizeof(*words); i++)
			hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15;
		printf("%s %lx %lx\n", where, start, (unsigned long)hash);
	}
}

/* ---- modules ---- */

static unsigned long section_address(const char *module, const char *section)
{
	char path[512];
	unsigned long address = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", module, section);
	file = fopen(path, "re");
	if (file && fscanf(file, "%lx", &address) != 1)
		address = 0;
	if (file)
		fclose(file);
	return address;
}

static int is_code(const char *section)
{
	return (strstr(section, ".text") && strcmp(section, ".init.text")) || !strcmp(section, ".altinstr_replacement");
}

/* Its text goes from the first section of code to the next one that is none, or to the module's end. */
static void print_module(const char *module, unsigned long base, unsigned long size)
{
	unsigned long first = base + size, end = base + size;
	char path[512];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/module/%s/sections", module);
	for (int others = 0; others < 2; others++) {
		dir = opendir(path);
		while (dir && (entry = readdir(dir))) {
			unsigned long address = section_address(module, entry->d_name);

			if (address < base || address >= end)
				continue;
			if (!others && is_code(entry->d_name) && address < first)
				first = address;
			if (others && !is_code(entry->d_name) && address > first)
				end = address;
		}
		if (dir)
			closedir(dir);
	}
	print_range(module, first, end);
}

static int is_named(char *const *names, const char *module)
{
	for (; *names; names++)
		if (**names == '-' && !strcmp(*names + 1, module))
			return 1;
	return 0;
}

static int print_modules(char *const *but)
{
	FILE *file = fopen("/proc/modules", "re");
	unsigned long size, base;
	char line[1024], name[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%127s %lu %*s %*s %*s %lx", name, &size, &base) == 3 && !is_named(but, name))
			print_module(name, base, size);
	return file ? fclose(file) : -1;
}

int main(int argc, char **argv)
{
	if (open_core())
		return 1;
	for (; argc > 2 && argv[1][0] != '-'; argc -= 2, argv += 2)
		print_range("kernel", strtoul(argv[1], NULL, 16), strtoul(argv[2], NULL, 16));
	return print_modules(argv + 1) ? 1 : 0;
}
