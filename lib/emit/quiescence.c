// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is there always a thread inside of a function? Then no update of it could ever be applied. What is certain is refused when the
 * update is made: where threads are switched or CPUs stopped, the idle loop, main loops of threads that boot has started. What depends on
 * the machine is warned of; the core finds it out ("busy").
 */
#include <string.h>

#include "emitter.h"

/* Calls that start a thread, the thread's function first among the arguments. */
static bool is_thread_start(const char *name)
{
	static const char *const names[] = { "kthread_create_on_node", "kthread_create_on_cpu", "kernel_thread",
					     "user_mode_thread",       "create_io_thread",	"vhost_task_create" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool refers_to(const struct su_atom *atom, const char *name)
{
	for (size_t i = 0; i < atom->edge_nr; i++)
		if (!strcmp(su_edge_name(&atom->edges[i]), name))
			return true;
	for (size_t i = 0; i < atom->attached.nr; i++)
		if (atom->attached.data[i]->kind == SU_ATOM_FUNC && refers_to(atom->attached.data[i], name))
			return true;
	return false;
}

/* Every thread that is off the CPUs stands behind a call of one of these; the idle loop is what calls schedule_idle(). */
static bool is_switch_of_threads(const struct su_atom *pre)
{
	return refers_to(pre, "__switch_to_asm") || refers_to(pre, "schedule_idle") || !strcmp(pre->name, "schedule") ||
	       !strcmp(pre->name, "schedule_idle");
}

/* While the switch is made every CPU's stopper thread stands in these, from the thread's beginning to the core's callback. */
static bool is_of_stoppers(const struct su_object *object, const struct su_atom *pre)
{
	static const char *const names[] = { "kthread", "smpboot_thread_fn", "cpu_stopper_thread", "multi_cpu_stop" };

	for (size_t i = 0; !object->is_module && i < SU_ARRAY_SIZE(names); i++)
		if (!strcmp(pre->name, names[i]))
			return true;
	return false;
}

enum thread_use {
	THREAD_NONE,
	THREAD_STARTED, /* somewhere in the unit a thread is started in it */
	THREAD_OF_BOOT, /* by built-in boot code, so it exists */
};

static bool starts_thread_in(const struct su_atom *caller, const struct su_atom *function)
{
	for (size_t i = 0; i < caller->edge_nr; i++)
		if (caller->edges[i].is_branch && is_thread_start(su_edge_name(&caller->edges[i])) &&
		    su_code_first_argument(caller, &caller->edges[i]) == function)
			return true;
	return false;
}

static enum thread_use find_thread_use(const struct su_object *pre, const struct su_atom *function)
{
	enum thread_use use = THREAD_NONE;

	for (size_t i = 0; i < pre->atom_nr; i++) {
		const struct su_atom *atom = pre->atoms[i];

		if (atom->kind != SU_ATOM_FUNC || !starts_thread_in(atom, function))
			continue;
		if (atom->is_init && !pre->is_module)
			return THREAD_OF_BOOT;
		use = THREAD_STARTED;
	}
	return use;
}

static bool stops_threads(const struct su_object *pre)
{
	for (size_t i = 0; i < pre->atom_nr; i++)
		if (pre->atoms[i]->kind == SU_ATOM_FUNC &&
		    (refers_to(pre->atoms[i], "kthread_stop") || refers_to(pre->atoms[i], "kthread_stop_put")))
			return true;
	return false;
}

/* A thread leaves it only when it is told to, and nobody in its unit tells it. */
static bool is_endless(const struct su_object *pre, const struct su_atom *function)
{
	return su_code_has_loop(function) &&
	       (!su_code_can_return(function) || (refers_to(function, "kthread_should_stop") && !stops_threads(pre)));
}

static int refuse(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_atom *pre, const char *why)
{
	return su_fail(e->diags,
		       SU_AT(NEVER_QUIESCENT, .object = unit->name, .symbol = pre->name,
			     .hint = "change a function that it calls, or reboot into the fixed kernel"),
		       "%s: there is no moment at which it could be replaced", why);
}

static void warn(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_atom *pre, const char *why)
{
	su_report(e->diags, SU_WARNING,
		  SU_AT(NEVER_QUIESCENT, .object = unit->name, .symbol = pre->name,
			.hint = "if the update is refused as busy, end that thread, or change a function that it calls"),
		  "%s: while one does, the update cannot be applied", why);
}

int su_emit_check_quiescence(struct su_emitter *e, const struct su_emit_unit *unit, const struct su_atom *pre)
{
	const struct su_object *object = unit->diff->pre;
	enum thread_use use = find_thread_use(object, pre);

	if (is_switch_of_threads(pre))
		return refuse(e, unit, pre, "every thread that sleeps, or that is idle, is inside of the function");
	if (is_of_stoppers(object, pre))
		return refuse(e, unit, pre, "to make the switch, every CPU is stopped inside of the function");
	if (use == THREAD_OF_BOOT && is_endless(object, pre))
		return refuse(e, unit, pre, "it is the main loop of a kernel thread that was started at boot");
	if (use != THREAD_NONE && su_code_has_loop(pre))
		warn(e, unit, pre, "it is the main loop of a kernel thread, which stays in it as long as it lives");
	else if (su_code_has_loop(pre) && !su_code_can_return(pre))
		warn(e, unit, pre, "a thread that enters the function never leaves it");
	else if (!strcmp(pre->section->name, ".sched.text"))
		warn(e, unit, pre, "threads sleep in the function (section .sched.text)");
	return 0;
}
