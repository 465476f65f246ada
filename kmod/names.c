// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Candidates for the matcher: at which addresses a target has a symbol named as one of the update's. One walk over
 * kallsyms, or over the module's own symbol table, serves all names; which candidate is right, the match decides.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/stringhash.h>

#include "suture.h"

/* A distinct name. Its addresses are addrs[first, first + nr) once the walk is over. */
struct name {
	const char *text;
	u32 next;	/* in the bucket, SU_NONE at the end */
	u32 first;
	u32 nr;
};

struct found {
	u64 addr;
	u32 name;
};

struct su_names {
	struct su_each_symbol each;
	u32 *buckets;
	u32 bits;
	struct name *names;
	u32 name_nr;
	u32 *of_symbol;		/* symbol -> name, SU_NONE: has no name */
	struct found *found;
	u32 found_nr, found_room;
	u64 *addrs;
};

static u32 *bucket_of(const struct su_names *names, const char *text)
{
	return &names->buckets[hash_32(full_name_hash(NULL, text, strlen(text)), names->bits)];
}

static u32 look_up(const struct su_names *names, const char *text)
{
	u32 at = *bucket_of(names, text);

	while (at != SU_NONE && strcmp(names->names[at].text, text))
		at = names->names[at].next;
	return at;
}

static void add_names(struct su_names *names, const struct su_update *update, u32 target, bool earlier)
{
	u32 i;

	for (i = 0; i < update->header->symbols.nr; i++) {
		const struct su_symbol *symbol = &update->symbols[i];
		const char *text = su_update_string(update, symbol->name);
		u32 at, *bucket;

		names->of_symbol[i] = SU_NONE;
		if (symbol->kind != SU_SYMBOL_NAMED || !*text || !!(symbol->flags & SU_SYMBOL_EARLIER) != earlier ||
		    (symbol->target != target && symbol->target != SU_NONE))
			continue;
		at = look_up(names, text);
		if (at == SU_NONE) {
			bucket = bucket_of(names, text);
			at = names->name_nr++;
			names->names[at] = (struct name){ .text = text, .next = *bucket };
			*bucket = at;
		}
		names->of_symbol[i] = at;
	}
}

static int grow(struct su_names *names)
{
	u32 room = names->found_room ? names->found_room * 2 : 4096;
	struct found *found = kvmalloc_array(room, sizeof(*found), GFP_KERNEL);

	if (!found)
		return -ENOMEM;
	if (names->found_nr)
		memcpy(found, names->found, names->found_nr * sizeof(*found));
	kvfree(names->found);
	names->found = found;
	names->found_room = room;
	return 0;
}

static int see(struct su_each_symbol *each, const char *text, unsigned long value)
{
	struct su_names *names = container_of(each, struct su_names, each);
	u32 at = look_up(names, text);

	if (at == SU_NONE)
		return 0;
	if (names->found_nr == names->found_room && grow(names))
		return -ENOMEM;
	names->found[names->found_nr++] = (struct found){ .addr = value, .name = at };
	names->names[at].nr++;
	return 0;
}

/* The table is complete at the module's COMING; its init symbols leave it when they leave memory. */
static int walk_module(struct su_names *names, struct module *mod)
{
	const struct mod_kallsyms *syms;
	unsigned int i, nr;
	int ret = 0;

	/* No allocation under RCU: room for all at once. */
	rcu_read_lock();
	nr = names->found_nr + rcu_dereference(mod->kallsyms)->num_symtab;
	rcu_read_unlock();
	while (names->found_room < nr && !ret)
		ret = grow(names);
	rcu_read_lock();
	syms = rcu_dereference(mod->kallsyms);
	for (i = 1; i < syms->num_symtab && !ret; i++) {
		const Elf_Sym *sym = &syms->symtab[i];

		if (sym->st_shndx != SHN_UNDEF && names->found_nr < names->found_room)
			ret = see(&names->each, syms->strtab + sym->st_name, sym->st_value);
	}
	rcu_read_unlock();
	return ret;
}

/* Sort the finds by name, each name's in the order of the walk. */
static int settle(struct su_names *names)
{
	u32 i, first = 0;

	names->addrs = kvmalloc_array(names->found_nr + 1, sizeof(*names->addrs), GFP_KERNEL);
	if (!names->addrs)
		return -ENOMEM;
	for (i = 0; i < names->name_nr; i++) {
		names->names[i].first = first;
		first += names->names[i].nr;
		names->names[i].nr = 0;
	}
	for (i = 0; i < names->found_nr; i++) {
		struct name *name = &names->names[names->found[i].name];

		names->addrs[name->first + name->nr++] = names->found[i].addr;
	}
	kvfree(names->found);
	names->found = NULL;
	return 0;
}

static int walk_earlier(struct su_names *names, const struct su_live *live)
{
	const struct su_live *other;
	int ret;

	list_for_each_entry(other, &su_lives, list) {
		ret = su_base_is_below(live, other) ? walk_module(names, other->mod) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

static int walk(struct su_names *names, const struct su_live *live, u32 target, bool earlier)
{
	if (earlier)
		return walk_earlier(names, live);
	if (live->targets[target].mod)
		return walk_module(names, live->targets[target].mod);
	return su_symbols_walk(&names->each);
}

static int create(const struct su_live *live, u32 target, bool earlier, struct su_names **out)
{
	u32 nr = live->update.header->symbols.nr;
	struct su_names *names = kzalloc(sizeof(*names), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!names)
		return -ENOMEM;
	names->each.see = see;
	names->bits = nr ? ilog2(nr) + 1 : 1;
	names->buckets = kvmalloc_array(1UL << names->bits, sizeof(*names->buckets), GFP_KERNEL);
	names->names = kvmalloc_array(nr + 1, sizeof(*names->names), GFP_KERNEL);
	names->of_symbol = kvmalloc_array(nr + 1, sizeof(*names->of_symbol), GFP_KERNEL);
	if (!names->buckets || !names->names || !names->of_symbol)
		goto fail;
	memset32(names->buckets, SU_NONE, 1UL << names->bits);
	add_names(names, &live->update, target, earlier);
	ret = names->name_nr ? walk(names, live, target, earlier) : 0;
	if (!ret)
		ret = settle(names);
	if (ret)
		goto fail;
	*out = names;
	return 0;
fail:
	su_names_destroy(names);
	return ret;
}

int su_names_create(const struct su_live *live, u32 target, struct su_names **names)
{
	return create(live, target, false, names);
}

int su_names_create_earlier(const struct su_live *live, u32 target, struct su_names **names)
{
	return create(live, target, true, names);
}

void su_names_destroy(struct su_names *names)
{
	if (!names)
		return;
	kvfree(names->addrs);
	kvfree(names->found);
	kvfree(names->of_symbol);
	kvfree(names->names);
	kvfree(names->buckets);
	kfree(names);
}

u32 su_names_get(const struct su_names *names, u32 symbol, const u64 **addrs)
{
	u32 at = names->of_symbol[symbol];

	if (at == SU_NONE)
		return 0;
	*addrs = names->addrs + names->names[at].first;
	return names->names[at].nr;
}
