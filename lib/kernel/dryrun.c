// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Turns what a dry run of Kbuild prints into the compile database. A line is one recipe: several shell commands, of
 * which those that compile, run objtool, fill an archive or list a module's objects are of interest. Only the
 * form of the commands is relied upon, not how the recipe around them is put together.
 */
#include <string.h>

#include "database.h"
#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/base/str.h"

/* One shell command of a recipe. */
struct segment {
	const char **words;
	size_t nr;
};

struct entry {
	const char *object, *source, *modfile;
	char *compile, *objtool; /* indices; heap */
	bool is_generated, is_module;
};

struct dryrun {
	const char *source, *compiler;
	struct su_arena arena; /* strings that live as long as the parse */
	struct su_map members; /* objects that archives of vmlinux hold */
	struct su_map word_index;
	SU_VEC(const char *) words;
	SU_VEC(struct entry) entries;
	SU_VEC(struct su_group) groups;
	/*
	 * objtool as it is run over a module once it is linked, the object's name last. Kernels with IBT run it so late
	 * (delay-objtool in scripts/Makefile.lib), for vmlinux over all of it at once.
	 */
	struct segment late_objtool;
};

/* The word behind @word, or NULL. */
static const char *word_after(const struct segment *s, const char *word)
{
	size_t i;

	for (i = 0; i + 1 < s->nr; i++)
		if (!strcmp(s->words[i], word))
			return s->words[i + 1];
	return NULL;
}

static const char *word_with_prefix(const struct segment *s, const char *prefix)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (su_has_prefix(s->words[i], prefix))
			return s->words[i];
	return NULL;
}

/* Host programs may be compiled by the same compiler: the kernel's units have one of these. */
static bool is_compile(const struct dryrun *d, const struct segment *s)
{
	const char *object = word_after(s, "-o");
	const char *source = s->words[s->nr - 1];

	return !strcmp(s->words[0], d->compiler) && word_with_prefix(s, "-c") && object &&
	       su_has_suffix(object, ".o") && (su_has_suffix(source, ".c") || su_has_suffix(source, ".S")) &&
	       (word_with_prefix(s, "-D__KERNEL__") || word_with_prefix(s, "-DKBUILD_MODFILE="));
}

static size_t index_word(struct dryrun *d, const char *word)
{
	int added;
	size_t *slot = su_map_put(&d->word_index, word, &added);

	if (added) {
		*slot = d->words.nr;
		*su_vec_add(&d->words) = su_arena_strdup(&d->arena, word);
	}
	return *slot;
}

static char *index_words(struct dryrun *d, const struct segment *s)
{
	struct su_buf text = { 0 };
	size_t i;

	for (i = 0; i < s->nr; i++)
		su_buf_format(&text, i ? " %zu" : "%zu", index_word(d, s->words[i]));
	return text.data;
}

/* "net/ipv6/ipv6" of -DKBUILD_MODFILE="net/ipv6/ipv6", with the quotes that the shell has left. */
static const char *take_modfile(struct dryrun *d, const struct segment *s)
{
	static const char option[] = "-DKBUILD_MODFILE=";
	const char *word = word_with_prefix(s, option);
	size_t len;

	if (!word)
		return "";
	word += sizeof(option) - 1;
	word += *word == '"';
	len = strcspn(word, "\"");
	return su_arena_format(&d->arena, "%.*s", (int)len, word);
}

static void add_compile(struct dryrun *d, const struct segment *s)
{
	const char *word = s->words[s->nr - 1];
	/* a makefile may name its sources through "..", as KVM's does */
	SU_CLEANUP_FREE char *source = *word == '/' ? su_path_clean(word) : su_strdup(word);
	const char *own = su_path_below(source, d->source);

	*su_vec_add(&d->entries) = (struct entry){
		.object = su_arena_strdup(&d->arena, word_after(s, "-o")),
		.source = su_arena_strdup(&d->arena, own ? own : source),
		.modfile = take_modfile(d, s),
		.compile = index_words(d, s),
		.is_generated = !own,
		.is_module = word_with_prefix(s, "-DMODULE") != NULL,
	};
}

static void keep_late_objtool(struct dryrun *d, const struct segment *s)
{
	size_t i;

	d->late_objtool.words = su_arena_alloc(&d->arena, s->nr * sizeof(*s->words));
	d->late_objtool.nr = s->nr;
	for (i = 0; i < s->nr; i++)
		d->late_objtool.words[i] = su_arena_strdup(&d->arena, s->words[i]);
}

/* objtool follows the compile command in the same recipe, so the unit is the last one. */
static void add_objtool(struct dryrun *d, const struct segment *s)
{
	struct entry *last = d->entries.nr ? &d->entries.data[d->entries.nr - 1] : NULL;

	if (!d->late_objtool.nr && word_with_prefix(s, "--link") && word_with_prefix(s, "--module"))
		keep_late_objtool(d, s);
	if (last && !last->objtool && !strcmp(s->words[s->nr - 1], last->object))
		last->objtool = index_words(d, s);
}

/* What a printf of "DIR/%s " puts before each name; "" where names are whole. */
static char *name_prefix(const struct segment *s)
{
	const char *format = word_after(s, "printf");
	const char *awk = word_after(s, "awk");
	const char *begin;

	if (awk) {
		begin = strstr(awk, "print(\"");
		return begin ? su_format("%.*s", (int)strcspn(begin + 7, "\""), begin + 7) : su_strdup("");
	}
	begin = format ? strstr(format, "%s") : NULL;
	return begin ? su_format("%.*s", (int)(begin - format), format) : su_strdup("");
}

/* Does this archive end up in vmlinux? The EFI stub's lib.a, for one, does not. */
static bool is_vmlinux_archive(const char *path)
{
	return su_has_suffix(path, "built-in.a") || su_has_suffix(path, "lib/lib.a");
}

static void add_archive(struct dryrun *d, const struct segment *s)
{
	SU_CLEANUP_FREE char *prefix = name_prefix(s);
	bool is_ours = false;
	size_t i;

	for (i = 0; i < s->nr; i++)
		is_ours |= is_vmlinux_archive(s->words[i]) && i && su_has_prefix(s->words[i - 1], "cDPr");
	for (i = 0; is_ours && i < s->nr; i++) {
		SU_CLEANUP_FREE char *object = su_format("%s%s", prefix, s->words[i]);

		if (su_has_suffix(s->words[i], ".o"))
			su_map_put(&d->members, object, NULL);
	}
}

static void add_group(struct dryrun *d, const struct segment *s, const char *mod)
{
	SU_CLEANUP_FREE char *prefix = name_prefix(s);
	SU_CLEANUP_BUF struct su_buf members = { 0 };
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (su_has_suffix(s->words[i], ".o"))
			su_buf_format(&members, "%s%s%s", members.nr ? " " : "", prefix, s->words[i]);
	if (!members.nr)
		return;
	*su_vec_add(&d->groups) = (struct su_group){
		.object = su_arena_format(&d->arena, "%.*so", (int)strlen(mod) - 3, mod),
		.members = su_arena_strdup(&d->arena, members.data),
	};
}

static void parse_segment(struct dryrun *d, const struct segment *s)
{
	const char *into = word_after(s, ">");

	if (is_compile(d, s))
		add_compile(d, s);
	else if (su_has_suffix(s->words[0], "/objtool"))
		add_objtool(d, s);
	else if (word_after(s, "ar") || su_has_suffix(s->words[0], "ar"))
		add_archive(d, s);
	else if (into && su_has_suffix(into, ".mod"))
		add_group(d, s, into);
}

static void parse_line(struct dryrun *d, const char *line)
{
	struct su_arena arena = { 0 };
	size_t i, nr, begin = 0, brace = 0;
	const char **words;

	/* An unclosed quote: a command that goes on in the next line, which none of ours does. */
	if (su_words_split(&arena, line, &words, &nr)) {
		su_arena_fini(&arena);
		return;
	}
	for (i = 0; i <= nr; i++) {
		struct segment s;

		if (i < nr && strcmp(words[i], ";"))
			continue;
		if (i > begin && !strcmp(words[begin], "{"))
			brace = begin;
		/* "{ a; b; } > file" is one thing: what goes into the file is said by the first of the commands. */
		if (i > begin && !strcmp(words[begin], "}"))
			begin = brace;
		s = (struct segment){ .words = words + begin, .nr = i - begin };
		if (s.nr)
			parse_segment(d, &s);
		begin = i + 1;
	}
	su_arena_fini(&arena);
}

/* Most lines are of no interest; a search is much cheaper than taking them apart. */
static bool is_interesting(const char *line, size_t len)
{
	static const char *const marks[] = { " -c -o ", ".a", ".mod" };
	size_t i;

	for (i = 0; i < SU_ARRAY_SIZE(marks); i++)
		if (memmem(line, len, marks[i], strlen(marks[i])))
			return true;
	return false;
}

static void parse_output(struct dryrun *d, const char *output, size_t sz)
{
	SU_CLEANUP_BUF struct su_buf line = { 0 };

	while (sz) {
		const char *end = memchr(output, '\n', sz);
		size_t len = end ? (size_t)(end - output) : sz;

		if (is_interesting(output, len)) {
			line.nr = 0;
			su_buf_add(&line, output, len);
			parse_line(d, line.data);
		}
		len += end != NULL;
		output += len;
		sz -= len;
	}
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->object, ((const struct entry *)b)->object);
}

static int compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct su_group *)a)->object, ((const struct su_group *)b)->object);
}

/* Sort, and drop what make printed twice. */
static void sort_entries(struct dryrun *d)
{
	size_t i, kept = 0;

	if (!d->entries.nr)
		return;
	qsort(d->entries.data, d->entries.nr, sizeof(*d->entries.data), compare_entries);
	for (i = 0; i < d->entries.nr; i++) {
		struct entry *entry = &d->entries.data[i];

		if (kept && !strcmp(d->entries.data[kept - 1].object, entry->object)) {
			free(entry->compile);
			free(entry->objtool);
		} else {
			d->entries.data[kept++] = *entry;
		}
	}
	d->entries.nr = kept;
}

static enum su_role entry_role(const struct dryrun *d, const struct entry *entry)
{
	bool is_vmlinux = su_map_get(&d->members, entry->object) != NULL;

	return entry->is_module ? SU_ROLE_MODULE : is_vmlinux ? SU_ROLE_VMLINUX : SU_ROLE_OTHER;
}

static char role_letter(const struct dryrun *d, const struct entry *entry)
{
	return (entry->is_generated ? "VMO" : "vmo")[entry_role(d, entry)];
}

/*
 * Where objtool comes late it is run over single units all the same: what it adds to the joined object (sites, ORC, static
 * keys' no-ops) it takes from one unit's code at a time, and pre and post are compared, and the update is made, by it.
 */
static char *late_objtool(struct dryrun *d, const struct entry *entry)
{
	struct segment s = { .words = su_arena_alloc(&d->arena, d->late_objtool.nr * sizeof(*s.words)) };
	size_t i;

	for (i = 0; i + 1 < d->late_objtool.nr; i++)
		if (entry->is_module || strcmp(d->late_objtool.words[i], "--module"))
			s.words[s.nr++] = d->late_objtool.words[i];
	s.words[s.nr++] = entry->object;
	return index_words(d, &s);
}

static void add_late_objtool(struct dryrun *d)
{
	size_t i;

	for (i = 0; d->late_objtool.nr && i < d->entries.nr; i++) {
		struct entry *entry = &d->entries.data[i];

		if (!entry->objtool && entry_role(d, entry) != SU_ROLE_OTHER)
			entry->objtool = late_objtool(d, entry);
	}
}

/* The format's separators cannot stand inside its fields. */
static bool is_field(const char *s)
{
	return !strpbrk(s, "\t\n");
}

static void write_units(struct dryrun *d, struct su_buf *text)
{
	struct su_buf lines = { 0 };
	size_t i, nr = 0;

	for (i = 0; i < d->entries.nr; i++) {
		const struct entry *entry = &d->entries.data[i];

		if (!is_field(entry->object) || !is_field(entry->source) || !is_field(entry->modfile))
			continue;
		su_buf_format(&lines, "%s\t%s\t%c\t%s\t%s\t%s\n", entry->object, entry->source, role_letter(d, entry),
			      entry->modfile, entry->compile, entry->objtool ? entry->objtool : "");
		nr++;
	}
	su_buf_format(text, "units %zu\n", nr);
	su_buf_add(text, lines.data, lines.nr);
	su_buf_fini(&lines);
}

static void write_database(struct dryrun *d, struct su_buf *text)
{
	size_t i;

	su_buf_format(text, "suture-database 1\nwords %zu\n", d->words.nr);
	for (i = 0; i < d->words.nr; i++)
		su_buf_format(text, "%s\n", is_field(d->words.data[i]) ? d->words.data[i] : "");
	write_units(d, text);
	if (d->groups.nr)
		qsort(d->groups.data, d->groups.nr, sizeof(*d->groups.data), compare_groups);
	su_buf_format(text, "groups %zu\n", d->groups.nr);
	for (i = 0; i < d->groups.nr; i++)
		su_buf_format(text, "%s\t%s\n", d->groups.data[i].object, d->groups.data[i].members);
}

static void fini_dryrun(struct dryrun *d)
{
	size_t i;

	for (i = 0; i < d->entries.nr; i++) {
		free(d->entries.data[i].compile);
		free(d->entries.data[i].objtool);
	}
	su_vec_fini(&d->entries);
	su_vec_fini(&d->groups);
	su_vec_fini(&d->words);
	su_map_fini(&d->members);
	su_map_fini(&d->word_index);
	su_arena_fini(&d->arena);
}

int su_dryrun_parse(struct su_diags *diags, const char *output, size_t sz, const char *source, const char *compiler,
		    struct su_buf *text)
{
	struct dryrun d = { .source = source, .compiler = compiler };
	int err = 0;

	parse_output(&d, output, sz);
	sort_entries(&d);
	add_late_objtool(&d);
	if (d.entries.nr)
		write_database(&d, text);
	else
		err = su_fail(diags, SU_AT(PREPARE, .object = source), "Kbuild's dry run shows no compile command");
	fini_dryrun(&d);
	return err;
}
