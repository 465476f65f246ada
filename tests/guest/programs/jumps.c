// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * jumps FUNCTION [MODULE]: follows the JMPs at the start of a function of the kernel or of a module, read from /proc/kcore,
 * and prints how many there are in a row and in which function they end: "1 f.suture [module]".
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int kcore;

static int read_at(uint64_t addr, void *buf, size_t nr)
{
	Elf64_Ehdr head;
	Elf64_Phdr ph;

	if (pread(kcore, &head, sizeof(head), 0) != sizeof(head))
		return -1;
	for (int i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + (uint64_t)i * sizeof(ph));

		if (pread(kcore, &ph, sizeof(ph), at) != sizeof(ph))
			return -1;
		if (ph.p_type == PT_LOAD && addr >= ph.p_vaddr && addr + nr <= ph.p_vaddr + ph.p_memsz)
			return pread(kcore, buf, nr, (off_t)(ph.p_offset + addr - ph.p_vaddr)) == (ssize_t)nr ? 0 : -1;
	}
	return -1;
}

/* Where the JMP at a function's entry or behind its fentry site leads; 0: there is none. */
static uint64_t follow(uint64_t addr)
{
	uint8_t code[16];
	int32_t distance;
	size_t at = 0;

	if (read_at(addr, code, sizeof(code)))
		exit(1);
	if (!memcmp(code, "\xf3\x0f\x1e\xfa", 4) || !memcmp(code, "\x66\x0f\x1f\x00", 4))
		at = 4;
	if (!memcmp(code + at, "\x0f\x1f\x44\x00\x00", 5))
		at += 5;
	if (code[at] != 0xe9)
		return 0;
	memcpy(&distance, code + at + 1, sizeof(distance));
	return addr + at + 5 + (uint64_t)(int64_t)distance;
}

/* By address, or by name and module where @name is not empty: its line in kallsyms. */
static uint64_t look_up(uint64_t addr, char *name, char *module)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], found[256], mod[128];
	uint64_t value, result = 0;
	char type;

	while (f && !result && fgets(line, sizeof(line), f)) {
		mod[0] = 0;
		if (sscanf(line, "%lx %c %255s %127s", &value, &type, found, mod) < 3)
			continue;
		if (*name ? !strcmp(found, name) && !strcmp(mod, module) : value == addr && (type == 't' || type == 'T')) {
			strcpy(name, found);
			strcpy(module, mod);
			result = value;
		}
	}
	if (f)
		fclose(f);
	return result;
}

int main(int argc, char **argv)
{
	char name[256] = "", module[128] = "";
	uint64_t addr, next;
	int nr = 0;

	if (argc < 2 || argc > 3)
		return 1;
	kcore = open("/proc/kcore", O_RDONLY);
	strncpy(name, argv[1], sizeof(name) - 1);
	if (argc == 3)
		snprintf(module, sizeof(module), "[%s]", argv[2]);
	addr = look_up(0, name, module);
	if (kcore < 0 || !addr)
		return 1;
	while (nr < 10 && (next = follow(addr))) {
		addr = next;
		nr++;
	}
	name[0] = 0;
	look_up(addr, name, module);
	printf("%d %s%s%s\n", nr, name, *module ? " " : "", module);
	return 0;
}
