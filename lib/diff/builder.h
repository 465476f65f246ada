/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An object in the making, shared by the files that cut it into atoms and connect these. */
#ifndef SU_DIFF_BUILDER_H
#define SU_DIFF_BUILDER_H

#include "object.h"

enum su_section_class {
	SU_CLASS_SKIP,	    /* not in memory, or only there to be read by the build */
	SU_CLASS_SYMBOLS,   /* cut at its symbols */
	SU_CLASS_TABLE,	    /* cut into entries */
	SU_CLASS_FRAGMENTS, /* code without symbols: cut where something refers to it */
	SU_CLASS_PIECES,    /* mergeable: referred to by content, no atoms */
};

struct su_builder {
	struct su_diags *diags;
	struct su_object *object;
	enum su_section_class *classes;
	SU_VEC(struct su_atom *) atoms;
};

/* cut.c: classes of sections, and atoms of each */
int su_builder_cut(struct su_builder *b) SU_MUST_CHECK;
/* connect.c: edges of atoms */
int su_builder_connect(struct su_builder *b) SU_MUST_CHECK;
/* belong.c: table entries, .cold parts and call padding go with the code that they belong to. */
void su_builder_attach(struct su_object *object);

/* keys.c: "foo.constprop.0.isra.3" -> "foo.constprop.isra", "count.17" -> "count": numbers the compiler gave are no names. */
char *su_key_make(struct su_arena *arena, const char *name);
/* keys.c: statics that belong to one place in the source and hold no state worth keeping: new code brings its own. */
bool su_key_is_private(const char *key, const char *section);

#endif
