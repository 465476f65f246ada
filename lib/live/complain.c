// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why the kernel said no. The core leaves a line with a token; what the module loader itself refuses, before the core
 * sees the update, leaves only an errno. Used for this machine's kernel and for a guest's.
 */
#include <errno.h>
#include <string.h>

#include "core.h"

/* What the module loader itself returns, and the core never does: docs/abi.md lists the core's. */
static const struct refusal {
	int error;
	enum su_token token;
	const char *text;
	const char *hint;
} refusals[] = {
	{ EPERM, SU_T_KERNEL_REFUSED, "the kernel does not load it: operation not permitted",
	  "be root; under lockdown (Secure Boot) the core and the update must be signed by a key that the kernel trusts" },
	{ EACCES, SU_T_KERNEL_REFUSED, "no permission to do this", "be root" },
	{ EKEYREJECTED, SU_T_KERNEL_REFUSED,
	  "the kernel wants signed modules, and this one is not signed by a key it knows",
	  "sign it with a key that the kernel trusts, for example a machine owner key (MOK)" },
	{ ENOKEY, SU_T_KERNEL_REFUSED, "the kernel does not know the key that signed it", "enrol the key" },
	{ ENOEXEC, SU_T_KERNEL_REFUSED, "the kernel takes it for no module of its own: release, version or format differ",
	  "make the update for the running release: see uname -r, modinfo and dmesg" },
	{ ENOENT, SU_T_KERNEL_REFUSED, "the kernel does not know a symbol that it needs",
	  "load the core (suture.ko) of this suture first; dmesg names the symbol" },
	{ EEXIST, SU_T_APPLIED, "the update is in the kernel already", "see suture status" },
	{ ENOSYS, SU_T_KERNEL_REFUSED, "the kernel cannot load modules", NULL },
};

static const struct refusal *refusal_find(int error)
{
	for (size_t i = 0; i < SU_ARRAY_SIZE(refusals); i++)
		if (refusals[i].error == error)
			return &refusals[i];
	return NULL;
}

static const struct {
	enum su_token token;
	const char *hint;
} hints[] = {
	{ SU_T_BUSY, "try again later (--wait), or end the thread that sleeps in the function: see suture blockers" },
	{ SU_T_PAUSE, "try again when the machine is less busy, or allow more with --max-pause" },
	{ SU_T_MATCH_BYTES, "a kprobe, another live patch, or another source, config or compiler: see suture verify" },
	{ SU_T_MATCH_VALUE, "the running kernel was built from another source or config: see suture verify" },
	{ SU_T_SYMBOL, "the running kernel was built from another source or config: see suture verify" },
	{ SU_T_UPDATE_FORMAT, "the file is damaged, or made by another version of suture: create it again" },
	{ SU_T_UNDO_BYTES, "take away the kprobe or tracer on the redirected function first" },
	{ SU_T_REDIRECTED,
	  "make it on the one that is named (suture create --on), or of all patches and apply it with --replace" },
	{ SU_T_BASE_ABSENT, "apply the updates that it was made on (suture create --on) first, in their order" },
	{ SU_T_UNDO_FIRST, "suture undo takes the ID that is named; see suture status" },
};

static const char *hint_find(enum su_token token)
{
	for (size_t i = 0; i < SU_ARRAY_SIZE(hints); i++)
		if (hints[i].token == token)
			return hints[i].hint;
	return "dmesg may say more";
}

/* "token: text\n". Return: the text, NULL where this is no such line. */
static const char *line_parse(const char *line, enum su_token *token)
{
	const char *colon = strstr(line, ": ");

	for (int i = 0; colon && i < SU_TOKEN_NR; i++) {
		const char *name = su_token_name(i);

		if (strlen(name) != (size_t)(colon - line) || strncmp(name, line, strlen(name)))
			continue;
		*token = i;
		return colon + 2;
	}
	return NULL;
}

int su_core_complain(struct su_diags *diags, int error, const char *last, const char *object)
{
	const struct refusal *refusal = refusal_find(error);
	enum su_token token;
	const char *text = refusal ? NULL : line_parse(last, &token);

	if (text)
		return su_fail(diags,
			       (struct su_diag){
				       .token = token, .object = object, .offset = SU_NO_OFFSET, .hint = hint_find(token) },
			       "%.*s", (int)strcspn(text, "\n"), text);
	if (refusal)
		return su_fail(diags,
			       (struct su_diag){ .token = refusal->token,
						 .object = object,
						 .offset = SU_NO_OFFSET,
						 .hint = refusal->hint },
			       "%s", refusal->text);
	return su_fail(diags, SU_AT(KERNEL_REFUSED, .object = object, .hint = "dmesg may say more"),
		       "the kernel refuses: %s", strerror(error));
}
