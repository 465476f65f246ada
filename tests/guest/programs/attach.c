// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "KIND WHAT FILE": attaches to a function of the running kernel, writes "ready" into the file and, on each SIGUSR1, how
 * often it was called since; until it is killed. KIND: fentry, fexit, kprobe (BPF programs that do nothing; WHAT is the
 * function), perf (what `perf stat` does with an event that `perf probe` has made: WHAT is its folder in tracefs). The
 * programs' runs are counted where sysctl kernel.bpf_stats_enabled is 1.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPUS_MAX 64

static int events[CPUS_MAX];
static long event_nr;

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Bytes behind a type's head. */
static size_t type_rest(const struct btf_type *type)
{
	size_t nr = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return nr * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return nr * 8;
	default:
		return 0;
	}
}

static unsigned int type_of(const char *function)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat st;
	const struct btf_header *head;
	const char *at, *end, *strings;
	char *data;

	if (fd < 0 || fstat(fd, &st) || !(data = malloc((size_t)st.st_size)))
		die("BTF");
	for (off_t done = 0; done < st.st_size;) {
		ssize_t nr = read(fd, data + done, (size_t)(st.st_size - done));

		if (nr <= 0)
			die("BTF");
		done += nr;
	}
	head = (const void *)data;
	at = data + head->hdr_len + head->type_off;
	end = at + head->type_len;
	strings = data + head->hdr_len + head->str_off;
	for (unsigned int id = 1; at < end; id++) {
		const struct btf_type *type = (const void *)at;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && !strcmp(strings + type->name_off, function))
			return id;
		at += sizeof(*type) + type_rest(type);
	}
	die(function);
	return 0;
}

static int load(int type, int attach_type, unsigned int btf_id)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = (unsigned int)type,
		.expected_attach_type = (unsigned int)attach_type,
		.attach_btf_id = btf_id,
		.insns = (unsigned long)code,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
	};
	long fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		die("BPF_PROG_LOAD");
	return (int)fd;
}

static int attach_traced(const char *function, int attach_type)
{
	int prog = load(BPF_PROG_TYPE_TRACING, attach_type, type_of(function));
	union bpf_attr attr = { .raw_tracepoint.prog_fd = (unsigned int)prog };

	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) < 0)
		die("BPF_RAW_TRACEPOINT_OPEN");
	return prog;
}

static unsigned int number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int number;

	if (!file || fscanf(file, "%u", &number) != 1)
		die(path);
	fclose(file);
	return number;
}

static void open_events(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	event_nr = sysconf(_SC_NPROCESSORS_ONLN);
	for (long i = 0; i < event_nr && i < CPUS_MAX; i++) {
		events[i] = (int)syscall(SYS_perf_event_open, attr, -1, (int)i, -1, PERF_FLAG_FD_CLOEXEC);
		if (events[i] < 0)
			die("perf_event_open");
	}
}

static int attach_kprobe(const char *function)
{
	int prog = load(BPF_PROG_TYPE_KPROBE, 0, 0);
	struct perf_event_attr attr = { .type = number_in("/sys/bus/event_source/devices/kprobe/type"),
					.kprobe_func = (unsigned long)function };

	open_events(&attr);
	/* one event is enough: the program runs on every CPU */
	if (ioctl(events[0], PERF_EVENT_IOC_SET_BPF, prog) || ioctl(events[0], PERF_EVENT_IOC_ENABLE, 0))
		die("PERF_EVENT_IOC_SET_BPF");
	return prog;
}

static void attach_perf(const char *event)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT };
	char *id = NULL;

	if (asprintf(&id, "%s/id", event) < 0)
		die(event);
	attr.config = number_in(id);
	free(id);
	open_events(&attr);
}

static unsigned long long count(int prog)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { .info.bpf_fd = (unsigned int)prog,
				.info.info_len = sizeof(info),
				.info.info = (unsigned long)&info };
	unsigned long long sum = 0, one;

	if (prog >= 0) {
		if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
			die("BPF_OBJ_GET_INFO_BY_FD");
		return info.run_cnt;
	}
	for (long i = 0; i < event_nr; i++) {
		if (read(events[i], &one, sizeof(one)) != sizeof(one))
			die("perf event");
		sum += one;
	}
	return sum;
}

static void say(const char *path, const char *text)
{
	char *next = NULL;
	FILE *file;

	if (asprintf(&next, "%s.next", path) < 0 || !(file = fopen(next, "we")))
		die(path);
	fprintf(file, "%s\n", text);
	if (fclose(file) || rename(next, path))
		die(path);
	free(next);
}

int main(int argc, char **argv)
{
	int prog = -1, sig;
	sigset_t set;

	if (argc != 4)
		return 2;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (!strcmp(argv[1], "fentry"))
		prog = attach_traced(argv[2], BPF_TRACE_FENTRY);
	else if (!strcmp(argv[1], "fexit"))
		prog = attach_traced(argv[2], BPF_TRACE_FEXIT);
	else if (!strcmp(argv[1], "kprobe"))
		prog = attach_kprobe(argv[2]);
	else
		attach_perf(argv[2]);
	say(argv[3], "ready");
	while (!sigwait(&set, &sig)) {
		char text[32];

		snprintf(text, sizeof(text), "%llu", count(prog));
		say(argv[3], text);
	}
	return 2;
}
