// SPDX-License-Identifier: GPL-2.0-or-later
/* Assembler: functions of one section, branches without relocations, code behind local labels. */
#include "diff_cases.h"

#define F \
	"#define FUNC(name) .globl name; LOCAL(name)\n" \
	"#define LOCAL(name) .balign 16, 0x90; .type name, @function; name:\n" \
	"#define END(name) .size name, . - name\n"

static const struct diff_case cases[] = {
	{ .what = "a function before grows",
	  .pre = F "FUNC(e)\nmov $1, %eax\nret\nEND(e)\n"
		   "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		   "FUNC(f)\ncall l\njmp l\nEND(f)\n",
	  .post = F "FUNC(e)\nmov $1, %eax\nmov $1, %ecx\nmov $1, %edx\nmov $1, %esi\nret\nEND(e)\n"
		    "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		    "FUNC(f)\ncall l\njmp l\nEND(f)\n",
	  .changed = "e " },
	{ .what = "a function between a branch and where it leads grows: the branch gets longer",
	  .pre = F "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		   "FUNC(e)\nmov $1, %eax\nret\nEND(e)\n"
		   "FUNC(f)\njmp l\nEND(f)\n",
	  .post = F "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		    "FUNC(e)\n.rept 40\nmov $1, %eax\n.endr\nret\nEND(e)\n"
		    "FUNC(f)\njmp l\nEND(f)\n",
	  .changed = "e f " },
	{ .what = "a call without a relocation leads to another function",
	  .pre = F "LOCAL(k)\nmov $1, %eax\nret\nEND(k)\n"
		   "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		   "FUNC(f)\ncall l\nret\nEND(f)\n",
	  .post = F "LOCAL(k)\nmov $1, %eax\nret\nEND(k)\n"
		    "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		    "FUNC(f)\ncall k\nret\nEND(f)\n",
	  .changed = "f " },
	{ .what = "a function that others branch to at its entry",
	  .pre = F "LOCAL(l)\nmov $2, %eax\nret\nEND(l)\n"
		   "FUNC(f)\ntest %edi, %edi\njz l\nret\nEND(f)\n",
	  .post = F "LOCAL(l)\nmov $3, %eax\nret\nEND(l)\n"
		    "FUNC(f)\ntest %edi, %edi\njz l\nret\nEND(f)\n",
	  .changed = "l " },
	{ .what = "a function that others branch into",
	  .pre = F "LOCAL(l)\nmov $2, %eax\n.Linner: ret\nEND(l)\n"
		   "FUNC(f)\ntest %edi, %edi\njz .Linner\nret\nEND(f)\n"
		   "FUNC(g)\ntest %edi, %edi\njz f\nret\nEND(g)\n",
	  .post = F "LOCAL(l)\nmov $3, %eax\n.Linner: ret\nEND(l)\n"
		    "FUNC(f)\ntest %edi, %edi\njz .Linner\nret\nEND(f)\n"
		    "FUNC(g)\ntest %edi, %edi\njz f\nret\nEND(g)\n",
	  .changed = "f l " },
	{ .what = "code behind a local label changes",
	  .pre = F "FUNC(f)\ntest %edi, %edi\njz .Ltail\nret\nEND(f)\n"
		   "FUNC(g)\nret\nEND(g)\n"
		   ".balign 16, 0x90\n.Ltail: mov $4, %eax\nret\n"
		   "FUNC(h)\nret\nEND(h)\n",
	  .post = F "FUNC(f)\ntest %edi, %edi\njz .Ltail\nret\nEND(f)\n"
		    "FUNC(g)\nret\nEND(g)\n"
		    ".balign 16, 0x90\n.Ltail: mov $5, %eax\nret\n"
		    "FUNC(h)\nret\nEND(h)\n",
	  .changed = "f " },
	{ .what = "code behind a local label moves",
	  .pre = F "FUNC(g)\nret\nEND(g)\n"
		   ".balign 16, 0x90\n.Ltail: mov $4, %eax\nret\n"
		   "FUNC(f)\ntest %edi, %edi\njz .Ltail\nret\nEND(f)\n",
	  .post = F "FUNC(g)\nmov $7, %eax\nret\nEND(g)\n"
		    ".balign 16, 0x90\n.Ltail: mov $4, %eax\nret\n"
		    "FUNC(f)\ntest %edi, %edi\njz .Ltail\nret\nEND(f)\n",
	  .changed = "g " },
	{ .what = "a fix-up in the padding before a function",
	  .pre = F
	  "FUNC(f)\n1: mov (%rdi), %eax\nret\nEND(f)\n"
	  ".balign 16, 0x90\n.Lbad: nop\nnop\nnop\nbad: mov $4, %eax\nret\n.pushsection __ex_table, \"a\"\n.long 1b - ., .Lbad - ., 1\n.popsection\n"
	  "FUNC(g)\nret\nEND(g)\n",
	  .post = F
	  "FUNC(f)\n1: mov (%rdi), %eax\nret\nEND(f)\n"
	  ".balign 16, 0x90\n.Lbad: nop\nnop\nnop\nbad: mov $4, %eax\nret\n.pushsection __ex_table, \"a\"\n.long 1b - ., .Lbad - ., 2\n.popsection\n"
	  "FUNC(g)\nret\nEND(g)\n",
	  .changed = "f " },
	{ .what = "code behind a local label with an entry of its own in a table",
	  .pre = F
	  "FUNC(f)\ntest %edi, %edi\njz .Ltail\nret\nEND(f)\n"
	  ".balign 16, 0x90\n.Ltail: 1: mov (%rdi), %eax\n2: ret\n.pushsection __ex_table, \"a\"\n.long 1b - ., 2b - ., 1\n.popsection\n"
	  "FUNC(g)\nret\nEND(g)\n",
	  .post = F
	  "FUNC(f)\ntest %edi, %edi\njz .Ltail\nret\nEND(f)\n"
	  ".balign 16, 0x90\n.Ltail: 1: mov (%rdi), %eax\n2: ret\n.pushsection __ex_table, \"a\"\n.long 1b - ., 2b - ., 1\n.popsection\n"
	  "FUNC(g)\nmov $1, %eax\nret\nEND(g)\n",
	  .changed = "g " },
	{ .what = "code of a local name without a type",
	  .pre = F "tail: mov $4, %eax\nret\n"
		   "FUNC(f)\njmp tail\nEND(f)\n"
		   "FUNC(g)\ncall f\nEND(g)\n",
	  .post = F "tail: mov $5, %eax\nret\n"
		    "FUNC(f)\njmp tail\nEND(f)\n"
		    "FUNC(g)\ncall f\nEND(g)\n",
	  .changed = "f " },
	{ .what = "code of a local name without a type moves",
	  .pre = F "tail: mov $4, %eax\nret\n"
		   "FUNC(f)\njmp tail\nEND(f)\n",
	  .post = F "FUNC(e)\nmov $5, %eax\nret\nEND(e)\n"
		    ".balign 16, 0x90\ntail: mov $4, %eax\nret\n"
		    "FUNC(f)\njmp tail\nEND(f)\n",
	  .added = "e " },
	{ .what = "an alternative whose replacement is empty, as all of the file",
	  .pre = F
	  "LOCAL(l)\nret\nEND(l)\n"
	  "FUNC(f)\n661: jmp l\n662: ret\n.pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1, 0\n.byte 662b - 661b, 664f - 663f\n.popsection\n.pushsection .altinstr_replacement, \"ax\"\n663:\n664:\n.popsection\nEND(f)\n",
	  .post = F
	  "LOCAL(k)\nret\nEND(k)\n"
	  "LOCAL(l)\nret\nEND(l)\n"
	  "FUNC(f)\n661: jmp l\n662: ret\n.pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1, 0\n.byte 662b - 661b, 664f - 663f\n.popsection\n.pushsection .altinstr_replacement, \"ax\"\n663:\n664:\n.popsection\nEND(f)\n",
	  .added = "k " },
	{ .what = "the address of a function of the section",
	  .pre = F "LOCAL(k)\nret\nEND(k)\n"
		   "LOCAL(l)\nret\nEND(l)\n"
		   "FUNC(f)\nlea l(%rip), %rax\nret\nEND(f)\n",
	  .post = F "LOCAL(k)\nret\nEND(k)\n"
		    "LOCAL(l)\nret\nEND(l)\n"
		    "FUNC(f)\nlea k(%rip), %rax\nret\nEND(f)\n",
	  .changed = "f " },
	{ .what = "the address of a function of the section, farther away",
	  .pre = F "LOCAL(l)\nret\nEND(l)\nFUNC(e)\nret\nEND(e)\nFUNC(f)\nlea l(%rip), %rax\nret\nEND(f)\n",
	  .post = F "LOCAL(l)\nret\nEND(l)\nFUNC(e)\n.rept 9\nmov $1, %eax\n.endr\nret\nEND(e)\n"
		    "FUNC(f)\nlea l(%rip), %rax\nret\nEND(f)\n",
	  .changed = "e " },
	{ .what = "the middle of a constant",
	  .pre = F ".pushsection .rodata.cst32.k, \"aM\", @progbits, 32\n.Lk: .quad 1, 2, 3, 4\n.popsection\n"
		   "FUNC(f)\nmovups .Lk+16(%rip), %xmm0\nret\nEND(f)\n"
		   "FUNC(g)\nmovups .Lk(%rip), %xmm0\nret\nEND(g)\n",
	  .post = F
	  ".pushsection .rodata.cst32.k, \"aM\", @progbits, 32\n.Lk: .quad 1, 2, 3, 4\n.Ln: .quad 1, 2, 3, 5\n.popsection\n"
	  "FUNC(f)\nmovups .Ln+16(%rip), %xmm0\nret\nEND(f)\n"
	  "FUNC(g)\nmovups .Lk(%rip), %xmm0\nret\nEND(g)\n",
	  .changed = "f " },
	{ .what = "the end of a constant",
	  .pre = F ".pushsection .rodata.cst64.k, \"aM\", @progbits, 32\nk: .quad 1, 2, 3, 4\n.popsection\n"
		   "FUNC(f)\nlea k+32(%rip), %rax\nret\nEND(f)\n",
	  .post = F
	  ".pushsection .rodata.cst64.k, \"aM\", @progbits, 32\nn: .quad 1, 2, 3, 3\nk: .quad 1, 2, 3, 4\n.popsection\n"
	  "FUNC(f)\nlea k+32(%rip), %rax\nret\nEND(f)\n" },
	{ .what = "an alternative that jumps to another function",
	  .pre = F
	  "LOCAL(l)\nret\nEND(l)\n"
	  "FUNC(f)\n661: jmp l\n662: ret\n.pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1, 0\n.byte 662b - 661b, 664f - 663f\n.popsection\n.pushsection .altinstr_replacement, \"ax\"\n663: jmp x\n664:\n.popsection\nEND(f)\n",
	  .post = F
	  "LOCAL(l)\nret\nEND(l)\n"
	  "FUNC(f)\n661: jmp l\n662: ret\n.pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1, 0\n.byte 662b - 661b, 664f - 663f\n.popsection\n.pushsection .altinstr_replacement, \"ax\"\n663: jmp y\n664:\n.popsection\nEND(f)\n",
	  .changed = "f " },
	{ .what = "a weak alias is added",
	  .pre = F "FUNC(__f)\nmov $1, %eax\nret\nEND(__f)\n",
	  .post = F ".weak f\n.set f, __f\n"
		    "FUNC(__f)\nmov $1, %eax\nret\nEND(__f)\n" },
};

int main(void)
{
	return run_tables("diff_asm", cases, SU_ARRAY_SIZE(cases), true);
}
