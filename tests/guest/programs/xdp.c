// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An XDP program that lets each packet pass. "run SIZE" has the kernel try it on one packet of so many bytes, and prints
 * what became of it, as XDP_PASS (2) or the like. "attach DEVICE FILE" attaches it, writes into the file and stays until it
 * is killed.
 */
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PACKET_MAX 1024

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int die(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned int load(void)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (unsigned long)code,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
	};
	long fd = bpf(BPF_PROG_LOAD, &attr);

	return (unsigned int)(fd < 0 ? die("BPF_PROG_LOAD") : fd);
}

static int run(unsigned int size)
{
	static char packet[PACKET_MAX];
	union bpf_attr attr = {
		.test = { .prog_fd = load(), .data_in = (unsigned long)packet, .data_size_in = size, .repeat = 1 },
	};

	if (size > sizeof(packet) || bpf(BPF_PROG_TEST_RUN, &attr))
		die("BPF_PROG_TEST_RUN");
	printf("%u\n", attr.test.retval);
	return 0;
}

static int attach(const char *device, const char *path)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = load(),
			.target_ifindex = if_nametoindex(device),
			.attach_type = BPF_XDP,
			.flags = XDP_FLAGS_SKB_MODE,
		},
	};
	FILE *file;

	if (bpf(BPF_LINK_CREATE, &attr) < 0 || !(file = fopen(path, "we")))
		die("BPF_LINK_CREATE");
	fputs("ready\n", file);
	fclose(file);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "run"))
		return run((unsigned int)atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "attach"))
		return attach(argv[2], argv[3]);
	return 2;
}
