// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of the rules by which differences between pre and post are discounted, for `suture explain`. */
#include "diff.h"

static const struct {
	const char *name, *text;
} rules[] = {
	[SU_RULE_LINE] = { "source-line", "line numbers in tables" },
	[SU_RULE_NAME] = { "renumbered-name", "names that the compiler numbered" },
	[SU_RULE_STRING] = { "moved-string", "places of strings and constants" },
	[SU_RULE_SECTION] = { "moved-section", "another section" },
	[SU_RULE_CONSTANT] = { "same-content", "copies of the same constant" },
	[SU_RULE_PLACE] = { "same-place", "told from its namesakes by the code that uses it" },
	[SU_RULE_RENAMED] = { "renamed", "a variable, or a function in a table, that the patch gives another name" },
	[SU_RULE_SCOPE] = { "same-scope", "told from its namesakes by the function that uses it" },
};

const char *su_rule_name(enum su_rule rule)
{
	return rules[rule].name;
}

const char *su_rule_text(enum su_rule rule)
{
	return rules[rule].text;
}
