/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of pairs of small C files, pre and post, and what must be seen as the difference between them. Each table is run with
 * every compiler that is there: the default one, and gcc-10 and gcc-14, whose absence is said and counts as a skipped test.
 */
#ifndef TESTS_UNIT_DIFF_CASES_H
#define TESTS_UNIT_DIFF_CASES_H

#include <string.h>

#include "objects.h"

/*
 * Lists of names without the compiler's numbers, each followed by a blank, in the order of the alphabet. NULL for functions: none;
 * NULL for data: not looked at.
 */
struct diff_case {
	const char *what;
	const char *pre, *post;
	const char *changed, *added;
	const char *option;    /* for the compiler */
	const char *kept;      /* data that goes on being the running kernel's */
	const char *fresh;     /* data that the update brings */
	const char *ambiguous; /* data that cannot be told apart */
};

struct diff_table {
	const char *compiler;
	const struct diff_case *cases;
	size_t nr;
	bool is_asm;
};

struct diff_state {
	const struct diff_table *table; /* NULL for tests that have none */
	struct su_diags *diags;
	char *dir;
};

static inline int diff_setup(void **data)
{
	struct diff_state *s = su_alloc(sizeof(*s));

	s->table = *data;
	s->diags = su_diags_create();
	*data = s;
	return su_dir_temp(s->diags, "/tmp", "suture-diff-", &s->dir);
}

static inline int diff_teardown(void **data)
{
	struct diff_state *s = *data;

	su_dir_remove(s->diags, s->dir);
	su_diags_destroy(s->diags);
	free(s->dir);
	free(s);
	return 0;
}

static inline struct su_diff *make_diff(struct diff_state *s, const char *pre, const char *post, const char *option)
{
	const char *extra = option ? option : "-fdata-sections";
	struct su_object *a = compile_object(s->diags, s->dir, "pre", pre, true, extra);
	struct su_object *b = compile_object(s->diags, s->dir, "post", post, true, extra);

	return su_diff_create("test.o", a, b);
}

static inline const struct su_atom *find_atom(const struct su_object *object, const char *key)
{
	for (size_t i = 0; i < object->atom_nr; i++)
		if (!strcmp(object->atoms[i]->key, key))
			return object->atoms[i];
	return NULL;
}

/* ---- what was found ---- */

enum diff_list { LIST_CHANGED, LIST_ADDED, LIST_KEPT, LIST_FRESH, LIST_AMBIGUOUS, LIST_NR };

static inline enum diff_list list_of(const struct su_diff *diff, const struct su_atom *atom)
{
	if (atom->kind == SU_ATOM_ENTRY || atom->kind == SU_ATOM_FRAGMENT || atom->owner || !atom->symbol)
		return LIST_NR;
	if (atom->kind == SU_ATOM_FUNC)
		return !atom->partner ? LIST_ADDED : atom->is_changed ? LIST_CHANGED : LIST_NR;
	if (atom->partner)
		return LIST_KEPT;
	return su_is_ambiguous(diff->pre, atom) ? LIST_AMBIGUOUS : LIST_FRESH;
}

static inline int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline void list_names(const struct su_diff *diff, enum diff_list list, struct su_buf *names)
{
	SU_VEC(const char *) found = { 0 };

	for (size_t i = 0; i < diff->post->atom_nr; i++)
		if (list_of(diff, diff->post->atoms[i]) == list)
			*su_vec_add(&found) = diff->post->atoms[i]->key;
	if (found.nr)
		qsort(found.data, found.nr, sizeof(*found.data), compare_names);
	su_buf_puts(names, "");
	for (size_t i = 0; i < found.nr; i++)
		su_buf_format(names, "%s ", found.data[i]);
	su_vec_fini(&found);
}

static inline size_t check_list(const struct su_diff *diff, const struct diff_case *c, enum diff_list list,
				const char *label, const char *want)
{
	SU_CLEANUP_BUF struct su_buf got = { 0 };

	if (!want)
		return 0;
	list_names(diff, list, &got);
	if (!strcmp(got.data, want))
		return 0;
	print_error("%s: %s: got '%s', wanted '%s'\n", c->what, label, got.data, want);
	return 1;
}

static inline size_t check_case(const struct su_diff *diff, const struct diff_case *c)
{
	return check_list(diff, c, LIST_CHANGED, "changed", c->changed ? c->changed : "") +
	       check_list(diff, c, LIST_ADDED, "new", c->added ? c->added : "") +
	       check_list(diff, c, LIST_KEPT, "kept data", c->kept) +
	       check_list(diff, c, LIST_FRESH, "fresh data", c->fresh) +
	       check_list(diff, c, LIST_AMBIGUOUS, "ambiguous data", c->ambiguous);
}

/* ---- tables ---- */

static inline bool has_compiler(struct diff_state *s, const char *compiler)
{
	const char *argv[] = { compiler, "-dumpfullversion", NULL };
	struct su_process p = { .argv = argv };
	bool is_there = !su_process_run(s->diags, &p) && !p.exit_code;

	if (is_there)
		print_message("# with %s, version %s", compiler, p.out.data);
	else
		print_message("# %s is not there: nothing was compiled with it\n", compiler);
	su_process_fini(&p);
	return is_there;
}

/* All files of a table at once, side by side. */
static inline void compile_table(struct diff_state *s, struct compilation *jobs)
{
	const struct diff_table *t = s->table;
	size_t nr = 2 * t->nr;
	struct su_process *processes = su_alloc(nr * sizeof(*processes));
	size_t failed = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct diff_case *c = &t->cases[i / 2];
		SU_CLEANUP_FREE char *file = su_format("%s%zu.%s", i % 2 ? "post" : "pre", i / 2, t->is_asm ? "S" : "c");

		compilation_init(&jobs[i], s->diags, t->compiler, s->dir, file, i % 2 ? c->post : c->pre, true,
				 c->option ? c->option : "-fdata-sections");
		processes[i] = (struct su_process){ .argv = jobs[i].argv };
	}
	assert_int_equal(su_process_run_all(s->diags, processes, nr, 0), 0);
	for (size_t i = 0; i < nr; i++) {
		if (processes[i].exit_code)
			print_error("%s: %s\n", t->cases[i / 2].what, processes[i].err.data);
		failed += processes[i].exit_code != 0;
		su_process_fini(&processes[i]);
	}
	free(processes);
	assert_int_equal(failed, 0);
}

static inline void test_table(void **data)
{
	struct diff_state *s = *data;
	const struct diff_table *t = s->table;
	struct compilation *jobs;
	size_t failed = 0;

	if (!has_compiler(s, t->compiler))
		skip();
	jobs = su_alloc(2 * t->nr * sizeof(*jobs));
	compile_table(s, jobs);
	for (size_t i = 0; i < t->nr; i++) {
		struct su_diff *diff = su_diff_create("test.o", open_object(s->diags, jobs[2 * i].object),
						      open_object(s->diags, jobs[2 * i + 1].object));

		failed += check_case(diff, &t->cases[i]);
		su_diff_destroy(diff);
		compilation_fini(&jobs[2 * i]);
		compilation_fini(&jobs[2 * i + 1]);
	}
	free(jobs);
	assert_int_equal(failed, 0);
}

/* The tests of a file that is nothing but a table. */
static inline int run_tables(const char *name, const struct diff_case *cases, size_t nr, bool is_asm)
{
	struct diff_table tables[] = {
		{ "gcc", cases, nr, is_asm },
		{ "gcc-10", cases, nr, is_asm },
		{ "gcc-14", cases, nr, is_asm },
	};
	const struct CMUnitTest tests[] = {
		{ "gcc", test_table, diff_setup, diff_teardown, &tables[0] },
		{ "gcc-10", test_table, diff_setup, diff_teardown, &tables[1] },
		{ "gcc-14", test_table, diff_setup, diff_teardown, &tables[2] },
	};

	return _cmocka_run_group_tests(name, tests, SU_ARRAY_SIZE(tests), NULL, NULL);
}

#endif
