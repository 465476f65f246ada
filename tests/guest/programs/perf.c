// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples the kernel's stacks, as `perf record -g` does, while it reads a file again and again: is a function seen, and is the stack
 * walked through it to the system call? perf FILE FUNCTION[+BYTES] CALLER: BYTES at its start do not count. Exit code 0: yes.
 */
#include <linux/perf_event.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGES 64 /* of the ring */
#define SECONDS 4
#define FRAMES_MAX 127

struct range {
	uint64_t start, end;
};

/* From so many bytes behind the function's start to the next symbol. */
static struct range find(char *name)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	struct range range = { 0, UINT64_MAX };
	char line[512], word[256], *skip = strchr(name, '+');
	unsigned long long address;

	if (skip)
		*skip++ = 0;

	for (int pass = 0; pass < 2; pass++) {
		rewind(symbols);
		while (fgets(line, sizeof(line), symbols)) {
			if (sscanf(line, "%llx %*c %255s", &address, word) != 2)
				continue;
			if (!pass && !strcmp(word, name))
				range.start = address;
			if (pass && address > range.start && address < range.end)
				range.end = address;
		}
	}
	fclose(symbols);
	if (range.start && skip)
		range.start += strtoul(skip, NULL, 0);
	return range;
}

static int is_in(const struct range *range, uint64_t ip)
{
	return range->start && ip >= range->start && ip < range->end;
}

struct counts {
	unsigned int samples, seen, walked;
};

/* A chain is innermost first. */
static void count_chain(const uint64_t *ips, uint64_t nr, const struct range *function, const struct range *caller,
			struct counts *counts)
{
	int seen = 0, walked = 0;

	for (uint64_t i = 0; i < nr; i++) {
		seen |= is_in(function, ips[i]);
		walked |= seen && is_in(caller, ips[i]);
	}
	counts->samples++;
	counts->seen += seen;
	counts->walked += walked;
}

/* The part of a record, which may go round the ring's end. */
static void copy_out(void *to, const uint8_t *ring, uint64_t at, size_t nr)
{
	uint64_t size = PAGES * 4096;

	for (size_t i = 0; i < nr; i++)
		((uint8_t *)to)[i] = ring[(at + i) % size];
}

static void drain(struct perf_event_mmap_page *page, const struct range *function, const struct range *caller,
		  struct counts *counts)
{
	const uint8_t *ring = (const uint8_t *)page + 4096;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE), at = page->data_tail;
	uint64_t chain[1 + FRAMES_MAX * 2];
	struct perf_event_header header;

	for (; at < head; at += header.size) {
		copy_out(&header, ring, at, sizeof(header));
		if (header.type != PERF_RECORD_SAMPLE || header.size > sizeof(header) + sizeof(chain))
			continue;
		copy_out(chain, ring, at + sizeof(header), header.size - sizeof(header));
		count_chain(chain + 1, chain[0], function, caller, counts);
	}
	__atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
}

static void read_file(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);

	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = 3000,
		.sample_type = PERF_SAMPLE_CALLCHAIN,
		.exclude_user = 1,
		.exclude_callchain_user = 1,
	};
	struct counts counts = { 0, 0, 0 };
	struct range function, caller;
	struct perf_event_mmap_page *page;
	time_t end;
	int fd;

	if (argc != 4)
		return 2;
	function = find(argv[2]);
	caller = find(argv[3]);
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	page = fd < 0 ? MAP_FAILED : mmap(NULL, (PAGES + 1) * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		perror("perf_event_open");
		return 2;
	}
	for (end = time(NULL) + SECONDS; time(NULL) < end;) {
		read_file(argv[1]);
		drain(page, &function, &caller, &counts);
	}
	printf("%u samples, %u in %s, %u of them walked to %s\n", counts.samples, counts.seen, argv[2], counts.walked,
	       argv[3]);
	return !(counts.seen && counts.walked);
}
